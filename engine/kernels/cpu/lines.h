#pragma once

#include "engine/kernels/cpu/elementwise.h"

namespace hs {

/// Calls `body(offsets)` once for each line along `dim`: with the place in each of N tensors at which it begins. The
/// tensors have one rank, and outside `dim` at least the sizes of `shape`.
template <std::size_t N, class Body>
void for_lines(const Shape& shape, std::size_t dim, const std::array<const Tensor*, N>& tensors, Body&& body) {
    Shape outer = shape;
    std::array<Strides, N> strides;
    for (std::size_t k = 0; k < N; ++k)
        strides[k] = tensors[k]->strides();
    std::int64_t length = 1;
    if (!shape.empty()) {
        length = shape[dim];
        outer.erase(dim);
        for (Strides& each : strides)
            each.erase(dim);
    }
    std::array<const Strides*, N> references;
    for (std::size_t k = 0; k < N; ++k)
        references[k] = &strides[k];
    const StridedLoop<N> loop(outer, references);
    const std::int64_t grain = std::max<std::int64_t>(1, elementwise_grain / std::max<std::int64_t>(length, 1));
    parallel_for(element_count(outer), grain, [&](std::int64_t begin, std::int64_t end) {
        loop.rows(begin, end, [&](auto offsets, const auto& steps, std::int64_t count) {
            for (std::int64_t i = 0; i < count; ++i) {
                body(offsets);
                for (std::size_t k = 0; k < N; ++k)
                    offsets[k] += steps[k];
            }
        });
    });
}

/// Distance of neighbours along `dim`; 0 for a 0-dim tensor, which has one.
inline std::int64_t step_along(const Tensor& tensor, std::size_t dim) {
    return tensor.shape().empty() ? 0 : tensor.strides()[dim];
}
inline std::int64_t size_along(const Tensor& tensor, std::size_t dim) {
    return tensor.shape().empty() ? 1 : tensor.shape()[dim];
}

} // namespace hs
