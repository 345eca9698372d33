#include "engine/session/scratch_scene.h"

#include "engine/autograd/backward.h"
#include "engine/graph/accumulate_grad.h"
#include "engine/ops/functional.h"
#include "engine/optim/optimizer.h"
#include "engine/tensor/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace hs::session {

namespace {

/// At most four significant digits.
std::string number_of(double value) {
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 4);
    std::string text(buffer.data(), end.ptr);
    return text == "-0" ? "0" : text;
}

constexpr std::int64_t shown_elements = 4;

bool takes_numbers(const SchemaParameter& parameter) {
    return parameter.name == "other" || parameter.name == "exponent" || parameter.name == "self";
}

} // namespace

std::string ScratchScene::short_text(const Tensor& tensor) {
    if (!tensor.defined()) return "None";
    if (tensor.numel() == 1) return number_of(tensor.item().to_double());
    if (tensor.dim() != 1 || tensor.numel() > shown_elements) return to_string(tensor.shape());
    std::string text = "[";
    for (const double value : tensor.to_vector<double>()) // no operation, which would be seen
        text += (text.size() > 1 ? ", " : "") + number_of(value);
    return text + "]";
}

ScratchScene::ScratchScene(ScratchRun& run, std::function<void()> changed) : run_(run), changed_(std::move(changed)) {
    // Before those of the Recorder, which may wait: what an event shows is there when it stops.
    hooks_.emplace_back(op_hooks().after.add([this](const OpCall& call) { after_op(call); }, true));
    hooks_.emplace_back(autograd::node_hooks().after.add(
        [this](const Node& node, std::span<const Tensor> sent, std::span<const Tensor> gradients) {
            after_node(node, sent, gradients);
        },
        true));
    auto& steps = optim::Optimizer::global_step_hooks();
    hooks_.emplace_back(steps.pre.add([this](optim::Optimizer&) {
        in_optimizer_ = true;
        ++mark_.updates;
    }));
    hooks_.emplace_back(steps.post.add([this](optim::Optimizer&) { in_optimizer_ = false; }));
}

void ScratchScene::note(std::vector<ScratchChange>& changes, const std::string& text) const {
    if (changes.empty() || changes.back().text != text) changes.push_back(ScratchChange{mark_, text});
}

std::optional<std::uint32_t> ScratchScene::index_of(const Tensor& tensor) const {
    const auto found = known_.find(tensor.impl());
    return found == known_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::uint32_t> ScratchScene::add(const Tensor& tensor) {
    if (const auto known = index_of(tensor)) return known;
    if (held_.size() >= limit) {
        run_.too_large = true;
        return std::nullopt;
    }
    using Kind = ScratchTensor::Kind;
    ScratchTensor made;
    made.kind = !tensor.requires_grad() ? Kind::no_gradient : tensor.is_leaf() ? Kind::leaf : Kind::non_leaf;
    made.shape = to_string(tensor.shape());
    made.made = mark_;
    const Node* node = tensor.grad_fn().get();
    if (node) made.grad_fn = std::string(node->name());
    note(made.values, short_text(tensor));
    note(made.grads, "None");
    const auto index = static_cast<std::uint32_t>(held_.size());
    held_.push_back(tensor);
    nodes_.push_back(node);
    known_.emplace(tensor.impl(), index);
    if (node) made_by_[node] = index;
    run_.tensors.push_back(std::move(made));
    return index;
}

std::optional<std::uint32_t> ScratchScene::add_number(const Scalar& number) {
    if (held_.size() >= limit) {
        run_.too_large = true;
        return std::nullopt;
    }
    ScratchTensor made;
    made.kind = ScratchTensor::Kind::number;
    made.made = mark_;
    note(made.values, number_of(number.to_double()));
    held_.emplace_back();
    nodes_.push_back(nullptr);
    run_.tensors.push_back(std::move(made));
    return static_cast<std::uint32_t>(held_.size() - 1);
}

void ScratchScene::add_edge(std::optional<std::uint32_t> from, std::uint32_t to) {
    if (from) run_.edges.push_back(ScratchEdge{*from, to, {}});
}

void ScratchScene::after_op(const OpCall& call) {
    if (in_optimizer_ || call.in_backward || call.op.declaration().composite) return;
    ++mark_.forward;
    if (call.outputs.empty() || !call.outputs.front().defined()) return;
    const Tensor& output = call.outputs.front();
    // Inputs first, so that they stand before what is made of them.
    std::vector<std::optional<std::uint32_t>> inputs;
    for (std::size_t i = 0; i < call.arguments.size(); ++i) {
        const ArgumentRef argument = call.arguments[i];
        if (argument.is_tensor())
            inputs.push_back(add(argument.tensor()));
        else if (argument.kind() == ArgumentRef::Kind::tensors)
            for (const Tensor& tensor : argument.tensors())
                inputs.push_back(tensor.defined() ? add(tensor) : std::nullopt);
        else if (argument.is_number() && takes_numbers(call.op.schema().parameters[i]))
            inputs.push_back(add_number(argument.scalar()));
    }
    const std::optional<std::uint32_t> made = add(output);
    if (made && run_.tensors[*made].operation.empty() && !call.op.name().empty()) {
        run_.tensors[*made].operation = call.op.name();
        for (const auto& input : inputs)
            if (input != made) add_edge(input, *made);
    }
    changed_();
}

/// The tensor whose gradient goes along `edge`.
std::optional<std::uint32_t> ScratchScene::behind(const Edge& edge) const {
    if (!edge.node) return std::nullopt;
    if (edge.node->is_accumulate_grad()) return index_of(static_cast<const AccumulateGrad&>(*edge.node).variable());
    const auto found = made_by_.find(edge.node);
    return found == made_by_.end() ? std::nullopt : std::optional(found->second);
}

void ScratchScene::after_node(const Node& node, std::span<const Tensor> sent, std::span<const Tensor> gradients) {
    if (node.is_accumulate_grad()) {
        ++mark_.accumulate;
        const Tensor& leaf = static_cast<const AccumulateGrad&>(node).variable();
        if (const auto index = index_of(leaf)) note(run_.tensors[*index].grads, short_text(leaf.mutable_grad()));
        return changed_();
    }
    ++mark_.backward;
    const auto found = made_by_.find(&node);
    if (found == made_by_.end()) return;
    const std::uint32_t to = found->second;
    if (!gradients.empty() && gradients[0].defined())
        run_.tensors[to].arrived.push_back(ScratchChange{mark_, short_text(gradients[0])});
    std::vector<const ScratchEdge*> passed; // x * x has two edges from x
    for (std::size_t i = 0; i < sent.size() && i < node.edge_count(); ++i) {
        const auto from = behind(node.edge(i));
        if (!from || !sent[i].defined()) continue;
        for (ScratchEdge& edge : run_.edges) {
            if (edge.from != *from || edge.to != to || std::ranges::find(passed, &edge) != passed.end()) continue;
            edge.gradients.push_back(ScratchChange{mark_, short_text(sent[i])});
            passed.push_back(&edge);
            break;
        }
    }
    changed_();
}

void ScratchScene::look_at(const script::Variables& names) {
    for (const auto& [name, value] : names.all()) {
        const Tensor* tensor = value.tensor();
        if (!tensor) continue;
        std::optional<std::uint32_t> index = add(*tensor);
        // Changed in place: what the operation made is the tensor now.
        const Node* node = tensor->grad_fn().get();
        if (index && node && nodes_[*index] != node)
            if (const auto newer = made_by_.find(node); newer != made_by_.end()) index = newer->second;
        if (index) note(run_.tensors[*index].names, name);
    }
    for (std::size_t i = 0; i < held_.size(); ++i) {
        const Tensor& tensor = held_[i];
        if (!tensor.defined()) continue;
        note(run_.tensors[i].values, short_text(tensor));
        const bool asks = tensor.is_leaf() || tensor.retains_grad();
        if (asks) note(run_.tensors[i].grads, short_text(tensor.is_leaf() ? tensor.mutable_grad() : tensor.grad()));
    }
}

} // namespace hs::session
