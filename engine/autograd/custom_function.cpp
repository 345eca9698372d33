#include "engine/autograd/custom_function.h"

#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "engine/ops/view_history.h"

namespace hs::autograd {

namespace {

bool contains(const Tensors& tensors, const Tensor& wanted) {
    return std::ranges::any_of(tensors,
                               [&](const Tensor& tensor) { return tensor.defined() && tensor.is_same(wanted); });
}

struct OutputInfo {
    Shape shape;
    TensorOptions options;
};

} // namespace

Tensors FunctionContext::saved_tensors() const {
    if (freed_) throw Error(saved_tensors_freed);
    Tensors result;
    for (const SavedTensor& saved : saved_)
        result.push_back(saved.unpack(*node_));
    return result;
}

class FunctionNode final : public Node {
  public:
    FunctionNode(std::shared_ptr<const Function> function, FunctionContext context)
        : function_(std::move(function)), context_(std::move(context)), name_(function_->name() + "Backward") {
        context_.node_ = this;
    }

    std::string_view name() const override { return name_; }

    void apply(std::span<const Tensor> grad_outputs, std::span<Tensor> grad_inputs) override {
        Tensors incoming(grad_outputs.begin(), grad_outputs.end());
        for (std::size_t i = 0; context_.materialize_grads_ && i < incoming.size(); ++i)
            if (!incoming[i].defined() && infos_[i]) incoming[i] = zeros(infos_[i]->shape, infos_[i]->options);
        Tensors gradients = function_->backward(context_, incoming);
        while (gradients.size() > grad_inputs.size() && !gradients.back().defined())
            gradients.pop_back();
        if (gradients.size() != grad_inputs.size())
            throw Error("function " + name_ + " returned an incorrect number of gradients (expected " +
                        std::to_string(grad_inputs.size()) + ", got " + std::to_string(gradients.size()) + ")");
        std::ranges::move(gradients, grad_inputs.begin());
    }

    void release_saved() override {
        if (context_.saved_.empty()) return;
        context_.freed_ = true;
        context_.saved_.clear();
    }

    static Tensors run(std::shared_ptr<const Function> function, const Tensors& inputs);

  private:
    static void make_outputs(const Tensors& inputs, FunctionContext& context, Tensors& outputs);
    void take_outputs(const Ref<Node>& self, const Tensors& outputs);

    std::shared_ptr<const Function> function_;
    FunctionContext context_;
    std::string name_;
    std::vector<std::optional<OutputInfo>> infos_;
};

/// Inputs that come back become views, and views what only a function knows the gradient of (rule 93).
void FunctionNode::make_outputs(const Tensors& inputs, FunctionContext& context, Tensors& outputs) {
    for (const Tensor& dirty : context.dirty_) {
        if (!contains(outputs, dirty))
            throw Error("Some elements marked as dirty during the forward method were not returned as output. The "
                        "inputs that are modified inplace must all be outputs of the Function.");
        if ((dirty.requires_grad() && dirty.is_leaf()) ||
            (dirty.is_view() && dirty.requires_grad() && dirty.base().is_leaf()))
            throw Error("a leaf Variable that requires grad has been used in an in-place operation.");
    }
    for (Tensor& output : outputs) {
        if (!output.defined() || contains(context.dirty_, output)) continue;
        if (contains(inputs, output)) {
            const Tensor given = output;
            output = make_view(given, given.shape(), given.strides(), given.storage_offset());
            become_view(output, given, ViewOrigin::custom_function);
            if (contains(context.non_differentiable_, given)) context.non_differentiable_.push_back(output);
        } else if (output.is_view()) {
            output.impl()->view->origin = ViewOrigin::custom_function;
        }
    }
}

void FunctionNode::take_outputs(const Ref<Node>& self, const Tensors& outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const Tensor& output = outputs[i];
        infos_.push_back(output.defined() ? std::optional(OutputInfo{output.shape(), output.options()}) : std::nullopt);
        if (!output.defined() || !is_floating_point(output.dtype()) || contains(context_.non_differentiable_, output))
            continue;
        if (!contains(context_.dirty_, output)) {
            set_history(output, self, static_cast<std::uint32_t>(i));
            if (output.is_view()) output.impl()->view->version = output.version();
            continue;
        }
        const Tensor written = output.detach();
        set_history(written, self, static_cast<std::uint32_t>(i));
        rebase_history(output, written);
        output.bump_version();
        output.grad_fn();
    }
    for (const Tensor& tensor : context_.to_save_)
        context_.saved_.emplace_back(tensor, tensor.defined() && contains(outputs, tensor) &&
                                                 is_floating_point(tensor.dtype()) &&
                                                 !contains(context_.non_differentiable_, tensor));
    context_.to_save_.clear();
    context_.dirty_.clear();
    context_.non_differentiable_.clear();
}

Tensors FunctionNode::run(std::shared_ptr<const Function> function, const Tensors& inputs) {
    bool records = false;
    FunctionContext context;
    for (const Tensor& input : inputs) {
        const bool needs = grad_enabled() && input.defined() && input.requires_grad();
        context.needs_input_grad_.push_back(needs);
        records = records || needs;
    }
    std::vector<GradientEdge> held;
    std::vector<Edge> edges;
    for (std::size_t i = 0; records && i < inputs.size(); ++i) {
        held.push_back(gradient_edge(inputs[i]));
        edges.push_back({held.back().node.get(), held.back().input_nr});
    }
    Tensors outputs;
    {
        const NoGrad scope;
        outputs = function->forward(context, inputs);
    }
    if (!records) {
        for (const Tensor& dirty : context.dirty_)
            dirty.bump_version();
        return outputs;
    }
    make_outputs(inputs, context, outputs);
    const auto node = make_node<FunctionNode>(edges, outputs, 0, std::move(function), std::move(context));
    node->take_outputs(node, outputs);
    return outputs;
}

Tensors apply(std::shared_ptr<const Function> function, const Tensors& inputs) {
    return FunctionNode::run(std::move(function), inputs);
}

} // namespace hs::autograd
