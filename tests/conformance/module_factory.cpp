#include "tests/conformance/module_factory.h"

#include "engine/hookscope.h"

#include <functional>
#include <set>

namespace hs::conformance {

namespace {

/// Reads constructor arguments by position or name; what nobody asked for is an error in the end.
class Reader {
  public:
    explicit Reader(const ConstructorArguments& given) : given_(given) {}

    /// Null when it was not given.
    const Argument* find(std::size_t position, const std::string& name) {
        if (position < given_.positional.size()) {
            used_positions_.insert(position);
            return &given_.positional[position];
        }
        const auto found = given_.keywords.find(name);
        if (found == given_.keywords.end()) return nullptr;
        used_names_.insert(name);
        return &found->second;
    }
    std::int64_t integer(std::size_t position, const std::string& name, std::int64_t otherwise = 0) {
        const Argument* argument = find(position, name);
        return argument ? argument->ref().integer() : otherwise;
    }
    double floating(std::size_t position, const std::string& name, double otherwise) {
        const Argument* argument = find(position, name);
        return argument ? argument->ref().floating() : otherwise;
    }
    bool boolean(std::size_t position, const std::string& name, bool otherwise) {
        const Argument* argument = find(position, name);
        return argument ? argument->ref().boolean() : otherwise;
    }
    std::string text(std::size_t position, const std::string& name, std::string otherwise) {
        const Argument* argument = find(position, name);
        return argument ? std::string(argument->ref().text()) : otherwise;
    }
    Tensor tensor(std::size_t position, const std::string& name) {
        const Argument* argument = find(position, name);
        return argument && argument->ref().is_tensor() ? argument->ref().tensor() : Tensor();
    }
    template <std::size_t N>
    std::optional<nn::Sizes<N>> sizes(std::size_t position, const std::string& name) {
        const Argument* argument = find(position, name);
        if (!argument || argument->ref().is_none()) return std::nullopt;
        const IntList list = argument->ref().integers();
        nn::Sizes<N> sizes(list[0]);
        if (argument->ref().kind() == ArgumentRef::Kind::integer) return sizes;
        if (list.size() != N) throw Error("'" + name + "' has " + std::to_string(list.size()) + " sizes");
        std::copy(list.begin(), list.end(), sizes.values.begin());
        sizes.is_one_number = false;
        return sizes;
    }
    void check_all_used() const {
        if (used_positions_.size() < given_.positional.size()) throw Error("a positional argument is not known");
        for (const auto& keyword : given_.keywords)
            if (!used_names_.contains(keyword.first)) throw Error("the argument '" + keyword.first + "' is not known");
    }

  private:
    const ConstructorArguments& given_;
    std::set<std::size_t> used_positions_;
    std::set<std::string> used_names_;
};

using Made = std::unique_ptr<nn::Module>;

template <class M, std::size_t N>
Made convolution(Reader& r) {
    typename M::Options options{.kernel_size = r.sizes<N>(2, "kernel_size").value_or(1)};
    options.stride = r.sizes<N>(3, "stride").value_or(1);
    const Argument* padding = r.find(4, "padding");
    if (padding && padding->ref().kind() == ArgumentRef::Kind::text)
        options.padding = padding->ref().text() == "same" ? nn::Padding<N>("same") : nn::Padding<N>("valid");
    else
        options.padding = r.sizes<N>(4, "padding").value_or(0);
    options.dilation = r.sizes<N>(5, "dilation").value_or(1);
    options.groups = r.integer(6, "groups", 1);
    options.bias = r.boolean(7, "bias", true);
    const std::string mode = r.text(8, "padding_mode", "zeros");
    options.padding_mode = mode;
    return std::make_unique<M>(r.integer(0, "in_channels"), r.integer(1, "out_channels"), options);
}

template <class M, std::size_t N>
Made transposed_convolution(Reader& r) {
    typename M::Options options{.kernel_size = r.sizes<N>(2, "kernel_size").value_or(1)};
    options.stride = r.sizes<N>(3, "stride").value_or(1);
    options.padding = r.sizes<N>(4, "padding").value_or(0);
    options.output_padding = r.sizes<N>(5, "output_padding").value_or(0);
    options.groups = r.integer(6, "groups", 1);
    options.bias = r.boolean(7, "bias", true);
    options.dilation = r.sizes<N>(8, "dilation").value_or(1);
    return std::make_unique<M>(r.integer(0, "in_channels"), r.integer(1, "out_channels"), options);
}

template <class M>
Made batch_norm(Reader& r) {
    nn::BatchNorm::Options options;
    options.eps = r.floating(1, "eps", options.eps);
    if (const Argument* momentum = r.find(2, "momentum"))
        options.momentum = momentum->ref().is_none() ? std::nullopt : std::optional(momentum->ref().floating());
    options.affine = r.boolean(3, "affine", true);
    options.track_running_stats = r.boolean(4, "track_running_stats", true);
    return std::make_unique<M>(r.integer(0, "num_features"), options);
}

template <class M>
Made class_loss(Reader& r) {
    const std::string reduction = r.text(4, "reduction", "mean");
    return std::make_unique<M>(ClassLossOptions{.weight = r.tensor(0, "weight"),
                                                .ignore_index = r.integer(2, "ignore_index", -100),
                                                .reduction = reduction,
                                                .label_smoothing = r.floating(5, "label_smoothing", 0)});
}

template <class M>
Made plain(Reader&) {
    return std::make_unique<M>();
}

Made max_pool2d(Reader& r) {
    nn::MaxPool2d::Options options{.kernel_size = r.sizes<2>(0, "kernel_size").value_or(1)};
    options.stride = r.sizes<2>(1, "stride");
    options.padding = r.sizes<2>(2, "padding").value_or(0);
    options.dilation = r.sizes<2>(3, "dilation").value_or(1);
    options.ceil_mode = r.boolean(5, "ceil_mode", false);
    return std::make_unique<nn::MaxPool2d>(options);
}

Made avg_pool1d(Reader& r) {
    nn::AvgPool1d::Options options{.kernel_size = r.sizes<1>(0, "kernel_size").value_or(1)};
    options.stride = r.sizes<1>(1, "stride");
    options.padding = r.sizes<1>(2, "padding").value_or(0);
    options.ceil_mode = r.boolean(3, "ceil_mode", false);
    options.count_include_pad = r.boolean(4, "count_include_pad", true);
    return std::make_unique<nn::AvgPool1d>(options);
}

nn::Recurrent::Options recurrent_options(Reader& r) {
    nn::Recurrent::Options options;
    constexpr std::size_t by_name = 99; // nobody gives these by position
    options.num_layers = r.integer(2, "num_layers", 1);
    options.bias = r.boolean(by_name, "bias", true);
    options.batch_first = r.boolean(by_name, "batch_first", false);
    options.dropout = r.floating(by_name, "dropout", 0);
    options.bidirectional = r.boolean(by_name, "bidirectional", false);
    options.proj_size = r.integer(by_name, "proj_size", 0);
    return options;
}

template <class M>
Made recurrent(Reader& r) {
    return std::make_unique<M>(r.integer(0, "input_size"), r.integer(1, "hidden_size"), recurrent_options(r));
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
    options.batch_first = r.boolean(8, "batch_first", false);
    return std::make_unique<nn::MultiheadAttention>(r.integer(0, "embed_dim"), r.integer(1, "num_heads"), options);
}

/// `at`: the position of dim_feedforward, after which the others follow.
nn::TransformerLayerOptions layer_options(Reader& r, std::size_t at) {
    nn::TransformerLayerOptions options;
    options.dim_feedforward = r.integer(at, "dim_feedforward", options.dim_feedforward);
    options.dropout = r.floating(at + 1, "dropout", options.dropout);
    options.activation = r.text(at + 2, "activation", options.activation);
    options.batch_first = r.boolean(99, "batch_first", false);
    options.norm_first = r.boolean(99, "norm_first", false);
    return options;
}

template <class M>
Made transformer_layer(Reader& r) {
    return std::make_unique<M>(r.integer(0, "d_model"), r.integer(1, "nhead"), layer_options(r, 2));
}

Made transformer(Reader& r) {
    nn::Transformer::Options options;
    options.d_model = r.integer(0, "d_model", options.d_model);
    options.nhead = r.integer(1, "nhead", options.nhead);
    options.num_encoder_layers = r.integer(2, "num_encoder_layers", options.num_encoder_layers);
    options.num_decoder_layers = r.integer(3, "num_decoder_layers", options.num_decoder_layers);
    options.layer = layer_options(r, 4);
    return std::make_unique<nn::Transformer>(options);
}

const std::map<std::string, std::function<Made(Reader&)>>& factories() {
    static const std::map<std::string, std::function<Made(Reader&)>> all = {
        {"AdaptiveAvgPool2d",
         [](Reader& r) { return std::make_unique<nn::AdaptiveAvgPool2d>(r.sizes<2>(0, "output_size").value_or(1)); }},
        {"AvgPool1d", avg_pool1d},
        {"BatchNorm1d", batch_norm<nn::BatchNorm1d>},
        {"BatchNorm2d", batch_norm<nn::BatchNorm2d>},
        {"BatchNorm3d", batch_norm<nn::BatchNorm3d>},
        {"Bilinear",
         [](Reader& r) {
             return std::make_unique<nn::Bilinear>(r.integer(0, "in1_features"), r.integer(1, "in2_features"),
                                                   r.integer(2, "out_features"), r.boolean(3, "bias", true));
         }},
        {"Conv1d", convolution<nn::Conv1d, 1>},
        {"Conv2d", convolution<nn::Conv2d, 2>},
        {"Conv3d", convolution<nn::Conv3d, 3>},
        {"ConvTranspose1d", transposed_convolution<nn::ConvTranspose1d, 1>},
        {"ConvTranspose2d", transposed_convolution<nn::ConvTranspose2d, 2>},
        {"ConvTranspose3d", transposed_convolution<nn::ConvTranspose3d, 3>},
        {"CrossEntropyLoss", class_loss<nn::CrossEntropyLoss>},
        {"ELU", [](Reader& r) { return std::make_unique<nn::ELU>(r.floating(0, "alpha", 1)); }},
        {"Embedding",
         [](Reader& r) {
             return std::make_unique<nn::Embedding>(r.integer(0, "num_embeddings"), r.integer(1, "embedding_dim"));
         }},
        {"GaussianNLLLoss",
         [](Reader& r) {
             return std::make_unique<nn::GaussianNLLLoss>(
                 nn::GaussianNLLLoss::Options{.full = r.boolean(0, "full", false),
                                              .eps = r.floating(1, "eps", 1e-6),
                                              .reduction = r.text(2, "reduction", "mean")});
         }},
        {"GRU", recurrent<nn::GRU>},
        {"GRUCell", cell<nn::GRUCell>},
        {"Hardswish", plain<nn::Hardswish>},
        {"L1Loss", [](Reader& r) { return std::make_unique<nn::L1Loss>(r.text(2, "reduction", "mean")); }},
        {"LSTM", recurrent<nn::LSTM>},
        {"LSTMCell", cell<nn::LSTMCell>},
        {"Linear",
         [](Reader& r) {
             return std::make_unique<nn::Linear>(r.integer(0, "in_features"), r.integer(1, "out_features"),
                                                 nn::Linear::Options{.bias = r.boolean(2, "bias", true)});
         }},
        {"MaxPool2d", max_pool2d},
        {"MultiheadAttention", multihead_attention},
        {"NLLLoss", class_loss<nn::NLLLoss>},
        {"RNN",
         [](Reader& r) {
             return std::make_unique<nn::RNN>(r.integer(0, "input_size"), r.integer(1, "hidden_size"),
                                              recurrent_options(r), r.text(99, "nonlinearity", "tanh"));
         }},
        {"RNNCell",
         [](Reader& r) {
             return std::make_unique<nn::RNNCell>(r.integer(0, "input_size"), r.integer(1, "hidden_size"),
                                                  r.boolean(2, "bias", true), r.text(3, "nonlinearity", "tanh"));
         }},
        {"ReLU", plain<nn::ReLU>},
        {"Sigmoid", plain<nn::Sigmoid>},
        {"Transformer", transformer},
        {"TransformerDecoderLayer", transformer_layer<nn::TransformerDecoderLayer>},
        {"TransformerEncoderLayer", transformer_layer<nn::TransformerEncoderLayer>},
    };
    return all;
}

} // namespace

std::unique_ptr<nn::Module> make_module(const std::string& name, const ConstructorArguments& arguments) {
    const auto found = factories().find(name);
    if (found == factories().end()) throw Error("there is no module '" + name + "'");
    Reader reader(arguments);
    Made module = found->second(reader);
    reader.check_all_used();
    return module;
}

} // namespace hs::conformance
