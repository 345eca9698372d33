#include "engine/graph/accumulate_grad.h"

#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"

#include <mutex>

namespace hs {

namespace {

/// Guards the leaves' weak pointers to their accumulators: one leaf may be used by graphs of several threads.
std::mutex accumulator_mutex;

/// Whether nobody else can see the gradient's elements, so that it may become `.grad` as it is (rule 46).
bool can_steal(const Tensor& gradient, const Tensor& leaf) {
    // A view whose base nobody else knows is as good as a tensor of its own.
    const bool lone_view = gradient.is_view() && gradient.impl()->view->base.ref()->use_count() == 1;
    return gradient.ref()->use_count() == 1 && gradient.storage().use_count() == (lone_view ? 2 : 1) &&
           gradient.strides() == leaf.strides() && !gradient.requires_grad() &&
           gradient.storage().bytes() == static_cast<std::size_t>(gradient.numel()) * size_of(gradient.dtype());
}

} // namespace

AutogradMeta& autograd_meta(const Tensor& tensor) {
    auto& meta = tensor.impl()->meta;
    if (!meta) meta = std::make_unique<AutogradMeta>();
    return *meta;
}

Ref<Node> gradient_accumulator(const Tensor& leaf) {
    AutogradMeta& meta = autograd_meta(leaf);
    if (meta.shared_accumulator) return meta.shared_accumulator;
    const std::lock_guard lock(accumulator_mutex);
    // A count of zero is an accumulator that is just being destroyed by another thread.
    if (meta.accumulator && meta.accumulator->use_count() > 0) return Ref<Node>(meta.accumulator);
    const Ref<AccumulateGrad> made = make_node<AccumulateGrad>({}, std::span(&leaf, 1), 0, leaf);
    meta.accumulator = made.get();
    return made;
}

AccumulateGrad::AccumulateGrad(const Tensor& leaf) : Node(accumulate_grad_sequence_nr), variable_(leaf) {}

AccumulateGrad::~AccumulateGrad() {
    const std::lock_guard lock(accumulator_mutex);
    AutogradMeta& meta = *variable_.impl()->meta;
    if (meta.accumulator == this) meta.accumulator = nullptr;
}

void AccumulateGrad::apply(std::span<const Tensor> grad_outputs, std::span<Tensor>) {
    const Tensor& gradient = grad_outputs[0];
    if (!gradient.defined()) return;
    if (variable_.grad_fn()) throw Error("leaf variable has been moved into the graph interior");
    if (!variable_.requires_grad()) return; // detach_() came in between
    AutogradMeta& meta = *variable_.impl()->meta;
    if (!meta.grad.defined()) {
        if (grad_enabled() && gradient.requires_grad())
            meta.grad = gradient;
        else if (can_steal(gradient, variable_))
            meta.grad = gradient.detach();
        else
            meta.grad = gradient.detach().clone();
    } else if (grad_enabled()) {
        meta.grad = add(meta.grad, gradient);
    } else {
        meta.grad.add_(gradient);
    }
    meta.post_accumulate_hooks.call(variable_);
}

} // namespace hs
