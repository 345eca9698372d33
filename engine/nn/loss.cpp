#include "engine/nn/loss.h"

#include "engine/ops/functional.h"

namespace hs::nn {

namespace {

void check_count(const Module& module, const Tensors& inputs, std::size_t wanted) {
    if (inputs.size() != wanted)
        throw TypeError(module.type_name() + ".forward() takes " + std::to_string(wanted) +
                        " positional arguments but " + std::to_string(inputs.size()) + " were given");
}

} // namespace

Tensor Loss::operator()(const Tensor& input, const Tensor& target) {
    return call({input, target}).at(0);
}

Tensors Loss::forward_all(const Tensors& inputs) {
    check_count(*this, inputs, 2);
    return {loss(inputs[0], inputs[1])};
}

ClassLoss::ClassLoss(const ClassLossOptions& options)
    : weight(register_buffer("weight", options.weight)), ignore_index_(options.ignore_index),
      reduction_(options.reduction), label_smoothing_(options.label_smoothing) {}

ClassLossOptions ClassLoss::options() const {
    return {
        .weight = weight, .ignore_index = ignore_index_, .reduction = reduction_, .label_smoothing = label_smoothing_};
}

Tensor CrossEntropyLoss::loss(const Tensor& input, const Tensor& target) {
    return cross_entropy(input, target, options());
}

Tensor NLLLoss::loss(const Tensor& input, const Tensor& target) {
    return nll_loss(input, target, options());
}

Tensor MSELoss::loss(const Tensor& input, const Tensor& target) {
    return mse_loss(input, target, reduction_);
}

Tensor L1Loss::loss(const Tensor& input, const Tensor& target) {
    return l1_loss(input, target, reduction_);
}

Tensors GaussianNLLLoss::forward_all(const Tensors& inputs) {
    check_count(*this, inputs, 3);
    return {gaussian_nll_loss(inputs[0], inputs[1], inputs[2], options_.full, options_.eps, options_.reduction)};
}

} // namespace hs::nn
