#include "engine/autograd/functional.h"

#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"

namespace hs::autograd {

namespace {

/// Inputs of which this call can ask gradients: the callers' own tensors with create_graph, else copies of the handles.
Tensors own(const Tensors& inputs, bool create_graph) {
    Tensors result;
    for (const Tensor& input : inputs) {
        if (create_graph && input.requires_grad()) {
            result.push_back(view(input, input.shape()));
            continue;
        }
        Tensor leaf = input.detach();
        leaf.set_requires_grad();
        result.push_back(std::move(leaf));
    }
    return result;
}

Tensors results(Tensors tensors, bool create_graph) {
    if (!create_graph)
        for (Tensor& tensor : tensors)
            tensor = tensor.detach();
    return tensors;
}

void check_vector(const Tensors& v, const Tensors& like) {
    if (v.size() != like.size())
        throw Error("v is a tuple of invalid length: should be " + std::to_string(like.size()) + " but got " +
                    std::to_string(v.size()) + ".");
    for (std::size_t i = 0; i < v.size(); ++i)
        if (v[i].shape() != like[i].shape())
            throw Error((v.size() > 1 ? "Entry " + std::to_string(i) + " in " : std::string()) +
                        "v has invalid size: should be torch.Size(" + to_string(like[i].shape()) +
                        ") but got torch.Size(" + to_string(v[i].shape()) + ").");
}

Tensors vector_or_one(const Tensors& v, const Tensors& like, const char* whose) {
    if (!v.empty()) {
        check_vector(v, like);
        return v;
    }
    if (like.size() != 1 || like[0].numel() != 1)
        throw Error("The vector v can only be None if the " + std::string(whose) +
                    " a single Tensor with a single element.");
    return {ones_like(like[0].detach())};
}

std::string independent(std::size_t output, std::size_t input) {
    return "Output " + std::to_string(output) + " of the user-provided function is independent of input " +
           std::to_string(input) + ". This is not allowed in strict mode.";
}

void check_outputs(const Tensors& outputs, bool strict) {
    for (std::size_t i = 0; strict && i < outputs.size(); ++i)
        if (!outputs[i].requires_grad())
            throw Error("Output " + std::to_string(i) +
                        " of the user-provided function does not require gradients. The outputs must be computed in a "
                        "differentiable manner from the input when running in strict mode.");
}

/// autograd::grad() over those outputs that require grad; zeros, or an error, where nothing arrives.
Tensors gradients(const Tensors& outputs, const Tensors& inputs, const Tensors& v, bool create_graph, bool strict) {
    Tensors used, vectors;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (!outputs[i].requires_grad()) continue;
        used.push_back(outputs[i]);
        vectors.push_back(v[i]);
    }
    Tensors found(inputs.size());
    if (!used.empty())
        found = grad(used, inputs, vectors, {.retain_graph = true, .create_graph = create_graph, .allow_unused = true});
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (found[i].defined()) continue;
        if (strict) throw Error(independent(0, i));
        found[i] = zeros_like(inputs[i].detach());
    }
    return found;
}

/// The gradient, with history, of a function with one result of one element.
struct Gradient {
    Tensors outputs, inputs, gradient;
};
Gradient gradient_of(const TensorFunction& function, const Tensors& inputs, const char* name,
                     const FunctionalOptions& options) {
    Gradient made;
    made.inputs = own(inputs, options.create_graph);
    made.outputs = function(made.inputs);
    if (made.outputs.size() != 1)
        throw Error("The function given to " + std::string(name) + " should return a single Tensor");
    if (made.outputs[0].numel() != 1)
        throw Error("The Tensor returned by the function given to " + std::string(name) +
                    " should contain a single element");
    check_outputs(made.outputs, options.strict);
    made.gradient = gradients(made.outputs, made.inputs, {ones_like(made.outputs[0].detach())}, true, options.strict);
    return made;
}

/// J v out of two passes backward: the first is linear in its vector, and the second differentiates it by that.
Tensors forward_product(const Tensors& outputs, const Tensors& inputs, const Tensors& v,
                        const FunctionalOptions& options) {
    Tensors vectors;
    for (const Tensor& output : outputs) {
        vectors.push_back(zeros_like(output.detach()));
        vectors.back().set_requires_grad();
    }
    const Tensors products = gradients(outputs, inputs, vectors, true, options.strict);
    return gradients(products, vectors, v, options.create_graph, options.strict);
}

} // namespace

std::vector<Tensors> jacobian(const TensorFunction& function, const Tensors& inputs, const FunctionalOptions& options) {
    const EnableGrad scope;
    const Tensors leaves = own(inputs, options.create_graph);
    const Tensors outputs = function(leaves);
    check_outputs(outputs, options.strict);
    std::vector<Tensors> result;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        const Tensor flat = reshape(outputs[k], {-1});
        std::vector<Tensors> rows(leaves.size());
        for (std::int64_t j = 0; j < flat.numel(); ++j) {
            Tensors row(leaves.size());
            if (flat.requires_grad())
                row = grad({flat[j]}, leaves, {},
                           {.retain_graph = true, .create_graph = options.create_graph, .allow_unused = true});
            for (std::size_t i = 0; i < leaves.size(); ++i) {
                if (!row[i].defined() && options.strict) throw Error(independent(k, i));
                rows[i].push_back(row[i].defined() ? row[i] : zeros_like(leaves[i].detach()));
            }
        }
        Tensors of_output;
        for (std::size_t i = 0; i < leaves.size(); ++i) {
            Shape shape = outputs[k].shape();
            for (const std::int64_t size : leaves[i].shape())
                shape.push_back(size);
            of_output.push_back(rows[i].empty() ? zeros(shape, leaves[i].options()) : view(stack(rows[i]), shape));
        }
        result.push_back(results(std::move(of_output), options.create_graph));
    }
    return result;
}

std::vector<Tensors> hessian(const TensorFunction& function, const Tensors& inputs, const FunctionalOptions& options) {
    const auto gradient = [&](const Tensors& at) {
        return gradient_of(function, at, "hessian", {.create_graph = true, .strict = options.strict}).gradient;
    };
    return jacobian(gradient, inputs, options);
}

Product vjp(const TensorFunction& function, const Tensors& inputs, const Tensors& v, const FunctionalOptions& options) {
    const EnableGrad scope;
    const Tensors leaves = own(inputs, options.create_graph);
    Tensors outputs = function(leaves);
    check_outputs(outputs, options.strict);
    const Tensors vectors = vector_or_one(v, outputs, "user-provided function returns");
    Tensors product = gradients(outputs, leaves, vectors, options.create_graph, options.strict);
    return {results(std::move(outputs), options.create_graph), results(std::move(product), options.create_graph)};
}

Product jvp(const TensorFunction& function, const Tensors& inputs, const Tensors& v, const FunctionalOptions& options) {
    const EnableGrad scope;
    const Tensors leaves = own(inputs, options.create_graph);
    const Tensors vectors = vector_or_one(v, leaves, "input to the user-provided function is");
    Tensors outputs = function(leaves);
    check_outputs(outputs, options.strict);
    Tensors product = forward_product(outputs, leaves, vectors, options);
    return {results(std::move(outputs), options.create_graph), results(std::move(product), options.create_graph)};
}

Product vhp(const TensorFunction& function, const Tensors& inputs, const Tensors& v, const FunctionalOptions& options) {
    const EnableGrad scope;
    const Tensors vectors = vector_or_one(v, inputs, "input to the user-provided function is");
    Gradient made = gradient_of(function, inputs, "vhp", options);
    Tensors product = gradients(made.gradient, made.inputs, vectors, options.create_graph, options.strict);
    return {results(std::move(made.outputs), options.create_graph), results(std::move(product), options.create_graph)};
}

Product hvp(const TensorFunction& function, const Tensors& inputs, const Tensors& v, const FunctionalOptions& options) {
    const EnableGrad scope;
    const Tensors vectors = vector_or_one(v, inputs, "input to the user-provided function is");
    Gradient made = gradient_of(function, inputs, "hvp", options);
    Tensors product = forward_product(made.gradient, made.inputs, vectors, options);
    return {results(std::move(made.outputs), options.create_graph), results(std::move(product), options.create_graph)};
}

} // namespace hs::autograd
