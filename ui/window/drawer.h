#pragma once

#include <QFrame>
#include <QPointer>

namespace hs::ui {

/// A panel that lies over the left of the window, for what has no room of its own there. Escape closes it.
class Drawer : public QFrame {
    Q_OBJECT

  public:
    explicit Drawer(QWidget* window);

    /// Takes a widget in; takeContent() gives it back.
    void setContent(QWidget* content);
    QWidget* takeContent();
    /// Opens under the tool bar and over the centre, at most `rect` in size, and gives the content the focus.
    void open(const QRect& rect);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    QPointer<QWidget> m_content;
};

} // namespace hs::ui
