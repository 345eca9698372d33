#pragma once

#include <QColor>
#include <QPointF>
#include <QRectF>

#include <span>
#include <vector>

namespace hs::ui {

class DrawList;
struct LineStyle;

/// From data to scene: x in [xLow, xHigh] goes from the left to the right of `rect`, y in [yLow, yHigh] from its bottom
/// to its top.
struct PlotArea {
    QRectF rect;
    double xLow = 0, xHigh = 1, yLow = 0, yHigh = 1;

    QPointF toScene(double x, double y) const;
    QPointF toData(QPointF scene) const;
};

/// The polyline of a series with x = firstX + i * stepX, thinned to what `columns` pixel columns can show: at most four
/// points a column (first, lowest, highest, last in their order), so peaks of one step stay visible. Values that are
/// not finite break the line: each inner vector is one unbroken run.
std::vector<std::vector<QPointF>> plotSeries(const PlotArea& area, std::span<const float> values, double firstX,
                                             double stepX, int columns);

/// Draws the series as a line, thinned to what the view's device pixels can show.
void drawSeries(DrawList& list, const PlotArea& area, std::span<const float> values, double firstX, double stepX,
                const LineStyle& style);

/// Draws the series as what lies between its lowest and highest value in each pixel column: for noisy raw values behind
/// a smoothed line, mostly in a translucent colour. With few values a column it is a thin line. Much cheaper than a
/// line.
void drawEnvelope(DrawList& list, const PlotArea& area, std::span<const float> values, double firstX, double stepX,
                  const QColor& color);

/// Exponential moving average with the weight `alpha` for the new value, corrected for its start; values that are not
/// finite are passed on as they are and do not enter the average.
std::vector<float> smoothed(std::span<const float> values, double alpha);

/// Round numbers (1, 2 or 5 times a power of ten) that cover [low, high] with about `count` steps
/// (never more than `count` + 1): for axes.
std::vector<double> axisTicks(double low, double high, int count);

} // namespace hs::ui
