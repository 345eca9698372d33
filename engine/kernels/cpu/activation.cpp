#include "engine/kernels/cpu/elementwise.h"
#include "engine/kernels/cpu/flat.h"
#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/vector/vector.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

/// The vector kernel of a function, where there is one.
UnaryKernel vector_kernel(Activation function) {
    const ElementwiseKernels& kernels = vector_kernels().elementwise;
    switch (function) {
    case Activation::tanh:
        return kernels.tanh;
    case Activation::sigmoid:
        return kernels.sigmoid;
    case Activation::silu:
        return kernels.silu;
    case Activation::gelu:
        return kernels.gelu;
    case Activation::gelu_tanh:
        return kernels.gelu_tanh;
    default:
        return nullptr;
    }
}

BinaryKernel vector_kernel_backward(Activation function) {
    const ElementwiseKernels& kernels = vector_kernels().elementwise;
    switch (function) {
    case Activation::tanh:
        return kernels.tanh_backward;
    case Activation::sigmoid:
        return kernels.sigmoid_backward;
    case Activation::silu:
        return kernels.silu_backward;
    case Activation::gelu:
        return kernels.gelu_backward;
    case Activation::gelu_tanh:
        return kernels.gelu_tanh_backward;
    default:
        return nullptr;
    }
}

/// Elements worth a second thread: fewer than of an addition, for these compute more.
constexpr std::int64_t activation_grain = 8'192;

template <class T, class F>
void map_flat(const Tensor& x, const Tensor& y, F f) {
    if (!flat_layout({&x}, y)) return map_unary<T, T>(x, y, f);
    const T* from = x.raw_data<T>();
    T* to = y.mutable_raw_data<T>();
    parallel_for(y.numel(), activation_grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            to[i] = f(from[i]);
    });
}

template <class T, class F>
void map_flat(const Tensor& grad, const Tensor& x, const Tensor& dx, F f) {
    if (!flat_layout({&grad, &x}, dx)) return map_binary<T, T>(grad, x, dx, f);
    const T* from = grad.raw_data<T>();
    const T* at = x.raw_data<T>();
    T* to = dx.mutable_raw_data<T>();
    parallel_for(dx.numel(), activation_grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            to[i] = f(from[i], at[i]);
    });
}

/// What PyTorch's text calls the kernel of a function.
const char* kernel_name(Activation function) {
    if (function == Activation::gelu || function == Activation::gelu_tanh) return "GeluKernelImpl";
    switch (function) {
#define HS_CASE(name, Functor)                                                                                         \
    case Activation::name:                                                                                             \
        return #name "_cpu";
        HS_ACTIVATIONS(HS_CASE)
#undef HS_CASE
    }
    return "";
}

} // namespace

void activation(Activation function, const activations::Parameters& parameters, const Tensor& x, const Tensor& y) {
    if (const UnaryKernel kernel = vector_kernel(function);
        kernel && y.dtype() == Dtype::float32 && flat_layout({&x}, y)) {
        const float* from = x.raw_data<float>();
        float* to = y.mutable_raw_data<float>();
        return parallel_for(y.numel(), activation_grain, [&](std::int64_t begin, std::int64_t end) {
            kernel(from + begin, to + begin, end - begin);
        });
    }
    visit_floating(y.dtype(), kernel_name(function), [&]<class T>(T) {
        switch (function) {
#define HS_CASE(name, Functor)                                                                                         \
    case Activation::name:                                                                                             \
        return map_flat<T>(x, y, [f = activations::Functor{parameters}](T value) { return f.value(value); });
            HS_ACTIVATIONS(HS_CASE)
#undef HS_CASE
        }
    });
}

void activation_backward(Activation function, const activations::Parameters& parameters, const Tensor& grad,
                         const Tensor& x, const Tensor& dx) {
    if (const BinaryKernel kernel = vector_kernel_backward(function);
        kernel && dx.dtype() == Dtype::float32 && flat_layout({&grad, &x}, dx)) {
        const float* from = grad.raw_data<float>();
        const float* at = x.raw_data<float>();
        float* to = dx.mutable_raw_data<float>();
        return parallel_for(dx.numel(), activation_grain, [&](std::int64_t begin, std::int64_t end) {
            kernel(from + begin, at + begin, to + begin, end - begin);
        });
    }
    visit_floating(dx.dtype(), kernel_name(function), [&]<class T>(T) {
        switch (function) {
#define HS_CASE(name, Functor)                                                                                         \
    case Activation::name:                                                                                             \
        return map_flat<T>(grad, x, dx,                                                                                \
                           [f = activations::Functor{parameters}](T g, T value) { return g * f.slope(value); });
            HS_ACTIVATIONS(HS_CASE)
#undef HS_CASE
        }
    });
}

} // namespace hs::cpu
