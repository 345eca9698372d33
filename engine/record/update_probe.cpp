#include "engine/record/update_probe.h"

#include "engine/record/snapshot.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace hs::record {

namespace {

constexpr std::int64_t block = 2048;

/// Calls `body(begin, count)` for each block of the sample.
template <class Body>
void for_blocks(std::int64_t count, std::int64_t every, Body body) {
    for (std::int64_t begin = 0; begin < count; begin += every * block)
        body(begin, std::min(block, count - begin));
}

std::int64_t scaled(std::int64_t count, double factor) {
    return static_cast<std::int64_t>(std::llround(static_cast<double>(count) * factor));
}

} // namespace

template <class T>
void UpdateProbe::copy(const Tensor& parameter, std::vector<T>& to) {
    const T* data = parameter.data<T>();
    to.clear();
    for_blocks(parameter.numel(), every_, [&](std::int64_t begin, std::int64_t count) {
        to.insert(to.end(), data + begin, data + begin + count);
    });
}

template <class T>
void UpdateProbe::subtract(const Tensor& parameter, std::vector<T>& from) {
    const T* data = parameter.data<T>();
    T* old = from.data();
    for_blocks(parameter.numel(), every_, [&](std::int64_t begin, std::int64_t count) {
        for (std::int64_t i = 0; i < count; ++i)
            old[i] = data[begin + i] - old[i];
        old += count;
    });
}

void UpdateProbe::before(const Tensor& parameter, std::int64_t limit) {
    const bool known = parameter.dtype() == Dtype::float32 || parameter.dtype() == Dtype::float64;
    ready_ = known && is_dense(parameter) && parameter.numel() > 0;
    if (!ready_) return;
    version_ = parameter.version();
    every_ = limit > 0 ? (parameter.numel() + limit - 1) / limit : 1;
    if (parameter.dtype() == Dtype::float32)
        copy(parameter, floats_);
    else
        copy(parameter, doubles_);
}

trace::Summary UpdateProbe::after(const Tensor& parameter, const trace::BinRange* range) {
    const bool single = parameter.dtype() == Dtype::float32;
    if (single)
        subtract(parameter, floats_);
    else
        subtract(parameter, doubles_);
    const auto pass = [&](const trace::BinRange& bins, std::uint32_t bin_every) {
        return single ? summarise(std::span<const float>(floats_), bins, bin_every)
                      : summarise(std::span<const double>(doubles_), bins, bin_every);
    };
    trace::Summary summary = pass(range ? *range : next_range(trace::BinScale::symmetric_log, pass({}, 0)), 1);
    if (every_ == 1) return summary;
    const double factor = static_cast<double>(parameter.numel()) / static_cast<double>(summary.count);
    summary.count = parameter.numel();
    summary.zeros = scaled(summary.zeros, factor);
    summary.nan = scaled(summary.nan, factor);
    summary.positive_inf = scaled(summary.positive_inf, factor);
    summary.negative_inf = scaled(summary.negative_inf, factor);
    summary.norm *= std::sqrt(factor);
    summary.bin_every = static_cast<std::uint32_t>(every_);
    return summary;
}

Tensor UpdateProbe::difference(const Tensor& parameter) const {
    const bool single = parameter.dtype() == Dtype::float32;
    Tensor result = empty(parameter.shape(), {.dtype = parameter.dtype()});
    Block& block_of_result = const_cast<Storage&>(result.storage()).writable(true);
    std::memcpy(block_of_result.data(), single ? static_cast<const void*>(floats_.data()) : doubles_.data(),
                block_of_result.size());
    return make_view(result, parameter.shape(), parameter.strides(), 0);
}

} // namespace hs::record
