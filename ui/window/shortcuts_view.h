#pragma once

#include <QWidget>

namespace hs::ui {

/// All commands of a window and their keys, read from its QActions: what is not an action cannot be listed, and what is
/// cannot be forgotten. A window of its own that never blocks.
class ShortcutsView : public QWidget {
    Q_OBJECT

  public:
    explicit ShortcutsView(QWidget* window);

  protected:
    void keyPressEvent(QKeyEvent* event) override;
};

} // namespace hs::ui
