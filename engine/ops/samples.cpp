#include "engine/ops/samples.h"

#include "engine/tensor/generator.h"

namespace hs::ops {

namespace {

Generator generator_for(const Shape& shape) {
    std::uint64_t seed = 17;
    for (const std::int64_t size : shape)
        seed = seed * 31 + static_cast<std::uint64_t>(size);
    return Generator(seed);
}

std::vector<Sample> over(double low, double high) {
    return {{{uniform({3, 4}, low, high)}},
            {{uniform({2, 1, 3}, low, high)}},
            {{uniform({}, low, high)}},
            {{uniform({0, 2}, low, high)}}};
}

} // namespace

Tensor uniform(const Shape& shape, double low, double high) {
    Generator generator = generator_for(shape);
    const Tensor result = empty(shape, {.dtype = Dtype::float64});
    double* data = result.mutable_data<double>();
    for (std::int64_t i = 0; i < result.numel(); ++i)
        data[i] = low + (high - low) * generator.uniform_double();
    return result;
}

Tensor indices(const Shape& shape, std::int64_t bound) {
    Generator generator = generator_for(shape);
    return randint(0, bound, shape, generator);
}

std::vector<Sample> unary_samples() {
    return over(-2, 2);
}

std::vector<Sample> positive_samples() {
    return over(0.3, 2.5);
}

} // namespace hs::ops
