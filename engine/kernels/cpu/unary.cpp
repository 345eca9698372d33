#include "engine/kernels/cpu/slots.h"

#include "engine/kernels/cpu/elementwise.h"
#include "engine/kernels/cpu/flat.h"
#include "engine/kernels/cpu/vector/vector.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

/// The vector kernel of a function, where there is one.
UnaryKernel vector_kernel(Unary function) {
    const ElementwiseKernels& kernels = vector_kernels().elementwise;
    switch (function) {
    case Unary::neg:
        return kernels.neg;
    case Unary::abs:
        return kernels.abs;
    case Unary::square:
        return kernels.square;
    case Unary::relu:
        return kernels.relu;
    case Unary::exp:
        return kernels.exp;
    case Unary::log:
        return kernels.log;
    case Unary::sqrt:
        return kernels.sqrt;
    case Unary::rsqrt:
        return kernels.rsqrt;
    case Unary::reciprocal:
        return kernels.reciprocal;
    case Unary::tanh:
        return kernels.tanh;
    case Unary::sigmoid:
        return kernels.sigmoid;
    default:
        return nullptr;
    }
}

} // namespace

void unary(Unary function, const Tensor& x, const Tensor& y) {
    if (y.dtype() == Dtype::float32) {
        if (const UnaryKernel kernel = vector_kernel(function)) {
            if (flat_layout({&x}, y)) {
                const float* from = x.raw_data<float>();
                float* to = y.mutable_raw_data<float>();
                parallel_for(y.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
                    kernel(from + begin, to + begin, end - begin);
                });
                return;
            }
        }
    }
    const auto floating = [&](auto f) {
        visit_floating(y.dtype(), "unary", [&]<class T>(T) { map_unary<T, T>(x, y, f); });
    };
    const auto any = [&](auto f) { visit_dtype(y.dtype(), [&]<class T>(T) { map_unary<T, T>(x, y, f); }); };
    switch (function) {
#define HS_CASE(name, Functor)                                                                                         \
    case Unary::name:                                                                                                  \
        return any(functors::Functor{});
        HS_UNARY_ANY(HS_CASE)
#undef HS_CASE
#define HS_CASE(name, Functor)                                                                                         \
    case Unary::name:                                                                                                  \
        return floating(functors::Functor{});
        HS_UNARY_FLOATING(HS_CASE)
#undef HS_CASE
    }
}

} // namespace hs::cpu
