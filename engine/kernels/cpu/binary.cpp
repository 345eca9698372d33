#include "engine/kernels/cpu/elementwise.h"
#include "engine/kernels/cpu/flat.h"
#include "engine/kernels/cpu/slots.h"
#include "engine/kernels/cpu/vector/vector.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

BinaryKernel vector_kernel(Binary function) {
    const ElementwiseKernels& kernels = vector_kernels().elementwise;
    switch (function) {
    case Binary::sub:
        return kernels.sub;
    case Binary::mul:
        return kernels.mul;
    case Binary::div:
        return kernels.div;
    case Binary::maximum:
        return kernels.maximum;
    case Binary::minimum:
        return kernels.minimum;
    default:
        return nullptr;
    }
}

ScalarKernel vector_kernel_with_number(Binary function) {
    const ElementwiseKernels& kernels = vector_kernels().elementwise;
    switch (function) {
    case Binary::mul:
        return kernels.mul_scalar;
    case Binary::div:
        return kernels.div_scalar;
    default:
        return nullptr;
    }
}

/// Runs `body(a, b, y, count)` over flat float32 memory; false where the operands do not lie like that.
template <class Body>
bool flat_tensors(const Operand& a, const Operand& b, const Tensor& y, Body&& body) {
    const Tensor* left = std::get_if<Tensor>(&a);
    const Tensor* right = std::get_if<Tensor>(&b);
    if (y.dtype() != Dtype::float32 || y.numel() < 16 || !left || !right || !flat_layout({left, right}, y))
        return false;
    const float* from_a = left->raw_data<float>();
    const float* from_b = right->raw_data<float>();
    float* to = y.mutable_raw_data<float>();
    parallel_for(y.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
        body(from_a + begin, from_b + begin, to + begin, end - begin);
    });
    return true;
}

} // namespace

void binary(Binary function, const Operand& a, const Operand& b, const Tensor& y) {
    if (const BinaryKernel kernel = vector_kernel(function))
        if (flat_tensors(a, b, y, kernel)) return;
    const Tensor* left = std::get_if<Tensor>(&a);
    const Scalar* number = std::get_if<Scalar>(&b);
    if (const ScalarKernel kernel = vector_kernel_with_number(function);
        kernel && left && number && y.dtype() == Dtype::float32 && flat_layout({left}, y)) {
        const float* from = left->raw_data<float>();
        float* to = y.mutable_raw_data<float>();
        parallel_for(y.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
            kernel(from + begin, number->to<float>(), to + begin, end - begin);
        });
        return;
    }
    const auto any = [&](auto f) { visit_dtype(y.dtype(), [&]<class T>(T) { map_binary<T, T>(a, b, y, f); }); };
    const auto floating = [&](auto f) {
        visit_floating(y.dtype(), "binary", [&]<class T>(T) { map_binary<T, T>(a, b, y, f); });
    };
    switch (function) {
#define HS_CASE(name, Functor)                                                                                         \
    case Binary::name:                                                                                                 \
        return any(functors::Functor{});
        HS_BINARY_ANY(HS_CASE)
#undef HS_CASE
#define HS_CASE(name, Functor)                                                                                         \
    case Binary::name:                                                                                                 \
        return floating(functors::Functor{});
        HS_BINARY_FLOATING(HS_CASE)
#undef HS_CASE
    }
}

void add(const Operand& a, const Operand& b, const Scalar& alpha, const Tensor& y) {
    const auto kernel = [&](const float* from_a, const float* from_b, float* to, std::int64_t count) {
        vector_kernels().elementwise.add(from_a, from_b, alpha.to<float>(), to, count);
    };
    if (flat_tensors(a, b, y, kernel)) return;
    if (y.dtype() == Dtype::bool_) return binary(Binary::bitwise_or, a, alpha.to_bool() ? b : Operand(false), y);
    visit_dtype(y.dtype(), [&]<class T>(T) {
        const T factor = alpha.to<T>();
        if (factor == T(1)) return map_binary<T, T>(a, b, y, functors::Add{});
        map_binary<T, T>(a, b, y, [factor](T left, T right) { return static_cast<T>(left + factor * right); });
    });
}

void compare(Compare function, const Operand& a, const Operand& b, const Tensor& y) {
    const Tensor& tensor = std::holds_alternative<Tensor>(a) ? std::get<Tensor>(a) : std::get<Tensor>(b);
    const auto run = [&](auto f) {
        visit_dtype(tensor.dtype(), [&]<class T>(T) { map_binary<T, std::uint8_t>(a, b, y, f); });
    };
    switch (function) {
#define HS_CASE(name, Functor)                                                                                         \
    case Compare::name:                                                                                                \
        return run(functors::Functor{});
        HS_COMPARE(HS_CASE)
#undef HS_CASE
    }
}

} // namespace hs::cpu
