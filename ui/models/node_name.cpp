#include "ui/models/node_name.h"

namespace hs::ui {

QString shortNodeName(const std::string& node) {
    const QString name = QString::fromStdString(node);
    const qsizetype at = name.lastIndexOf(QLatin1String("Backward"));
    return at > 0 ? name.left(at) : name;
}

} // namespace hs::ui
