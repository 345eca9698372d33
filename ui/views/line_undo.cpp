#include "ui/views/line_undo.h"

#include <QKeyEvent>
#include <QLineEdit>

namespace hs::ui {

bool leavesUndoToWindow(const QObject* watched, QEvent* event) {
    if (event->type() != QEvent::ShortcutOverride) return false;
    const auto* line = qobject_cast<const QLineEdit*>(watched);
    const auto* pressed = static_cast<QKeyEvent*>(event);
    const bool undo = pressed->matches(QKeySequence::Undo) && line && !line->isUndoAvailable();
    const bool redo = pressed->matches(QKeySequence::Redo) && line && !line->isRedoAvailable();
    if (undo || redo) event->ignore();
    return undo || redo;
}

} // namespace hs::ui
