#include "engine/graph/grad_mode.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/conv.h"
#include "engine/nn/dropout.h"
#include "engine/nn/embedding.h"
#include "engine/nn/linear.h"
#include "engine/nn/loss.h"
#include "engine/ops/functional.h"
#include "engine/tensor/generator.h"
#include "engine/tensor/warning.h"
#include "tests/engine/throws.h"

#include <QtTest>

#include <cmath>

using namespace hs;
using test::thrown;

namespace {

bool close(double a, double b) {
    return std::abs(a - b) < 1e-5;
}
bool within(const Tensor& x, double bound) {
    return max(abs(x)).item().to_double() <= bound;
}
Tensor classes(std::initializer_list<double> values) {
    return tensor(values, {.dtype = Dtype::int64});
}

} // namespace

/// Section N: layers that know train and eval, and losses.
class TestRulesLayers : public QObject {
    Q_OBJECT

  private slots:
    void rule_118_training_normalises_with_the_batch_and_moves_the_running_values() {
        nn::BatchNorm1d norm(1);
        const Tensor y = norm(reshape(tensor({1, 3}), {2, 1})); // mean 2, biased variance 1, unbiased 2
        QVERIFY(close(y.to_vector<double>()[1], 1 / std::sqrt(1 + 1e-5)));
        QVERIFY(close(norm.running_mean.item().to_double(), 0.1 * 2));
        QVERIFY(close(norm.running_var.item().to_double(), 0.9 + 0.1 * 2));
        QCOMPARE(norm.num_batches_tracked.item().to_int(), 1);
    }
    void rule_118_without_momentum_all_batches_are_averaged() {
        nn::BatchNorm1d norm(1, {.momentum = std::nullopt});
        norm(reshape(tensor({1, 3}), {2, 1}));
        norm(reshape(tensor({5, 7}), {2, 1}));
        QVERIFY(close(norm.running_mean.item().to_double(), 4));
    }
    void rule_118_evaluation_uses_the_running_values() {
        nn::BatchNorm1d norm(1);
        norm.eval();
        const Tensor y = norm(reshape(tensor({1, 3}), {2, 1}));
        QVERIFY(close(y.to_vector<double>()[1], 3 / std::sqrt(1 + 1e-5)));
        QCOMPARE(norm.num_batches_tracked.item().to_int(), 0);
    }
    void rule_118_or_those_of_the_batch_where_none_are_tracked() {
        nn::BatchNorm1d norm(1, {.track_running_stats = false});
        norm.eval();
        QVERIFY(close(norm(reshape(tensor({1, 3}), {2, 1})).to_vector<double>()[1], 1));
    }
    void rule_118_requires_grad_does_not_stop_the_running_update() {
        nn::BatchNorm1d norm(1);
        norm.requires_grad_(false);
        norm(reshape(tensor({1, 3}), {2, 1}));
        QVERIFY(close(norm.running_mean.item().to_double(), 0.2));
    }

    void rule_119_one_value_a_channel_is_too_few() {
        QCOMPARE(thrown<ValueError>([] {
                     nn::BatchNorm1d(2)(ones({1, 2}));
                 }),
                 std::string("Expected more than 1 value per channel when training, got input size torch.Size([1, "
                             "2])"));
    }
    void rule_119_the_rank_is_checked() {
        QCOMPARE(thrown<ValueError>([] {
                     nn::BatchNorm2d(2)(ones({2, 2}));
                 }),
                 std::string("expected 4D input (got 2D input)"));
    }

    void rule_120_training_scales_what_it_keeps() {
        manual_seed(3);
        nn::Dropout dropout(0.25);
        const std::vector<double> y = dropout(ones({1000})).to_vector<double>();
        std::size_t kept = 0;
        for (const double value : y) {
            QVERIFY(value == 0 || close(value, 1 / 0.75));
            kept += value != 0;
        }
        QVERIFY(kept > 700 && kept < 800);
    }
    void rule_120_evaluation_returns_the_input_itself() {
        nn::Dropout dropout;
        dropout.eval();
        const Tensor x = ones({2});
        QVERIFY(dropout(x).is_same(x));
    }
    void rule_120_the_probability_is_checked() {
        QCOMPARE(thrown<ValueError>([] { nn::Dropout(1.5); }),
                 std::string("dropout probability has to be between 0 and 1, but got 1.5"));
    }
    void rule_120_dropout2d_drops_channels() {
        manual_seed(3);
        nn::Dropout2d dropout(0.5);
        const Tensor y = dropout(ones({4, 4, 3, 3}));
        QVERIFY(any(eq(y, 0)).item().to_bool() && any(ne(y, 0)).item().to_bool());
        const Tensor sums = sum(y, Dims{2, 3});
        for (const double value : sums.to_vector<double>())
            QVERIFY(value == 0 || close(value, 18));
    }

    void rule_121_cross_entropy_takes_logits_and_class_indices() {
        const Tensor logits = reshape(tensor({0, std::log(3.0), 0, 0}), {2, 2});
        const double expected = (std::log(4.0) - std::log(3.0) + std::log(2.0)) / 2;
        QVERIFY(close(cross_entropy(logits, classes({1, 0})).item().to_double(), expected));
        QVERIFY(close(cross_entropy(logits, classes({1, 0}).to(Dtype::uint8)).item().to_double(), expected));
    }
    void rule_121_or_class_probabilities() {
        const Tensor logits = zeros({1, 2});
        QVERIFY(close(cross_entropy(logits, full({1, 2}, 0.5)).item().to_double(), std::log(2.0)));
    }
    void rule_121_other_targets_are_refused() {
        QCOMPARE(thrown<Error>([] {
                     cross_entropy(zeros({2, 3}), zeros({2}));
                 }),
                 std::string("expected scalar type Long but found Float"));
        QCOMPARE(thrown<IndexError>([] {
                     cross_entropy(zeros({2, 3}), classes({0, 3}));
                 }),
                 std::string("Target 3 is out of bounds."));
    }
    void rule_121_ignored_targets_do_not_count() {
        const Tensor logits = reshape(tensor({0, 0, 5, 0}), {2, 2});
        QVERIFY(close(cross_entropy(logits, classes({0, -100})).item().to_double(), std::log(2.0)));
        QVERIFY(std::isnan(cross_entropy(logits, classes({-100, -100})).item().to_double()));
    }
    void rule_121_mse_broadcasts_with_a_warning() {
        std::string warned;
        const auto before = set_warning_handler([&](const std::string& text) { warned = text; });
        const double loss = mse_loss(ones({2, 2}), zeros({2})).item().to_double();
        set_warning_handler(before);
        QCOMPARE(loss, 1.0);
        QVERIFY2(warned.starts_with("Using a target size (torch.Size([2])) that is different to the input size "
                                    "(torch.Size([2, 2]))."),
                 warned.c_str());
    }

    void rule_122_linear_and_convolution_start_uniform() {
        manual_seed(1);
        const nn::Linear linear(16, 100);
        QVERIFY(within(linear.weight, 0.25) && within(linear.bias, 0.25));
        QVERIFY(!within(linear.weight, 0.24));
        const nn::Conv2d conv(4, 64, {.kernel_size = 2});
        QVERIFY(within(conv.weight, 0.25) && within(conv.bias, 0.25));
        QVERIFY(!within(conv.weight, 0.24));
    }
    void rule_122_embeddings_start_normal() {
        manual_seed(1);
        const nn::Embedding embedding(100, 100);
        QVERIFY(std::abs(mean(embedding.weight).item().to_double()) < 0.05);
        QVERIFY(std::abs(std_deviation(embedding.weight).item().to_double() - 1) < 0.05);
    }
    void rule_122_batch_norm_starts_with_one_and_zero() {
        const nn::BatchNorm1d norm(2);
        QCOMPARE(norm.weight.to_vector<double>(), (std::vector<double>{1, 1}));
        QCOMPARE(norm.bias.to_vector<double>(), (std::vector<double>{0, 0}));
    }
};

QTEST_APPLESS_MAIN(TestRulesLayers)
#include "tst_rules_n_layers.moc"
