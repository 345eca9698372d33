#include "engine/kernels/kernels.h"
#include "engine/tensor/generator.h"
#include "engine/tensor/tensor.h"
#include "engine/tensor/visit_dtype.h"

#include <cmath>
#include <cstring>
#include <numeric>

namespace hs {

namespace {

Tensor with_grad(Tensor tensor, const TensorOptions& options) {
    if (!options.requires_grad) return tensor;
    if (!is_floating_point(options.dtype))
        throw Error("Only Tensors of floating point and complex dtype can require gradients");
    tensor.impl()->requires_grad = true;
    return tensor;
}

} // namespace

Tensor empty(const Shape& shape, const TensorOptions& options) {
    if (options.device.type != DeviceType::cpu)
        throw NotImplementedError("this build keeps tensors on the CPU only, not on " + to_string(options.device));
    const std::size_t size = size_of(options.dtype);
    const std::int64_t count = element_count(shape);
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(static_cast<std::size_t>(count), size, &bytes))
        throw Error("a tensor of shape " + to_string(shape) + " is larger than the address space");
    Ref<Storage> storage(new Storage(Block::allocate(bytes), options.device, size));
    return with_grad(make_tensor(std::move(storage), shape, contiguous_strides(shape), 0, options.dtype), options);
}

Tensor full(const Shape& shape, const Scalar& value, const TensorOptions& options) {
    Tensor result = empty(shape, options);
    kernels_of(result).fill(result, value);
    return result;
}

Tensor zeros(const Shape& shape, const TensorOptions& options) {
    Tensor result = empty(shape, options);
    std::memset(result.mutable_data<std::byte>(), 0, result.storage().bytes());
    return result;
}

Tensor ones(const Shape& shape, const TensorOptions& options) {
    return full(shape, 1, options);
}

Tensor scalar_tensor(const Scalar& value, const TensorOptions& options) {
    return full({}, value, options);
}

Tensor arange(const Scalar& start, const Scalar& end, const Scalar& step, const TensorOptions& options) {
    const double by = step.to_double();
    if (by == 0) throw Error("step must be nonzero");
    const double length = std::ceil((end.to_double() - start.to_double()) / by);
    if (length < 0) throw Error("upper bound and larger bound inconsistent with step sign");
    Tensor result = empty({static_cast<std::int64_t>(length)}, options);
    visit_any_dtype(options.dtype, [&]<class T>(T) {
        using Number = computing_t<T>;
        T* data = result.mutable_data<T>();
        for (std::int64_t i = 0; i < result.numel(); ++i)
            data[i] = static_cast<T>(start.to<Number>() + static_cast<Number>(i) * step.to<Number>());
    });
    return result;
}

Tensor linspace(double start, double end, std::int64_t steps, const TensorOptions& options) {
    Tensor result = empty({steps}, options);
    visit_any_dtype(options.dtype, [&]<class T>(T) {
        // Integers are truncated from a step of their own; of half types each number on the way is rounded.
        using Step = std::conditional_t<std::is_integral_v<T>, double, T>;
        T* data = result.mutable_data<T>();
        const T first = static_cast<T>(start);
        const T last = static_cast<T>(end);
        const Step step =
            steps > 1
                ? static_cast<Step>((static_cast<Step>(last) - static_cast<Step>(first)) / static_cast<Step>(steps - 1))
                : Step(0);
        const auto times = [&](std::int64_t i) { return static_cast<Step>(step * static_cast<Step>(i)); };
        // From both ends, as PyTorch does, so that the last element is exact.
        for (std::int64_t i = 0; i < steps; ++i)
            data[i] = static_cast<T>(i < steps / 2 ? static_cast<Step>(first) + times(i)
                                                   : static_cast<Step>(last) - times(steps - i - 1));
        if (steps == 1) data[0] = first;
    });
    return result;
}

Tensor eye(std::int64_t size, const TensorOptions& options) {
    Tensor result = zeros({size, size}, options);
    visit_any_dtype(options.dtype, [&]<class T>(T) {
        T* data = result.mutable_data<T>();
        for (std::int64_t i = 0; i < size; ++i)
            data[i * size + i] = T(1);
    });
    return result;
}

template <class T>
Tensor from_data(const T* values, const Shape& shape, const TensorOptions& options) {
    Tensor result = empty(shape, options);
    visit_any_dtype(options.dtype, [&]<class To>(To) {
        To* data = result.mutable_data<To>();
        for (std::int64_t i = 0; i < result.numel(); ++i)
            data[i] = static_cast<To>(values[i]);
    });
    return result;
}
template Tensor from_data(const float*, const Shape&, const TensorOptions&);
template Tensor from_data(const double*, const Shape&, const TensorOptions&);
template Tensor from_data(const std::int64_t*, const Shape&, const TensorOptions&);
template Tensor from_data(const std::int32_t*, const Shape&, const TensorOptions&);
template Tensor from_data(const std::uint8_t*, const Shape&, const TensorOptions&);

template <class T>
Tensor tensor(const std::vector<T>& values, const TensorOptions& options) {
    return from_data(values.data(), {static_cast<std::int64_t>(values.size())}, options);
}
template Tensor tensor(const std::vector<float>&, const TensorOptions&);
template Tensor tensor(const std::vector<double>&, const TensorOptions&);
template Tensor tensor(const std::vector<std::int64_t>&, const TensorOptions&);
template Tensor tensor(const std::vector<std::int32_t>&, const TensorOptions&);
template Tensor tensor(const std::vector<std::uint8_t>&, const TensorOptions&);

Tensor tensor(std::initializer_list<double> values, const TensorOptions& options) {
    return from_data(values.begin(), {static_cast<std::int64_t>(values.size())}, options);
}

} // namespace hs
