#pragma once

#include <QTimer>
#include <QWidget>

#include <cstdint>
#include <map>

class QPushButton;

namespace hs::ui {

class PastSteps;
class SessionModel;

/// The training steps as bars, as high as their loss, with the one that is shown in the colour of text. While training
/// is paused a click or the arrows go to another step; those that are out of reach are hollow. What is being run again
/// is told here, with a button to stop it.
class TimelineSteps : public QWidget {
    Q_OBJECT

  public:
    TimelineSteps(SessionModel& session, PastSteps& past, QWidget* parent = nullptr);

    /// The steps that are in view.
    std::int64_t first() const { return m_first; }
    std::int64_t last() const { return m_first + capacity() - 1; }
    QRectF barRect(std::int64_t step) const;
    /// What is written below the bars instead of numbers: what is being run again, or why a step cannot be shown.
    QString message() const;
    QString toolTipOf(std::int64_t step) const;

    QSize sizeHint() const override { return {600, 48}; }
    QSize minimumSizeHint() const override { return {240, 48}; }

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

  private:
    void takeLosses();
    void follow();
    void placeCancel();
    QRectF area() const;
    std::int64_t capacity() const;
    std::int64_t stepAt(double x) const;
    double heightOf(std::int64_t step) const;
    void paintBars(QPainter& painter) const;
    void paintNumbers(QPainter& painter) const;
    void paintMessage(QPainter& painter) const;

    SessionModel& m_session;
    PastSteps& m_past;
    QPushButton* m_cancel;
    QTimer m_losses; ///< figures that people read change no more often
    QTimer m_busy;
    std::map<std::int64_t, double> m_loss; ///< by step, of those in view that are known
    double m_least = 0;
    double m_most = 0;
    std::int64_t m_first = 0;
};

} // namespace hs::ui
