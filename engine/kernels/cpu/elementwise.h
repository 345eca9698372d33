#pragma once

#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/strided_loop.h"
#include "engine/kernels/kernels.h"

namespace hs {

/// Elements below which a second thread costs more than it brings.
inline constexpr std::int64_t elementwise_grain = 32'768;

/// y[i] = f(x[i]).
template <class X, class Y, class F>
void map_unary(const Tensor& x, const Tensor& y, F f) {
    const X* from = x.data<X>();
    Y* to = y.mutable_data<Y>();
    if (x.numel() == 1) {
        *to = static_cast<Y>(f(*from));
        return;
    }
    const StridedLoop<2> loop(y.shape(), {&x.strides(), &y.strides()});
    parallel_for(y.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
        loop.rows(begin, end, [&](const auto& offset, const auto& step, std::int64_t length) {
            const X* in = from + offset[0];
            Y* out = to + offset[1];
            if (step[0] == 1 && step[1] == 1)
                for (std::int64_t i = 0; i < length; ++i)
                    out[i] = static_cast<Y>(f(in[i]));
            else
                for (std::int64_t i = 0; i < length; ++i)
                    out[i * step[1]] = static_cast<Y>(f(in[i * step[0]]));
        });
    });
}

/// y[i] = f(a[i], b[i]); a and b hold T, y holds Y. A number counts as a tensor with strides of 0.
template <class T, class Y, class F>
void map_binary(const Operand& a, const Operand& b, const Tensor& y, F f) {
    const Tensor* tensor_a = std::get_if<Tensor>(&a);
    const Tensor* tensor_b = std::get_if<Tensor>(&b);
    const T number_a = tensor_a ? T{} : std::get<Scalar>(a).to<T>();
    const T number_b = tensor_b ? T{} : std::get<Scalar>(b).to<T>();
    const T* from_a = tensor_a ? tensor_a->data<T>() : &number_a;
    const T* from_b = tensor_b ? tensor_b->data<T>() : &number_b;
    Y* to = y.mutable_data<Y>();
    if (y.numel() == 1) {
        *to = static_cast<Y>(f(*from_a, *from_b));
        return;
    }
    const Strides still(y.shape().size(), 0);
    const StridedLoop<3> loop(
        y.shape(), {tensor_a ? &tensor_a->strides() : &still, tensor_b ? &tensor_b->strides() : &still, &y.strides()});
    parallel_for(y.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
        loop.rows(begin, end, [&](const auto& offset, const auto& step, std::int64_t length) {
            const T* in_a = from_a + offset[0];
            const T* in_b = from_b + offset[1];
            Y* out = to + offset[2];
            if (step[0] == 1 && step[1] == 1 && step[2] == 1)
                for (std::int64_t i = 0; i < length; ++i)
                    out[i] = static_cast<Y>(f(in_a[i], in_b[i]));
            else if (step[0] == 1 && step[1] == 0 && step[2] == 1)
                for (std::int64_t i = 0; i < length; ++i)
                    out[i] = static_cast<Y>(f(in_a[i], *in_b));
            else
                for (std::int64_t i = 0; i < length; ++i)
                    out[i * step[2]] = static_cast<Y>(f(in_a[i * step[0]], in_b[i * step[1]]));
        });
    });
}

} // namespace hs
