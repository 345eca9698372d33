#include "engine/kernels/cpu/neural_slots.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

/// x as [n, c, inner].
struct Classes {
    std::int64_t count, classes, inner;

    explicit Classes(const Tensor& x) : count(1), classes(0), inner(1) {
        const Shape& shape = x.shape();
        classes = shape[shape.size() == 1 ? 0 : 1];
        if (shape.size() > 1) count = shape[0];
        for (std::size_t i = 2; i < shape.size(); ++i)
            inner *= shape[i];
    }
};

/// Calls body(place of the target's element in x, target, its weight, index of the target) for all that count.
template <class T, class Body>
void for_targets(const Classes& shape, const Tensor& target, const NllOptions& options, Body body) {
    const T* weight = options.weight.defined() ? options.weight.data<T>() : nullptr;
    const auto visit = [&](const auto* targets) {
        for (std::int64_t n = 0; n < shape.count; ++n) {
            for (std::int64_t i = 0; i < shape.inner; ++i) {
                const auto chosen = static_cast<std::int64_t>(targets[n * shape.inner + i]);
                if (chosen == options.ignore_index) continue;
                if (chosen < 0 || chosen >= shape.classes)
                    throw IndexError("Target " + std::to_string(chosen) + " is out of bounds.");
                body((n * shape.classes + chosen) * shape.inner + i, weight ? weight[chosen] : T(1),
                     n * shape.inner + i);
            }
        }
    };
    if (target.dtype() == Dtype::uint8)
        visit(target.data<std::uint8_t>());
    else
        visit(target.data<std::int64_t>());
}

} // namespace

void nll_loss(const Tensor& x, const Tensor& target, const NllOptions& options, const Tensor& y,
              const Tensor& total_weight) {
    visit_floating(x.dtype(), "nll_loss_out_frame", [&]<class T>(T) {
        const T* from = x.data<T>();
        T* to = y.mutable_data<T>();
        double sum = 0, total = 0;
        if (options.reduction == LossReduction::none) std::fill_n(to, y.numel(), T(0));
        for_targets<T>(Classes(x), target, options, [&](std::int64_t place, T weight, std::int64_t i) {
            const T loss = -weight * from[place];
            if (options.reduction == LossReduction::none) {
                to[i] = loss;
                return;
            }
            sum += static_cast<double>(loss);
            total += static_cast<double>(weight);
        });
        *total_weight.mutable_data<T>() = static_cast<T>(total);
        if (options.reduction == LossReduction::mean) *to = static_cast<T>(sum / total);
        if (options.reduction == LossReduction::sum) *to = static_cast<T>(sum);
    });
}

void nll_loss_backward(const Tensor& grad, const Tensor& target, const NllOptions& options, const Tensor& total_weight,
                       const Tensor& dx) {
    visit_floating(dx.dtype(), "nll_loss_backward_out_frame", [&]<class T>(T) {
        const T* from = grad.data<T>();
        T* to = dx.mutable_data<T>();
        std::fill_n(to, dx.numel(), T(0));
        const bool each = options.reduction == LossReduction::none;
        const T divisor = options.reduction == LossReduction::mean ? *total_weight.data<T>() : T(1);
        for_targets<T>(Classes(dx), target, options, [&](std::int64_t place, T weight, std::int64_t i) {
            to[place] = -weight * from[each ? i : 0] / divisor;
        });
    });
}

} // namespace hs::cpu
