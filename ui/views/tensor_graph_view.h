#pragma once

#include "ui/models/scratch_model.h"

#include <QPointF>
#include <QRectF>
#include <QStringList>
#include <QWidget>

#include <vector>

namespace hs::ui {

/// The tensors of a scratch pad as cards: leaves, results and numbers, with values going forward and gradients coming
/// back along the lines between them, as they were at the moment that is shown. Large, for a wall.
class TensorGraphView : public QWidget {
    Q_OBJECT

  public:
    explicit TensorGraphView(ScratchModel& model, QWidget* parent = nullptr);

    /// Of each tensor of the run, in the picture's own units.
    const std::vector<QRectF>& cards() const { return m_cards; }
    /// Hides what is asked: the `.grad` of this name, for a lesson. Empty: nothing.
    void setHiddenGrads(const QStringList& names);
    double zoom() const { return m_zoom; }

    QSize sizeHint() const override { return {700, 500}; }
    QSize minimumSizeHint() const override { return {240, 160}; }

  protected:
    void paintEvent(QPaintEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void takeRun();
    void layOut();
    void fit();
    void zoomBy(double factor, QPointF at);
    QTransform transform() const;
    void paintGrid(QPainter& painter) const;
    void paintEdge(QPainter& painter, const session::ScratchEdge& edge, int lane) const;
    void paintSeed(QPainter& painter, std::size_t tensor) const;
    void paintCard(QPainter& painter, std::size_t tensor) const;
    void paintNumber(QPainter& painter, std::size_t tensor) const;
    void paintSum(QPainter& painter, std::size_t tensor) const;
    void paintBox(QPainter& painter, QPointF centre, const QString& text, bool isNew) const;
    void paintFormula(QPainter& painter) const;
    void paintLegend(QPainter& painter) const;
    bool hidesGrad(std::size_t tensor) const;
    QRectF canvas() const;

    ScratchModel& m_model;
    std::shared_ptr<const session::ScratchRun> m_laidOut;
    std::vector<QRectF> m_cards;
    QRectF m_bounds;
    QStringList m_hiddenGrads;
    double m_zoom = 1; ///< times what fits
    QPointF m_pan;
    QPointF m_grabbed;
};

} // namespace hs::ui
