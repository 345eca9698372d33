#include "engine/nn/instance_norm.h"

#include "engine/ops/functional.h"
#include "engine/tensor/warning.h"

namespace hs::nn {

void InstanceNorm::check_rank(const Tensor& input) const {
    const std::string ranks = std::to_string(dimensions_ + 1) + "D or " + std::to_string(dimensions_ + 2) + "D";
    expect(input.dim() == dimensions_ + 1 || input.dim() == dimensions_ + 2, ranks.c_str(), input);
}

Tensor InstanceNorm::forward(const Tensor& input) {
    check_rank(input);
    const std::int64_t dim = input.dim() - dimensions_ - 1; // of the features
    if (input.size(dim) != num_features_) {
        const std::string at = "input's size at dim=" + std::to_string(dim);
        if (plan_.affine)
            throw ValueError("expected " + at + " to match num_features (" + std::to_string(num_features_) +
                             "), but got: " + std::to_string(input.size(dim)) + ".");
        warn(at + " does not match num_features. You can silence this warning by not passing in num_features, which "
                  "is not used because affine=False");
    }
    const InstanceNormOptions options{.use_input_stats = is_training() || !plan_.track_running_stats,
                                      .momentum = plan_.momentum.value_or(0),
                                      .eps = plan_.eps};
    const Tensor batch = dim == 0 ? unsqueeze(input, 0) : input;
    const Tensor result = instance_norm(batch, running_mean, running_var, weight, bias, options);
    return dim == 0 ? squeeze(result, 0) : result;
}

} // namespace hs::nn
