#pragma once

#include "engine/ops/op.h"

namespace hs::ops {

/// How an element of a result of another size is made of those of the input near its place.
enum class Filter : std::uint8_t { nearest, nearest_exact, linear, cubic, linear_antialias, cubic_antialias };

struct Upsampling {
    Filter filter = Filter::nearest;
    Dims size;                         ///< one number for each of the input's dimensions behind the second
    std::vector<double> scale_factors; ///< where they were given instead of the size; or empty
    bool align_corners = false;
};

/// x [n, c, sizes...] with other sizes, by the operation of the catalogue for its rank. Throws where that has none.
Tensor upsample(const Tensor& x, const Upsampling& upsampling);

} // namespace hs::ops
