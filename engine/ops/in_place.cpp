#include "engine/ops/in_place.h"

#include "engine/graph/grad_mode.h"
#include "engine/graph/saved_tensor_hooks.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/view_history.h"

#include <unordered_set>

namespace hs {

namespace {

/// Refuses a write to which memory that several elements share makes a difference (rule 57).
void check_overlap(const Tensor& self) {
    for (std::size_t i = 0; i < self.shape().size(); ++i)
        if (self.strides()[i] == 0 && self.shape()[i] > 1)
            throw Error(
                "unsupported operation: more than one element of the written-to tensor refers to a single memory "
                "location. Please clone() the tensor before performing the operation.");
}

/// Rule 31.
void check_inference(const Tensor& self) {
    if (self.is_inference() && !inference_mode_enabled())
        throw Error("Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to "
                    "get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for "
                    "more details.");
}

/// Refuses what a recorded write may not touch (rules 53, 55, 56, 93).
void check_graph(const Tensor& self) {
    if (self.is_view()) {
        check_view_origin(self, false);
        if (self.requires_grad() && self.base().is_leaf())
            throw Error("a view of a leaf Variable that requires grad is being used in an in-place operation.");
    }
    // A view from before its base had a history counts as a leaf until someone asks for its grad_fn, as in PyTorch.
    if (self.requires_grad() && !self.impl()->grad_fn)
        throw Error("a leaf Variable that requires grad is being used in an in-place operation.");
}

/// Whether the write will be recorded on account of `self` alone.
bool records_write(const Tensor& self) {
    check_inference(self);
    const bool records = grad_enabled() && self.requires_grad();
    if (records) check_graph(self);
    return records;
}

/// A write that keeps nothing of what was there; a source, where there is one, gets the whole gradient.
class Overwrite final : public Node {
  public:
    explicit Overwrite(std::string_view name) : name_(name) {}
    std::string_view name() const override { return name_; }
    void apply(std::span<const Tensor> grad_outputs, std::span<Tensor> grad_inputs) override {
        if (!grad_outputs[0].defined()) return;
        if (edge(0).node) grad_inputs[0] = zeros_like(grad_outputs[0]);
        if (edge_count() > 1) grad_inputs[1] = grad_outputs[0];
    }

  private:
    std::string_view name_;
};

/// Gives `self` the history of being overwritten.
void record_overwrite(const Tensor& self, std::string_view name, const Tensor& source = {}) {
    const GradientEdge to_self = gradient_edge(self);
    const GradientEdge to_source = gradient_edge(source);
    const std::array<Edge, 2> edges{Edge{to_self.node.get(), to_self.input_nr},
                                    Edge{to_source.node.get(), to_source.input_nr}};
    const Tensor written = self.detach();
    set_history(written,
                make_node<Overwrite>(std::span(edges).first(source.defined() ? 2 : 1), std::span(&self, 1), 0, name),
                0);
    rebase_history(self, written);
}

/// Calls `write`, which gives all elements the same value, as a recorded or a plain change of `self`.
template <class Write>
Tensor& overwrite(Tensor& self, std::string_view name, Write write) {
    const bool records = records_write(self);
    if (records) record_overwrite(self, name);
    write();
    self.bump_version();
    if (records) self.grad_fn(); // makes a view's new node
    return self;
}

/// Lets the nodes that were made since `first` keep copies of what of `self` they keep: it is about to change.
void keep_copies(const Ref<Node>& made, std::uint64_t first, const Tensor& self) {
    auto* node = dynamic_cast<OpNode*>(made.get());
    if (node && node->edge_count() > 0 && node->edge(0).node == gradient_edge(self).node.get()) {
        node->keep_copy_of(self, true);
        return;
    }
    std::vector<Node*> stack{made.get()};
    std::unordered_set<Node*> seen;
    while (!stack.empty()) {
        Node* each = stack.back();
        stack.pop_back();
        if (!each || each->is_accumulate_grad() || each->sequence_nr() < first || !seen.insert(each).second) continue;
        if (auto* inner = dynamic_cast<OpNode*>(each)) inner->keep_copy_of(self, false);
        for (std::size_t i = 0; i < each->edge_count(); ++i)
            stack.push_back(each->edge(i).node);
    }
}

/// Gives `self` the elements of `value`: by its bytes, where nobody else has them and they are all that self needs.
void take_elements(const Tensor& value, const Tensor& self) {
    Storage& from = *value.impl()->storage;
    Storage& to = *self.impl()->storage;
    const bool same_geometry = value.dtype() == self.dtype() && value.strides() == self.strides() &&
                               value.storage_offset() == 0 && self.storage_offset() == 0;
    const auto bytes = static_cast<std::size_t>(self.numel()) * size_of(self.dtype());
    if (!same_geometry || from.use_count() != 1 || from.bytes() != bytes || to.bytes() != bytes)
        return kernels_of(self).copy(value, self);
    const ChannelsLast layout = from.layout();
    to.replace(from.raw_block());
    to.set_layout(layout);
}

} // namespace

void check_in_place(const Tensor& self) {
    records_write(self);
}

Tensor& in_place(Tensor& self, const std::function<Tensor(const Tensor&)>& operation) {
    const bool checked = records_write(self);
    check_overlap(self);
    const std::uint64_t first = coming_sequence_nr();
    Tensor given = self;
    if (grad_enabled() && saved_tensor_hooks()) { // what they pack must not change
        given = clone(self.detach());
        if (self.grad_fn()) set_history(given, self.grad_fn(), self.impl()->output_nr);
    }
    const Tensor value = operation(given);
    if (value.is_same(given)) return self;
    if (!can_cast(value.dtype(), self.dtype()))
        throw Error("result type " + std::string(scalar_type_name(value.dtype())) +
                    " can't be cast to the desired output type " + std::string(scalar_type_name(self.dtype())));
    if (value.shape() != self.shape())
        throw Error("output with shape " + to_string(self.shape()) + " doesn't match the broadcast shape " +
                    to_string(value.shape()));
    const Ref<Node>& made = value.grad_fn();
    if (made) {
        if (!checked) check_graph(self);
        keep_copies(made, first, self);
        rebase_history(self, value);
    }
    self.bump_version();
    if (made) self.grad_fn();
    // Lets go of the value, whose bytes are self's now.
    if (auto* node = dynamic_cast<OpNode*>(made.get())) node->keep_result(value, self);
    take_elements(value, self);
    return self;
}

Tensor& Tensor::copy_(const Tensor& source) {
    const bool checked = records_write(*this);
    const bool records = checked || (grad_enabled() && source.requires_grad());
    const bool same = is_same(source); // nothing to write
    if (!same) check_overlap(*this);
    const Shape& to = shape();
    if (broadcast_shapes(to, source.shape()) != to)
        throw Error("output with shape " + to_string(to) + " doesn't match the broadcast shape " +
                    to_string(broadcast_shapes(to, source.shape())));
    const Tensor values = ops::prepared(source, source.dtype(), to);
    if (records) {
        if (!checked) check_graph(*this);
        record_overwrite(*this, "CopyBackwards", source);
    }
    if (!same) kernels_of(*this).copy(values, *this);
    bump_version();
    if (records) grad_fn();
    return *this;
}

Tensor& Tensor::fill_(const Scalar& value) {
    return overwrite(*this, "FillBackward2", [&] { kernels_of(*this).fill(*this, value); });
}

Tensor& Tensor::zero_() {
    return overwrite(*this, "ZeroBackward0", [&] { kernels_of(*this).fill(*this, 0); });
}

Tensor& Tensor::add_(const Tensor& other, const Scalar& alpha) {
    if (!(grad_enabled() && (requires_grad() || other.requires_grad())) && other.dtype() == dtype() &&
        other.shape() == shape()) {
        check_inference(*this);
        check_overlap(*this);
        kernels_of(*this).add(*this, other, alpha, *this);
        bump_version();
        return *this;
    }
    return in_place(*this, [&](const Tensor& self) { return hs::add(self, other, alpha); });
}

Tensor& Tensor::mul_(const Tensor& other) {
    return in_place(*this, [&](const Tensor& self) { return hs::mul(self, other); });
}

Tensor& Tensor::mul_(const Scalar& other) {
    if (!(grad_enabled() && requires_grad()) && can_cast(other.dtype(), dtype())) {
        check_inference(*this);
        check_overlap(*this);
        kernels_of(*this).binary(Binary::mul, *this, other, *this);
        bump_version();
        return *this;
    }
    return in_place(*this, [&](const Tensor& self) { return hs::mul(self, other); });
}

} // namespace hs
