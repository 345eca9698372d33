#include "ui/theme/focus_ring.h"

#include <QApplication>
#include <QFocusEvent>
#include <QFocusFrame>
#include <QMenu>

namespace hs::ui {

FocusRing::FocusRing(QObject* parent) : QObject(parent) {
    qApp->installEventFilter(this);
}

FocusRing::~FocusRing() {
    delete m_frame;
}

void FocusRing::surround(QWidget* widget) {
    if (!widget) {
        if (m_frame) m_frame->setWidget(nullptr);
        return;
    }
    if (!m_frame) m_frame = new QFocusFrame;
    m_frame->setWidget(widget);
}

bool FocusRing::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() != QEvent::FocusIn && event->type() != QEvent::FocusOut) return false;
    auto* widget = qobject_cast<QWidget*>(watched);
    if (!widget || qobject_cast<QMenu*>(widget)) return false;
    if (event->type() == QEvent::FocusOut) {
        surround(nullptr);
        return false;
    }
    const auto reason = static_cast<QFocusEvent*>(event)->reason();
    const bool byKey =
        reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason || reason == Qt::ShortcutFocusReason;
    surround(byKey && !widget->isWindow() ? widget : nullptr);
    return false;
}

} // namespace hs::ui
