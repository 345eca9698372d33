#include "engine/kernels/cpu/channels_last.h"
#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/plane_pool.h"
#include "engine/kernels/cpu/vector/vector.h"

namespace hs::cpu {

namespace {

constexpr std::int64_t pool_grain = 16'384; ///< elements worth a second thread

/// Pooling from x to y. Images that lie plainly are planes of one channel.
PoolShape shape_of(const Tensor& x, const Tensor& y, const PoolGeometry& g, bool channels_last) {
    const Shape &in = x.shape(), &out = y.shape();
    return {.batch = channels_last ? in[0] : in[0] * in[1],
            .height = in[2],
            .width = in[3],
            .channels = channels_last ? in[1] : 1,
            .out_height = out[2],
            .out_width = out[3],
            .kernel_height = g.kernel[0],
            .kernel_width = g.kernel[1],
            .stride_height = g.stride[0],
            .stride_width = g.stride[1],
            .padding_height = g.padding[0],
            .padding_width = g.padding[1],
            .dilation_height = g.dilation[0],
            .dilation_width = g.dilation[1]};
}

template <class Body>
void for_images(const PoolShape& shape, Body body) {
    const std::int64_t size = shape.channels * shape.height * shape.width;
    parallel_for(shape.batch, 1 + pool_grain / std::max<std::int64_t>(size, 1), body);
}

/// The elements of a gradient, in the layout of what it goes with.
struct Laid {
    Laid(const Tensor& x, bool channels_last) : tensor(channels_last ? as_channels_last(x) : x) {
        data = channels_last ? tensor.raw_data<float>() : tensor.data<float>();
    }
    Tensor tensor;
    const float* data;
};

} // namespace

void max_pool(const Tensor& x, const PoolGeometry& geometry, const Tensor& y, const Tensor& index) {
    if (x.dtype() != Dtype::float32) {
        return visit_floating(x.dtype(), "max_pool2d", [&]<class T>(T) {
            max_pool_planes(shape_of(x, y, geometry, false), x.data<T>(), y.mutable_data<T>(),
                            index.mutable_data<std::int32_t>());
        });
    }
    const bool last = static_cast<bool>(x.channels_last());
    const float* from = x.raw_data<float>();
    if (last) {
        declare_channels_last(y);
        declare_channels_last(index);
    } else {
        from = x.data<float>();
    }
    const PoolShape shape = shape_of(x, y, geometry, last);
    float* to = y.mutable_raw_data<float>();
    auto* places = index.mutable_raw_data<std::int32_t>();
    for_images(shape, [&](std::int64_t begin, std::int64_t end) {
        vector_kernels().pool.max(shape, begin, end, from, to, places);
    });
}

void max_pool_backward(const Tensor& grad, const Tensor& index, const PoolGeometry& geometry, const Tensor& dx) {
    if (dx.dtype() != Dtype::float32) {
        return visit_floating(dx.dtype(), "max_pool2d", [&]<class T>(T) {
            max_pool_planes_backward(shape_of(dx, grad, geometry, false), grad.data<T>(), index.data<std::int32_t>(),
                                     dx.mutable_data<T>());
        });
    }
    const bool last = static_cast<bool>(index.channels_last());
    const Laid from(grad, last);
    const auto* places = last ? index.raw_data<std::int32_t>() : index.data<std::int32_t>();
    if (last) declare_channels_last(dx);
    float* to = dx.mutable_raw_data<float>();
    const PoolShape shape = shape_of(dx, grad, geometry, last);
    for_images(shape, [&](std::int64_t begin, std::int64_t end) {
        vector_kernels().pool.max_backward(shape, begin, end, from.data, places, to);
    });
}

void average_pool(const Tensor& x, const PoolGeometry& geometry, const Tensor& y) {
    if (x.dtype() != Dtype::float32) {
        return visit_floating(x.dtype(), "avg_pool2d", [&]<class T>(T) {
            average_pool_planes(shape_of(x, y, geometry, false), geometry, x.data<T>(), y.mutable_data<T>());
        });
    }
    const bool last = static_cast<bool>(x.channels_last());
    const Laid from(x, last);
    if (last) declare_channels_last(y);
    float* to = y.mutable_raw_data<float>();
    const PoolShape shape = shape_of(x, y, geometry, last);
    for_images(shape, [&](std::int64_t begin, std::int64_t end) {
        vector_kernels().pool.average(shape, begin, end, from.data, to, geometry.count_include_pad, geometry.divisor);
    });
}

void average_pool_backward(const Tensor& grad, const PoolGeometry& geometry, const Tensor& dx) {
    if (dx.dtype() != Dtype::float32) {
        return visit_floating(dx.dtype(), "avg_pool2d", [&]<class T>(T) {
            average_pool_planes_backward(shape_of(dx, grad, geometry, false), geometry, grad.data<T>(),
                                         dx.mutable_data<T>());
        });
    }
    const bool last = static_cast<bool>(grad.channels_last());
    const Laid from(grad, last);
    if (last) declare_channels_last(dx);
    float* to = dx.mutable_raw_data<float>();
    const PoolShape shape = shape_of(dx, grad, geometry, last);
    for_images(shape, [&](std::int64_t begin, std::int64_t end) {
        vector_kernels().pool.average_backward(shape, begin, end, from.data, to, geometry.count_include_pad,
                                               geometry.divisor);
    });
}

} // namespace hs::cpu
