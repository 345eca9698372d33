#pragma once

class QMainWindow;

namespace hs::ui {

class DockLayout;

/// Gives the keyboard to the next (or previous) panel that is seen: tool bar, left, centre, right, bottom, and round.
void focusPanel(QMainWindow& window, const DockLayout& docks, bool forward);

} // namespace hs::ui
