#include "ui/render/plot_series.h"

#include "ui/render/draw_list.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace hs::ui {

namespace {

/// The points of one pixel column, in the order of their x.
struct Column {
    std::size_t first, lowest, highest, last;
};

void appendColumn(std::vector<QPointF>& run, const Column& column, const std::vector<QPointF>& points) {
    std::array wanted{column.first, column.lowest, column.highest, column.last};
    std::sort(wanted.begin(), wanted.end());
    const auto end = std::unique(wanted.begin(), wanted.end());
    for (auto it = wanted.begin(); it != end; ++it)
        run.push_back(points[*it]);
}

std::vector<QPointF> thinned(const std::vector<QPointF>& points, double left, double columnWidth) {
    std::vector<QPointF> run;
    Column column{0, 0, 0, 0};
    const auto columnOf = [&](std::size_t i) { return std::floor((points[i].x() - left) / columnWidth); };
    for (std::size_t i = 1; i < points.size(); ++i) {
        if (columnOf(i) != columnOf(column.first)) {
            appendColumn(run, column, points);
            column = {i, i, i, i};
            continue;
        }
        if (points[i].y() > points[column.lowest].y()) column.lowest = i;
        if (points[i].y() < points[column.highest].y()) column.highest = i;
        column.last = i;
    }
    appendColumn(run, column, points);
    return run;
}

/// Leaves out points that lie within `tolerance` of a straight line between those that stay. x rises from point to
/// point.
std::vector<QPointF> straightened(const std::vector<QPointF>& points, double tolerance) {
    std::vector<QPointF> kept;
    QPointF from;
    double lowest = 0, highest = 0; // slopes from `from` that pass all points since
    for (std::size_t i = 0; i < points.size(); ++i) {
        const QPointF d = points[i] - from;
        if (!kept.empty() && d.y() / d.x() >= lowest && d.y() / d.x() <= highest) {
            lowest = std::max(lowest, (d.y() - tolerance) / d.x());
            highest = std::min(highest, (d.y() + tolerance) / d.x());
            continue;
        }
        // The line so far ends at the point before; a new one begins there.
        from = points[i == 0 ? 0 : i - 1];
        kept.push_back(from);
        const QPointF next = points[i] - from;
        lowest = i == 0 ? -HUGE_VAL : (next.y() - tolerance) / next.x();
        highest = i == 0 ? HUGE_VAL : (next.y() + tolerance) / next.x();
    }
    if (points.size() > 1) kept.push_back(points.back());
    return kept;
}

int pixelColumns(const DrawList& list, const PlotArea& area) {
    const Viewport& view = list.viewport();
    return std::max(1, int(std::lround(area.rect.width() * view.camera.zoom * view.dpr)));
}

} // namespace

QPointF PlotArea::toScene(double x, double y) const {
    return {rect.left() + (x - xLow) / (xHigh - xLow) * rect.width(),
            rect.bottom() - (y - yLow) / (yHigh - yLow) * rect.height()};
}

QPointF PlotArea::toData(QPointF scene) const {
    return {xLow + (scene.x() - rect.left()) / rect.width() * (xHigh - xLow),
            yLow + (rect.bottom() - scene.y()) / rect.height() * (yHigh - yLow)};
}

std::vector<std::vector<QPointF>> plotSeries(const PlotArea& area, std::span<const float> values, double firstX,
                                             double stepX, int columns) {
    std::vector<std::vector<QPointF>> runs;
    if (!(area.xHigh > area.xLow) || !(area.yHigh > area.yLow) || columns <= 0) return runs;
    const double columnWidth = area.rect.width() / columns;
    std::vector<QPointF> points;
    const auto finish = [&] {
        if (!points.empty()) runs.push_back(thinned(points, area.rect.left(), columnWidth));
        points.clear();
    };
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (std::isfinite(values[i]))
            points.push_back(area.toScene(firstX + stepX * double(i), double(values[i])));
        else
            finish();
    }
    finish();
    return runs;
}

void drawSeries(DrawList& list, const PlotArea& area, std::span<const float> values, double firstX, double stepX,
                const LineStyle& style) {
    const int columns = pixelColumns(list, area);
    const double tolerance = 0.2 * area.rect.width() / columns; // a fifth of a device pixel
    for (const auto& run : plotSeries(area, values, firstX, stepX, columns))
        list.shapes.polyline(straightened(run, tolerance), style);
}

void drawEnvelope(DrawList& list, const PlotArea& area, std::span<const float> values, double firstX, double stepX,
                  const QColor& color) {
    const int columns = pixelColumns(list, area);
    const double columnWidth = area.rect.width() / columns;
    if (double(columns) * std::abs(stepX) * 2 > area.xHigh - area.xLow) {
        drawSeries(list, area, values, firstX, stepX, {.color = color});
        return;
    }
    for (const auto& run : plotSeries(area, values, firstX, stepX, columns)) {
        double previous = run.front().y();
        for (std::size_t i = 0; i < run.size();) {
            // From the end of the column before, so that columns hang together.
            double top = previous, bottom = previous;
            const double column = std::floor((run[i].x() - area.rect.left()) / columnWidth);
            for (; i < run.size() && std::floor((run[i].x() - area.rect.left()) / columnWidth) == column; ++i) {
                top = std::min(top, run[i].y());
                bottom = std::max(bottom, run[i].y());
                previous = run[i].y();
            }
            list.shapes.rect({area.rect.left() + column * columnWidth, top, columnWidth, bottom - top}, color);
        }
    }
}

std::vector<float> smoothed(std::span<const float> values, double alpha) {
    std::vector<float> result;
    result.reserve(values.size());
    double sum = 0, weight = 0;
    for (float value : values) {
        if (!std::isfinite(value)) {
            result.push_back(value);
            continue;
        }
        sum = (1 - alpha) * sum + alpha * double(value);
        weight = (1 - alpha) * weight + alpha;
        result.push_back(float(sum / weight));
    }
    return result;
}

std::vector<double> axisTicks(double low, double high, int count) {
    std::vector<double> ticks;
    if (!(high > low) || !std::isfinite(high - low) || count < 1) return ticks;
    // Ends so close that a step would vanish beside them.
    if (high - low < 1e-12 * std::max(std::abs(low), std::abs(high))) return ticks;
    // The step is factor * 10^exponent. Divided by 10^-exponent where that is whole, a tick is the nearest double to
    // its decimal digits.
    const double rough = (high - low) / count;
    const double exponent = std::floor(std::log10(rough));
    double factor = 10;
    for (double candidate : {1.0, 2.0, 5.0}) {
        if (candidate * std::pow(10.0, exponent) >= rough * (1 - 1e-9)) {
            factor = candidate;
            break;
        }
    }
    const double power = std::pow(10.0, std::abs(exponent));
    const auto tick = [&](double i) { return exponent < 0 ? i * factor / power : i * factor * power; };
    const double step = tick(1), first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
    for (double i = first; i <= last; ++i)
        ticks.push_back(tick(i));
    return ticks;
}

} // namespace hs::ui
