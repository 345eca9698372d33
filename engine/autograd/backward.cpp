#include "engine/autograd/backward.h"

#include "engine/autograd/pass.h"
#include "engine/graph/autograd_meta.h"
#include "engine/tensor/warning.h"

namespace hs::autograd {

namespace {

Tensor seed(const Tensor& output, const Tensor& given, std::size_t index) {
    if (!given.defined()) {
        if (output.numel() != 1) throw Error("grad can be implicitly created only for scalar outputs");
        return ones(output.shape(), output.options());
    }
    if (given.shape() != output.shape())
        throw Error("Mismatch in shape: grad_output[" + std::to_string(index) + "] has a shape of torch.Size(" +
                    to_string(given.shape()) + ") and output[" + std::to_string(index) +
                    "] has a shape of torch.Size(" + to_string(output.shape()) + ").");
    return given.dtype() == output.dtype() ? given : given.to(output.dtype());
}

void check_count(const Tensors& outputs, const Tensors& grad_outputs) {
    if (!grad_outputs.empty() && grad_outputs.size() != outputs.size())
        throw Error("got " + std::to_string(outputs.size()) + " tensors and " + std::to_string(grad_outputs.size()) +
                    " gradients");
}

void run(Pass& pass, const Tensors& outputs, const Tensors& grad_outputs) {
    std::vector<GradientEdge> roots;
    Tensors seeds;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (!outputs[i].requires_grad())
            throw Error("element " + std::to_string(i) +
                        " of tensors does not require grad and does not have a grad_fn");
        roots.push_back(gradient_edge(outputs[i]));
        seeds.push_back(seed(outputs[i], i < grad_outputs.size() ? grad_outputs[i] : Tensor(), i));
    }
    pass.run(roots, seeds);
}

} // namespace

void backward(const Tensors& outputs, const Tensors& grad_outputs, std::optional<bool> retain_graph, bool create_graph,
              const std::optional<Tensors>& inputs) {
    if (inputs && inputs->empty()) throw Error("'inputs' argument to backward() cannot be empty.");
    if (create_graph)
        warn("Using backward() with create_graph=True will create a reference cycle between the parameter and its "
             "gradient which can cause a memory leak. We recommend using autograd.grad when creating the graph to "
             "avoid this. If you have to use this function, make sure to reset the .grad fields of your parameters to "
             "None after use to break the cycle and avoid the leak.");
    check_count(outputs, grad_outputs);
    Pass pass(retain_graph.value_or(create_graph), create_graph);
    for (const Tensor& input : inputs.value_or(Tensors())) {
        if (!input.requires_grad()) throw Error("One of the differentiated Tensors does not require grad");
        input.retain_grad();
        pass.capture(gradient_edge(input), true);
    }
    run(pass, outputs, grad_outputs);
}

Tensors grad(const Tensors& outputs, const Tensors& inputs, const Tensors& grad_outputs, const GradOptions& options) {
    if (inputs.empty()) throw ValueError("grad requires non-empty inputs.");
    check_count(outputs, grad_outputs);
    Pass pass(options.retain_graph.value_or(options.create_graph), options.create_graph);
    for (const Tensor& input : inputs) {
        if (!input.requires_grad()) throw Error("One of the differentiated Tensors does not require grad");
        pass.capture(gradient_edge(input), false);
    }
    run(pass, outputs, grad_outputs);
    Tensors result;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        Tensor gradient = pass.captured(i);
        if (!gradient.defined()) {
            if (!options.allow_unused && !options.materialize_grads)
                throw Error("One of the differentiated Tensors appears to not have been used in the graph. Set "
                            "allow_unused=True if this is the desired behavior.");
            if (options.materialize_grads) gradient = zeros(inputs[i].shape(), inputs[i].options());
        }
        result.push_back(std::move(gradient));
    }
    return result;
}

} // namespace hs::autograd

namespace hs {

void Tensor::backward(const Tensor& gradient, std::optional<bool> retain_graph, bool create_graph,
                      const std::optional<Tensors>& inputs) const {
    autograd::backward({*this}, {gradient}, retain_graph, create_graph, inputs);
}

} // namespace hs
