#pragma once

#include <cstdint>

namespace hs {

/// One step of torch.optim.SGD.
struct SgdStep {
    double learning_rate = 1e-3;
    double momentum = 0;
    double dampening = 0;
    double weight_decay = 0;
    bool nesterov = false;
    bool maximize = false;
    bool first = false; ///< the momentum buffer holds nothing yet: it becomes the gradient
};

/// One step of torch.optim.Adam or, with `decoupled`, AdamW.
struct AdamStep {
    double learning_rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;
    bool decoupled = false; ///< AdamW: p *= 1 - lr * weight_decay instead of adding to the gradient
    bool maximize = false;
    double step = 1; ///< number of this step, from 1
};

/// Updates of `count` parameters in one pass. The arrays are distinct.
struct OptimizerKernels {
    /// g = ±grad + wd p; buffer = momentum buffer + (1 - dampening) g (g at first); g += momentum buffer (nesterov) or
    /// g = buffer; p -= lr g. `buffer` is not touched, and may be null, when momentum is 0.
    void (*sgd)(const SgdStep& step, float* parameter, const float* grad, float* buffer, std::int64_t count);

    /// m += (1 - beta1)(g - m); v = beta2 v + (1 - beta2) g^2;
    /// p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps). With `greatest` not null (amsgrad),
    /// greatest = max(greatest, v) stands for v in the last line.
    void (*adam)(const AdamStep& step, float* parameter, const float* grad, float* m, float* v, float* greatest,
                 std::int64_t count);
};

} // namespace hs
