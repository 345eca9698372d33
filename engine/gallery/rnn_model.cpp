#include "engine/gallery/rnn_model.h"

#include "engine/nn/init.h"
#include "engine/ops/functional.h"

namespace hs::gallery {

RNNModel::RNNModel(const RNNModelOptions& options, Generator& generator)
    : drop(add("drop", nn::Dropout(options.dropout))),
      encoder(add("encoder", nn::Embedding(options.vocabulary, options.embedding_size, std::nullopt, generator))),
      rnn(add("rnn", nn::LSTM(options.embedding_size, options.hidden_size,
                              {.num_layers = options.layers, .dropout = options.dropout}, generator))),
      decoder(add("decoder", nn::Linear(options.hidden_size, options.vocabulary, {}, generator))) {
    constexpr double bound = 0.1;
    nn::init::uniform_(encoder.weight, -bound, bound, generator);
    nn::init::zeros_(decoder.bias);
    nn::init::uniform_(decoder.weight, -bound, bound, generator);
}

Tensors RNNModel::forward_all(const Tensors& inputs) {
    if (inputs.size() != 1 && inputs.size() != 3)
        throw TypeError("RNNModel.forward() takes 1 or 3 tensors but " + std::to_string(inputs.size()) + " were given");
    Tensors given = inputs;
    given[0] = drop(encoder(inputs[0]));
    const Tensors states = rnn.call(std::move(given));
    const Tensor scores = decoder(drop(states[0]));
    return {log_softmax(scores.view({-1, scores.size(-1)}), 1), states[1], states[2]};
}

} // namespace hs::gallery
