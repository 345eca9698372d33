#pragma once

#include "ui/render/map_batch.h"
#include "ui/render/ridge_batch.h"
#include "ui/render/shape_batch.h"
#include "ui/render/viewport.h"

#include <memory>

namespace hs::ui {

struct DrawData;

/// What one frame draws, built anew for each frame by simple calls in painter's order:
///
///     void prepareScene(const Viewport& view, DrawList& list) override {
///         list.shapes.roundedRect(box, {.fill = theme.raised, .outline = theme.line, .corners = Corners::all(7)});
///         list.maps.addGrid(grid, values, 28, 28, {.colors = viridis, .low = 0, .high = 3, .nan = theme.nan});
///         list.shapes.edge(points, 8, {.color = theme.forward, .width = 2, .arrow = true});
///     }
///
/// Neighbouring calls of one kind become one draw. To draw node by node and keep few draws, give boxes, maps and lines
/// layers of their own.
class DrawList {
  public:
    explicit DrawList(const Viewport& viewport);
    ~DrawList();
    DrawList(const DrawList&) = delete;
    DrawList& operator=(const DrawList&) = delete;

    ShapeBatch shapes;
    MapBatch maps;
    RidgeBatch ridges;

    const Viewport& viewport() const;

    /// What is drawn from now on lies in `layer`. Lower layers are painted first; within one, calls keep their order.
    void setLayer(int layer);

    /// Draws within `rect` (scene units) only, within the clips already pushed, until popClip().
    void pushClip(const QRectF& rect);
    void popClip();

    /// Draws in view space (logical pixels, no camera) until endFixed(): headers, legends and plots over a moving
    /// scene.
    void beginFixed();
    void endFixed();

    /// True if nothing of `rect` (scene units) can be seen: skip what is in it.
    bool isHidden(const QRectF& rect) const;

    /// Empties the list and keeps its memory.
    void reset(const Viewport& viewport);

    /// For the batches and the recorder.
    DrawData& data();
    const DrawData& data() const;

  private:
    std::unique_ptr<DrawData> m_data;
};

} // namespace hs::ui
