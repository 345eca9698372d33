#include "engine/kernels/cpu/elementwise.h"
#include "engine/kernels/cpu/slots.h"
#include "engine/kernels/cpu/vector/vector.h"
#include "engine/tensor/visit_dtype.h"

#include <cmath>

namespace hs::cpu {

namespace {

/// Whether the fused float32 kernels can run over the flat memory of all of them.
bool flat_float(const Tensor& parameter, const Tensor& gradient) {
    return parameter.dtype() == Dtype::float32 && gradient.dtype() == Dtype::float32 && parameter.is_contiguous() &&
           gradient.is_contiguous();
}

/// The same for other dtypes and layouts, element by element.
template <class Body>
void each_element(const Tensor& parameter, const Tensor& gradient, Body&& body) {
    visit_floating(parameter.dtype(), "optimizer", [&]<class T>(T) {
        T* p = parameter.mutable_data<T>();
        const T* g = gradient.data<T>();
        const StridedLoop<2> loop(parameter.shape(), {&parameter.strides(), &gradient.strides()});
        std::int64_t i = 0;
        loop.rows(0, parameter.numel(), [&](const auto& offset, const auto& step, std::int64_t length) {
            for (std::int64_t k = 0; k < length; ++k, ++i)
                body(p[offset[0] + k * step[0]], g[offset[1] + k * step[1]], i);
        });
    });
}

template <class T>
T* state_data(const Tensor& state) {
    return state.defined() ? state.mutable_data<T>() : nullptr;
}

} // namespace

void sgd(const SgdStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& buffer) {
    if (flat_float(parameter, gradient)) {
        float* p = parameter.mutable_data<float>();
        const float* g = gradient.data<float>();
        float* b = state_data<float>(buffer);
        parallel_for(parameter.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
            vector_kernels().optimizer.sgd(step, p + begin, g + begin, b ? b + begin : nullptr, end - begin);
        });
        return;
    }
    each_element(parameter, gradient, [&]<class T>(T& p, T gradient_here, std::int64_t i) {
        double g = step.maximize ? -static_cast<double>(gradient_here) : static_cast<double>(gradient_here);
        g += step.weight_decay * static_cast<double>(p);
        if (step.momentum != 0) {
            T& b = state_data<T>(buffer)[i];
            b = static_cast<T>(step.first ? g : step.momentum * static_cast<double>(b) + (1 - step.dampening) * g);
            g = step.nesterov ? g + step.momentum * static_cast<double>(b) : static_cast<double>(b);
        }
        p = static_cast<T>(static_cast<double>(p) - step.learning_rate * g);
    });
}

void adam(const AdamStep& step, const Tensor& parameter, const Tensor& gradient, const Tensor& m, const Tensor& v,
          const Tensor& greatest) {
    if (flat_float(parameter, gradient)) {
        float* p = parameter.mutable_data<float>();
        const float* g = gradient.data<float>();
        float* first = m.mutable_data<float>();
        float* second = v.mutable_data<float>();
        float* most = state_data<float>(greatest);
        parallel_for(parameter.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
            vector_kernels().optimizer.adam(step, p + begin, g + begin, first + begin, second + begin,
                                            most ? most + begin : nullptr, end - begin);
        });
        return;
    }
    const double correction1 = 1 - std::pow(step.beta1, step.step);
    const double correction2 = 1 - std::pow(step.beta2, step.step);
    each_element(parameter, gradient, [&]<class T>(T& p, T gradient_here, std::int64_t i) {
        double g = step.maximize ? -static_cast<double>(gradient_here) : static_cast<double>(gradient_here);
        if (step.decoupled)
            p = static_cast<T>(static_cast<double>(p) * (1 - step.learning_rate * step.weight_decay));
        else
            g += step.weight_decay * static_cast<double>(p);
        T& first = m.mutable_data<T>()[i];
        T& second = v.mutable_data<T>()[i];
        first = static_cast<T>(static_cast<double>(first) + (1 - step.beta1) * (g - static_cast<double>(first)));
        second = static_cast<T>(step.beta2 * static_cast<double>(second) + (1 - step.beta2) * g * g);
        double under_root = static_cast<double>(second);
        if (greatest.defined()) {
            T& most = greatest.mutable_data<T>()[i];
            most = std::max(most, second);
            under_root = static_cast<double>(most);
        }
        const double denominator = std::sqrt(under_root) / std::sqrt(correction2) + step.epsilon;
        p = static_cast<T>(static_cast<double>(p) -
                           step.learning_rate / correction1 * static_cast<double>(first) / denominator);
    });
}

} // namespace hs::cpu
