#pragma once

#include <QAbstractButton>

namespace hs::ui {

/// A button of the tool bar that does what a QAction does: icon, then (with `setWordShown`) its text, then its key in a
/// quieter colour. It follows the action's text, icon, enabled and checked state and tooltip.
class CommandButton : public QAbstractButton {
    Q_OBJECT

  public:
    enum class Look { plain, primary };

    CommandButton(QAction* action, Look look, QWidget* parent = nullptr);

    void setWordShown(bool shown);
    void setKeyShown(bool shown);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

  protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

  private:
    void follow();
    QString key() const;

    QAction* m_action;
    Look m_look;
    bool m_wordShown = true;
    bool m_keyShown = true;
};

/// `Run (F5)`: the name of an action and its key, for tooltips.
QString nameAndKey(const QAction& action);

} // namespace hs::ui
