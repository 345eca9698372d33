#include "engine/kernels/neural.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

extern const Op threshold_backward_op;

extern const Op relu_op({
    .signature = "relu(Tensor self) -> Tensor",
    .summary = "The positive part of each element.",
    .forward = "y = max(x, 0)",
    .gradients = {{"self", "dL/dx = dL/dy where y > 0, else 0"}},
    .compute = unary_any<Unary::relu>,
    .saves = {{"result"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(threshold_backward_op, {g[0], saved.result(), 0}));
        },
    .samples = unary_samples,
});

extern const Op threshold_backward_op({
    .signature = "threshold_backward(Tensor grad_output, Tensor self, Scalar threshold) -> Tensor",
    .summary = "Gradient of a threshold: passes where self is above it.",
    .forward = "dx = grad_output where self > threshold, else 0",
    .gradients = {{"grad_output", "dL/dgrad_output = dL/ddx where self > threshold, else 0"}},
    .compute =
        [](const Arguments& a) {
            const Tensor dx = empty(a.tensor(0).shape(), a.tensor(0).options());
            neural_kernels_of(dx).threshold_backward(a.tensor(0), a.tensor(1), a.scalar(2), dx);
            return dx;
        },
    .saves = {{"self"}, {"threshold"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            g.set(0, call(threshold_backward_op, {g[0], saved.tensor("self"), saved.scalar("threshold")}));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4, 3}).view({3, 4}), Scalar(0.25)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor relu(const Tensor& self) {
    return call(ops::relu_op, {self});
}

} // namespace hs
