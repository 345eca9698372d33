#include "engine/nn/batch_norm.h"

#include "engine/graph/grad_mode.h"
#include "engine/nn/float_text.h"
#include "engine/ops/functional.h"

namespace hs::nn {

BatchNorm::BatchNorm(std::int64_t num_features, Options options)
    : weight(register_parameter("weight", options.affine ? ones({num_features}) : Tensor())),
      bias(register_parameter("bias", options.affine ? zeros({num_features}) : Tensor())),
      running_mean(register_buffer("running_mean", options.track_running_stats ? zeros({num_features}) : Tensor())),
      running_var(register_buffer("running_var", options.track_running_stats ? ones({num_features}) : Tensor())),
      num_batches_tracked(register_buffer("num_batches_tracked",
                                          options.track_running_stats ? zeros({}, {.dtype = Dtype::int64}) : Tensor())),
      num_features_(num_features), options_(options) {}

Tensor BatchNorm::forward(const Tensor& input) {
    check_rank(input);
    double momentum = options_.momentum.value_or(0);
    if (is_training() && num_batches_tracked.defined()) {
        const NoGrad scope;
        num_batches_tracked.fill_(num_batches_tracked.item<std::int64_t>() + 1);
        if (!options_.momentum) momentum = 1 / num_batches_tracked.item<double>();
    }
    const bool by_batch = is_training() || !running_mean.defined();
    const bool uses_running = !is_training() || options_.track_running_stats;
    return batch_norm(input, uses_running ? running_mean : Tensor(), uses_running ? running_var : Tensor(), weight,
                      bias, {.training = by_batch, .momentum = momentum, .eps = options_.eps});
}

std::string BatchNorm::extra_repr() const {
    const auto flag = [](bool value) { return std::string(value ? "True" : "False"); };
    return std::to_string(num_features_) + ", eps=" + float_text(options_.eps) +
           ", momentum=" + (options_.momentum ? float_text(*options_.momentum) : "None") +
           ", affine=" + flag(options_.affine) + ", track_running_stats=" + flag(options_.track_running_stats);
}

void BatchNorm1d::check_rank(const Tensor& input) const {
    if (input.dim() != 2 && input.dim() != 3)
        throw ValueError("expected 2D or 3D input (got " + std::to_string(input.dim()) + "D input)");
}

void BatchNorm2d::check_rank(const Tensor& input) const {
    if (input.dim() != 4) throw ValueError("expected 4D input (got " + std::to_string(input.dim()) + "D input)");
}

void BatchNorm3d::check_rank(const Tensor& input) const {
    if (input.dim() != 5) throw ValueError("expected 5D input (got " + std::to_string(input.dim()) + "D input)");
}

} // namespace hs::nn
