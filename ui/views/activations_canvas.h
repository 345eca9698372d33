#pragma once

#include "ui/render/color_map.h"
#include "ui/render/map_batch.h"
#include "ui/views/activations_model.h"
#include "ui/views/session_canvas.h"

namespace hs::ui {

/// The maps of the selected module, with the input beside them, and a legend with the range below.
class ActivationsCanvas : public SessionCanvas {
    Q_OBJECT

  public:
    ActivationsCanvas(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    const ActivationsModel& model() const { return m_model; }
    void setRange(MapRange range);
    /// Name of the ColorMap for activations; gradients have the theme's diverging one.
    void setColorMap(const QString& name);
    QString colorMap() const { return m_colorMap; }
    /// Shows the gradient of the output instead of the output.
    void setGradient(bool on);

    /// Where the maps are, in scene units. A strip is one map of `stripColumns()` cells in a row.
    const MapGrid& grid() const { return m_grid; }
    std::int64_t columnsOfStrip() const { return m_stripColumns; }
    /// The place under a point of the widget: map, row and column; map is -1 where there is none.
    struct Hit {
        std::int64_t map = -1, row = 0, column = 0;
        bool operator==(const Hit&) const = default;
    };
    Hit hitAt(QPointF point) const;
    /// The line below the maps: what is under the pointer, else what is shown.
    QString readOut() const;
    QColor colorOf(const Hit& hit) const;

    void prepareScene(const Viewport& view, DrawList& list) override;
    void paintOverlay(QPainter& painter, const Viewport& view) override;

  signals:
    void readOutChanged();
    void subjectChanged();
    void batchSizeChanged(int samples);

  protected:
    std::set<trace::ValueKey> wantedValues() const override;
    void refresh() override;
    Notice ownNotice() const override;
    QRectF contentBounds() const override;
    void canvasHovered(QPointF scene) override;
    void canvasLeft() override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    void takeSubject();
    void takeValues();
    void arrange();
    void setHit(const Hit& hit);
    void moveHit(std::int64_t rows, std::int64_t columns);
    ColorMap colors() const;
    QRectF cellRect(const Hit& hit) const;
    QRectF legendRect() const;
    QRectF swatchRect() const;
    void prepareInput(DrawList& list) const;
    void paintNumbers(QPainter& painter, const Viewport& view) const;
    void paintLegend(QPainter& painter) const;

    ActivationsModel m_model;
    QString m_colorMap = QStringLiteral("viridis");
    MapGrid m_grid;
    QRectF m_input; ///< in scene units
    SampleShape m_arranged;
    std::int64_t m_arrangedMaps = 0;
    std::int64_t m_stripColumns = 1;
    Hit m_hit;
    int m_samples = 0;
    bool m_gradient = false;
};

} // namespace hs::ui
