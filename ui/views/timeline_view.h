#pragma once

#include "ui/views/timeline_model.h"

#include <QElapsedTimer>
#include <QTimer>
#include <QWidget>

class QPushButton;

namespace hs::ui {

class Selection;
class SessionModel;
class TraceCursor;

/// Every event of the step as a strip: forward, backward, accumulation and update on lanes of their own. While training
/// is paused the mouse scrubs, the arrows go event by event, and all views show that moment.
class TimelineView : public QWidget {
    Q_OBJECT

  public:
    TimelineView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent = nullptr);

    const TimelineModel& model() const { return m_model; }
    /// Where the lanes are, without their names.
    QRectF strip() const;
    QRectF markRect(const TimelineMark& mark) const;
    /// What is written below the playhead: the event, its time and the bytes it wrote.
    QString caption(trace::Id event) const;

    QSize sizeHint() const override { return {600, 180}; }
    QSize minimumSizeHint() const override { return {240, 110}; }

  protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

  private:
    void takeMoment();
    void scrub(double x);
    void select();
    const TimelineMark* markAt(QPointF point) const;
    double laneHeight() const;
    QString emptyText() const;
    void paintLanes(QPainter& painter) const;
    void paintMarks(QPainter& painter) const;
    void paintPhases(QPainter& painter) const;
    void paintPlayhead(QPainter& painter) const;

    SessionModel& m_session;
    Selection& m_selection;
    TraceCursor& m_cursor;
    TimelineModel m_model;
    std::shared_ptr<const trace::Trace> m_taken; ///< what the model was made from
    std::size_t m_takenSize = 0;
    QPushButton* m_step;
    QElapsedTimer m_sinceTaken;
    QTimer m_takeTimer;
};

} // namespace hs::ui
