#include "engine/autograd/gradcheck.h"

#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "engine/tensor/generator.h"

#include <cmath>
#include <cstdio>

namespace hs::autograd {

namespace {

/// The outputs that carry a gradient.
Tensors differentiable(const Tensors& outputs) {
    Tensors result;
    for (const Tensor& output : outputs)
        if (output.defined() && is_floating_point(output.dtype())) result.push_back(output);
    return result;
}

std::vector<std::size_t> checked_inputs(const Tensors& inputs) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i].defined() || !inputs[i].requires_grad()) continue;
        if (inputs[i].dtype() != Dtype::float64)
            throw ValueError("gradcheck: input " + std::to_string(i) + " is not float64");
        result.push_back(i);
    }
    if (result.empty()) throw ValueError("gradcheck: none of the inputs requires grad");
    return result;
}

/// Row-major positions of a tensor as offsets into its storage.
std::vector<std::int64_t> element_offsets(const Tensor& tensor) {
    std::vector<std::int64_t> offsets;
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
        std::int64_t rest = i, offset = 0;
        for (std::size_t dim = tensor.shape().size(); dim-- > 0;) {
            offset += rest % tensor.shape()[dim] * tensor.strides()[dim];
            rest /= tensor.shape()[dim];
        }
        offsets.push_back(offset);
    }
    return offsets;
}

/// One Jacobian, [input elements][output elements].
using Jacobian = std::vector<std::vector<double>>;

/// By central differences; one Jacobian for each output.
std::vector<Jacobian> numerical(const TensorFunction& function, const Tensors& inputs, std::size_t input, double eps) {
    const NoGrad no_grad;
    const Tensor x = inputs[input].detach();
    std::vector<Jacobian> result;
    for (const std::int64_t offset : element_offsets(x)) {
        double& element = x.mutable_data<double>()[offset];
        const double value = element;
        const auto outputs_at = [&](double shifted) {
            x.mutable_data<double>()[offset] = shifted;
            std::vector<std::vector<double>> values;
            for (const Tensor& output : differentiable(function(inputs)))
                values.push_back(output.to_vector<double>());
            return values;
        };
        const auto above = outputs_at(value + eps);
        const auto below = outputs_at(value - eps);
        x.mutable_data<double>()[offset] = value;
        result.resize(above.size());
        for (std::size_t k = 0; k < above.size(); ++k) {
            std::vector<double> row(above[k].size());
            for (std::size_t j = 0; j < row.size(); ++j)
                row[j] = (above[k][j] - below[k][j]) / (2 * eps);
            result[k].push_back(std::move(row));
        }
    }
    return result;
}

/// By backward passes, one for each output element; [input][...] for the checked inputs.
std::vector<Jacobian> analytical(const Tensor& output, const Tensors& inputs) {
    std::vector<Jacobian> result(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i)
        result[i].assign(static_cast<std::size_t>(inputs[i].numel()),
                         std::vector<double>(static_cast<std::size_t>(output.numel()), 0.0));
    if (!output.requires_grad()) return result;
    for (std::int64_t j = 0; j < output.numel(); ++j) {
        const Tensor seed = zeros(output.shape(), output.options());
        if (output.dtype() == Dtype::float64)
            seed.mutable_data<double>()[j] = 1;
        else
            seed.mutable_data<float>()[j] = 1;
        const Tensors gradients = grad({output}, inputs, {seed}, {.retain_graph = true, .allow_unused = true});
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (!gradients[i].defined()) continue;
            if (gradients[i].shape() != inputs[i].shape())
                throw Error("gradcheck: the gradient of input " + std::to_string(i) + " has shape " +
                            to_string(gradients[i].shape()) + ", the input " + to_string(inputs[i].shape()));
            const std::vector<double> values = gradients[i].to_vector<double>();
            for (std::size_t k = 0; k < values.size(); ++k)
                result[i][k][static_cast<std::size_t>(j)] = values[k];
        }
    }
    return result;
}

/// The worst element that is too far off, as text; empty when all are close.
std::string difference(const Jacobian& numeric, const Jacobian& analytic, const GradcheckOptions& options) {
    double worst = 0;
    std::string text;
    for (std::size_t i = 0; i < numeric.size(); ++i) {
        for (std::size_t j = 0; j < numeric[i].size(); ++j) {
            const double excess =
                std::fabs(numeric[i][j] - analytic[i][j]) / (options.atol + options.rtol * std::fabs(numeric[i][j]));
            if (excess <= 1 && !std::isnan(excess)) continue;
            if (!text.empty() && !(excess > worst)) continue;
            worst = excess;
            char buffer[160];
            std::snprintf(buffer, sizeof buffer, "d output[%zu] / d input[%zu]: numerical %.9g, analytical %.9g", j, i,
                          numeric[i][j], analytic[i][j]);
            text = buffer;
        }
    }
    return text;
}

} // namespace

void gradcheck(const TensorFunction& function, const Tensors& inputs, const GradcheckOptions& options) {
    const std::vector<std::size_t> checked = checked_inputs(inputs);
    Tensors variables;
    for (const std::size_t i : checked)
        variables.push_back(inputs[i]);
    const Tensors outputs = differentiable(function(inputs));
    std::vector<std::vector<Jacobian>> numeric; // [checked][output]
    numeric.reserve(checked.size());
    for (const std::size_t i : checked)
        numeric.push_back(numerical(function, inputs, i, options.eps));
    std::string report;
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        const std::vector<Jacobian> analytic = analytical(outputs[k], variables);
        for (std::size_t i = 0; i < checked.size(); ++i) {
            if (numeric[i].empty()) continue; // an input without elements
            const std::string text = difference(numeric[i].at(k), analytic[i], options);
            if (!text.empty())
                report += "\n  output " + std::to_string(k) + ", input " + std::to_string(checked[i]) + ": " + text;
        }
    }
    if (!report.empty()) throw Error("gradcheck: the gradients differ from the numerical ones" + report);
}

void gradgradcheck(const TensorFunction& function, const Tensors& inputs, const GradcheckOptions& options) {
    const std::size_t count = inputs.size();
    Tensors all = inputs;
    Generator generator(5);
    for (const Tensor& output : differentiable(function(inputs))) {
        if (!output.requires_grad()) continue;
        Tensor cotangent = rand(output.shape(), generator, {.dtype = output.dtype()});
        all.push_back(cotangent.set_requires_grad());
    }
    const auto gradients = [&](const Tensors& given) {
        const EnableGrad enable_grad;
        const Tensors own(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(count));
        Tensors roots;
        for (const Tensor& output : differentiable(function(own)))
            if (output.requires_grad()) roots.push_back(output);
        Tensors variables;
        for (const Tensor& input : own)
            if (input.defined() && input.requires_grad()) variables.push_back(input);
        const Tensors cotangents(given.begin() + static_cast<std::ptrdiff_t>(count), given.end());
        return grad(roots, variables, cotangents,
                    {.create_graph = true, .allow_unused = true, .materialize_grads = true});
    };
    try {
        gradcheck(gradients, all, options);
    } catch (const Error& error) {
        throw Error(std::string("gradgradcheck: ") + error.what());
    }
}

} // namespace hs::autograd
