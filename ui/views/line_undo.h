#pragma once

class QEvent;
class QObject;

namespace hs::ui {

/// For event filters on lines of text: whether `event` asks for an undo or redo that the line `watched` has not. It
/// then leaves the key to the window, and the filter is to return true.
bool leavesUndoToWindow(const QObject* watched, QEvent* event);

} // namespace hs::ui
