#include "engine/nn/attention.h"
#include "engine/nn/recurrent.h"
#include "engine/nn/transformer.h"
#include "engine/script/module_factory.h"

namespace hs::script {

namespace {

using Made = std::unique_ptr<nn::Module>;
using Reader = ConstructorReader;

/// RNN's own parameter, the nonlinearity, stands between num_layers and the rest.
nn::Recurrent::Options recurrent_options(Reader& r, std::size_t rest) {
    nn::Recurrent::Options options;
    options.num_layers = r.integer(2, "num_layers", 1);
    options.bias = r.boolean(rest, "bias", true);
    options.batch_first = r.boolean(rest + 1, "batch_first", false);
    options.dropout = r.floating(rest + 2, "dropout", 0);
    options.bidirectional = r.boolean(rest + 3, "bidirectional", false);
    options.proj_size = r.integer(rest + 4, "proj_size", 0);
    return options;
}

template <class M>
Made recurrent(Reader& r) {
    return std::make_unique<M>(r.integer(0, "input_size"), r.integer(1, "hidden_size"), recurrent_options(r, 3));
}

Made rnn(Reader& r) {
    const std::string nonlinearity = r.text(3, "nonlinearity", "tanh");
    return std::make_unique<nn::RNN>(r.integer(0, "input_size"), r.integer(1, "hidden_size"), recurrent_options(r, 4),
                                     nonlinearity);
}

template <class M>
Made cell(Reader& r) {
    return std::make_unique<M>(r.integer(0, "input_size"), r.integer(1, "hidden_size"), r.boolean(2, "bias", true));
}

Made multihead_attention(Reader& r) {
    nn::MultiheadAttention::Options options;
    options.dropout = r.floating(2, "dropout", 0);
    options.bias = r.boolean(3, "bias", true);
    options.add_bias_kv = r.boolean(4, "add_bias_kv", false);
    options.add_zero_attn = r.boolean(5, "add_zero_attn", false);
    options.kdim = r.optional_integer(6, "kdim");
    options.vdim = r.optional_integer(7, "vdim");
    options.batch_first = r.boolean(8, "batch_first", false);
    return std::make_unique<nn::MultiheadAttention>(r.integer(0, "embed_dim"), r.integer(1, "num_heads"), options);
}

/// `at`: the position of dim_feedforward; `rest`: of layer_norm_eps.
nn::TransformerLayerOptions layer_options(Reader& r, std::size_t at, std::size_t rest) {
    nn::TransformerLayerOptions options;
    options.dim_feedforward = r.integer(at, "dim_feedforward", options.dim_feedforward);
    options.dropout = r.number(at + 1, "dropout", options.dropout);
    options.activation = r.text(at + 2, "activation", options.activation);
    options.layer_norm_eps = r.floating(rest, "layer_norm_eps", options.layer_norm_eps);
    options.batch_first = r.boolean(rest + 1, "batch_first", false);
    options.norm_first = r.boolean(rest + 2, "norm_first", false);
    options.bias = r.boolean(rest + 3, "bias", true);
    return options;
}

template <class M>
Made transformer_layer(Reader& r) {
    return std::make_unique<M>(r.integer(0, "d_model"), r.integer(1, "nhead"), layer_options(r, 2, 5));
}

Made transformer(Reader& r) {
    nn::Transformer::Options options;
    options.d_model = r.integer(0, "d_model", options.d_model);
    options.nhead = r.integer(1, "nhead", options.nhead);
    options.num_encoder_layers = r.integer(2, "num_encoder_layers", options.num_encoder_layers);
    options.num_decoder_layers = r.integer(3, "num_decoder_layers", options.num_decoder_layers);
    options.layer = layer_options(r, 4, 9);
    return std::make_unique<nn::Transformer>(options);
}

} // namespace

void add_sequence_models(Factories& all) {
    all["RNN"] = rnn;
    all["LSTM"] = recurrent<nn::LSTM>;
    all["GRU"] = recurrent<nn::GRU>;
    all["LSTMCell"] = cell<nn::LSTMCell>;
    all["GRUCell"] = cell<nn::GRUCell>;
    all["RNNCell"] = [](Reader& r) {
        return std::make_unique<nn::RNNCell>(r.integer(0, "input_size"), r.integer(1, "hidden_size"),
                                             r.boolean(2, "bias", true), r.text(3, "nonlinearity", "tanh"));
    };
    all["MultiheadAttention"] = multihead_attention;
    all["TransformerEncoderLayer"] = transformer_layer<nn::TransformerEncoderLayer>;
    all["TransformerDecoderLayer"] = transformer_layer<nn::TransformerDecoderLayer>;
    all["Transformer"] = transformer;
}

} // namespace hs::script
