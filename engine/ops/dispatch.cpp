#include "engine/graph/anomaly_mode.h"
#include "engine/graph/autograd_meta.h"
#include "engine/graph/current_node.h"
#include "engine/graph/grad_mode.h"
#include "engine/ops/kept.h"
#include "engine/ops/view_history.h"
#include "engine/ops/wide_arguments.h"
#include "engine/tensor/printing.h"

namespace hs {

namespace {

thread_local OpHooks hooks_here;
/// Above zero while a primitive operation computes: what it calls is part of it, not recorded, not shown to hooks.
thread_local int compute_depth = 0;

class ComputeScope {
  public:
    ComputeScope() : grad_enabled_(grad_enabled()) {
        set_grad_enabled(false);
        ++compute_depth;
    }
    ComputeScope(const ComputeScope&) = delete;
    ComputeScope& operator=(const ComputeScope&) = delete;
    ~ComputeScope() {
        --compute_depth;
        set_grad_enabled(grad_enabled_);
    }

  private:
    bool grad_enabled_;
};

bool any_hook() {
    return compute_depth == 0 && (!hooks_here.before.empty() || !hooks_here.after.empty());
}

/// Edges of one call on the stack in the usual case.
class EdgeList {
  public:
    void add(const Tensor& tensor) {
        GradientEdge edge = gradient_edge(tensor);
        any_ = any_ || edge.node;
        if (count_ < inline_.size()) {
            inline_[count_] = {edge.node.get(), edge.input_nr};
            held_[count_++] = std::move(edge.node);
            return;
        }
        if (heap_.empty()) heap_.assign(inline_.begin(), inline_.end());
        heap_.push_back({edge.node.get(), edge.input_nr});
        held_more_.push_back(std::move(edge.node));
        ++count_;
    }
    void add_none() { add(Tensor()); }
    bool any() const { return any_; }
    std::span<const Edge> edges() const {
        return heap_.empty() ? std::span(inline_).first(count_) : std::span<const Edge>(heap_);
    }

  private:
    std::array<Edge, 4> inline_;
    std::array<Ref<Node>, 4> held_;
    std::vector<Edge> heap_;
    std::vector<Ref<Node>> held_more_;
    std::size_t count_ = 0;
    bool any_ = false;
};

bool requires_grad(const ArgumentRef& argument) {
    if (argument.is_tensor()) return argument.tensor().requires_grad();
    if (argument.kind() == ArgumentRef::Kind::tensors)
        for (const Tensor& tensor : argument.tensors())
            if (tensor.defined() && tensor.requires_grad()) return true;
    return false;
}

} // namespace

namespace {

/// `sqrt(self: float32 [3])`, and in a backward pass the node that called for it.
std::string describe(const Op& op, const Arguments& arguments) {
    std::string text = op.name() + "(";
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const ArgumentRef argument = arguments[i];
        if (!argument.is_tensor()) continue;
        if (text.back() != '(') text += ", ";
        text += op.schema().parameters[i].name + ": " + std::string(name(argument.tensor().dtype())) + " " +
                to_string(argument.tensor().shape());
    }
    text += ")";
    if (const Node* parent = current_node()) {
        text += ", called for the gradient of " + std::string(parent->name());
        const NodeExtras* extras = parent->extras_if_any();
        if (extras && !extras->forward_call.empty()) text += ", which is that of " + extras->forward_call;
    }
    return text;
}

} // namespace

/// Makes the node of one call.
struct Recording {
    static bool wanted(const Op& op, const Arguments& arguments) {
        if (!op.differentiable() || !grad_enabled()) return false;
        for (const std::uint8_t i : op.differentiable_parameters())
            if (requires_grad(arguments[i])) return true;
        return false;
    }

    static Ref<OpNode> record(const Op& op, const Arguments& arguments, std::span<const Tensor> outputs) {
        EdgeList list;
        for (const std::uint8_t i : op.differentiable_parameters()) {
            const ArgumentRef argument = arguments[i];
            if (argument.kind() == ArgumentRef::Kind::tensors)
                for (const Tensor& tensor : argument.tensors())
                    list.add(tensor);
            else if (argument.is_tensor())
                list.add(argument.tensor());
            else
                list.add_none();
        }
        const Ref<OpNode> node = make_node<OpNode>(list.edges(), outputs, 0, op);
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            if (!outputs[i].defined() || !is_floating_point(outputs[i].dtype())) continue;
            if (op.is_differentiable_output(i)) set_history(outputs[i], node, static_cast<std::uint32_t>(i));
        }
        for (const Op::SavedItem& item : op.saved_items())
            keep(*node, item, arguments, outputs);
        if (anomaly_mode_enabled()) node->extras().forward_call = describe(op, arguments);
        return node;
    }

    static void keep(OpNode& node, const Op::SavedItem& item, const Arguments& arguments,
                     std::span<const Tensor> outputs) {
        using Kind = Op::SavedItem::Kind;
        if (item.needed_for >= 0 && !requires_grad(arguments[static_cast<std::size_t>(item.needed_for)])) return;
        const auto put = [&](auto value) {
            if (!node.kept_) {
                node.kept_ = std::make_unique<OpNode::Kept>();
                node.kept_->items.reserve(node.op().saved_items().size());
            }
            node.kept_->items.push_back({&item, std::move(value)});
        };
        if (item.kind == Kind::result) return put(SavedTensor(outputs[item.index], true));
        const ArgumentRef argument = arguments[item.index];
        switch (item.kind) {
        case Kind::tensor_list: {
            std::vector<SavedTensor> list;
            for (const Tensor& tensor : argument.tensors())
                list.emplace_back(tensor, false);
            return put(std::move(list));
        }
        case Kind::shape:
            if (argument.kind() == ArgumentRef::Kind::tensors) {
                std::vector<Shape> shapes;
                for (const Tensor& tensor : argument.tensors())
                    shapes.push_back(tensor.shape());
                return put(std::move(shapes));
            }
            if (argument.is_tensor()) put(std::pair(argument.tensor().shape(), argument.tensor().dtype()));
            return;
        case Kind::strides:
            if (argument.is_tensor()) put(Argument(Dims(argument.tensor().strides())));
            return;
        case Kind::storage_offset:
            if (argument.is_tensor()) put(Argument(Scalar(argument.tensor().storage_offset())));
            return;
        case Kind::tensor_argument:
            if (argument.is_tensor()) return put(SavedTensor(argument.tensor(), false));
            if (argument.is_none()) return put(SavedTensor());
            return put(Argument::copy_of(argument)); // an operand that is a number
        default: {
            Argument copy = Argument::copy_of(argument);
            const Argument& preset = node.op().schema().parameters[item.index].default_value;
            if (!same(copy, preset)) put(std::move(copy));
        }
        }
    }

    static bool same(const Argument& a, const Argument& b) {
        if (a.value().index() != b.value().index()) return false;
        if (const auto* scalar = std::get_if<Scalar>(&a.value())) return *scalar == std::get<Scalar>(b.value());
        return std::holds_alternative<std::monostate>(a.value());
    }
};

OpHooks& op_hooks() {
    return hooks_here;
}

Ref<Node> record_call(const Op& op, std::span<const ArgumentRef> arguments, std::span<const Tensor> outputs) {
    return Recording::record(op, Arguments(op.schema(), arguments), outputs);
}

namespace {

/// Results that lie in the storage of an argument become views of it, but not those of PyTorch's "unsafe" operations,
/// whose argument nobody else has.
void find_views(const Op& op, const Arguments& arguments, std::span<const Tensor> outputs) {
    const auto find = [&](const Tensor& output) -> Tensor {
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            const ArgumentRef argument = arguments[i];
            if (argument.is_tensor() && argument.tensor().shares_storage(output)) return argument.tensor();
            if (argument.kind() != ArgumentRef::Kind::tensors) continue;
            for (const Tensor& each : argument.tensors())
                if (each.defined() && each.shares_storage(output)) return each;
        }
        return {};
    };
    const ViewOrigin origin = inference_mode_enabled()        ? ViewOrigin::inference_mode
                              : !grad_enabled()               ? ViewOrigin::no_grad_mode
                              : op.declaration().compute_many ? ViewOrigin::multiple_outputs
                                                              : ViewOrigin::plain;
    if (op.name().starts_with("_unsafe_")) return;
    for (const Tensor& output : outputs) {
        if (!output.defined() || output.storage().use_count() == 1 || output.is_view()) continue;
        const Tensor shown = find(output);
        if (shown.defined() && !shown.is_same(output)) become_view(output, shown, origin);
    }
}

template <class Result, class Compute>
Result compute_wide(const Op& op, const Arguments& arguments, Compute compute) {
    const ops::WideArguments wide(arguments, op.declaration().wide);
    if (!wide.needed()) return compute(arguments);
    return wide.narrowed(compute(Arguments(op.schema(), wide.references())));
}

template <class Result, class Compute>
Result run(const Op& op, std::span<const ArgumentRef> given, Compute compute) {
    const Arguments arguments(op.schema(), given);
    const bool hooked = any_hook();
    const bool in_backward = hooked && in_backward_pass();
    if (hooked) hooks_here.before.call(OpCall{op, arguments, {}, nullptr, in_backward});
    const auto outputs_of = [](const Result& result) {
        if constexpr (std::is_same_v<Result, Tensor>)
            return std::span<const Tensor>(&result, 1);
        else
            return std::span<const Tensor>(result);
    };
    Result result;
    Ref<OpNode> node;
    if (op.limits_dtypes()) op.check_dtypes(arguments);
    if (op.declaration().composite) {
        result = compute(arguments);
    } else {
        {
            const ComputeScope scope;
            result = op.declaration().wide == Wide::nothing ? compute(arguments)
                                                            : compute_wide<Result>(op, arguments, compute);
        }
        if (compute_depth == 0) find_views(op, arguments, outputs_of(result));
        if (Recording::wanted(op, arguments)) node = Recording::record(op, arguments, outputs_of(result));
    }
    if (hooked) hooks_here.after.call(OpCall{op, arguments, outputs_of(result), node.get(), in_backward});
    return result;
}

} // namespace

Tensor call(const Op& op, std::span<const ArgumentRef> arguments) {
    if (!op.declaration().compute) return call_many(op, arguments).at(0);
    return run<Tensor>(op, arguments, op.declaration().compute);
}

Tensors call_many(const Op& op, std::span<const ArgumentRef> arguments) {
    if (!op.declaration().compute_many) return {call(op, arguments)};
    return run<Tensors>(op, arguments, op.declaration().compute_many);
}

Tensor call(const Op& op, std::initializer_list<ArgumentRef> arguments) {
    return call(op, std::span(arguments.begin(), arguments.size()));
}

Tensors call_many(const Op& op, std::initializer_list<ArgumentRef> arguments) {
    return call_many(op, std::span(arguments.begin(), arguments.size()));
}

} // namespace hs
