#include "engine/autograd/gradcheck.h"
#include "engine/hookscope.h"
#include "tests/engine/throws.h"

#include <cmath>

using namespace hs;
using hs::test::thrown;

namespace {

Tensor random(const Shape& shape, std::uint64_t seed = 1) {
    Generator generator(seed);
    return rand(shape, generator, {.dtype = Dtype::float64}).set_requires_grad();
}

/// The gradients of all inputs and parameters of a module, in evaluation or training.
void check_gradients(nn::Module& module, const Tensors& inputs, bool training = true) {
    module.to(Dtype::float64).train(training);
    Tensors all = inputs;
    for (const Tensor& parameter : module.parameters())
        all.push_back(parameter);
    const auto run = [&](const Tensors& given) {
        return module.call(Tensors(given.begin(), given.begin() + static_cast<std::ptrdiff_t>(inputs.size())));
    };
    try {
        autograd::gradcheck(run, all);
    } catch (const Error& error) {
        QFAIL((module.type_name() + ": " + error.what()).c_str());
    }
}
void check_gradients(nn::Module&& module, const Tensors& inputs, bool training = true) {
    check_gradients(module, inputs, training);
}

template <class E = Error, class M>
std::string refusal(M&& module, const Tensors& inputs) {
    return thrown<E>([&] { module.call(inputs); });
}

} // namespace

/// Modules: gradients, shapes, error texts, printed texts, hooks, working in place.
class TestLayers : public QObject {
    Q_OBJECT

  private slots:
    void gradients_of_recurrent_modules() {
        for (const bool batch_first : {false, true}) {
            const nn::Recurrent::Options options{.num_layers = 2, .batch_first = batch_first, .bidirectional = true};
            check_gradients(nn::RNN(2, 3, options), {random({2, 2, 2}), random({4, 2, 3}, 2)});
            check_gradients(nn::GRU(2, 3, options), {random({2, 2, 2}), random({4, 2, 3}, 2)});
            check_gradients(nn::LSTM(2, 3, options), {random({2, 2, 2}), random({4, 2, 3}, 2), random({4, 2, 3}, 3)});
        }
        check_gradients(nn::LSTM(2, 3, {.bidirectional = true, .proj_size = 2}), {random({2, 2, 2})});
        check_gradients(nn::LSTM(2, 3, {.bias = false}), {random({3, 2})});
        check_gradients(nn::LSTMCell(2, 3), {random({2, 2}), random({2, 3}, 2), random({2, 3}, 3)});
        check_gradients(nn::GRUCell(2, 3), {random({2, 2}), random({2, 3}, 2)});
        check_gradients(nn::RNNCell(2, 3), {random({2})});
    }
    void gradients_of_attention() {
        const Tensor causal = from_data(std::vector<double>{0, 1, 0, 0}.data(), {2, 2}, {.dtype = Dtype::bool_});
        const Tensor padding = from_data(std::vector<double>{0, 0, 0, 1}.data(), {2, 2}, {.dtype = Dtype::bool_});
        const Tensor x = random({2, 2, 4});
        check_gradients(nn::MultiheadAttention(4, 2), {x, x, x, padding, causal});
        check_gradients(nn::MultiheadAttention(4, 2, {.add_bias_kv = true, .add_zero_attn = true, .batch_first = true}),
                        {x, random({2, 3, 4}, 2), random({2, 3, 4}, 3)});
        check_gradients(nn::MultiheadAttention(4, 2, {.kdim = 3, .vdim = 2}),
                        {x, random({3, 2, 3}, 2), random({3, 2, 2}, 3), Tensor(), random({2, 3}, 4)});
        for (const bool norm_first : {false, true}) {
            const nn::TransformerLayerOptions options{
                .dim_feedforward = 3, .dropout = 0, .activation = "gelu", .norm_first = norm_first};
            check_gradients(nn::TransformerEncoderLayer(4, 2, options), {x, causal, padding});
            check_gradients(nn::TransformerDecoderLayer(4, 2, options), {x, random({3, 2, 4}, 2), causal});
        }
    }
    void gradients_of_convolutions() {
        check_gradients(nn::Conv1d(2, 4, {.kernel_size = 2, .padding = "same", .groups = 2}), {random({2, 2, 4})});
        check_gradients(nn::Conv1d(1, 1, {.kernel_size = 3, .padding = 2, .padding_mode = "reflect"}),
                        {random({1, 1, 4})});
        check_gradients(nn::Conv3d(1, 2, {.kernel_size = {1, 2, 2}, .stride = {1, 2, 1}, .padding = {1, 0, 1}}),
                        {random({1, 1, 2, 3, 2})});
        check_gradients(nn::ConvTranspose1d(2, 2, {.kernel_size = 3, .stride = 2, .output_padding = 1, .groups = 2}),
                        {random({2, 2, 3})});
        check_gradients(nn::ConvTranspose2d(1, 2, {.kernel_size = {2, 3}, .padding = 1, .dilation = 2}),
                        {random({1, 1, 3, 2})});
        check_gradients(nn::ConvTranspose3d(1, 1, {.kernel_size = 2, .stride = 2}), {random({1, 1, 2, 1, 2})});
    }
    void gradients_of_norms_and_others() {
        check_gradients(nn::GroupNorm(2, 4), {random({2, 4, 2})});
        check_gradients(nn::InstanceNorm2d(2, {.affine = true}), {random({1, 2, 2, 2})});
        check_gradients(nn::RMSNorm(3), {random({2, 3})});
        check_gradients(nn::LayerNorm(Dims{2, 3}), {random({2, 2, 3})});
        check_gradients(nn::LocalResponseNorm(2), {random({1, 3, 2})});
        check_gradients(nn::PReLU(2), {random({2, 2, 2})});
        check_gradients(nn::Bilinear(2, 3, 2), {random({2, 2}), random({2, 3}, 2)});
        check_gradients(nn::LPPool1d({.norm_type = 2, .kernel_size = 2}), {random({1, 2, 4})});
        check_gradients(nn::CircularPad1d(1), {random({1, 2, 3})});
        check_gradients(nn::ChannelShuffle(2), {random({1, 4, 2})});
        check_gradients(nn::CosineSimilarity(), {random({2, 3}), random({2, 3}, 2)});
        check_gradients(nn::TripletMarginLoss(), {random({2, 3}), random({2, 3}, 2), random({2, 3}, 3)});
    }

    void rms_norm_follows_its_formula() { // PyTorch 1.13 does not have it
        const Tensor x = tensor({1, 2, -2}, {.dtype = Dtype::float64});
        nn::RMSNorm norm(Dims{3}, 0.5);
        norm.to(Dtype::float64);
        norm.weight.detach().copy_(tensor({1, 2, 3}, {.dtype = Dtype::float64}));
        const double root = std::sqrt(3 + 0.5);
        const std::vector<double> y = norm(x).to_vector<double>();
        QVERIFY(std::abs(y[0] - 1 / root) < 1e-14 && std::abs(y[1] - 4 / root) < 1e-14 &&
                std::abs(y[2] + 6 / root) < 1e-14);
        nn::RMSNorm without(3);
        QVERIFY(std::abs(without(zeros({3})).sum().item<double>()) == 0); // no division by zero
    }
    void running_statistics_of_instance_norm() {
        nn::InstanceNorm1d norm(1, {.momentum = 0.5, .track_running_stats = true});
        const Tensor x = from_data(std::vector<double>{1, 3, 5, 7}.data(), {2, 1, 2}, {.dtype = Dtype::float32});
        norm(x);
        QCOMPARE(norm.running_mean.item<double>(), 2.0); // half of the mean, 4
        QCOMPARE(norm.running_var.item<double>(), 1.5);  // half of 1, and half of the unbiased variance, 2
        QCOMPARE(norm.num_batches_tracked.item<int>(), 0);
        norm.eval();
        QVERIFY(std::abs(norm(x).to_vector<double>()[0] + 1 / std::sqrt(1.5)) < 1e-5);
    }
    void dropout_layers() { // rule 120
        manual_seed(3);
        const Tensor x = ones({4, 50, 6});
        for (const double value : nn::Dropout(0.25)(x).to_vector<double>())
            QVERIFY(value == 0 || std::abs(value - 4.0 / 3) < 1e-6);
        const std::vector<double> y = nn::Dropout1d(0.5)(x).to_vector<double>();
        std::size_t dropped = 0;
        for (std::size_t channel = 0; channel < 200; ++channel) {
            for (std::size_t i = 0; i < 6; ++i)
                QCOMPARE(y[channel * 6 + i], y[channel * 6]);
            dropped += y[channel * 6] == 0;
        }
        QVERIFY(dropped > 70 && dropped < 130);
        Generator generator(5);
        const Tensor normal = randn({20000}, generator, {.dtype = Dtype::float64});
        const Tensor kept = nn::AlphaDropout(0.3)(normal);
        QVERIFY(std::abs(kept.mean().item<double>()) < 0.03);
        QVERIFY(std::abs(var(kept).item<double>() - 1) < 0.05);
        nn::AlphaDropout off(0.3);
        off.eval();
        QVERIFY(off(normal).is_same(normal));
    }

    void shapes() {
        const auto shape = [](nn::Module&& module, const Tensors& inputs, std::size_t output = 0) {
            return hs::to_string(module.call(inputs).at(output).shape());
        };
        const nn::Recurrent::Options both{.num_layers = 3, .batch_first = true, .bidirectional = true};
        QCOMPARE(shape(nn::GRU(5, 7, both), {zeros({2, 4, 5})}), std::string("[2, 4, 14]"));
        QCOMPARE(shape(nn::GRU(5, 7, both), {zeros({2, 4, 5})}, 1), std::string("[6, 2, 7]"));
        QCOMPARE(shape(nn::LSTM(5, 7, {.proj_size = 3}), {zeros({4, 5})}), std::string("[4, 3]"));
        QCOMPARE(shape(nn::LSTM(5, 7, {.proj_size = 3}), {zeros({4, 5})}, 2), std::string("[1, 7]"));
        QCOMPARE(shape(nn::AdaptiveAvgPool2d(nn::Pair(nn::same_size, 3)), {zeros({1, 2, 5, 8})}),
                 std::string("[1, 2, 5, 3]"));
        QCOMPARE(shape(nn::MaxPool3d({.kernel_size = 2, .return_indices = true}), {zeros({1, 2, 4, 4, 4})}, 1),
                 std::string("[1, 2, 2, 2, 2]"));
        QCOMPARE(shape(nn::ConvTranspose2d(3, 4, {.kernel_size = 2, .stride = 2}), {zeros({1, 3, 5, 6})}),
                 std::string("[1, 4, 10, 12]"));
        QCOMPARE(shape(nn::MultiheadAttention(4, 2, {.batch_first = true}),
                       {zeros({3, 5, 4}), zeros({3, 6, 4}), zeros({3, 6, 4})}, 1),
                 std::string("[3, 5, 6]"));
    }

    void refusals_of_recurrent_modules() {
        const Tensor x = zeros({2, 2, 3});
        QCOMPARE(refusal(nn::LSTM(3, 4), {zeros({2, 2, 5})}),
                 std::string("input.size(-1) must be equal to input_size. Expected 3, got 5"));
        QCOMPARE(refusal(nn::LSTM(3, 4), {x, zeros({1, 2, 5}), zeros({1, 2, 4})}),
                 std::string("Expected hidden[0] size (1, 2, 4), got [1, 2, 5]"));
        QCOMPARE(refusal(nn::GRU(3, 4), {x, zeros({2, 2, 4})}),
                 std::string("Expected hidden size (1, 2, 4), got [2, 2, 4]"));
        QCOMPARE(refusal(nn::GRU(3, 4), {zeros({2, 3}), zeros({1, 5})}),
                 std::string("Expected hidden size (1, 1, 4), got [1, 1, 5]"));
        QCOMPARE(refusal(nn::GRU(3, 4), {zeros({2, 3}), zeros({1, 2, 4})}),
                 std::string("For unbatched 2-D input, hx should also be 2-D but got 3-D tensor"));
        QCOMPARE(refusal(nn::LSTM(3, 4), {zeros({2, 3}), zeros({1, 2, 4}), zeros({1, 4})}),
                 std::string("For unbatched 2-D input, hx and cx should also be 2-D but got (3-D, 2-D) tensors"));
        QCOMPARE(refusal<ValueError>(nn::RNN(3, 4), {zeros({3})}),
                 std::string("RNN: Expected input to be 2D or 3D, got 1D instead"));
        QCOMPARE(refusal<ValueError>(nn::LSTMCell(3, 4), {zeros({1, 2, 3})}),
                 std::string("LSTMCell: Expected input to be 1D or 2D, got 3D instead"));
        QCOMPARE(refusal(nn::LSTMCell(3, 4), {zeros({2, 5})}),
                 std::string("input has inconsistent input_size: got 5 expected 3"));
        QCOMPARE(refusal(nn::GRUCell(3, 4), {zeros({2, 3}), zeros({2, 5})}),
                 std::string("hidden0 has inconsistent hidden_size: got 5, expected 4"));
        QCOMPARE(refusal(nn::RNNCell(3, 4), {zeros({2, 3}), zeros({3, 4})}),
                 std::string("Input batch size 2 doesn't match hidden0 batch size 3"));
        QCOMPARE(thrown<ValueError>([] { nn::LSTM(3, 4, {.proj_size = 4}); }),
                 std::string("proj_size has to be smaller than hidden_size"));
        QCOMPARE(thrown<ValueError>([] { nn::GRU(3, 4, {.proj_size = 2}); }),
                 std::string("proj_size argument is only supported for LSTM, not RNN or GRU"));
        QCOMPARE(thrown<ValueError>([] { nn::RNN(3, 4, {}, "foo"); }),
                 std::string("Unknown nonlinearity 'foo'. Select from 'tanh' or 'relu'."));
    }
    void refusals_of_attention() {
        const Tensor q = zeros({2, 1, 4}), k = zeros({3, 1, 4});
        const auto attention = [](const Tensors& inputs) { return refusal(nn::MultiheadAttention(4, 2), inputs); };
        QCOMPARE(thrown<Error>([] { nn::MultiheadAttention(5, 2); }),
                 std::string("embed_dim must be divisible by num_heads"));
        QCOMPARE(attention({zeros({4}), q, q}),
                 std::string("query should be unbatched 2D or batched 3D tensor but received 1-D query tensor"));
        QCOMPARE(attention({zeros({2, 4}), q, q}),
                 std::string("For unbatched (2-D) `query`, expected `key` and `value` to be 2-D but found 3-D and 3-D "
                             "tensors respectively"));
        QCOMPARE(attention({zeros({2, 1, 5}), q, q}), std::string("was expecting embedding dimension of 4, but got 5"));
        QCOMPARE(attention({q, k, q}), std::string("key shape torch.Size([3, 1, 4]) does not match value shape "
                                                   "torch.Size([2, 1, 4])"));
        QCOMPARE(attention({q, k, k, Tensor(), zeros({3, 3})}),
                 std::string("The shape of the 2D attn_mask is torch.Size([3, 3]), but should be (2, 3)."));
        QCOMPARE(attention({q, k, k, zeros({2, 3})}),
                 std::string("expecting key_padding_mask shape of (1, 3), but got torch.Size([2, 3])"));
        QCOMPARE(thrown<Error>([] { nn::TransformerEncoderLayer(4, 2, {.activation = "foo"}); }),
                 std::string("activation should be relu/gelu, not foo"));
        const nn::Transformer::Options small{.d_model = 4,
                                             .nhead = 2,
                                             .num_encoder_layers = 1,
                                             .num_decoder_layers = 1,
                                             .layer = {.dim_feedforward = 4}};
        QCOMPARE(refusal(nn::Transformer(small), {zeros({3, 2, 4}), zeros({3, 1, 4})}),
                 std::string("the batch number of src and tgt must be equal"));
        QCOMPARE(refusal(nn::Transformer(small), {zeros({3, 2, 5}), zeros({3, 2, 4})}),
                 std::string("the feature number of src and tgt must be equal to d_model"));
    }
    void masks_are_bool_or_floating() {
        const Tensor q = zeros({2, 1, 4}), ones_of = ones({2, 2}, {.dtype = Dtype::uint8});
        QCOMPARE(refusal(nn::MultiheadAttention(4, 2), {q, q, q, Tensor(), ones_of}),
                 std::string("only bool and floating types of attn_mask are supported"));
        QCOMPARE(refusal(nn::MultiheadAttention(4, 2), {q, q, q, ones({1, 2}, {.dtype = Dtype::int64}), Tensor()}),
                 std::string("only bool and floating types of key_padding_mask are supported"));
        QCOMPARE(
            refusal(nn::MultiheadAttention(4, 2, {.vdim = 3}), {q, q, zeros({3, 1, 3})}),
            std::string("key's sequence and batch dims torch.Size([2, 1]) do not match value's torch.Size([3, 1])"));
    }

    void states_of_cells_have_the_rank_of_the_input() {
        QCOMPARE(refusal(nn::GRUCell(3, 4), {zeros({3}), zeros({1, 4})}),
                 std::string("hidden0 is 2D, but the input asks for 1D"));
        QCOMPARE(refusal(nn::GRUCell(3, 4), {zeros({1, 3}), zeros({4})}),
                 std::string("hidden0 is 1D, but the input asks for 2D"));
    }

    void margin_losses_have_no_gradient_at_the_margin() {
        const Tensor x = tensor({1, 0}).set_requires_grad();
        multi_margin_loss(x, zeros({1}, {.dtype = Dtype::int64})).backward();
        QCOMPARE(x.grad().to_vector<double>(), (std::vector<double>{0, 0}));
        const Tensor y = tensor({1, 0}).set_requires_grad();
        multilabel_margin_loss(y, tensor({0, -1}, {.dtype = Dtype::int64})).backward();
        QCOMPARE(y.grad().to_vector<double>(), (std::vector<double>{0, 0}));
    }

    void weights_without_a_kernel() {
        QCOMPARE(thrown<Error>([] {
                     conv2d(ones({1, 1, 4, 4}), ones({3}));
                 }),
                 std::string("weight should have at least three dimensions"));
    }

    void frozen_parameters_of_any_dtype() {
        nn::ParameterList list;
        list.append(nn::parameter(tensor({1, 2}, {.dtype = Dtype::int64}), false));
        list.to(Dtype::float64);
        QCOMPARE(list.parameters().front().dtype(), Dtype::int64);
    }

    void refusals_of_layers() {
        QCOMPARE(thrown<ValueError>([] { nn::Conv1d(4, 4, {.kernel_size = 3, .groups = 3}); }),
                 std::string("in_channels must be divisible by groups"));
        QCOMPARE(thrown<ValueError>([] { nn::Conv2d(1, 1, {.kernel_size = 3, .padding = "foo"}); }),
                 std::string("Invalid padding string 'foo', should be one of {'valid', 'same'}"));
        QCOMPARE(thrown<ValueError>([] { nn::Conv2d(1, 1, {.kernel_size = 3, .stride = 2, .padding = "same"}); }),
                 std::string("padding='same' is not supported for strided convolutions"));
        QCOMPARE(thrown<ValueError>([] { nn::GroupNorm(3, 4); }),
                 std::string("num_channels must be divisible by num_groups"));
        QCOMPARE(refusal<ValueError>(nn::InstanceNorm2d(3), {zeros({2, 3})}),
                 std::string("expected 3D or 4D input (got 2D input)"));
        QCOMPARE(refusal<ValueError>(nn::InstanceNorm1d(3, {.affine = true}), {zeros({2, 4, 5})}),
                 std::string("expected input's size at dim=1 to match num_features (3), but got: 4."));
        QCOMPARE(refusal<ValueError>(nn::InstanceNorm1d(3), {zeros({2, 3, 1})}),
                 std::string("Expected more than 1 spatial element when training, got input size torch.Size([2, 3, "
                             "1])"));
        QCOMPARE(thrown<ValueError>([] { nn::Dropout(1.5); }),
                 std::string("dropout probability has to be between 0 and 1, but got 1.5"));
        QVERIFY(refusal(nn::Dropout1d(), {zeros({2})})
                    .starts_with("dropout1d: Expected 2D or 3D input, but received a 1D input. Note that"));
        QCOMPARE(refusal<ValueError>(nn::Upsample({}), {zeros({1, 1, 2})}),
                 std::string("either size or scale_factor should be defined"));
        QCOMPARE(refusal<ValueError>(nn::CircularPad2d(1), {zeros({2, 2})}),
                 std::string("expected 3D or 4D input (got 2D input)"));
        QCOMPARE(thrown<ValueError>([] { nn::MultiMarginLoss(3); }), std::string("only p == 1 and p == 2 supported"));
        QCOMPARE(refusal<TypeError>(nn::MSELoss(), {zeros({1})}),
                 std::string("MSELoss.forward() takes 2 positional arguments but 1 were given"));
    }

    void texts() { // rule 117; conformance printing has many more
        QCOMPARE(nn::LeakyReLU(1, true).to_string(), std::string("LeakyReLU(negative_slope=1, inplace=True)"));
        QCOMPARE(nn::Hardswish(true).to_string(), std::string("Hardswish()"));
        QCOMPARE(nn::Softplus().to_string(), std::string("Softplus(beta=1.0, threshold=20.0)"));
        QCOMPARE(nn::Upsample({.scale_factor = {2, 3}, .mode = "bilinear"}).to_string(),
                 std::string("Upsample(scale_factor=(2.0, 3.0), mode='bilinear')"));
        QCOMPARE(nn::RMSNorm(8).to_string(), std::string("RMSNorm((8,), eps=None, elementwise_affine=True)"));
        QCOMPARE(nn::AdaptiveMaxPool2d(nn::Pair(nn::same_size, 3)).to_string(),
                 std::string("AdaptiveMaxPool2d(output_size=(None, 3))"));
        QCOMPARE(nn::AvgPool1d(2).to_string(), std::string("AvgPool1d(kernel_size=(2,), stride=(2,), padding=(0,))"));
        QCOMPARE(nn::ConstantPad2d({1, 2, 3, 4}, 0).to_string(),
                 std::string("ConstantPad2d(padding=(1, 2, 3, 4), value=0)"));
        QCOMPARE(nn::LSTM(3, 4, {.bias = false, .bidirectional = true, .proj_size = 2}).to_string(),
                 std::string("LSTM(3, 4, proj_size=2, bias=False, bidirectional=True)"));
        QCOMPARE(nn::ConvTranspose1d(2, 2, {.kernel_size = 3, .padding = 1, .groups = 2, .bias = false, .dilation = 2})
                     .to_string(),
                 std::string("ConvTranspose1d(2, 2, kernel_size=(3,), stride=(1,), padding=(1,), dilation=(2,), "
                             "groups=2, bias=False)"));
    }
    void parameters_say_what_they_are() { // rule 114
        const Tensor data = zeros({2});
        const Tensor parameter = nn::parameter(data);
        QVERIFY(parameter.is_parameter() && parameter.shares_storage(data) && !data.is_parameter());
        QCOMPARE(hs::to_string(parameter), std::string("Parameter containing:\ntensor([0., 0.], requires_grad=True)"));
        QVERIFY(!parameter.detach().is_parameter());
        QCOMPARE(thrown<Error>([] { nn::parameter(zeros({1}, {.dtype = Dtype::int64})); }),
                 std::string("Only Tensors of floating point and complex dtype can require gradients"));
    }

    void hooks_on_modules_of_several_tensors() { // rules 94, 96
        nn::LSTM lstm(2, 3);
        std::vector<std::string> seen;
        lstm.register_forward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) {
            seen.push_back("forward " + std::to_string(in.size()) + " " + std::to_string(out.size()));
        });
        lstm.register_full_backward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) {
            seen.push_back("backward " + hs::to_string(in[0].shape()) + " " + (out[2].defined() ? "c" : "None"));
        });
        const Tensor x = ones({4, 2, 2}).set_requires_grad();
        lstm.call({x})[0].sum().backward();
        QCOMPARE(seen, (std::vector<std::string>{"forward 1 3", "backward [4, 2, 2] None"}));
        QCOMPARE(hs::to_string(x.grad().shape()), std::string("[4, 2, 2]"));
    }
    void hooks_inside_a_transformer_layer() {
        nn::TransformerEncoderLayer layer(4, 2, {.dim_feedforward = 4});
        std::vector<std::string> order;
        for (const auto& [name, module] : layer.named_modules())
            module->register_forward_hook(
                [&order, name = name](nn::Module&, const Tensors&, const Tensors&) { order.push_back(name); });
        layer.call({ones({3, 1, 4})});
        QCOMPARE(order, (std::vector<std::string>{"self_attn.out_proj", "self_attn", "dropout1", "norm1", "linear1",
                                                  "dropout", "linear2", "dropout2", "norm2", ""}));
    }

    void activations_in_place() { // rules 51 to 54, 90
        nn::ReLU relu(true);
        Tensor seen;
        relu.register_forward_hook([&](nn::Module&, const Tensors& in, const Tensors&) { seen = in[0]; });
        const Tensor leaf = tensor({-1, 2}, {.requires_grad = true});
        Tensor x = leaf * 3.0;
        const Tensor y = relu(x);
        QVERIFY(y.is_same(x) && seen.is_same(x));
        QCOMPARE(std::string(x.grad_fn()->name()), std::string("ReluBackward0"));
        QCOMPARE(x.version(), 1u);
        QCOMPARE(x.to_vector<double>(), (std::vector<double>{0, 6}));
        y.sum().backward();
        QCOMPARE(leaf.grad().to_vector<double>(), (std::vector<double>{0, 3}));
        QCOMPARE(thrown<Error>([&] { relu(leaf); }),
                 std::string("a leaf Variable that requires grad is being used in an in-place operation."));
    }
    void in_place_after_a_linear_layer_of_three_dimensions() {
        nn::Linear linear(2, 3);
        const Tensor x = ones({2, 2, 2});
        const auto gradient = [&](const Tensor& output) {
            linear.zero_grad();
            output.sum().backward();
            return linear.weight.grad().to_vector<double>();
        };
        const std::vector<double> expected = gradient(nn::ReLU()(linear(x)));
        QCOMPARE(gradient(nn::ReLU(true)(linear(x))), expected);
        const Tensor base = linear(x);
        nn::ReLU(true)(base.view({4, 3})); // rule 54: the base sees it
        QCOMPARE(gradient(base), expected);
    }
    void what_is_kept_of_an_activation_in_place() { // rule 52
        const Tensor leaf = tensor({-1, 2}, {.dtype = Dtype::float64, .requires_grad = true});
        Tensor x = leaf * 3.0;
        nn::SiLU(true)(x); // keeps its argument, of which a copy is made
        x.sum().backward();
        Tensor same = leaf.detach().clone().set_requires_grad();
        silu(same * 3.0).sum().backward();
        QCOMPARE(leaf.grad().to_vector<double>(), same.grad().to_vector<double>());
        Tensor z = leaf * 3.0;
        nn::ReLU(true)(z); // keeps its result
        const Tensor sum = z.sum();
        z.mul_(2.0);
        QVERIFY(thrown<Error>([&] { sum.backward(); })
                    .starts_with("one of the variables needed for gradient computation has been modified by an "
                                 "inplace operation: [torch.DoubleTensor [2]], which is output 0 of ReluBackward0"));
    }
    void softmax_without_a_dimension() {
        QCOMPARE(hs::to_string(nn::Softmax()(zeros({2, 4}))),
                 std::string("tensor([[0.2500, 0.2500, 0.2500, 0.2500],\n        [0.2500, 0.2500, 0.2500, 0.2500]])"));
    }
};

QTEST_APPLESS_MAIN(TestLayers)
#include "tst_layers.moc"
