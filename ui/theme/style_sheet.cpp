#include "ui/theme/style_sheet.h"

#include "ui/theme/theme.h"

#include <QFile>

#include <algorithm>
#include <vector>

namespace hs::ui {

QString makeStyleSheet(const Theme& theme) {
    QFile file(QStringLiteral(":/themes/window.qss"));
    if (!file.open(QIODevice::ReadOnly)) return {};
    QString sheet = QString::fromUtf8(file.readAll());
    std::vector<Token> tokens;
    tokens.reserve(tokenCount);
    for (int i = 0; i < tokenCount; ++i)
        tokens.push_back(static_cast<Token>(i));
    // Longest first, because `@text` is the beginning of `@text2`.
    std::sort(tokens.begin(), tokens.end(), [](Token a, Token b) { return tokenName(a).size() > tokenName(b).size(); });
    for (const Token token : tokens)
        sheet.replace(QLatin1Char('@') + tokenName(token), theme.color(token).name());
    sheet.replace(QStringLiteral("$mono"), theme.monoFamily());
    sheet.replace(QStringLiteral("$theme"), theme.isDark() ? QStringLiteral("dark") : QStringLiteral("light"));
    return sheet;
}

} // namespace hs::ui
