#include "engine/nn/pooling.h"

#include "engine/ops/functional.h"

namespace hs::nn {

Tensor MaxPool2d::forward(const Tensor& input) {
    return max_pool2d(input, options_.kernel_size.dims(),
                      {.stride = options_.stride.value_or(options_.kernel_size).dims(),
                       .padding = options_.padding.dims(),
                       .dilation = options_.dilation.dims(),
                       .ceil_mode = options_.ceil_mode});
}

std::string MaxPool2d::extra_repr() const {
    return "kernel_size=" + options_.kernel_size.as_given() +
           ", stride=" + options_.stride.value_or(options_.kernel_size).as_given() +
           ", padding=" + options_.padding.as_given() + ", dilation=" + options_.dilation.as_given() +
           ", ceil_mode=" + (options_.ceil_mode ? "True" : "False");
}

Tensor AvgPool2d::forward(const Tensor& input) {
    return avg_pool2d(input, options_.kernel_size.dims(),
                      {.stride = options_.stride.value_or(options_.kernel_size).dims(),
                       .padding = options_.padding.dims(),
                       .ceil_mode = options_.ceil_mode,
                       .count_include_pad = options_.count_include_pad});
}

std::string AvgPool2d::extra_repr() const {
    return "kernel_size=" + options_.kernel_size.as_given() +
           ", stride=" + options_.stride.value_or(options_.kernel_size).as_given() +
           ", padding=" + options_.padding.as_given();
}

Tensor AvgPool1d::forward(const Tensor& input) {
    return avg_pool1d(input, options_.kernel_size.dims(),
                      {.stride = options_.stride.value_or(options_.kernel_size).dims(),
                       .padding = options_.padding.dims(),
                       .ceil_mode = options_.ceil_mode,
                       .count_include_pad = options_.count_include_pad});
}

std::string AvgPool1d::extra_repr() const {
    return "kernel_size=" + options_.kernel_size.tuple() +
           ", stride=" + options_.stride.value_or(options_.kernel_size).tuple() +
           ", padding=" + options_.padding.tuple();
}

Tensor AdaptiveAvgPool2d::forward(const Tensor& input) {
    return adaptive_avg_pool2d(input, output_size_.dims());
}

} // namespace hs::nn
