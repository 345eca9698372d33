#include "engine/tensor/generator.h"
#include "engine/tensor/tensor.h"
#include "engine/tensor/visit_dtype.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace hs {

namespace {

/// Sixteen normals at a time from sixteen uniforms in place (rule 134).
template <class T>
void box_muller_block(T* block) {
    for (int j = 0; j < 8; ++j) {
        const T u1 = T(1) - block[j];
        const T u2 = block[j + 8];
        const T radius = std::sqrt(T(-2) * std::log(u1));
        const T angle = T(2) * std::numbers::pi_v<T> * u2;
        block[j] = radius * std::cos(angle);
        block[j + 8] = radius * std::sin(angle);
    }
}

template <class T>
T draw_uniform(Generator& generator) {
    if constexpr (std::is_same_v<T, float>)
        return generator.uniform_float();
    else
        return generator.uniform_double();
}

template <class T>
void fill_normal(T* data, std::int64_t count, Generator& generator) {
    if (count < 16) {
        for (std::int64_t i = 0; i < count; ++i)
            data[i] = static_cast<T>(generator.normal());
        return;
    }
    for (std::int64_t i = 0; i < count; ++i)
        data[i] = draw_uniform<T>(generator);
    for (std::int64_t i = 0; i + 16 <= count; i += 16)
        box_muller_block(data + i);
    if (count % 16 == 0) return;
    T* last = data + count - 16;
    for (int i = 0; i < 16; ++i)
        last[i] = draw_uniform<T>(generator);
    box_muller_block(last);
}

/// What random numbers of a dtype are drawn as: half types as float32, rounded in the end.
Dtype drawn_as(Dtype dtype) {
    return dtype == Dtype::float16 || dtype == Dtype::bfloat16 ? Dtype::float32 : dtype;
}

} // namespace

Generator& default_generator() {
    thread_local Generator generator(0);
    return generator;
}

void manual_seed(std::uint64_t seed) {
    default_generator().manual_seed(seed);
}

double Generator::normal() {
    if (cached_normal_) {
        const double value = *cached_normal_;
        cached_normal_.reset();
        return value;
    }
    const double u1 = uniform_double();
    const double u2 = uniform_double();
    const double radius = std::sqrt(-2 * std::log1p(-u2));
    const double angle = 2 * std::numbers::pi * u1;
    cached_normal_ = radius * std::sin(angle);
    return radius * std::cos(angle);
}

Tensor rand(const Shape& shape, Generator& generator, const TensorOptions& options) {
    Tensor result = empty(shape, {.dtype = drawn_as(options.dtype)});
    visit_floating(result.dtype(), "rand", [&]<class T>(T) {
        T* data = result.mutable_data<T>();
        for (std::int64_t i = 0; i < result.numel(); ++i)
            data[i] = draw_uniform<T>(generator);
    });
    if (result.dtype() != options.dtype) result = result.to(options.dtype);
    if (options.requires_grad) result.set_requires_grad();
    return result;
}

Tensor randn(const Shape& shape, Generator& generator, const TensorOptions& options) {
    Tensor result = empty(shape, {.dtype = drawn_as(options.dtype)});
    visit_floating(result.dtype(), "randn",
                   [&]<class T>(T) { fill_normal(result.mutable_data<T>(), result.numel(), generator); });
    if (result.dtype() != options.dtype) result = result.to(options.dtype);
    if (options.requires_grad) result.set_requires_grad();
    return result;
}

Tensor randint(std::int64_t low, std::int64_t high, const Shape& shape, Generator& generator) {
    if (low >= high)
        throw Error("random_ expects 'from' to be less than 'to', but got from=" + std::to_string(low) +
                    " >= to=" + std::to_string(high));
    Tensor result = empty(shape, {.dtype = Dtype::int64});
    const auto range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    auto* data = result.mutable_data<std::int64_t>();
    for (std::int64_t i = 0; i < result.numel(); ++i) {
        const std::uint64_t draw = range >= std::uint64_t{1} << 32 ? generator.random64() : generator.random();
        data[i] = low + static_cast<std::int64_t>(draw % range);
    }
    return result;
}

Tensor randperm(std::int64_t count, Generator& generator) {
    if (count < 0) throw Error("n must be non-negative, got " + std::to_string(count));
    Tensor result = empty({count}, {.dtype = Dtype::int64});
    auto* data = result.mutable_data<std::int64_t>();
    std::iota(data, data + count, std::int64_t{0});
    for (std::int64_t i = 0; i + 1 < count; ++i)
        std::swap(data[i],
                  data[i + static_cast<std::int64_t>(generator.random() % static_cast<std::uint64_t>(count - i))]);
    return result;
}

Tensor& Tensor::uniform_(double from, double to, Generator& generator) {
    const Tensor drawn = rand(shape(), generator, {.dtype = drawn_as(dtype())});
    visit_floating(drawn.dtype(), "uniform_", [&]<class T>(T) {
        T* data = drawn.mutable_data<T>();
        for (std::int64_t i = 0; i < numel(); ++i)
            data[i] = data[i] * static_cast<T>(to - from) + static_cast<T>(from);
    });
    return copy_(drawn);
}

Tensor& Tensor::normal_(double mean, double std, Generator& generator) {
    const Tensor drawn = randn(shape(), generator, {.dtype = drawn_as(dtype())});
    visit_floating(drawn.dtype(), "normal_", [&]<class T>(T) {
        T* data = drawn.mutable_data<T>();
        for (std::int64_t i = 0; i < numel(); ++i)
            data[i] = data[i] * static_cast<T>(std) + static_cast<T>(mean);
    });
    return copy_(drawn);
}

} // namespace hs
