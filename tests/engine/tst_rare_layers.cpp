#include "engine/hookscope.h"
#include "engine/ops/op.h"
#include "tests/engine/throws.h"

#include <QtTest>

#include <cmath>

using namespace hs;
using test::thrown;

/// CTC loss, unpooling, fractional pooling and the options of embeddings, against numbers of PyTorch.
class TestRareLayers : public QObject {
    Q_OBJECT

    static void compare(const Tensor& actual, const std::vector<double>& expected) {
        const std::vector<double> values = actual.to_vector<double>();
        QCOMPARE(values.size(), expected.size());
        for (std::size_t i = 0; i < values.size(); ++i)
            QVERIFY2(values[i] == expected[i] || std::abs(values[i] - expected[i]) < 2e-6,
                     qPrintable(QString("element %1 is %2").arg(i).arg(values[i], 0, 'g', 9)));
    }
    static Tensor log_probs() {
        const Tensor angles = arange(0, 24, 1, {.dtype = Dtype::float32}).reshape({4, 2, 3}) * 0.37;
        return log_softmax(sin(angles), 2).detach().set_requires_grad();
    }
    static Tensor integers(std::initializer_list<double> values) { return tensor(values, {.dtype = Dtype::int64}); }

  private slots:
    void ctc_loss_sums_over_the_paths() {
        const Tensor x = log_probs(), targets = integers({1, 2, 2, 2}).reshape({2, 2});
        const Tensor losses = ctc_loss(x, targets, integers({4, 3}), integers({2, 1}), {.reduction = "none"});
        compare(losses, {1.7007277011871338, 1.5837628841400146});
        sum(losses).backward();
        compare(narrow(x.grad(), 0, 0, 2).reshape({-1}),
                {-0.05277760326862335, -0.3934500217437744, 0.44622766971588135, -0.24696794152259827,
                 0.3483520746231079, -0.10138410329818726, 0.07356008887290955, -0.1759723424911499,
                 0.10241223871707916, -0.03323712944984436, 0.31533125042915344, -0.2820940613746643});
        nn::CTCLoss loss;
        compare(loss.call({x, targets, integers({4, 3}), integers({2, 1})})[0], {1.2170634269714355});
    }
    void impossible_targets_are_infinite_or_zero() {
        const Tensor x = log_probs(), targets = integers({1, 2, 2, 2}).reshape({2, 2});
        const Tensor lengths = integers({4, 2}), all = integers({2, 2});
        compare(ctc_loss(x, targets, lengths, all, {.reduction = "none"}),
                {1.7007277011871338, std::numeric_limits<double>::infinity()});
        compare(ctc_loss(x, targets, lengths, all, {.reduction = "none", .zero_infinity = true}),
                {1.7007277011871338, 0});
    }

    void ctc_targets_are_checked_where_they_are_read() {
        const Tensor log_probs = log_softmax(zeros({5, 2, 4}), 2);
        const Tensor padded = integers({1, 2, -1, 1, -1, -1}).reshape({2, 3});
        QVERIFY(std::isfinite(ctc_loss(log_probs, padded, integers({5, 5}), integers({2, 1})).item<double>()));
        QVERIFY(
            thrown<Error>([&] {
                ctc_loss(log_probs, integers({1, 2, 3}).reshape({1, 3}), integers({5, 5}), integers({2, 1}));
            }).starts_with("Expected tensor to have size 2 at dimension 0, but got size 1 for argument #2 'targets'"));
    }
    void pooling_refuses_sizes_that_do_not_fit() {
        const Tensor x = ones({1, 1, 4, 4});
        const auto failure = [&](const char* name, std::vector<Argument> arguments) {
            arguments.insert(arguments.begin(), x);
            return thrown<Error>([&] { call_by_name(name, arguments, {}); });
        };
        QCOMPARE(failure("fractional_max_pool2d", {Dims{2}, Dims{2, 2, 2}}),
                 std::string("fractional_max_pool2d: output_size must either be a single Int or tuple of Ints"));
        QCOMPARE(
            failure("fractional_max_pool2d", {Dims{std::numeric_limits<std::int64_t>::max(), 1}, Dims{2, 1}}),
            std::string("fractional_max_pool2d(): pool height 9223372036854775807 too large relative to input height "
                        "4"));
        QCOMPARE(failure("max_unpool2d", {integers({0}).reshape({1, 1, 1, 1}), Dims{2, 2, 2}}),
                 std::string("max_unpool2d: kernel_size must either be a single Int or tuple of Ints"));
    }
    void indices_of_32_bits() {
        const Tensor index = tensor({2, 1}, {.dtype = Dtype::int32});
        QCOMPARE(index_add(zeros({4}), 0, index, ones({2})).to_vector<double>(), (std::vector<double>{0, 1, 1, 0}));
        QCOMPARE(thrown<Error>([&] { index_fill(zeros({4}), 0, index, Scalar(1)); }),
                 std::string("index_fill_(): Expected dtype int64 for index."));
    }
    void unpooling_puts_the_elements_back() {
        const Tensor x = tensor({1, 5, 2, 3, 4, 8, 7, 6}).reshape({1, 1, 2, 4});
        nn::MaxPool2d pool({.kernel_size = 2, .return_indices = true});
        const Tensors pooled = pool.call({x});
        nn::MaxUnpool2d unpool(2);
        compare(unpool.call(pooled)[0], {0, 0, 0, 0, 0, 8, 7, 0});
        QCOMPARE(unpool.to_string(), std::string("MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))"));
        const Tensors larger = unpool.call({pooled[0], pooled[1], integers({3, 5})});
        QCOMPARE(larger[0].shape(), (Shape{1, 1, 3, 5}));
    }

    void fractional_pooling_begins_where_the_samples_say() {
        const Tensor x = arange(0, 25, 1, {.dtype = Dtype::float32}).reshape({1, 1, 5, 5});
        const auto [values, places] =
            fractional_max_pool2d(x, {2}, {.output_size = {3}, .samples = tensor({0.1, 0.7}).reshape({1, 1, 2})});
        compare(values, {6, 7, 9, 11, 12, 14, 21, 22, 24});
        compare(places, {6, 7, 9, 11, 12, 14, 21, 22, 24});
    }
    void fractional_pooling_checks_its_options() {
        QCOMPARE(thrown<ValueError>([] { nn::FractionalMaxPool2d(2, {}); }),
                 std::string("FractionalMaxPool2d requires specifying either an output size, or a pooling ratio"));
        QCOMPARE(thrown<ValueError>([] { nn::FractionalMaxPool2d(2, {.output_ratio = {1.5}}); }),
                 std::string("output_ratio must be between 0 and 1 (got 1.5)"));
    }

    void embeddings_shorten_long_rows_in_place_and_scale_gradients() {
        Tensor weight = tensor({3, 4, 0.3, 0.4, 1, 0}).reshape({3, 2}).detach().set_requires_grad();
        const std::uint32_t version = weight.version();
        const Tensor y =
            embedding(integers({0, 1, 0}), weight, std::nullopt, {.max_norm = 1, .scale_grad_by_freq = true});
        compare(y, {0.6, 0.8, 0.3, 0.4, 0.6, 0.8});
        compare(weight, {0.6, 0.8, 0.3, 0.4, 1, 0});
        QVERIFY(weight.version() > version);
        sum(y * tensor({1, 2, 3, 4, 5, 6}).reshape({3, 2})).backward();
        compare(weight.grad(), {3, 4, 3, 4, 0, 0});
        weight.set_grad({});
        sum(embedding_bag(integers({0, 0, 1, 2}).reshape({2, 2}), weight, {.mode = "sum", .scale_grad_by_freq = true}))
            .backward();
        compare(weight.grad(), {1, 1, 1, 1, 1, 1});
    }
    void embeddings_print_their_options() {
        const nn::Embedding layer(
            4, 3,
            nn::Embedding::Options{.padding_idx = 1, .max_norm = 1.0, .norm_type = 1.0, .scale_grad_by_freq = true});
        QCOMPARE(layer.to_string(), std::string("Embedding(4, 3, padding_idx=1, max_norm=1.0, norm_type=1.0, "
                                                "scale_grad_by_freq=True)"));
    }
};

QTEST_APPLESS_MAIN(TestRareLayers)
#include "tst_rare_layers.moc"
