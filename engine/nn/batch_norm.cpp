#include "engine/nn/batch_norm.h"

#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "engine/tensor/number_text.h"

namespace hs::nn {

RunningNorm::RunningNorm(std::int64_t num_features, Plan plan)
    : weight(add_parameter("weight", plan.affine ? ones({num_features}) : Tensor())),
      bias(add_parameter("bias", plan.affine ? zeros({num_features}) : Tensor())),
      running_mean(register_buffer("running_mean", plan.track_running_stats ? zeros({num_features}) : Tensor())),
      running_var(register_buffer("running_var", plan.track_running_stats ? ones({num_features}) : Tensor())),
      num_batches_tracked(register_buffer("num_batches_tracked",
                                          plan.track_running_stats ? zeros({}, {.dtype = Dtype::int64}) : Tensor())),
      num_features_(num_features), plan_(plan) {}

Tensor BatchNorm::forward(const Tensor& input) {
    check_rank(input);
    double momentum = plan_.momentum.value_or(0);
    if (is_training() && num_batches_tracked.defined()) {
        const NoGrad scope;
        num_batches_tracked.fill_(num_batches_tracked.item<std::int64_t>() + 1);
        if (!plan_.momentum) momentum = 1 / num_batches_tracked.item<double>();
    }
    const bool by_batch = is_training() || !running_mean.defined();
    const bool uses_running = !is_training() || plan_.track_running_stats;
    return batch_norm(input, uses_running ? running_mean : Tensor(), uses_running ? running_var : Tensor(), weight,
                      bias, {.training = by_batch, .momentum = momentum, .eps = plan_.eps});
}

std::string RunningNorm::extra_repr() const {
    return std::to_string(num_features_) + ", eps=" + float_text(plan_.eps) +
           ", momentum=" + (plan_.momentum ? float_text(*plan_.momentum) : "None") +
           ", affine=" + flag_text(plan_.affine) + ", track_running_stats=" + flag_text(plan_.track_running_stats);
}

void RunningNorm::load_from_state_dict(const LoadCall& call) {
    const std::string key = call.prefix + "num_batches_tracked";
    if (call.metadata.version.value_or(1) < 2 && plan_.track_running_stats && !call.state.find(key))
        call.state.set(key, num_batches_tracked.defined() ? num_batches_tracked : zeros({}, {.dtype = Dtype::int64}));
    Module::load_from_state_dict(call);
}

void RunningNorm::expect(bool fits, const char* ranks, const Tensor& input) {
    if (!fits)
        throw ValueError(std::string("expected ") + ranks + " input (got " + std::to_string(input.dim()) + "D input)");
}

void BatchNorm1d::check_rank(const Tensor& input) const {
    expect(input.dim() == 2 || input.dim() == 3, "2D or 3D", input);
}

void BatchNorm2d::check_rank(const Tensor& input) const {
    expect(input.dim() == 4, "4D", input);
}

void BatchNorm3d::check_rank(const Tensor& input) const {
    expect(input.dim() == 5, "5D", input);
}

} // namespace hs::nn
