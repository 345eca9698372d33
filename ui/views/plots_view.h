#pragma once

#include "ui/render/plot_series.h"
#include "ui/views/plots_model.h"
#include "ui/views/session_canvas.h"

#include <QElapsedTimer>
#include <QTimer>

#include <optional>

namespace hs::ui {

/// Loss and accuracy over the steps: raw thin, smoothed solid, test accuracy dashed with an axis at the right. Neutral
/// colours: a run is no tensor.
class PlotsView : public SessionCanvas {
    Q_OBJECT

  public:
    PlotsView(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    QSize minimumSizeHint() const override { return {180, 110}; }
    const PlotsModel& model() const { return m_model; }
    QRectF plotRect() const;
    /// The line at the top: what is under the pointer, else how the curves were made.
    QString readOut() const;

    QColor background() const override;
    void prepareScene(const Viewport& view, DrawList& list) override;
    void paintOverlay(QPainter& painter, const Viewport& view) override;

  protected:
    void refresh() override;
    Notice ownNotice() const override;
    void canvasHovered(QPointF scene) override;
    void canvasLeft() override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    void takeHistory();
    void setPointed(std::optional<double> step);
    PlotArea lossArea() const;
    PlotArea accuracyArea() const;
    double legendMiddle() const;
    void paintAxes(QPainter& painter) const;
    void paintLegend(QPainter& painter) const;

    PlotsModel m_model;
    QElapsedTimer m_sinceRead;
    QTimer m_readTimer;
    std::optional<double> m_pointed; ///< the step under the pointer
};

} // namespace hs::ui
