#pragma once

#include "engine/trace/history.h"

#include <QString>

#include <cstdint>
#include <vector>

namespace hs::ui {

/// A curve as it is drawn: x is a step, y a value.
struct PlotPoint {
    double x = 0;
    double y = 0;
};

/// What a pixel column of the raw loss holds: nothing is left out, so a peak of one step stays visible.
struct PlotSpan {
    double x = 0;
    double low = 0;
    double high = 0;
};

/// Loss and accuracy over steps as they are drawn. Knows no widgets and no GPU.
class PlotsModel {
  public:
    /// Takes everything that is known. `columns`: pixel columns of the plot; `stepsPerEpoch` 0: no epochs.
    void read(const trace::History& history, int columns, std::int64_t stepsPerEpoch);

    bool isEmpty() const { return m_loss.empty(); }
    std::int64_t firstStep() const { return m_firstStep; }
    std::int64_t lastStep() const { return m_lastStep; }
    /// Steps that one point of the oldest part stands for: 1 while nothing was thinned.
    std::int64_t stepsInPoint() const { return m_stepsInPoint; }

    const std::vector<PlotSpan>& raw() const { return m_raw; }
    const std::vector<PlotPoint>& smooth() const { return m_smooth; }
    const std::vector<PlotPoint>& accuracy() const { return m_accuracy; }
    /// Steps at which an epoch ends, with the number of the epoch that begins.
    const std::vector<PlotPoint>& epochs() const { return m_epochs; }

    double lossLow() const { return m_lossLow; }
    double lossHigh() const { return m_lossHigh; }
    double accuracyLow() const { return m_accuracyLow; }
    double accuracyHigh() const { return m_accuracyHigh; }
    const std::vector<double>& lossTicks() const { return m_lossTicks; }
    const std::vector<double>& accuracyTicks() const { return m_accuracyTicks; }
    const std::vector<double>& stepTicks() const { return m_stepTicks; }
    double latestAccuracy() const { return m_accuracy.empty() ? -1 : m_accuracy.back().y; }
    double latestLoss() const { return m_smooth.empty() ? 0 : m_smooth.back().y; }

    /// What is known nearest to a step.
    QString describe(double step) const;
    /// `smoothed over 20 steps · thinned: 1 point for 4 steps, lowest and highest kept`.
    QString title() const;

    /// Weight of a new step in the smoothed line.
    static constexpr double smoothing = 0.05;

  private:
    void markEpochs(int columns, std::int64_t stepsPerEpoch);
    void readLoss(int columns);
    void chooseAxes();

    std::vector<trace::ScalarPoint> m_loss;
    std::vector<PlotSpan> m_raw;
    std::vector<PlotPoint> m_smoothAll; ///< one for each point of m_loss
    std::vector<PlotPoint> m_smooth;
    std::vector<PlotPoint> m_accuracy;
    std::vector<PlotPoint> m_epochs;
    std::vector<double> m_lossTicks;
    std::vector<double> m_accuracyTicks;
    std::vector<double> m_stepTicks;
    std::int64_t m_firstStep = 0;
    std::int64_t m_lastStep = 0;
    std::int64_t m_stepsInPoint = 1;
    double m_lossLow = 0, m_lossHigh = 1;
    double m_accuracyLow = 0, m_accuracyHigh = 1;
};

} // namespace hs::ui
