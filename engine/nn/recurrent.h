#pragma once

#include "engine/nn/module.h"

#include <optional>

namespace hs::nn {

/// The arithmetic of one time step. All weights start uniform in ±1/sqrt(hidden_size).
///
/// tanh, relu: h' = f(W_ih x + b_ih + W_hh h + b_hh).
/// lstm, with i, f, g, o the four parts of the same sum: c' = sigmoid(f) c + sigmoid(i) tanh(g), h' = sigmoid(o)
/// tanh(c'). gru, with r, z, n the three parts: n = tanh(x_n + sigmoid(r) h_n), h' = n + sigmoid(z) (h - n).
enum class RecurrentKind { tanh, relu, lstm, gru };

/// What RNN, LSTM and GRU have in common: layers of steps over [length, n, input_size] (or without n; with
/// `batch_first` [n, length, input_size]).
///
/// Inputs: the sequence, and optionally the state before it, h [layers * directions, n, hidden], of LSTM also c.
/// Outputs: the sequence of the last layer's h, then the states behind it.
class Recurrent : public Module {
  public:
    struct Options {
        std::int64_t num_layers = 1;
        bool bias = true;
        bool batch_first = false;
        double dropout = 0; ///< between layers, in training
        bool bidirectional = false;
        std::int64_t proj_size = 0; ///< of LSTM: h is projected to this size
    };

    Tensors forward_all(const Tensors& inputs) override;
    std::string extra_repr() const override;

  protected:
    Recurrent(RecurrentKind kind, std::int64_t input_size, std::int64_t hidden_size, Options options,
              Generator& generator);

  private:
    struct Weights {
        Tensor* ih;
        Tensor* hh;
        Tensor* bias_ih;
        Tensor* bias_hh;
        Tensor* hr;
    };
    std::int64_t output_size() const { return options_.proj_size > 0 ? options_.proj_size : hidden_size_; }
    std::int64_t directions() const { return options_.bidirectional ? 2 : 1; }
    void check(const Tensor& sequence, const Tensors& inputs) const;
    /// One direction of one layer; `h` and `c` are changed to the last state.
    Tensor run(const Weights& weights, const Tensor& sequence, bool backwards, Tensor& h, Tensor& c) const;

    RecurrentKind kind_;
    std::int64_t input_size_, hidden_size_;
    Options options_;
    std::vector<Weights> weights_; ///< of layer 0, its reverse direction, layer 1, ...
};

/// The simplest: tanh or ReLU of a linear function of input and state.
class RNN final : public Recurrent {
  public:
    RNN(std::int64_t input_size, std::int64_t hidden_size) : RNN(input_size, hidden_size, Options{}) {}
    /// nonlinearity: "tanh" or "relu".
    RNN(std::int64_t input_size, std::int64_t hidden_size, Options options, std::string_view nonlinearity = "tanh",
        Generator& generator = default_generator());
};

class LSTM final : public Recurrent {
  public:
    LSTM(std::int64_t input_size, std::int64_t hidden_size) : LSTM(input_size, hidden_size, Options{}) {}
    LSTM(std::int64_t input_size, std::int64_t hidden_size, Options options, Generator& generator = default_generator())
        : Recurrent(RecurrentKind::lstm, input_size, hidden_size, options, generator) {}
};

class GRU final : public Recurrent {
  public:
    GRU(std::int64_t input_size, std::int64_t hidden_size) : GRU(input_size, hidden_size, Options{}) {}
    GRU(std::int64_t input_size, std::int64_t hidden_size, Options options, Generator& generator = default_generator())
        : Recurrent(RecurrentKind::gru, input_size, hidden_size, options, generator) {}
};

/// One step. Inputs: x [n, input_size] (or without n), and optionally h, of LSTMCell also c. Outputs: h', and c'.
class RecurrentCell : public Module {
  public:
    Tensors forward_all(const Tensors& inputs) override;
    std::string extra_repr() const override;

    Tensor& weight_ih;
    Tensor& weight_hh;
    Tensor& bias_ih;
    Tensor& bias_hh;

  protected:
    RecurrentCell(RecurrentKind kind, std::int64_t input_size, std::int64_t hidden_size, bool bias,
                  Generator& generator);

  private:
    void check_state(const Tensor& state, std::size_t number, const Shape& expected) const;

    RecurrentKind kind_;
    std::int64_t input_size_, hidden_size_;
};

class RNNCell final : public RecurrentCell {
  public:
    RNNCell(std::int64_t input_size, std::int64_t hidden_size, bool bias = true, std::string_view nonlinearity = "tanh",
            Generator& generator = default_generator());
};

class LSTMCell final : public RecurrentCell {
  public:
    LSTMCell(std::int64_t input_size, std::int64_t hidden_size, bool bias = true,
             Generator& generator = default_generator())
        : RecurrentCell(RecurrentKind::lstm, input_size, hidden_size, bias, generator) {}
};

class GRUCell final : public RecurrentCell {
  public:
    GRUCell(std::int64_t input_size, std::int64_t hidden_size, bool bias = true,
            Generator& generator = default_generator())
        : RecurrentCell(RecurrentKind::gru, input_size, hidden_size, bias, generator) {}
};

} // namespace hs::nn
