#include "ui/window/centre_views.h"

#include <QStackedWidget>
#include <QTabBar>
#include <QVBoxLayout>

namespace hs::ui {

CentreViews::CentreViews(QWidget* strip, QWidget* parent)
    : QWidget(parent), m_tabs(new QTabBar), m_views(new QStackedWidget) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    m_tabs->setDrawBase(false);
    m_tabs->setExpanding(false);
    m_tabs->setAccessibleName(tr("View"));
    column->addWidget(m_tabs);
    column->addWidget(strip);
    column->addWidget(m_views, 1);
    connect(m_tabs, &QTabBar::currentChanged, m_views, &QStackedWidget::setCurrentIndex);
}

void CentreViews::add(QWidget* view, const QString& title, const QString& toolTip) {
    m_views->addWidget(view);
    m_tabs->setTabToolTip(m_tabs->addTab(title), toolTip);
}

int CentreViews::current() const {
    return m_tabs->currentIndex();
}

void CentreViews::show(int index) {
    if (index < 0 || index >= m_views->count()) return;
    m_tabs->setCurrentIndex(index);
    m_views->currentWidget()->setFocus(Qt::ShortcutFocusReason);
}

} // namespace hs::ui
