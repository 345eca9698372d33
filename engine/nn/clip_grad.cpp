#include "engine/nn/clip_grad.h"

#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "engine/tensor/number_text.h"

#include <cmath>

namespace hs::nn {

namespace {

Tensors gradients_of(const Tensors& parameters) {
    Tensors gradients;
    for (const Tensor& parameter : parameters)
        if (const Tensor& gradient = parameter.mutable_grad(); gradient.defined()) gradients.push_back(gradient);
    return gradients;
}

} // namespace

Tensor clip_grad_norm_(const Tensors& parameters, double max_norm, double norm_type, bool error_if_nonfinite) {
    const NoGrad scope;
    Tensors gradients = gradients_of(parameters);
    if (gradients.empty()) return scalar_tensor(0, {.dtype = Dtype::float32});
    Tensors norms;
    for (const Tensor& gradient : gradients)
        norms.push_back(norm(gradient, norm_type));
    Tensor total = norm(stack(norms), norm_type);
    if (error_if_nonfinite && !std::isfinite(total.item<double>()))
        throw Error("The total norm of order " + float_text(norm_type) +
                    " for gradients from `parameters` is non-finite, so it cannot be clipped. To disable this error "
                    "and scale the gradients by the non-finite norm anyway, set `error_if_nonfinite=False`");
    const Tensor factor = clamp(max_norm / (total + 1e-6), std::nullopt, Scalar(1.0));
    for (Tensor& gradient : gradients)
        gradient.mul_(factor);
    return total;
}

void clip_grad_value_(const Tensors& parameters, double clip_value) {
    const NoGrad scope;
    for (Tensor& gradient : gradients_of(parameters))
        gradient.copy_(clamp(gradient, Scalar(-clip_value), Scalar(clip_value)));
}

} // namespace hs::nn
