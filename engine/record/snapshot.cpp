#include "engine/record/snapshot.h"

#include "engine/kernels/cpu/vector/summary.h"
#include "engine/kernels/kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace hs::record {

namespace {

SummaryResult run(const Tensor& tensor, const SummaryRequest& request) {
    const bool as_it_lies = static_cast<bool>(tensor.channels_last());
    const auto with = [&]<class T>(T) {
        const T* data = as_it_lies ? tensor.raw_data<T>() : tensor.data<T>();
        return hs::summarise(data, tensor.numel(), request);
    };
    switch (tensor.dtype()) {
    case Dtype::float32:
        return with(float{});
    case Dtype::float64:
        return with(double{});
    case Dtype::int64:
        return with(std::int64_t{});
    case Dtype::int32:
        return with(std::int32_t{});
    case Dtype::uint8:
    case Dtype::bool_:
        return with(std::uint8_t{});
    default:
        return {};
    }
}

SummaryRequest request_of(const trace::BinRange& range, std::uint32_t bin_every) {
    SummaryRequest request;
    request.range.scale = range.scale == trace::BinScale::linear ? BinScale::linear : BinScale::symmetric_log;
    request.range.low = static_cast<float>(range.low);
    request.range.high = static_cast<float>(range.high);
    request.bin_every = static_cast<int>(bin_every);
    return request;
}

trace::Summary summary_of(const SummaryResult& result, const trace::BinRange& range, std::uint32_t bin_every) {
    trace::Summary summary;
    summary.range = range;
    summary.bin_every = bin_every;
    summary.count = result.count;
    summary.zeros = result.zeros;
    summary.nan = result.nans;
    summary.positive_inf = result.positive_infinities;
    summary.negative_inf = result.negative_infinities;
    summary.bins = result.bins;
    const std::int64_t finite = result.finite();
    if (finite == 0) return summary;
    summary.min = result.min;
    summary.max = result.max;
    summary.mean = result.mean;
    summary.norm = result.norm();
    if (finite > 1) summary.std = result.standard_deviation();
    return summary;
}

template <class T>
trace::Summary summarise_span(std::span<const T> values, const trace::BinRange& range, std::uint32_t bin_every) {
    const auto count = static_cast<std::int64_t>(values.size());
    return summary_of(hs::summarise(values.data(), count, request_of(range, bin_every)), range, bin_every);
}

} // namespace

bool is_dense(const Tensor& tensor) {
    if (tensor.is_contiguous()) return true;
    const Shape& shape = tensor.shape();
    const Strides& strides = tensor.strides();
    Dims order(shape.size(), 0);
    std::iota(order.begin(), order.end(), 0);
    const auto stride = [&](std::int64_t i) { return strides[static_cast<std::size_t>(i)]; };
    std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return stride(a) < stride(b); });
    std::int64_t expected = 1;
    for (const std::int64_t i : order) {
        const std::int64_t size = shape[static_cast<std::size_t>(i)];
        if (size == 1) continue;
        if (stride(i) != expected) return false;
        expected *= size;
    }
    return true;
}

trace::Snapshot snapshot(const Tensor& tensor) {
    const TensorImpl& impl = *tensor.impl();
    if (const ChannelsLast layout = tensor.channels_last()) {
        const std::int64_t width = impl.shape.back();
        return {impl.storage->raw_block(),
                impl.dtype,
                impl.shape,
                {layout.channels * layout.pixels, 1, width * layout.channels, layout.channels},
                impl.offset};
    }
    return {impl.storage->plain_block(), impl.dtype, impl.shape, impl.strides, impl.offset};
}

trace::Summary summarise(const Tensor& tensor, const trace::BinRange& range, std::uint32_t bin_every) {
    if (tensor.numel() == 0) return summary_of({}, range, bin_every);
    Tensor dense = tensor;
    if (!tensor.channels_last() && !is_dense(tensor)) {
        dense = empty(tensor.shape(), tensor.options());
        kernels_of(tensor).copy(tensor, dense);
    }
    return summary_of(run(dense, request_of(range, bin_every)), range, bin_every);
}

trace::Summary summarise(std::span<const float> values, const trace::BinRange& range, std::uint32_t bin_every) {
    return summarise_span(values, range, bin_every);
}

trace::Summary summarise(std::span<const double> values, const trace::BinRange& range, std::uint32_t bin_every) {
    return summarise_span(values, range, bin_every);
}

} // namespace hs::record
