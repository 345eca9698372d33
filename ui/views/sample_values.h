#pragma once

#include "engine/trace/value.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hs::ui {

/// How one sample of a batch is drawn: maps of rows and columns, or a strip of cells.
struct SampleShape {
    std::int64_t samples = 0;
    std::int64_t maps = 0;
    std::int64_t height = 0;
    std::int64_t width = 0;
    bool strip = false; ///< one vector: `width` cells, which may be broken into rows

    std::int64_t perMap() const { return height * width; }
    std::int64_t perSample() const { return maps * height * width; }

    bool operator==(const SampleShape&) const = default;
};

/// [N, C, H, W] is C maps; [N, C, L] is C maps of one row; [N, F] (and [N, F, 1, 1]) is a strip of F cells; [N] and []
/// are a strip of one.
SampleShape sampleShapeOf(std::span<const std::int64_t> shape);

/// Reads the first `maps` maps of sample `sample` into `out` (resized; its memory is kept). False when the snapshot is
/// empty or has no such sample; `out` is empty then.
bool readSample(const trace::Snapshot& snapshot, std::int64_t sample, std::int64_t maps, std::vector<float>& out);

/// Cells of a strip broken into rows: how many stand in a row so that they are about square in a box whose width is
/// `aspect` times its height.
std::int64_t stripColumns(std::int64_t count, double aspect);

/// Least and greatest finite number; false when there is none.
bool finiteRange(std::span<const float> values, double& low, double& high);

} // namespace hs::ui
