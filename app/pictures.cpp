#include "app/pictures.h"

#include "app/output.h"

#include <QBuffer>
#include <QDockWidget>
#include <QMainWindow>
#include <QPixmap>

namespace hs::app {

namespace {

QByteArray png(QWidget& widget) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    widget.grab().save(&buffer, "PNG");
    return bytes;
}

} // namespace

std::vector<std::string> save_pictures(QMainWindow& window, const std::filesystem::path& folder) {
    std::vector<std::string> names;
    const auto save = [&](QWidget& widget, const QString& name) {
        names.push_back(name.toStdString() + ".png");
        write_file(folder / names.back(), png(widget));
    };
    save(window, "window");
    if (QWidget* centre = window.centralWidget())
        save(*centre, centre->objectName().isEmpty() ? "centre" : centre->objectName());
    for (const QDockWidget* dock : window.findChildren<QDockWidget*>())
        if (dock->widget() && !dock->objectName().isEmpty()) save(*dock->widget(), dock->objectName());
    return names;
}

} // namespace hs::app
