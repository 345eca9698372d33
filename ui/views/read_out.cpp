#include "ui/views/read_out.h"

#include <QFontMetrics>
#include <QStringList>

namespace hs::ui {

QString fittingParts(const QString& text, const QFontMetrics& metrics, int width) {
    if (metrics.horizontalAdvance(text) <= width) return text;
    const QString between = QStringLiteral(" · ");
    QStringList parts = text.split(between);
    while (!parts.isEmpty()) {
        parts.removeLast();
        const QString rest = parts.join(between);
        if (metrics.horizontalAdvance(rest) <= width) return rest;
    }
    return {};
}

} // namespace hs::ui
