#pragma once

#include "engine/trace/trace.h"
#include "ui/views/sample_values.h"

#include <QString>

#include <set>
#include <string>
#include <vector>

namespace hs::ui {

/// Over what the colours of activation maps are spread.
enum class MapRange : quint8 {
    shared, ///< all modules of the model
    module, ///< all samples and maps of the module
    map,    ///< each map by itself
};

/// One module's output for one sample, as the view of activation maps shows it. Knows no widgets and no GPU.
class ActivationsModel {
  public:
    /// More numbers than this of a sample are not read; the view says how many maps it shows.
    static constexpr std::int64_t mostNumbers = 1 << 20;

    /// What is shown of the selected module: its output, or the gradient of it.
    void setKey(const trace::ValueKey& key);
    const trace::ValueKey& key() const { return m_key; }
    bool isGradient() const { return m_key.role == trace::Role::output_gradient; }
    /// Which values it needs.
    std::set<trace::ValueKey> keys() const;

    /// Takes the numbers of a sample. `modules` tells names.
    void read(const trace::Trace& trace, std::int64_t sample);
    void setRange(MapRange range);
    MapRange range() const { return m_range; }
    void clear();

    bool isEmpty() const { return m_values.empty(); }
    std::int64_t step() const { return m_step; }
    std::int64_t sample() const { return m_sample; }
    const Shape& shape() const { return m_shape; }
    const SampleShape& sampleShape() const { return m_sampleShape; }
    /// Maps that were read; fewer than sampleShape().maps where there are too many numbers.
    std::int64_t maps() const { return m_maps; }
    const std::vector<float>& values() const { return m_values; }
    std::int64_t notFinite() const { return m_notFinite; }

    /// Ends of the colours of a map.
    void rangeOf(std::int64_t map, double& low, double& high) const;
    /// Ends that hold for all maps; false with MapRange::map.
    bool commonRange(double& low, double& high) const;

    const std::vector<float>& input() const { return m_input; }
    const SampleShape& inputShape() const { return m_inputShape; }
    std::int64_t target() const { return m_target; }

    /// `[2, 3, 14, 7] · 0.4121`: the number at a place, with its index in the whole tensor.
    QString describe(std::int64_t map, std::int64_t row, std::int64_t column) const;
    QString title() const;

  private:
    void readRanges(const trace::Trace& trace);

    trace::ValueKey m_key;
    MapRange m_range = MapRange::module;
    std::int64_t m_step = -1;
    std::int64_t m_sample = 0;
    Shape m_shape;
    SampleShape m_sampleShape;
    std::int64_t m_maps = 0;
    std::int64_t m_notFinite = 0;
    std::vector<float> m_values;
    std::vector<double> m_lows, m_highs; ///< of each map
    double m_moduleLow = 0, m_moduleHigh = 0;
    double m_sharedLow = 0, m_sharedHigh = 0;
    std::vector<float> m_input;
    SampleShape m_inputShape;
    std::int64_t m_target = -1;
};

} // namespace hs::ui
