#include "engine/nn/pooling.h"

#include "engine/ops/functional.h"
#include "engine/tensor/number_text.h"

namespace hs::nn {

namespace {

/// The functions of N dimensions.
template <std::size_t N>
struct Functions;
template <>
struct Functions<1> {
    static constexpr auto max = max_pool1d;
    static constexpr auto max_with_indices = max_pool1d_with_indices;
    static constexpr auto average = avg_pool1d;
    static constexpr auto adaptive_average = adaptive_avg_pool1d;
    static constexpr auto adaptive_max = adaptive_max_pool1d;
    static constexpr auto adaptive_max_with_indices = adaptive_max_pool1d_with_indices;
};
template <>
struct Functions<2> {
    static constexpr auto max = max_pool2d;
    static constexpr auto max_with_indices = max_pool2d_with_indices;
    static constexpr auto average = avg_pool2d;
    static constexpr auto adaptive_average = adaptive_avg_pool2d;
    static constexpr auto adaptive_max = adaptive_max_pool2d;
    static constexpr auto adaptive_max_with_indices = adaptive_max_pool2d_with_indices;
};
template <>
struct Functions<3> {
    static constexpr auto max = max_pool3d;
    static constexpr auto max_with_indices = max_pool3d_with_indices;
    static constexpr auto average = avg_pool3d;
    static constexpr auto adaptive_average = adaptive_avg_pool3d;
    static constexpr auto adaptive_max = adaptive_max_pool3d;
    static constexpr auto adaptive_max_with_indices = adaptive_max_pool3d_with_indices;
};

Tensors both(std::pair<Tensor, Tensor> result) {
    return {std::move(result.first), std::move(result.second)};
}

/// What is wanted of `input`, with its own sizes where they are to stay.
template <std::size_t N>
Dims wanted(const Sizes<N>& output_size, const Tensor& input) {
    Dims sizes = output_size.dims();
    for (std::size_t i = 0; i < N; ++i)
        if (sizes[i] == same_size) sizes[i] = input.size(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(N));
    return sizes;
}

} // namespace

template <std::size_t N>
Tensors MaxPoolNd<N>::forward_all(const Tensors& inputs) {
    const Tensor& input = only(inputs);
    const Dims kernel = options_.kernel_size.dims();
    const PoolOptions options{.stride = options_.stride.value_or(options_.kernel_size).dims(),
                              .padding = options_.padding.dims(),
                              .dilation = options_.dilation.dims(),
                              .ceil_mode = options_.ceil_mode};
    if (options_.return_indices) return both(Functions<N>::max_with_indices(input, kernel, options));
    return {Functions<N>::max(input, kernel, options)};
}

template <std::size_t N>
std::string MaxPoolNd<N>::extra_repr() const {
    return "kernel_size=" + options_.kernel_size.as_given() +
           ", stride=" + options_.stride.value_or(options_.kernel_size).as_given() +
           ", padding=" + options_.padding.as_given() + ", dilation=" + options_.dilation.as_given() +
           ", ceil_mode=" + flag_text(options_.ceil_mode);
}

template <std::size_t N>
Tensor AvgPoolNd<N>::forward(const Tensor& input) {
    return Functions<N>::average(input, options_.kernel_size.dims(),
                                 {.stride = options_.stride.value_or(options_.kernel_size).dims(),
                                  .padding = options_.padding.dims(),
                                  .ceil_mode = options_.ceil_mode,
                                  .count_include_pad = options_.count_include_pad,
                                  .divisor_override = options_.divisor_override});
}

/// PyTorch keeps the sizes of one dimension as tuples.
template <std::size_t N>
std::string AvgPoolNd<N>::extra_repr() const {
    const auto text = [](const Sizes<N>& sizes) { return N == 1 ? sizes.tuple() : sizes.as_given(); };
    return "kernel_size=" + text(options_.kernel_size) +
           ", stride=" + text(options_.stride.value_or(options_.kernel_size)) + ", padding=" + text(options_.padding);
}

template <std::size_t N>
Tensor AdaptiveAvgPoolNd<N>::forward(const Tensor& input) {
    return Functions<N>::adaptive_average(input, wanted(output_size_, input));
}

template <std::size_t N>
Tensors AdaptiveMaxPoolNd<N>::forward_all(const Tensors& inputs) {
    const Tensor& input = only(inputs);
    const Dims sizes = wanted(output_size_, input);
    if (return_indices_) return both(Functions<N>::adaptive_max_with_indices(input, sizes));
    return {Functions<N>::adaptive_max(input, sizes)};
}

template <std::size_t N>
Tensor LPPoolNd<N>::forward(const Tensor& input) {
    const Dims kernel = options_.kernel_size.dims();
    const PoolOptions windows{.stride = options_.stride.value_or(options_.kernel_size).dims(),
                              .ceil_mode = options_.ceil_mode};
    const Tensor mean = Functions<N>::average(pow(input, options_.norm_type), kernel, windows);
    double count = 1;
    for (const std::int64_t size : kernel)
        count *= static_cast<double>(size);
    return pow(sign(mean) * relu(abs(mean)) * count, 1 / options_.norm_type.to_double());
}

template <std::size_t N>
std::string LPPoolNd<N>::extra_repr() const {
    return "norm_type=" + number_text(options_.norm_type) + ", kernel_size=" + options_.kernel_size.as_given() +
           ", stride=" + (options_.stride ? options_.stride->as_given() : "None") +
           ", ceil_mode=" + flag_text(options_.ceil_mode);
}

template class MaxPoolNd<1>;
template class MaxPoolNd<2>;
template class MaxPoolNd<3>;
template class AvgPoolNd<1>;
template class AvgPoolNd<2>;
template class AvgPoolNd<3>;
template class AdaptiveAvgPoolNd<1>;
template class AdaptiveAvgPoolNd<2>;
template class AdaptiveAvgPoolNd<3>;
template class AdaptiveMaxPoolNd<1>;
template class AdaptiveMaxPoolNd<2>;
template class AdaptiveMaxPoolNd<3>;
template class LPPoolNd<1>;
template class LPPoolNd<2>;
template class LPPoolNd<3>;

} // namespace hs::nn
