#pragma once

#include "engine/nn/dropout.h"
#include "engine/nn/embedding.h"
#include "engine/nn/linear.h"
#include "engine/nn/recurrent.h"

namespace hs::gallery {

struct RNNModelOptions {
    std::int64_t vocabulary = 33278; ///< of WikiText-2
    std::int64_t embedding_size = 200;
    std::int64_t hidden_size = 200;
    std::int64_t layers = 2;
    double dropout = 0.2;
};

/// A language model of LSTM layers (Zaremba et al. 2014) with the names and first weights of PyTorch's
/// word_language_model example.
///
/// Inputs: int64 tokens [length, n], and optionally the state before them, h and c [layers, n, hidden_size]. Outputs:
/// the log probabilities of each next token [length * n, vocabulary], then the state behind them.
class RNNModel final : public nn::Module {
  public:
    explicit RNNModel(const RNNModelOptions& options = {}, Generator& generator = default_generator());
    Tensors forward_all(const Tensors& inputs) override;

    nn::Dropout& drop;
    nn::Embedding& encoder;
    nn::LSTM& rnn;
    nn::Linear& decoder;
};

} // namespace hs::gallery
