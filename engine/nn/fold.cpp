#include "engine/nn/fold.h"

#include "engine/ops/functional.h"

namespace hs::nn {

namespace {

UnfoldOptions windows(const FoldOptions& options) {
    return {.dilation = options.dilation.dims(), .padding = options.padding.dims(), .stride = options.stride.dims()};
}

std::string text_of(const FoldOptions& options) {
    return "kernel_size=" + options.kernel_size.as_given() + ", dilation=" + options.dilation.as_given() +
           ", padding=" + options.padding.as_given() + ", stride=" + options.stride.as_given();
}

} // namespace

Tensor Unfold::forward(const Tensor& input) {
    return unfold(input, options_.kernel_size.dims(), windows(options_));
}

std::string Unfold::extra_repr() const {
    return text_of(options_);
}

Tensor Fold::forward(const Tensor& input) {
    return fold(input, output_size_.dims(), options_.kernel_size.dims(), windows(options_));
}

std::string Fold::extra_repr() const {
    return "output_size=" + output_size_.as_given() + ", " + text_of(options_);
}

} // namespace hs::nn
