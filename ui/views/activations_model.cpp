#include "ui/views/activations_model.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("ActivationsModel", text);
}

} // namespace

void ActivationsModel::setKey(const trace::ValueKey& key) {
    if (key == m_key) return;
    m_key = key;
    clear();
}

void ActivationsModel::clear() {
    m_values.clear();
    m_lows.clear();
    m_highs.clear();
    m_maps = 0;
    m_step = -1;
    m_shape = {};
    m_sampleShape = {};
    m_notFinite = 0;
}

std::set<trace::ValueKey> ActivationsModel::keys() const {
    return {m_key, {trace::Role::input, {}, {}}, {trace::Role::target, {}, {}}};
}

void ActivationsModel::setRange(MapRange range) {
    m_range = range;
}

void ActivationsModel::read(const trace::Trace& trace, std::int64_t sample) {
    m_sample = sample;
    const trace::Id id = trace.find(m_key);
    if (id == trace::none && !trace.finished()) { // not computed yet at this moment
        m_maps = 0;
        m_values.clear();
    }
    if (id == trace::none || !trace.values[id].snapshot) return;
    const trace::Value& value = trace.values[id];
    m_step = trace.step;
    m_shape = value.shape;
    m_sampleShape = sampleShapeOf(value.shape);
    const std::int64_t each = std::max<std::int64_t>(1, m_sampleShape.perMap());
    m_maps = std::min(m_sampleShape.maps, std::max<std::int64_t>(1, mostNumbers / each));
    if (!readSample(value.snapshot, sample, m_maps, m_values)) m_maps = 0;
    readRanges(trace);

    if (const trace::Id in = trace.find({trace::Role::input, {}, {}}); in != trace::none) {
        m_inputShape = sampleShapeOf(trace.values[in].shape);
        readSample(trace.values[in].snapshot, sample, 1, m_input);
    }
    m_target = -1;
    if (const trace::Id target = trace.find({trace::Role::target, {}, {}}); target != trace::none) {
        const trace::Snapshot& snapshot = trace.values[target].snapshot;
        if (snapshot && snapshot.shape().size() == 1 && sample < snapshot.count())
            m_target = static_cast<std::int64_t>(snapshot.at(sample));
    }
}

void ActivationsModel::readRanges(const trace::Trace& trace) {
    m_lows.assign(static_cast<std::size_t>(m_maps), 0);
    m_highs.assign(static_cast<std::size_t>(m_maps), 0);
    const std::span<const float> all = m_values;
    const auto each = static_cast<std::size_t>(m_sampleShape.perMap());
    m_notFinite = std::count_if(all.begin(), all.end(), [](float value) { return !std::isfinite(value); });
    for (std::size_t map = 0; map < static_cast<std::size_t>(m_maps); ++map)
        finiteRange(all.subspan(map * each, each), m_lows[map], m_highs[map]);
    if (const trace::Summary* summary = trace.find_summary(m_key)) {
        m_moduleLow = summary->min;
        m_moduleHigh = summary->max;
    } else {
        finiteRange(all, m_moduleLow, m_moduleHigh);
    }
    m_sharedLow = m_moduleLow;
    m_sharedHigh = m_moduleHigh;
    const std::size_t count = trace.summaries.size();
    for (std::size_t i = 0; i < count; ++i) {
        const trace::SummaryRecord& record = trace.summaries[i];
        if (record.value == trace::none || trace.values[record.value].key.role != m_key.role) continue;
        m_sharedLow = std::min(m_sharedLow, record.summary.min);
        m_sharedHigh = std::max(m_sharedHigh, record.summary.max);
    }
}

void ActivationsModel::rangeOf(std::int64_t map, double& low, double& high) const {
    if (!commonRange(low, high) && map >= 0 && map < m_maps) {
        low = m_lows[static_cast<std::size_t>(map)];
        high = m_highs[static_cast<std::size_t>(map)];
    }
    if (!isGradient()) return;
    // A diverging table is symmetric about zero.
    high = std::max(std::abs(low), std::abs(high));
    low = -high;
}

bool ActivationsModel::commonRange(double& low, double& high) const {
    low = m_range == MapRange::shared ? m_sharedLow : m_moduleLow;
    high = m_range == MapRange::shared ? m_sharedHigh : m_moduleHigh;
    if (isGradient()) {
        high = std::max(std::abs(low), std::abs(high));
        low = -high;
    }
    return m_range != MapRange::map;
}

QString ActivationsModel::describe(std::int64_t map, std::int64_t row, std::int64_t column) const {
    const SampleShape& s = m_sampleShape;
    if (map < 0 || map >= m_maps || row < 0 || row >= s.height || column < 0 || column >= s.width) return {};
    const std::int64_t at = map * s.perMap() + row * s.width + column;
    if (at >= static_cast<std::int64_t>(m_values.size())) return {};
    std::vector<std::int64_t> index(m_shape.size(), 0);
    std::int64_t rest = m_sample * s.perSample() + at;
    for (std::size_t d = index.size(); d-- > 0;) {
        index[d] = rest % std::max<std::int64_t>(1, m_shape[d]);
        rest /= std::max<std::int64_t>(1, m_shape[d]);
    }
    return QStringLiteral("%1 · %2").arg(formatShape(index),
                                         formatNumber(static_cast<double>(m_values[static_cast<std::size_t>(at)])));
}

QString ActivationsModel::title() const {
    if (m_step < 0) return {};
    QStringList parts{formatShape(m_shape)};
    parts << tr("sample %1").arg(m_sample + 1) << tr("step %1").arg(formatCount(m_step));
    if (m_maps < m_sampleShape.maps)
        parts << tr("first %1 of %2 maps").arg(formatCount(m_maps), formatCount(m_sampleShape.maps));
    if (m_notFinite) parts << tr("%1 NaN or Inf").arg(formatCount(m_notFinite));
    return parts.join(QStringLiteral(" · "));
}

} // namespace hs::ui
