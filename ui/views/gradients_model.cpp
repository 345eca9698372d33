#include "ui/views/gradients_model.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <utility>

namespace hs::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("GradientsModel", text);
}

double rootMeanSquare(const trace::Summary& summary) {
    return summary.count ? summary.norm / std::sqrt(static_cast<double>(summary.count)) : 0;
}

/// Geometric mean of what is above zero; 0 when nothing is.
double typicalRms(const std::vector<trace::HistoryPoint>& points) {
    double sum = 0;
    int count = 0;
    for (const trace::HistoryPoint& point : points) {
        const double rms = rootMeanSquare(point.summary);
        if (!(rms > 0)) continue;
        sum += std::log(rms);
        ++count;
    }
    return count ? std::exp(sum / count) : 0;
}

/// Whether this is a weight: what is not a bias, to go by PyTorch's names.
bool isWeight(const trace::Member& member) {
    return member.name.find("bias") == std::string::npos;
}

/// Where a magnitude lies on the scale of the bins, which is even in the bits of floats (nearly a logarithm).
double positionOf(double magnitude) {
    return static_cast<double>(std::bit_cast<std::int32_t>(static_cast<float>(magnitude)));
}

/// One half of a histogram: 32 bins from `low` on, each `width` wide on that scale.
struct Half {
    double low = 0;
    double width = 1;

    explicit Half(const trace::BinRange& range)
        : low(positionOf(range.low)), width((positionOf(range.high) - low) / bins) {}

    static constexpr int bins = trace::bin_count / 2;
};

/// Spreads `count` evenly over the bins that [from, to] overlaps. Negative halves run the other way.
void addSpan(float* out, const Half& half, bool negative, double from, double to, float count) {
    const double first = (from - half.low) / half.width;
    const double last = (to - half.low) / half.width;
    const double length = last - first;
    const auto put = [&](int bin, double share) {
        bin = std::clamp(bin, 0, Half::bins - 1);
        out[negative ? Half::bins - 1 - bin : Half::bins + bin] += count * static_cast<float>(share);
    };
    if (length <= 1e-9) return put(static_cast<int>(std::floor(first)), 1);
    for (int bin = static_cast<int>(std::floor(first)); bin < last; ++bin) {
        const double share = std::min(last, bin + 1.0) - std::max(first, static_cast<double>(bin));
        if (share > 0) put(bin, share / length);
    }
}

} // namespace

trace::BinRange commonRange(const std::vector<trace::HistoryPoint>& points) {
    double low = 0;
    double high = 0;
    for (const trace::HistoryPoint& point : points) {
        const trace::BinRange& range = point.summary.range;
        if (range.scale != trace::BinScale::symmetric_log || !(range.low > 0) || !(range.high > range.low)) continue;
        low = low > 0 ? std::min(low, range.low) : range.low;
        high = std::max(high, range.high);
    }
    if (!(high > 0)) return {trace::BinScale::symmetric_log, 1e-6, 1};
    // A little less than a whole power counts as that power: 1 written as 0.9999999.
    const double down = std::floor(std::log10(low) + 1e-6);
    const double up = std::max(down + 1, std::ceil(std::log10(high) - 1e-6));
    return {trace::BinScale::symmetric_log, std::pow(10.0, down), std::pow(10.0, up)};
}

void spreadBins(const trace::Summary& summary, const trace::BinRange& range, float* out) {
    std::fill(out, out + trace::bin_count, 0.0f);
    if (summary.range == range || summary.range.scale != trace::BinScale::symmetric_log) {
        std::transform(summary.bins.begin(), summary.bins.end(), out,
                       [](std::uint32_t count) { return static_cast<float>(count); });
        return;
    }
    const Half to(range);
    const Half own(summary.range);
    for (int bin = 0; bin < Half::bins; ++bin) {
        // What is nearer to zero than the own range stays in the middle.
        const bool middle = bin == 0 && own.low > to.low;
        const double from = middle ? to.low : own.low + own.width * bin;
        const double end = middle ? to.low : own.low + own.width * (bin + 1);
        const auto positive = static_cast<float>(summary.bins[static_cast<std::size_t>(Half::bins + bin)]);
        const auto negative = static_cast<float>(summary.bins[static_cast<std::size_t>(Half::bins - 1 - bin)]);
        if (positive > 0) addSpan(out, to, false, from, end, positive);
        if (negative > 0) addSpan(out, to, true, from, end, negative);
    }
}

QString powerOfTen(int exponent) {
    if (exponent == 0) return QStringLiteral("1");
    if (exponent == 1) return QStringLiteral("10");
    if (exponent == -1) return QStringLiteral("0.1");
    static const QString digits = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
    QString text = QStringLiteral("10");
    if (exponent < 0) text += QChar(0x207B);
    for (const QChar digit : QString::number(std::abs(exponent)))
        text += digits[digit.digitValue()];
    return text;
}

QString ordinal(std::int64_t number) {
    const std::int64_t tens = number % 100;
    const std::int64_t ones = number % 10;
    const bool teen = tens >= 11 && tens <= 13;
    const char* end = teen ? "th" : ones == 1 ? "st" : ones == 2 ? "nd" : ones == 3 ? "rd" : "th";
    return formatCount(number) + QLatin1String(end);
}

void GradientsModel::setModules(std::shared_ptr<const trace::ModuleTable> modules, Which which) {
    if (modules == m_modules && which == m_which) return;
    m_modules = std::move(modules);
    m_which = which;
    m_panels.clear();
    m_parameters = 0;
    m_firstStep = m_lastStep = 0;
    if (!m_modules) return;
    for (const trace::Module& module : *m_modules) {
        for (const trace::Member& member : module.members) {
            if (member.is_buffer || !member.requires_grad) continue;
            ++m_parameters;
            if (which == Which::weights && !isWeight(member)) continue;
            GradientPanel panel;
            panel.key = {trace::Role::gradient, module.path, member.name};
            const QString own = QString::fromStdString(member.name);
            panel.name = module.path.empty() ? own : QString::fromStdString(module.name) + QLatin1Char('.') + own;
            panel.path = module.path.empty() ? own : QString::fromStdString(module.path) + QLatin1Char('.') + own;
            panel.count = member.count;
            m_panels.push_back(std::move(panel));
        }
    }
    nameApart();
}

void GradientsModel::nameApart() {
    std::map<QString, int> uses;
    for (const GradientPanel& panel : m_panels)
        ++uses[panel.name];
    const QString weight = QStringLiteral(".weight");
    for (GradientPanel& panel : m_panels) {
        if (uses[panel.name] > 1) panel.name = panel.path;
        panel.layer = panel.name;
        if (m_which == Which::weights && panel.layer.endsWith(weight)) panel.layer.chop(weight.size());
    }
}

void GradientsModel::read(const trace::History& history, std::size_t first, std::size_t last) {
    // A young run is shown whole, so nothing is left out that there is room for.
    constexpr auto limit = static_cast<std::int64_t>(stepsShown);
    const std::int64_t span = std::min(stepsSpanned, (history.steps() + limit - 1) / limit * limit);
    m_binEvery = 1;
    bool known = false;
    for (std::size_t i = 0; i < m_panels.size(); ++i) {
        GradientPanel& panel = m_panels[i];
        trace::Series series = history.series(panel.key, stepsShown, span);
        panel.points = std::move(series.points);
        panel.nonFinite = false;
        if (panel.points.empty()) {
            panel.rms = -1;
            continue;
        }
        panel.rms = typicalRms(panel.points);
        for (const trace::HistoryPoint& point : panel.points) {
            panel.nonFinite |= !point.summary.finite();
            m_binEvery = std::max(m_binEvery, point.summary.bin_every);
        }
        if (!known) {
            m_firstStep = panel.points.front().first_step;
            m_lastStep = panel.points.back().last_step;
            m_every = series.every;
            known = true;
        }
        if (i < first || i >= last) continue;
        panel.range = commonRange(panel.points);
        panel.counts.resize(panel.points.size() * trace::bin_count);
        for (std::size_t p = 0; p < panel.points.size(); ++p)
            spreadBins(panel.points[p].summary, panel.range, panel.counts.data() + p * trace::bin_count);
    }
    judge();
}

void GradientsModel::judge() {
    std::vector<double> known;
    for (const GradientPanel& panel : m_panels)
        if (panel.rms > 0) known.push_back(panel.rms);
    std::sort(known.begin(), known.end());
    const double most = known.empty() ? 0 : known.back();
    const double median = known.empty() ? 0 : known[known.size() / 2];
    for (GradientPanel& panel : m_panels) {
        panel.health = GradientHealth::fine;
        if (panel.rms < 0) continue;
        const bool explodes = panel.nonFinite || panel.rms > m_limits.exploding ||
                              (median > 0 && panel.rms > m_limits.explodingFactor * median);
        const bool vanishes = panel.rms < m_limits.vanishing || panel.rms < m_limits.vanishingShare * most;
        if (explodes)
            panel.health = GradientHealth::exploding;
        else if (vanishes)
            panel.health = GradientHealth::vanishing;
    }
}

void GradientsModel::formatFigures(const trace::Trace& trace) {
    for (GradientPanel& panel : m_panels) {
        const trace::Summary* gradient = trace.find_summary(panel.key);
        if (!gradient && !panel.points.empty()) gradient = &panel.points.back().summary;
        panel.norm = gradient ? formatNumber(gradient->norm) : QStringLiteral("–");
        panel.zeros = gradient ? formatPercent(gradient->zero_fraction()) : QStringLiteral("–");
        const trace::Summary* update = trace.find_summary({trace::Role::update, panel.key.module, panel.key.member});
        const trace::Summary* weight = trace.find_summary({trace::Role::parameter, panel.key.module, panel.key.member});
        const bool both = update && weight && weight->norm > 0;
        panel.updateRatio = both ? formatNumber(update->norm / weight->norm) : QStringLiteral("–");
    }
}

QString GradientsModel::title() const {
    if (m_lastStep == 0 && m_firstStep == 0 && (m_panels.empty() || m_panels.front().points.empty())) return {};
    QStringList parts;
    parts << tr("steps %1 to %2").arg(formatCount(m_firstStep), formatCount(m_lastStep));
    if (m_every > 1) parts << tr("every %1 shown").arg(ordinal(m_every));
    parts << tr("symmetric log bins");
    if (m_binEvery > 1) parts << tr("bins sampled, 1 in %1").arg(m_binEvery);
    return parts.join(QStringLiteral(" · "));
}

QString GradientsModel::describe(std::size_t index, std::size_t point, int bin) const {
    if (index >= m_panels.size() || point >= m_panels[index].points.size() || bin < 0 || bin >= trace::bin_count)
        return {};
    const GradientPanel& panel = m_panels[index];
    const trace::HistoryPoint& at = panel.points[point];
    const QString steps = at.first_step == at.last_step
                              ? tr("step %1").arg(formatCount(at.last_step))
                              : tr("steps %1 to %2").arg(formatCount(at.first_step), formatCount(at.last_step));
    const double low = trace::bin_edge(panel.range, bin);
    const double high = trace::bin_edge(panel.range, bin + 1);
    const double share = static_cast<double>(panel.counts[point * trace::bin_count + static_cast<std::size_t>(bin)]);
    double all = 0;
    for (int b = 0; b < trace::bin_count; ++b)
        all += static_cast<double>(panel.counts[point * trace::bin_count + static_cast<std::size_t>(b)]);
    const bool exact = at.summary.range == panel.range && at.summary.bin_every == 1;
    QString count = formatCount(std::llround(share));
    if (!exact) count = tr("about %1").arg(formatCount(std::llround(share)));
    return tr("%1 · %2 · %3 to %4 · %5 of %6")
        .arg(panel.name, steps, formatNumber(low, 3), formatNumber(high, 3), count, formatCount(std::llround(all)));
}

} // namespace hs::ui
