#include "engine/nn/unpooling.h"

#include "engine/ops/functional.h"

namespace hs::nn {

template <std::size_t N>
Tensors MaxUnpoolNd<N>::forward_all(const Tensors& inputs) {
    if (inputs.size() != 2 && inputs.size() != 3)
        throw TypeError("MaxUnpool" + std::to_string(N) + "d.forward() takes 2 or 3 tensors but " +
                        std::to_string(inputs.size()) + " were given");
    UnpoolOptions options{.stride = stride_.dims(), .padding = padding_.dims()};
    if (inputs.size() == 3) {
        const std::vector<std::int64_t> sizes = inputs[2].to_vector<std::int64_t>();
        options.output_size = Dims(std::span(sizes));
    }
    constexpr auto unpool = N == 1 ? max_unpool1d : N == 2 ? max_unpool2d : max_unpool3d;
    return {unpool(inputs[0], inputs[1], kernel_size_.dims(), options)};
}

template <std::size_t N>
std::string MaxUnpoolNd<N>::extra_repr() const {
    return "kernel_size=" + kernel_size_.tuple() + ", stride=" + stride_.tuple() + ", padding=" + padding_.tuple();
}

template <std::size_t N>
FractionalMaxPoolNd<N>::FractionalMaxPoolNd(Sizes<N> kernel_size, Options options)
    : kernel_size_(kernel_size), options_(std::move(options)),
      random_samples_(register_buffer("_random_samples", options_.random_samples)) {
    if (!options_.output_size && options_.output_ratio.empty())
        throw ValueError("FractionalMaxPool" + std::to_string(N) +
                         "d requires specifying either an output size, or a pooling ratio");
    if (options_.output_size && !options_.output_ratio.empty())
        throw ValueError("only one of output_size and output_ratio may be specified");
    for (const double ratio : options_.output_ratio)
        if (!(ratio > 0 && ratio < 1))
            throw ValueError("output_ratio must be between 0 and 1 (got " +
                             (options_.output_ratio.size() == 1 ? float_text(ratio)
                                                                : tuple_text(options_.output_ratio, float_text)) +
                             ")");
}

template <std::size_t N>
Tensors FractionalMaxPoolNd<N>::forward_all(const Tensors& inputs) {
    FractionalPoolOptions options{.output_ratio = options_.output_ratio, .samples = random_samples_};
    if (options_.output_size) options.output_size = options_.output_size->dims();
    constexpr auto pool = N == 2 ? fractional_max_pool2d : fractional_max_pool3d;
    auto [values, indices] = pool(only(inputs), kernel_size_.dims(), options);
    if (!options_.return_indices) return {std::move(values)};
    return {std::move(values), std::move(indices)};
}

template class MaxUnpoolNd<1>;
template class MaxUnpoolNd<2>;
template class MaxUnpoolNd<3>;
template class FractionalMaxPoolNd<2>;
template class FractionalMaxPoolNd<3>;

} // namespace hs::nn
