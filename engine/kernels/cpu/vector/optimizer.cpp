#include "engine/kernels/cpu/vector/optimizer.h"

#include "engine/kernels/cpu/vector/build.h"
#include "engine/kernels/cpu/vector/builds.h"

namespace hs::HOOKSCOPE_VECTOR_BUILD {
namespace {

/// One pass with the kind of step known to the compiler. Terms that are switched off are left out, not multiplied by
/// zero: an infinity must not become NaN.
template <bool decays, bool nesterov, bool first>
inline void sgd_momentum(const SgdStep& step, float* parameter, const float* grad, float* buffer, Index count) {
    const float sign = step.maximize ? -1.0F : 1.0F;
    const float decay = static_cast<float>(step.weight_decay);
    const float rate = static_cast<float>(step.learning_rate);
    const float momentum = static_cast<float>(step.momentum);
    const float take = static_cast<float>(1 - step.dampening);
    HOOKSCOPE_SIMD
    for (Index i = 0; i < count; ++i) {
        const float g = decays ? sign * grad[i] + decay * parameter[i] : sign * grad[i];
        const float b = first ? g : momentum * buffer[i] + take * g;
        buffer[i] = b;
        parameter[i] -= rate * (nesterov ? g + momentum * b : b);
    }
}

template <bool decays>
inline void sgd_any(const SgdStep& step, float* parameter, const float* grad, float* buffer, Index count) {
    if (step.momentum == 0) {
        const float rate = static_cast<float>(step.maximize ? -step.learning_rate : step.learning_rate);
        const float shrink = static_cast<float>(step.learning_rate * step.weight_decay);
        HOOKSCOPE_SIMD
        for (Index i = 0; i < count; ++i) {
            const float p = decays ? parameter[i] - shrink * parameter[i] : parameter[i];
            parameter[i] = p - rate * grad[i];
        }
    } else if (step.first) {
        if (step.nesterov) return sgd_momentum<decays, true, true>(step, parameter, grad, buffer, count);
        sgd_momentum<decays, false, true>(step, parameter, grad, buffer, count);
    } else {
        if (step.nesterov) return sgd_momentum<decays, true, false>(step, parameter, grad, buffer, count);
        sgd_momentum<decays, false, false>(step, parameter, grad, buffer, count);
    }
}

void sgd(const SgdStep& step, float* parameter, const float* grad, float* buffer, Index count) {
    if (step.weight_decay != 0) return sgd_any<true>(step, parameter, grad, buffer, count);
    sgd_any<false>(step, parameter, grad, buffer, count);
}

/// `chosen(v, i)` is what stands under the root: v, or amsgrad's greatest.
template <bool decays, class Chosen>
inline void adam_any(const AdamStep& step, float* parameter, const float* grad, float* m, float* v, Index count,
                     Chosen chosen) {
    const float sign = step.maximize ? -1.0F : 1.0F;
    const float shrink = step.decoupled ? static_cast<float>(1 - step.learning_rate * step.weight_decay) : 1.0F;
    const float decay = static_cast<float>(step.weight_decay);
    const float approach = static_cast<float>(1 - step.beta1);
    const float keep = static_cast<float>(step.beta2);
    const float take = static_cast<float>(1 - step.beta2);
    const float epsilon = static_cast<float>(step.epsilon);
    const float rate = static_cast<float>(step.learning_rate / (1 - __builtin_pow(step.beta1, step.step)));
    const float unbias = static_cast<float>(__builtin_sqrt(1 - __builtin_pow(step.beta2, step.step)));
    HOOKSCOPE_SIMD
    for (Index i = 0; i < count; ++i) {
        const float p = parameter[i] * shrink;
        const float g = decays ? sign * grad[i] + decay * p : sign * grad[i];
        const float mean = m[i] + approach * (g - m[i]);
        const float square = keep * v[i] + take * (g * g);
        m[i] = mean;
        v[i] = square;
        parameter[i] = p - rate * (mean / (__builtin_sqrtf(chosen(square, i)) / unbias + epsilon));
    }
}

void adam(const AdamStep& step, float* parameter, const float* grad, float* m, float* v, float* greatest_v,
          Index count) {
    const auto plain = [](float square, Index) { return square; };
    const auto amsgrad = [greatest_v](float square, Index i) {
        return greatest_v[i] = square > greatest_v[i] ? square : greatest_v[i];
    };
    if (step.weight_decay != 0 && !step.decoupled) {
        if (greatest_v) return adam_any<true>(step, parameter, grad, m, v, count, amsgrad);
        return adam_any<true>(step, parameter, grad, m, v, count, plain);
    }
    if (greatest_v) return adam_any<false>(step, parameter, grad, m, v, count, amsgrad);
    adam_any<false>(step, parameter, grad, m, v, count, plain);
}

} // namespace

constinit const OptimizerKernels optimizer_kernels{.sgd = sgd, .adam = adam};

} // namespace hs::HOOKSCOPE_VECTOR_BUILD
