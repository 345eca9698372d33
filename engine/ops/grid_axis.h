#pragma once

#include "engine/tensor/tensor.h"

namespace hs::ops {

/// The arguments of grid_sampler_2d.
struct GridRules {
    std::int64_t interpolation_mode; ///< 0 bilinear, 1 nearest, 2 bicubic
    std::int64_t padding_mode;       ///< 0 zeros, 1 border, 2 reflection
    bool align_corners;

    bool is_nearest() const { return interpolation_mode == 1; }
    bool is_cubic() const { return interpolation_mode == 2; }
};

/// One element that takes part in the value at each place.
struct GridTap {
    Tensor index;  ///< int64, within the dimension
    Tensor weight; ///< 0 where the element would lie outside
    Tensor slope;  ///< of the weight along the dimension, in elements; undefined for nearest
};

struct GridAxis {
    std::vector<GridTap> taps;
    Tensor speed; ///< how fast the place moves with its coordinate, where a coordinate has no jump
};

/// Along a dimension of `size` elements, for coordinates of which -1 and 1 are the borders.
GridAxis grid_axis(const Tensor& coordinates, std::int64_t size, const GridRules& rules);

} // namespace hs::ops
