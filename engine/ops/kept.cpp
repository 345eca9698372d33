#include "engine/ops/kept.h"

#include "engine/ops/functional.h"

namespace hs {

const OpNode::Kept::Item* OpNode::Kept::find(std::string_view name) const {
    for (const Item& item : items)
        if (item.saved->name == name) return &item;
    return nullptr;
}

void OpNode::Kept::check(const OpNode& node, const Item* item, std::string_view name) const {
    if (freed) throw Error(saved_tensors_freed);
    if (!item) throw Error(std::string(node.name()) + " did not keep '" + std::string(name) + "'");
}

Tensor OpNode::Kept::tensor(const OpNode& node, std::string_view name) const {
    const Item* item = find(name);
    check(node, item, name);
    return std::get<SavedTensor>(item->value).unpack(node);
}

Tensors OpNode::Kept::list(const OpNode& node, std::string_view name) const {
    const Item* item = find(name);
    check(node, item, name);
    Tensors result;
    for (const SavedTensor& saved : std::get<std::vector<SavedTensor>>(item->value))
        result.push_back(saved.unpack(node));
    return result;
}

OpNode::Kept::Meta OpNode::Kept::meta(const OpNode& node, std::string_view tensor_name) const {
    const std::string name = std::string(tensor_name) + ".shape";
    const Item* item = find(name);
    if (!item) throw Error(std::string(node.name()) + " did not keep '" + name + "'");
    const auto& [shape, dtype] = std::get<std::pair<Shape, Dtype>>(item->value);
    return {shape, dtype};
}

std::vector<Shape> OpNode::Kept::shapes(const OpNode& node, std::string_view list_name) const {
    const std::string name = std::string(list_name) + ".shape";
    const Item* item = find(name);
    if (!item) throw Error(std::string(node.name()) + " did not keep '" + name + "'");
    return std::get<std::vector<Shape>>(item->value);
}

const Argument* OpNode::Kept::argument(std::string_view name) const {
    const Item* item = find(name);
    return item ? std::get_if<Argument>(&item->value) : nullptr;
}

bool OpNode::Kept::holds_tensors() const {
    for (const Item& item : items)
        if (item.value.index() < 2) return true;
    return false;
}

OpNode::OpNode(const Op& op) : op_(&op) {}
OpNode::~OpNode() = default;

const OpNode::Kept& OpNode::kept() const {
    static const Kept nothing;
    return kept_ ? *kept_ : nothing;
}

void OpNode::apply(std::span<const Tensor> grad_outputs, std::span<Tensor> grad_inputs) {
    bool any = false;
    for (const Tensor& gradient : grad_outputs)
        any = any || gradient.defined();
    if (!any) return;
    Gradients gradients(*this, grad_outputs, grad_inputs);
    op_->declaration().backward(Saved(*this), gradients);
}

void OpNode::release_saved() {
    if (!kept_ || !kept_->holds_tensors()) return;
    kept_->freed = true;
    for (Kept::Item& item : kept_->items) {
        if (auto* saved = std::get_if<SavedTensor>(&item.value)) saved->release();
        if (auto* list = std::get_if<std::vector<SavedTensor>>(&item.value)) list->clear();
    }
}

void OpNode::keep_copy_of(const Tensor& argument, bool first_only) {
    if (!kept_) return;
    for (Kept::Item& item : kept_->items) {
        auto* saved = std::get_if<SavedTensor>(&item.value);
        if (!saved || !saved->holds(argument) || item.saved->kind != Op::SavedItem::Kind::tensor_argument) continue;
        if (first_only && item.saved->index != 0) continue;
        const Tensor kept = saved->kept();
        const Tensor copy = clone(kept.detach());
        if (kept.grad_fn()) set_history(copy, kept.grad_fn(), kept.impl()->output_nr);
        *saved = SavedTensor(copy, false);
    }
}

void OpNode::keep_result(const Tensor& result, const Tensor& written) {
    if (!kept_) return;
    for (Kept::Item& item : kept_->items) {
        auto* saved = std::get_if<SavedTensor>(&item.value);
        if (saved && saved->holds(result)) *saved = SavedTensor(written, true);
    }
}

} // namespace hs
