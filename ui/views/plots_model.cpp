#include "ui/views/plots_model.h"

#include "ui/render/plot_series.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr int epochColumns = 20; // between the marks of epochs

QString tr(const char* text) {
    return QCoreApplication::translate("PlotsModel", text);
}

double middleOf(const trace::ScalarPoint& point) {
    return static_cast<double>(point.first_step + point.last_step) / 2;
}

std::vector<double> ticksWithin(double low, double high, int count) {
    std::vector<double> ticks = axisTicks(low, high, count);
    std::erase_if(ticks, [&](double tick) { return tick < low - 1e-9 || tick > high + 1e-9; });
    return ticks;
}

} // namespace

void PlotsModel::read(const trace::History& history, int columns, std::int64_t stepsPerEpoch) {
    m_loss = history.scalars("loss");
    m_accuracy.clear();
    for (const trace::ScalarPoint& point : history.scalars("test_accuracy"))
        if (std::isfinite(point.mean)) m_accuracy.push_back({static_cast<double>(point.last_step), point.mean});
    m_firstStep = m_loss.empty() ? 0 : m_loss.front().first_step;
    m_lastStep = m_loss.empty() ? 0 : m_loss.back().last_step;
    m_stepsInPoint = 1;
    for (const trace::ScalarPoint& point : m_loss)
        m_stepsInPoint = std::max(m_stepsInPoint, point.last_step - point.first_step + 1);
    markEpochs(columns, stepsPerEpoch);
    readLoss(std::max(1, columns));
    chooseAxes();
}

/// Marks the beginning of epochs: of all, or of every 2nd, 5th, 10th, ... where they would stand too close.
void PlotsModel::markEpochs(int columns, std::int64_t stepsPerEpoch) {
    m_epochs.clear();
    if (stepsPerEpoch <= 0) return;
    const std::int64_t room = std::max(1, columns / epochColumns);
    std::int64_t every = 1;
    for (int turn = 0; m_lastStep / stepsPerEpoch / every > room; ++turn)
        every = turn % 3 == 1 ? every / 2 * 5 : every * 2;
    for (std::int64_t epoch = every == 1 ? 2 : every; (epoch - 1) * stepsPerEpoch <= m_lastStep; epoch += every)
        m_epochs.push_back({static_cast<double>((epoch - 1) * stepsPerEpoch), static_cast<double>(epoch)});
}

void PlotsModel::readLoss(int columns) {
    m_raw.clear();
    m_smooth.clear();
    m_smoothAll.clear();
    if (m_loss.empty()) return;
    const double first = static_cast<double>(m_firstStep);
    const double perColumn = std::max(1.0, static_cast<double>(m_lastStep - m_firstStep)) / columns;
    double average = 0;
    double weight = 0;
    std::int64_t column = -1;
    for (const trace::ScalarPoint& point : m_loss) {
        if (!std::isfinite(point.mean)) continue;
        // A point that stands for several steps weighs as much as they do together.
        const double steps = static_cast<double>(point.last_step - point.first_step + 1);
        const double keep = std::pow(1 - smoothing, steps);
        average = keep * average + (1 - keep) * point.mean;
        weight = keep * weight + (1 - keep);
        const double x = middleOf(point);
        m_smoothAll.push_back({x, average / weight});
        const auto at = static_cast<std::int64_t>((x - first) / perColumn);
        if (at != column) {
            m_raw.push_back({x, point.min, point.max});
            m_smooth.push_back(m_smoothAll.back());
            column = at;
        } else {
            m_raw.back().low = std::min(m_raw.back().low, point.min);
            m_raw.back().high = std::max(m_raw.back().high, point.max);
            m_smooth.back() = m_smoothAll.back();
        }
    }
}

void PlotsModel::chooseAxes() {
    double low = 0;
    double high = 0;
    bool any = false;
    for (const PlotSpan& span : m_raw) {
        low = any ? std::min(low, span.low) : span.low;
        high = any ? std::max(high, span.high) : span.high;
        any = true;
    }
    if (!any) high = 1;
    // Losses begin at zero where that costs little; one that only moves a little has an axis of its own.
    if (low > 0 && low < 0.5 * high) low = 0;
    if (high <= low) high = low + 1;
    std::vector<double> ticks = axisTicks(low, high, 4);
    m_lossLow = ticks.empty() ? low : std::min(low, ticks.front());
    m_lossHigh = ticks.empty() ? high : std::max(high, ticks.back());
    m_lossTicks = ticksWithin(m_lossLow, m_lossHigh, 4);

    m_accuracyLow = 0;
    m_accuracyHigh = 1;
    if (!m_accuracy.empty()) {
        double least = 1;
        double most = 0;
        for (const PlotPoint& point : m_accuracy) {
            least = std::min(least, point.y);
            most = std::max(most, point.y);
        }
        m_accuracyLow = std::max(0.0, std::floor((least - 0.02) * 10) / 10);
        m_accuracyHigh = std::min(1.0, std::max(m_accuracyLow + 0.1, std::ceil((most + 0.005) * 10) / 10));
    }
    m_accuracyTicks = ticksWithin(m_accuracyLow, m_accuracyHigh, 3);
    m_stepTicks =
        ticksWithin(static_cast<double>(m_firstStep), static_cast<double>(std::max(m_firstStep + 1, m_lastStep)), 4);
    std::erase_if(m_stepTicks, [](double tick) { return tick != std::floor(tick); });
}

QString PlotsModel::title() const {
    QStringList parts;
    if (m_stepsInPoint > 1)
        parts << tr("oldest points stand for %1 steps, lowest and highest kept").arg(formatCount(m_stepsInPoint));
    return parts.join(QStringLiteral(" · "));
}

QString PlotsModel::describe(double step) const {
    if (m_loss.empty()) return {};
    const auto nearer = [step](const auto& a, const auto& b) { return std::abs(a.x - step) < std::abs(b.x - step); };
    const auto point = std::min_element(m_loss.begin(), m_loss.end(), [step](const auto& a, const auto& b) {
        return std::abs(middleOf(a) - step) < std::abs(middleOf(b) - step);
    });
    QStringList parts;
    if (point->first_step == point->last_step) {
        parts << tr("step %1").arg(formatCount(point->last_step)) << tr("loss %1").arg(formatNumber(point->mean));
    } else {
        parts << tr("steps %1 to %2").arg(formatCount(point->first_step), formatCount(point->last_step))
              << tr("loss %1, from %2 to %3")
                     .arg(formatNumber(point->mean), formatNumber(point->min), formatNumber(point->max));
    }
    if (!m_smoothAll.empty()) {
        const auto smooth = std::min_element(m_smoothAll.begin(), m_smoothAll.end(), nearer);
        parts << tr("smoothed %1").arg(formatNumber(smooth->y));
    }
    if (!m_accuracy.empty()) {
        const auto accuracy = std::min_element(m_accuracy.begin(), m_accuracy.end(), nearer);
        parts << tr("test accuracy %1 at step %2")
                     .arg(formatPercent(accuracy->y, 2), formatCount(static_cast<std::int64_t>(accuracy->x)));
    }
    return parts.join(QStringLiteral(" · "));
}

} // namespace hs::ui
