#pragma once

#include <QObject>
#include <QPointer>

class QFocusFrame;
class QWidget;

namespace hs::ui {

/// Puts a ring around the control that got the focus by the keyboard; with the mouse none is shown.
class FocusRing : public QObject {
    Q_OBJECT

  public:
    /// Watches the whole application until `parent` goes.
    explicit FocusRing(QObject* parent);
    ~FocusRing() override;

    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void surround(QWidget* widget);

    QPointer<QFocusFrame> m_frame;
};

} // namespace hs::ui
