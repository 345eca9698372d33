#include "ui/window/dock_title.h"

#include "ui/theme/icons.h"

#include <QDockWidget>
#include <QHBoxLayout>
#include <QMainWindow>
#include <QPainter>
#include <QToolButton>

namespace hs::ui {

namespace {

QToolButton* smallButton(const QString& iconName, const QString& tip) {
    auto* button = new QToolButton;
    button->setProperty("flat", true);
    button->setIcon(icon(iconName, Token::text3));
    button->setIconSize({12, 12});
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setFixedSize(24, 24);
    return button;
}

/// Takes no room: the tabs above say the title.
class NoTitle final : public QWidget {
  public:
    QSize sizeHint() const override { return {0, 0}; }
    QSize minimumSizeHint() const override { return {0, 0}; }
};

} // namespace

DockTitle::DockTitle(QDockWidget* dock) : QWidget(dock), m_dock(dock) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 0, 6, 0);
    row->setSpacing(0);
    row->addStretch();
    auto* floating = smallButton(QStringLiteral("float"), tr("Move %1 out of the window").arg(dock->windowTitle()));
    auto* close = smallButton(QStringLiteral("close"), tr("Close %1").arg(dock->windowTitle()));
    row->addWidget(floating);
    row->addWidget(close);
    connect(floating, &QToolButton::clicked, dock, [dock] { dock->setFloating(!dock->isFloating()); });
    connect(close, &QToolButton::clicked, dock, &QWidget::close);
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void DockTitle::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme().color(Token::panel));
    painter.fillRect(0, height() - 1, width(), 1, theme().color(Token::line));
    const QFont font = theme().font(TypeSize::base, QFont::DemiBold);
    const int wide = QFontMetrics(font).horizontalAdvance(m_dock->windowTitle());
    painter.setFont(font);
    painter.setPen(theme().color(Token::text));
    painter.drawText(rect().adjusted(12, 0, -60, 0), Qt::AlignLeft | Qt::AlignVCenter, m_dock->windowTitle());
    painter.fillRect(12, height() - 2, wide, 2, theme().color(Token::text));
}

void updateDockTitles(const QList<QDockWidget*>& docks) {
    for (QDockWidget* dock : docks) {
        const auto* window = qobject_cast<QMainWindow*>(dock->parentWidget());
        bool tabbed = false;
        if (window && !dock->isFloating()) {
            for (const QDockWidget* other : window->tabifiedDockWidgets(dock))
                tabbed |= !other->isHidden() && !other->isFloating();
        }
        const bool hasTitle = qobject_cast<DockTitle*>(dock->titleBarWidget()) != nullptr;
        if (dock->titleBarWidget() && hasTitle == !tabbed) continue;
        QWidget* before = dock->titleBarWidget();
        dock->setTitleBarWidget(tabbed ? static_cast<QWidget*>(new NoTitle) : new DockTitle(dock));
        if (before) before->deleteLater();
    }
}

} // namespace hs::ui
