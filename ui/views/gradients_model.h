#pragma once

#include "engine/trace/history.h"
#include "engine/trace/trace.h"

#include <QString>

#include <memory>
#include <vector>

namespace hs::ui {

/// What is said of a layer's gradient beside its number.
enum class GradientHealth : quint8 { fine, vanishing, exploding };

/// When a gradient counts as vanishing or exploding. What is compared is its root mean square (norm / sqrt(count)), so
/// that layers of different sizes are comparable, over the steps that are shown (their geometric mean), so that one
/// step does not make a sign come and go.
struct GradientLimits {
    double vanishingShare = 1e-3; ///< of the largest layer's: below it the layer learns a thousandth as fast
    double vanishing = 1e-8;      ///< or in itself: with usual learning rates float32 weights near 1 do not move
    double explodingFactor = 1e3; ///< times the median of the layers
    double exploding = 1e3;       ///< or in itself
};

/// One parameter's gradient over the last steps.
struct GradientPanel {
    trace::ValueKey key; ///< of the gradient
    QString name;        ///< `conv1.weight`: the module's own name and the member; the path where two are the same
    QString layer;       ///< the same without `.weight` while only weights are shown
    QString path;        ///< `stage1.conv1.weight`
    std::int64_t count = 0;
    trace::BinRange range; ///< common to all ridges of the panel
    std::vector<trace::HistoryPoint> points;
    std::vector<float> counts; ///< points.size() x bin_count, oldest first, in `range`
    double rms = -1;           ///< geometric mean over the points; 0: all zero, negative: nothing known
    bool nonFinite = false;
    GradientHealth health = GradientHealth::fine;

    QString norm;
    QString zeros;
    QString updateRatio; ///< norm of the update over norm of the parameter
};

/// The gradients of all parameters as the view shows them. Knows no widgets and no GPU.
class GradientsModel {
  public:
    static constexpr std::size_t stepsShown = 25;
    static constexpr std::int64_t stepsSpanned = 150;

    /// Which parameters have a panel.
    enum class Which : quint8 { weights, all };

    void setModules(std::shared_ptr<const trace::ModuleTable> modules, Which which);
    /// Takes the last steps of the panels [first, last) and the norms of all.
    void read(const trace::History& history, std::size_t first, std::size_t last);
    /// Makes the texts of figures.
    void formatFigures(const trace::Trace& trace);

    const std::vector<GradientPanel>& panels() const { return m_panels; }
    std::size_t parameterCount() const { return m_parameters; }
    const GradientLimits& limits() const { return m_limits; }

    /// First and last step that is shown; both 0 before there is one.
    std::int64_t firstStep() const { return m_firstStep; }
    std::int64_t lastStep() const { return m_lastStep; }
    /// Steps between two ridges.
    std::int64_t every() const { return m_every; }
    /// 1, or how many blocks of elements stand for one in the bins (the most of all panels).
    std::uint32_t binEvery() const { return m_binEvery; }
    /// `steps 1,133 to 1,283 · every 6th shown · symmetric log bins`.
    QString title() const;

    /// `[1.0e−3, 2.4e−3) · 341 of 150 · step 1,133`: what the read-out says of a bin of a ridge.
    QString describe(std::size_t panel, std::size_t point, int bin) const;

  private:
    void nameApart();
    void judge();

    std::vector<GradientPanel> m_panels;
    std::shared_ptr<const trace::ModuleTable> m_modules;
    GradientLimits m_limits;
    Which m_which = Which::weights;
    std::size_t m_parameters = 0;
    std::int64_t m_firstStep = 0;
    std::int64_t m_lastStep = 0;
    std::int64_t m_every = 1;
    std::uint32_t m_binEvery = 1;
};

/// The common range for histograms of several ranges: the widest, to whole powers of ten, so that the axis rests.
trace::BinRange commonRange(const std::vector<trace::HistoryPoint>& points);

/// Puts the counts of a summary into the bins of `range`, spread evenly over the bins that its own bins overlap.
void spreadBins(const trace::Summary& summary, const trace::BinRange& range, float* out);

/// Power of ten as an axis writes it: `1`, `0.1`, `10⁻³`.
QString powerOfTen(int exponent);

/// `1st`, `2nd`, `6th`.
QString ordinal(std::int64_t number);

} // namespace hs::ui
