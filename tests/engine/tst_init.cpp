#include "engine/hookscope.h"
#include "tests/engine/throws.h"

#include <cmath>
#include <limits>

using namespace hs;
using hs::test::thrown;

namespace {

constexpr TensorOptions float64{.dtype = Dtype::float64};

bool near(double a, double b) {
    return std::abs(a - b) <= 1e-10 * std::max(1.0, std::abs(b));
}

} // namespace

/// Initial values.
class TestInit : public QObject {
    Q_OBJECT

  private slots:
    void gains() {
        QCOMPARE(nn::init::calculate_gain("conv2d"), 1.0);
        QCOMPARE(nn::init::calculate_gain("tanh"), 5.0 / 3);
        QVERIFY(near(nn::init::calculate_gain("leaky_relu", 0.2), std::sqrt(2 / 1.04)));
        QCOMPARE(thrown<ValueError>([] { nn::init::calculate_gain("foo"); }),
                 std::string("Unsupported nonlinearity foo"));
    }
    void spread_of_initial_values() {
        Generator generator(1);
        const Tensor w = zeros({50, 40, 5}, float64); // fan_in 200, fan_out 250
        const auto deviation = [&] { return std_deviation(w).item<double>(); };
        nn::init::kaiming_normal_(w, {.mode = "fan_out", .nonlinearity = "relu"}, generator);
        QVERIFY(std::abs(deviation() / std::sqrt(2.0 / 250) - 1) < 0.03);
        nn::init::kaiming_uniform_(w, {.a = 1}, generator);
        QVERIFY(std::abs(max(abs(w)).item<double>() / std::sqrt(3.0 / 200) - 1) < 0.01);
        nn::init::xavier_normal_(w, 2, generator);
        QVERIFY(std::abs(deviation() / (2 * std::sqrt(2.0 / 450)) - 1) < 0.03);
        nn::init::trunc_normal_(w, 1, 2, 0, 4, generator);
        QVERIFY(min(w).item<double>() >= 0 && max(w).item<double>() <= 4);
        // Of a normal distribution cut at -0.5 and 1.5 deviations: mean + std (f(-0.5) - f(1.5)) / mass.
        QVERIFY(std::abs(w.mean().item<double>() - (1 + 2 * (0.3520653 - 0.1295176) / 0.6246553)) < 0.03);
        QCOMPARE(thrown<ValueError>([&] { nn::init::kaiming_uniform_(w, {.mode = "x"}); }),
                 std::string("Mode x not supported, please use one of ['fan_in', 'fan_out']"));
    }
    void orthogonal_rows_or_columns() {
        Generator generator(2);
        const Tensor wide = zeros({3, 2, 4}, float64), tall = zeros({6, 3}, float64);
        nn::init::orthogonal_(wide, 2, generator);
        nn::init::orthogonal_(tall, 1, generator);
        const Tensor rows = reshape(wide, {3, 8});
        QVERIFY(max(abs(matmul(rows, rows.t()) - eye(3, float64) * 4.0)).item<double>() < 1e-12);
        QVERIFY(max(abs(matmul(tall.t(), tall) - eye(3, float64))).item<double>() < 1e-12);
        QCOMPARE(thrown<ValueError>([] { nn::init::orthogonal_(zeros({2})); }),
                 std::string("Only tensors with 2 or more dimensions are supported"));
    }
    void sparsity_beyond_the_column() {
        const Tensor all = ones({4, 4});
        nn::init::sparse_(all, 1.5);
        QCOMPARE(all.to_vector<double>(), std::vector<double>(16, 0));
        QCOMPARE(thrown<ValueError>([&] { nn::init::sparse_(all, std::nan("")); }),
                 std::string("cannot convert float NaN to integer"));
        const Tensor empty_kernel = ones({2, 2, 0});
        nn::init::dirac_(empty_kernel);
        QCOMPARE(empty_kernel.numel(), 0);
    }

    void plain_initial_values() {
        const Tensor w = zeros({2, 3});
        nn::init::eye_(w);
        QCOMPARE(w.to_vector<double>(), (std::vector<double>{1, 0, 0, 0, 1, 0}));
        nn::init::ones_(w);
        QCOMPARE(w.sum().item<double>(), 6.0);
        nn::init::zeros_(w);
        QCOMPARE(w.sum().item<double>(), 0.0);
        const Tensor kernel = zeros({4, 2, 3});
        nn::init::dirac_(kernel, 2);
        nn::Conv1d conv(4, 4, {.kernel_size = 3, .padding = 1, .groups = 2, .bias = false});
        conv.weight.detach().copy_(kernel);
        Generator generator(3);
        const Tensor x = rand({1, 4, 5}, generator);
        QCOMPARE(conv(x).to_vector<double>(), x.to_vector<double>()); // the identity
        QCOMPARE(thrown<ValueError>([&] { nn::init::dirac_(kernel, 3); }),
                 std::string("dim 0 must be divisible by groups"));
        const Tensor sparse = zeros({10, 4});
        nn::init::sparse_(sparse, 0.35, 1, generator);
        const std::vector<double> zeros_a_column = to(eq(sparse, 0), Dtype::float32).sum().to_vector<double>();
        QCOMPARE(zeros_a_column[0], 16.0); // ceil(3.5) in each of four
    }
};

QTEST_APPLESS_MAIN(TestInit)
#include "tst_init.moc"
