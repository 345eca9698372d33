#include "engine/nn/recurrent.h"

#include "engine/nn/init.h"
#include "engine/nn/sizes.h"
#include "engine/ops/functional.h"
#include "engine/tensor/number_text.h"
#include "engine/tensor/warning.h"

#include <algorithm>
#include <cmath>

namespace hs::nn {

namespace {

std::int64_t gates_of(RecurrentKind kind) {
    return kind == RecurrentKind::lstm ? 4 : kind == RecurrentKind::gru ? 3 : 1;
}

/// The new h; c is changed. `from_input` is W_ih x + b_ih.
Tensor step(RecurrentKind kind, const Tensor& from_input, const Tensor& from_state, const Tensor& h, Tensor& c) {
    switch (kind) {
    case RecurrentKind::tanh:
        return tanh(from_input + from_state);
    case RecurrentKind::relu:
        return relu(from_input + from_state);
    case RecurrentKind::lstm: {
        const Tensors gates = chunk(from_input + from_state, 4, -1);
        c = sigmoid(gates[1]) * c + sigmoid(gates[0]) * tanh(gates[2]);
        return sigmoid(gates[3]) * tanh(c);
    }
    default: {
        const Tensors x = chunk(from_input, 3, -1), s = chunk(from_state, 3, -1);
        const Tensor n = tanh(x[2] + sigmoid(x[0] + s[0]) * s[2]);
        return n + sigmoid(x[1] + s[1]) * (h - n);
    }
    }
}

RecurrentKind kind_of(std::string_view nonlinearity) {
    if (nonlinearity == "tanh") return RecurrentKind::tanh;
    if (nonlinearity == "relu") return RecurrentKind::relu;
    throw ValueError("Unknown nonlinearity '" + std::string(nonlinearity) + "'. Select from 'tanh' or 'relu'.");
}

/// A cell has another text.
RecurrentKind kind_of_cell(std::string_view nonlinearity) {
    if (nonlinearity != "tanh" && nonlinearity != "relu")
        throw Error("Unknown nonlinearity: " + std::string(nonlinearity));
    return kind_of(nonlinearity);
}

} // namespace

Recurrent::Recurrent(RecurrentKind kind, std::int64_t input_size, std::int64_t hidden_size, Options options,
                     Generator& generator)
    : kind_(kind), input_size_(input_size), hidden_size_(hidden_size), options_(options) {
    if (hidden_size <= 0) throw ValueError("hidden_size must be greater than zero");
    if (options.num_layers <= 0) throw ValueError("num_layers must be greater than zero");
    if (options.dropout < 0 || options.dropout > 1)
        throw ValueError("dropout should be a number in range [0, 1] representing the probability of an element being "
                         "zeroed");
    if (options.dropout > 0 && options.num_layers == 1)
        warn("dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers "
             "greater than 1, but got dropout=" +
             float_text(options.dropout) + " and num_layers=1");
    if (options.proj_size != 0 && kind != RecurrentKind::lstm)
        throw ValueError("proj_size argument is only supported for LSTM, not RNN or GRU");
    if (options.proj_size < 0)
        throw ValueError("proj_size should be a positive integer or zero to disable projections");
    if (options.proj_size >= hidden_size) throw ValueError("proj_size has to be smaller than hidden_size");
    const std::int64_t rows = gates_of(kind) * hidden_size;
    for (std::int64_t layer = 0; layer < options.num_layers; ++layer) {
        const std::int64_t width = layer == 0 ? input_size : output_size() * directions();
        for (std::int64_t direction = 0; direction < directions(); ++direction) {
            const std::string suffix = "_l" + std::to_string(layer) + (direction == 1 ? "_reverse" : "");
            const auto add = [&](const char* name, const Shape& shape, bool wanted) -> Tensor* {
                return wanted ? &add_parameter(name + suffix, empty(shape)) : nullptr;
            };
            weights_.push_back({add("weight_ih", {rows, width}, true), add("weight_hh", {rows, output_size()}, true),
                                add("bias_ih", {rows}, options.bias), add("bias_hh", {rows}, options.bias),
                                add("weight_hr", {options.proj_size, hidden_size}, options.proj_size > 0)});
        }
    }
    const double bound = 1 / std::sqrt(static_cast<double>(hidden_size));
    for (Tensor& parameter : parameters())
        init::uniform_(parameter, -bound, bound, generator);
}

void Recurrent::check(const Tensor& sequence, const Tensors& inputs) const {
    const std::int64_t rank = sequence.dim();
    if (rank != 2 && rank != 3)
        throw ValueError(type_name() + ": Expected input to be 2D or 3D, got " + std::to_string(rank) + "D instead");
    const bool given = inputs.size() > 1, lstm = kind_ == RecurrentKind::lstm;
    if (given && (inputs[1].dim() != rank || (lstm && inputs[2].dim() != rank))) {
        const auto of_rank = [](const Tensor& tensor) { return std::to_string(tensor.dim()) + "-D"; };
        const std::string wanted = std::to_string(rank) + "-D";
        throw Error("For " + std::string(rank == 3 ? "batched " : "unbatched ") + wanted + " input, hx " +
                    (lstm ? "and cx should also be " + wanted + " but got (" + of_rank(inputs[1]) + ", " +
                                of_rank(inputs[2]) + ") tensors"
                          : "should also be " + wanted + " but got " + of_rank(inputs[1]) + " tensor"));
    }
    if (sequence.shape().back() != input_size_)
        throw Error("input.size(-1) must be equal to input_size. Expected " + std::to_string(input_size_) + ", got " +
                    std::to_string(sequence.shape().back()));
    const std::int64_t batch = rank == 2 ? 1 : sequence.shape()[options_.batch_first ? 0 : 1];
    for (std::size_t i = 1; i < inputs.size(); ++i) {
        const Shape expected{options_.num_layers * directions(), batch, i == 1 ? output_size() : hidden_size_};
        Shape actual = inputs[i].shape();
        if (rank == 2) actual.insert(1, 1);
        if (actual != expected)
            throw Error("Expected hidden" + (lstm ? "[" + std::to_string(i - 1) + "]" : std::string()) + " size " +
                        tuple_text(expected) + ", got " + hs::to_string(actual));
    }
}

Tensor Recurrent::run(const Weights& weights, const Tensor& sequence, bool backwards, Tensor& h, Tensor& c) const {
    const auto bias = [](const Tensor* tensor) { return tensor ? *tensor : Tensor(); };
    Tensors from_input = unbind(linear(sequence, *weights.ih, bias(weights.bias_ih)), 0);
    if (backwards) std::ranges::reverse(from_input);
    Tensors outputs;
    outputs.reserve(from_input.size());
    for (const Tensor& x : from_input) {
        h = step(kind_, x, linear(h, *weights.hh, bias(weights.bias_hh)), h, c);
        if (weights.hr) h = linear(h, *weights.hr);
        outputs.push_back(h);
    }
    if (backwards) std::ranges::reverse(outputs);
    return stack(outputs, 0);
}

Tensors Recurrent::forward_all(const Tensors& inputs) {
    const std::size_t states = kind_ == RecurrentKind::lstm ? 2 : 1;
    if (inputs.size() != 1 && inputs.size() != 1 + states)
        throw TypeError(type_name() + ".forward() takes 1 or " + std::to_string(1 + states) + " tensors but " +
                        std::to_string(inputs.size()) + " were given");
    Tensor sequence = inputs[0];
    check(sequence, inputs);
    const bool batched = sequence.dim() == 3;
    if (!batched)
        sequence = unsqueeze(sequence, 1);
    else if (options_.batch_first)
        sequence = transpose(sequence, 0, 1);
    const auto cells = options_.num_layers * directions();
    Tensors before[2]; // h and c of each layer and direction
    for (std::size_t state = 0; state < states; ++state) {
        const Shape shape{cells, sequence.shape()[1], state == 0 ? output_size() : hidden_size_};
        Tensor given = inputs.size() > 1 ? inputs[1 + state] : zeros(shape, sequence.options());
        if (inputs.size() > 1 && !batched) given = unsqueeze(given, 1);
        before[state] = unbind(given, 0);
    }
    if (states == 1) before[1].resize(static_cast<std::size_t>(cells));
    for (std::size_t cell = 0; cell < weights_.size();) {
        Tensors outputs;
        for (std::int64_t direction = 0; direction < directions(); ++direction, ++cell)
            outputs.push_back(run(weights_[cell], sequence, direction == 1, before[0][cell], before[1][cell]));
        sequence = outputs.size() == 1 ? outputs[0] : cat(outputs, -1);
        if (cell < weights_.size() && options_.dropout > 0)
            sequence = dropout(sequence, options_.dropout, is_training(), default_generator());
    }
    if (!batched)
        sequence = squeeze(sequence, 1);
    else if (options_.batch_first)
        sequence = transpose(sequence, 0, 1);
    Tensors results{sequence};
    for (std::size_t state = 0; state < states; ++state) {
        const Tensor after = stack(before[state], 0);
        results.push_back(batched ? after : squeeze(after, 1));
    }
    return results;
}

std::string Recurrent::extra_repr() const {
    std::string text = std::to_string(input_size_) + ", " + std::to_string(hidden_size_);
    if (options_.proj_size != 0) text += ", proj_size=" + std::to_string(options_.proj_size);
    if (options_.num_layers != 1) text += ", num_layers=" + std::to_string(options_.num_layers);
    if (!options_.bias) text += ", bias=False";
    if (options_.batch_first) text += ", batch_first=True";
    if (options_.dropout != 0) text += ", dropout=" + float_text(options_.dropout);
    if (options_.bidirectional) text += ", bidirectional=True";
    return text;
}

RNN::RNN(std::int64_t input_size, std::int64_t hidden_size, Options options, std::string_view nonlinearity,
         Generator& generator)
    : Recurrent(kind_of(nonlinearity), input_size, hidden_size, options, generator) {}

RecurrentCell::RecurrentCell(RecurrentKind kind, std::int64_t input_size, std::int64_t hidden_size, bool bias,
                             Generator& generator)
    : weight_ih(add_parameter("weight_ih", empty({gates_of(kind) * hidden_size, input_size}))),
      weight_hh(add_parameter("weight_hh", empty({gates_of(kind) * hidden_size, hidden_size}))),
      bias_ih(add_parameter("bias_ih", bias ? empty({gates_of(kind) * hidden_size}) : Tensor())),
      bias_hh(add_parameter("bias_hh", bias ? empty({gates_of(kind) * hidden_size}) : Tensor())), kind_(kind),
      input_size_(input_size), hidden_size_(hidden_size) {
    const double bound = hidden_size > 0 ? 1 / std::sqrt(static_cast<double>(hidden_size)) : 0;
    for (Tensor& parameter : parameters())
        init::uniform_(parameter, -bound, bound, generator);
}

void RecurrentCell::check_state(const Tensor& state, std::size_t number, const Shape& expected) const {
    const std::string name = "hidden" + std::to_string(number);
    if (state.dim() != 1 && state.dim() != 2)
        throw ValueError(type_name() + ": Expected " +
                         (kind_ == RecurrentKind::lstm ? "hx[" + std::to_string(number) + "]" : "hidden") +
                         " to be 1D or 2D, got " + std::to_string(state.dim()) + "D instead");
    if (state.shape().size() != expected.size())
        throw Error(name + " is " + std::to_string(state.dim()) + "D, but the input asks for " +
                    std::to_string(expected.size()) + "D");
    if (state.size(-1) != hidden_size_)
        throw Error(name + " has inconsistent hidden_size: got " + std::to_string(state.size(-1)) + ", expected " +
                    std::to_string(hidden_size_));
    const std::int64_t batch = expected.size() == 2 ? expected[0] : 1, actual = state.dim() == 2 ? state.size(0) : 1;
    if (actual != batch)
        throw Error("Input batch size " + std::to_string(batch) + " doesn't match " + name + " batch size " +
                    std::to_string(actual));
}

Tensors RecurrentCell::forward_all(const Tensors& inputs) {
    const std::size_t states = kind_ == RecurrentKind::lstm ? 2 : 1;
    if (inputs.size() != 1 && inputs.size() != 1 + states)
        throw TypeError(type_name() + ".forward() takes 1 or " + std::to_string(1 + states) + " tensors but " +
                        std::to_string(inputs.size()) + " were given");
    const Tensor& x = inputs[0];
    if (x.dim() != 1 && x.dim() != 2)
        throw ValueError(type_name() + ": Expected input to be 1D or 2D, got " + std::to_string(x.dim()) + "D instead");
    if (x.size(-1) != input_size_)
        throw Error("input has inconsistent input_size: got " + std::to_string(x.size(-1)) + " expected " +
                    std::to_string(input_size_));
    Shape shape{hidden_size_};
    if (x.dim() == 2) shape = {x.shape()[0], hidden_size_};
    for (std::size_t i = 1; i < inputs.size(); ++i)
        check_state(inputs[i], i - 1, shape);
    Tensor h = inputs.size() > 1 ? inputs[1] : zeros(shape, x.options());
    Tensor c = states == 1 ? Tensor() : inputs.size() > 1 ? inputs[2] : zeros(shape, x.options());
    h = step(kind_, linear(x, weight_ih, bias_ih), linear(h, weight_hh, bias_hh), h, c);
    return states == 1 ? Tensors{h} : Tensors{h, c};
}

std::string RecurrentCell::extra_repr() const {
    std::string text = std::to_string(input_size_) + ", " + std::to_string(hidden_size_);
    if (!bias_ih.defined()) text += ", bias=False";
    if (kind_ == RecurrentKind::relu) text += ", nonlinearity=relu";
    return text;
}

RNNCell::RNNCell(std::int64_t input_size, std::int64_t hidden_size, bool bias, std::string_view nonlinearity,
                 Generator& generator)
    : RecurrentCell(kind_of_cell(nonlinearity), input_size, hidden_size, bias, generator) {}

} // namespace hs::nn
