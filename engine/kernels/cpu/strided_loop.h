#pragma once

#include "engine/tensor/shape.h"

#include <array>

namespace hs {

/// Walks N tensors of one shape at once, in row-major order, as rows along the innermost dimension; dimensions that lie
/// in memory as one for all tensors are merged first, so that contiguous tensors are a single row.
template <std::size_t N>
class StridedLoop {
  public:
    StridedLoop(const Shape& shape, const std::array<const Strides*, N>& strides) {
        for (std::size_t i = 0; i < shape.size(); ++i) {
            if (shape[i] == 1) continue;
            std::array<std::int64_t, N> step;
            for (std::size_t k = 0; k < N; ++k)
                step[k] = (*strides[k])[i];
            if (!sizes_.empty() && merges(step, shape[i])) {
                sizes_.back() *= shape[i];
                steps_.back() = step;
            } else {
                sizes_.push_back(shape[i]);
                steps_.push_back(step);
            }
            count_ *= shape[i];
        }
        if (sizes_.empty()) {
            sizes_.push_back(1);
            steps_.push_back({});
        }
    }

    std::int64_t count() const { return count_; }
    bool is_one_row() const { return sizes_.size() == 1; }
    const std::array<std::int64_t, N>& inner_steps() const { return steps_.back(); }

    /// Calls `body(offsets, steps, length)` for each row piece that covers elements [begin, end) in row-major order.
    template <class Body>
    void rows(std::int64_t begin, std::int64_t end, Body&& body) const {
        const std::int64_t inner = sizes_.back();
        while (begin < end) {
            std::array<std::int64_t, N> offsets{};
            std::int64_t rest = begin;
            for (std::size_t i = sizes_.size(); i-- > 0;) {
                const std::int64_t index = rest % sizes_[i];
                rest /= sizes_[i];
                for (std::size_t k = 0; k < N; ++k)
                    offsets[k] += index * steps_[i][k];
            }
            const std::int64_t length = std::min(end - begin, inner - begin % inner);
            body(offsets, steps_.back(), length);
            begin += length;
        }
    }

  private:
    bool merges(const std::array<std::int64_t, N>& step, std::int64_t size) const {
        for (std::size_t k = 0; k < N; ++k)
            if (steps_.back()[k] != step[k] * size) return false;
        return true;
    }

    std::vector<std::int64_t> sizes_;
    std::vector<std::array<std::int64_t, N>> steps_;
    std::int64_t count_ = 1;
};

} // namespace hs
