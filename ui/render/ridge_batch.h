#pragma once

#include <QColor>
#include <QRectF>

#include <span>

namespace hs::ui {

class DrawList;

struct RidgeStyle {
    QColor color = {};    ///< of the newest line
    QColor surface = {};  ///< what is behind: each ridge hides those behind it with this colour
    double oldest = 0.35; ///< how much of `color` the oldest line has over `surface`
    double lineWidth = 1; ///< logical pixels
    double newestWidth = 1.6;
    double tint = 0.16; ///< how much of `color` the newest ridge is filled with
    double overlap = 5; ///< height of the highest ridge in units of the distance between ridges
};

/// Histograms as ridges. Heights are square roots: a bin with a quarter of the count is half as high.
/// The counts are copied here. Counts that are negative or not finite are drawn as 0.
class RidgeBatch {
  public:
    /// `steps` histograms of `bins` counts, the oldest first; the oldest is drawn at the top and dim, the newest at the
    /// bottom. `full` is the count of the full height; 0 takes the largest count of the panel.
    /// Thin to 20 to 30 steps before calling, and say so beside the panel.
    void panel(const QRectF& rect, std::span<const float> counts, int steps, int bins, const RidgeStyle& style,
               float full = 0);

    /// One filled ridge as high as `rect`: inside a node, on an edge.
    void single(const QRectF& rect, std::span<const float> counts, const RidgeStyle& style, float full = 0);

  private:
    friend class DrawList;
    explicit RidgeBatch(DrawList& list) : m_list(list) {}

    DrawList& m_list;
};

} // namespace hs::ui
