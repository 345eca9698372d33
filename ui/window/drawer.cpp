#include "ui/window/drawer.h"

#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QPainter>
#include <QVBoxLayout>

namespace hs::ui {

Drawer::Drawer(QWidget* window) : QFrame(window) {
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 1, 0);
    hide();
}

void Drawer::setContent(QWidget* content) {
    m_content = content;
    layout()->addWidget(content);
    content->show();
}

QWidget* Drawer::takeContent() {
    QWidget* content = m_content;
    if (content) layout()->removeWidget(content);
    m_content = nullptr;
    hide();
    return content;
}

void Drawer::open(const QRect& rect) {
    setGeometry(rect);
    show();
    raise();
    if (m_content) m_content->setFocus(Qt::ShortcutFocusReason);
}

void Drawer::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme().color(Token::panel));
    painter.fillRect(width() - 1, 0, 1, height(), theme().color(Token::lineStrong));
}

void Drawer::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape)
        hide();
    else
        QFrame::keyPressEvent(event);
}

} // namespace hs::ui
