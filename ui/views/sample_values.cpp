#include "ui/views/sample_values.h"

#include <algorithm>
#include <cmath>

namespace hs::ui {

SampleShape sampleShapeOf(std::span<const std::int64_t> shape) {
    SampleShape result;
    switch (shape.size()) {
    case 0:
        return {1, 1, 1, 1, true};
    case 1:
        return {shape[0], 1, 1, 1, true};
    case 2:
        return {shape[0], 1, 1, shape[1], true};
    case 3:
        return {shape[0], shape[1], 1, shape[2], false};
    default:
        result.samples = shape[0];
        result.maps = shape[1];
        result.height = shape[2];
        result.width = 1;
        for (std::size_t i = 3; i < shape.size(); ++i)
            result.width *= shape[i];
        if (result.perMap() == 1) return {shape[0], 1, 1, shape[1], true};
        return result;
    }
}

bool readSample(const trace::Snapshot& snapshot, std::int64_t sample, std::int64_t maps, std::vector<float>& out) {
    out.clear();
    if (!snapshot) return false;
    const SampleShape shape = sampleShapeOf(snapshot.shape());
    if (sample < 0 || sample >= shape.samples) return false;
    const std::int64_t count = std::min(maps, shape.maps) * shape.perMap();
    if (count <= 0) return false;
    out.resize(static_cast<std::size_t>(count));
    snapshot.read(sample * shape.perSample(), out);
    return true;
}

std::int64_t stripColumns(std::int64_t count, double aspect) {
    if (count <= 1) return 1;
    const double wanted = std::sqrt(static_cast<double>(count) * std::max(aspect, 0.01));
    const auto columns = std::clamp<std::int64_t>(std::llround(wanted), 1, count);
    // As many rows as that needs, and then no wider than it must be.
    const std::int64_t rows = (count + columns - 1) / columns;
    return (count + rows - 1) / rows;
}

bool finiteRange(std::span<const float> values, double& low, double& high) {
    bool any = false;
    float least = 0;
    float most = 0;
    for (const float value : values) {
        if (!std::isfinite(value)) continue;
        least = any ? std::min(least, value) : value;
        most = any ? std::max(most, value) : value;
        any = true;
    }
    if (any) {
        low = static_cast<double>(least);
        high = static_cast<double>(most);
    }
    return any;
}

} // namespace hs::ui
