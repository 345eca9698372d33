#pragma once

#include "ui/views/gradients_model.h"
#include "ui/views/session_canvas.h"

#include <QElapsedTimer>
#include <QTimer>

namespace hs::ui {

/// Draws the ridges of all panels and, at the left, the norms of all layers. Scrolls sideways by `offset`.
class GradientsCanvas : public SessionCanvas {
    Q_OBJECT

  public:
    GradientsCanvas(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    static constexpr double overviewWidth = 204;
    static constexpr double leastPanel = 178;

    const GradientsModel& model() const { return m_model; }
    void setWhich(GradientsModel::Which which);
    GradientsModel::Which which() const { return m_which; }

    /// Width of all panels together; what is more than the room for them can be scrolled to.
    double contentWidth() const;
    double panelRoom() const;
    void setOffset(double offset);
    double offset() const { return m_offset; }

    QRectF overviewRect() const;
    QRectF panelRect(std::size_t panel) const;
    /// Where the ridges of a panel are drawn.
    QRectF ridgeRect(std::size_t panel) const;
    /// The panel at a point, or panels().size(); over the overview, the one whose row it is.
    std::size_t panelAt(QPointF point) const;
    /// The bin and ridge at a point of a panel's ridges.
    struct Hit {
        std::size_t panel = 0;
        std::size_t point = 0;
        int bin = -1; ///< -1: none
    };
    Hit hitAt(QPointF point) const;

    QColor background() const override { return theme().color(Token::panel); }
    /// What is under the pointer, or what is shown: the title line.
    QString readOut() const;

    void prepareScene(const Viewport& view, DrawList& list) override;
    void paintOverlay(QPainter& painter, const Viewport& view) override;

  signals:
    void readOutChanged();
    void contentChanged(); ///< panels came or went
    void scrollRequested(double by);

  protected:
    void refresh() override;
    void canvasClicked(QPointF scene, Qt::MouseButton button, Qt::KeyboardModifiers modifiers) override;
    void canvasHovered(QPointF scene) override;
    void canvasLeft() override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

  private:
    void takeHistory();
    void takeFigures();
    bool isSelected(const GradientPanel& panel) const;
    void select(std::size_t panel);
    void prepareOverview(DrawList& list) const;
    void preparePanel(DrawList& list, std::size_t panel) const;
    void paintOverview(QPainter& painter) const;
    void paintPanel(QPainter& painter, std::size_t panel) const;
    double rowHeight() const;
    /// Where a root mean square lies on the overview's axis, 0 to 1.
    double share(double rms) const;

    GradientsModel m_model;
    GradientsModel::Which m_which = GradientsModel::Which::weights;
    QElapsedTimer m_sinceRead;
    QTimer m_readTimer;
    Hit m_hit;
    double m_offset = 0;
    double m_lowDecade = -6, m_highDecade = 0; ///< of the overview's axis, in powers of ten
};

} // namespace hs::ui
