#include "engine/kernels/cpu/vector/vector.h"
#include "engine/tensor/error.h"
#include "tests/engine/kernel_checks.h"

#include <QTest>
#include <cmath>
#include <functional>
#include <vector>

using namespace hs;
using namespace hs::test;

namespace {

using Reference = std::function<double(double, double)>;

double sigmoid_of(double x) {
    return 1 / (1 + std::exp(-x));
}

/// A kernel as a function of two arrays (the second is not always read), and what it should give.
struct Case {
    const char* name;
    std::function<void(const ElementwiseKernels&, const float*, const float*, float*, std::int64_t)> run;
    Reference expected;
    double relative = 0;
    double absolute = 0;
};

std::vector<Case> elementwise_cases() {
    const auto unary = [](const char* name, UnaryKernel ElementwiseKernels::*kernel, std::function<double(double)> f,
                          double relative = 0, double absolute = 0) {
        return Case{name,
                    [kernel](const ElementwiseKernels& k, const float* a, const float*, float* y, std::int64_t n) {
                        (k.*kernel)(a, y, n);
                    },
                    [f](double a, double) { return f(a); }, relative, absolute};
    };
    const auto binary = [](const char* name, BinaryKernel ElementwiseKernels::*kernel, Reference f, double relative = 0,
                           double absolute = 0) {
        return Case{name,
                    [kernel](const ElementwiseKernels& k, const float* a, const float* b, float* y, std::int64_t n) {
                        (k.*kernel)(a, b, y, n);
                    },
                    f, relative, absolute};
    };
    const auto scalar = [](const char* name, ScalarKernel ElementwiseKernels::*kernel,
                           std::function<double(double)> f) {
        return Case{name,
                    [kernel](const ElementwiseKernels& k, const float* a, const float*, float* y, std::int64_t n) {
                        (k.*kernel)(a, 1.75F, y, n);
                    },
                    [f](double a, double) { return f(a); }, 1e-7, 0};
    };
    const auto custom = [](const char* name, auto run, Reference f, double relative = 1e-7, double absolute = 0) {
        return Case{name, run, f, relative, absolute};
    };
    using K = ElementwiseKernels;
    const double root = std::sqrt(0.5);
    const auto gelu_slope = [root](double x) {
        return 0.5 * (1 + std::erf(x * root)) + x * std::exp(-0.5 * x * x) / std::sqrt(2 * M_PI);
    };
    const auto inside = [](double x) { return std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x); };
    return {
        binary(
            "sub", &K::sub, [](double a, double b) { return a - b; }, 1e-7),
        binary(
            "mul", &K::mul, [](double a, double b) { return a * b; }, 1e-7, 1e-45),
        binary(
            "div", &K::div, [](double a, double b) { return a / b; }, 1e-7, 1e-45),
        binary("maximum", &K::maximum,
               [](double a, double b) { return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b); }),
        binary("minimum", &K::minimum,
               [](double a, double b) { return std::isnan(a) || std::isnan(b) ? a + b : std::min(a, b); }),
        scalar("add_scalar", &K::add_scalar, [](double a) { return a + 1.75; }),
        scalar("mul_scalar", &K::mul_scalar, [](double a) { return a * 1.75; }),
        scalar("div_scalar", &K::div_scalar, [](double a) { return a / 1.75; }),
        scalar("sub_from_scalar", &K::sub_from_scalar, [](double a) { return 1.75 - a; }),
        scalar("div_scalar_by", &K::div_scalar_by, [](double a) { return 1.75 / a; }),
        unary("neg", &K::neg, [](double a) { return -a; }),
        unary("copy", &K::copy, [](double a) { return a; }),
        unary("abs", &K::abs, [](double a) { return std::abs(a); }),
        unary(
            "sqrt", &K::sqrt, [](double a) { return std::sqrt(a); }, 1e-7),
        unary(
            "rsqrt", &K::rsqrt, [](double a) { return 1 / std::sqrt(a); }, 2e-7),
        unary(
            "reciprocal", &K::reciprocal, [](double a) { return 1 / a; }, 1e-7),
        unary(
            "square", &K::square, [](double a) { return a * a; }, 1e-7, 1e-45),
        unary(
            "exp", &K::exp, [](double a) { return std::exp(a); }, 2.4e-7, 1.5e-45),
        unary(
            "log", &K::log, [](double a) { return std::log(a); }, 2.4e-7),
        unary("relu", &K::relu, [](double a) { return a < 0 ? 0 : a; }),
        unary(
            "tanh", &K::tanh, [](double a) { return std::tanh(a); }, 2.4e-7),
        unary(
            "sigmoid", &K::sigmoid, [](double a) { return sigmoid_of(a); }, 2.4e-7, 1.5e-45),
        unary(
            "silu", &K::silu, [](double a) { return a / (1 + std::exp(-a)); }, 4e-7, 1e-37),
        unary(
            "gelu", &K::gelu, [root](double a) { return a * 0.5 * (1 + std::erf(a * root)); }, 4e-7, 2e-6),
        unary(
            "gelu_tanh", &K::gelu_tanh, [inside](double a) { return a * 0.5 * (1 + std::tanh(inside(a))); }, 4e-7,
            2e-6),
        binary("relu_backward", &K::relu_backward, [](double g, double y) { return y <= 0 ? 0 : g; }),
        binary(
            "tanh_backward", &K::tanh_backward, [](double g, double y) { return g * (1 - y * y); }, 1e-6, 1e-6),
        binary(
            "sigmoid_backward", &K::sigmoid_backward, [](double g, double y) { return g * y * (1 - y); }, 1e-6, 1e-6),
        binary(
            "silu_backward", &K::silu_backward,
            [](double g, double x) { return g * sigmoid_of(x) * (1 + x * (1 - sigmoid_of(x))); }, 1e-6, 2e-6),
        binary(
            "gelu_backward", &K::gelu_backward, [gelu_slope](double g, double x) { return g * gelu_slope(x); }, 1e-6,
            4e-6),
        binary(
            "gelu_tanh_backward", &K::gelu_tanh_backward,
            [inside](double g, double x) {
                const double t = std::tanh(inside(x));
                const double slope = std::sqrt(2 / M_PI) * (1 + 3 * 0.044715 * x * x);
                return g * 0.5 * (1 + t + x * (1 - t * t) * slope);
            },
            1e-6, 4e-6),
        custom(
            "add", [](const K& k, const float* a, const float* b, float* y, std::int64_t n) { k.add(a, b, 1, y, n); },
            [](double a, double b) { return a + b; }),
        custom(
            "add alpha",
            [](const K& k, const float* a, const float* b, float* y, std::int64_t n) { k.add(a, b, -2.5F, y, n); },
            [](double a, double b) { return a - 2.5 * b; }, 1e-7, 1e-5),
        custom(
            "clamp",
            [](const K& k, const float* a, const float*, float* y, std::int64_t n) { k.clamp(a, -1, 0.5F, y, n); },
            [](double a, double) { return a < -1    ? -1
                                          : a > 0.5 ? 0.5
                                                    : a; }),
        custom(
            "threshold",
            [](const K& k, const float* a, const float*, float* y, std::int64_t n) { k.threshold(a, 0.5F, -7, y, n); },
            [](double a, double) { return a <= 0.5 ? -7 : a; }),
        custom(
            "threshold_backward",
            [](const K& k, const float* g, const float* x, float* y, std::int64_t n) {
                k.threshold_backward(g, x, 0.5F, y, n);
            },
            [](double g, double x) { return x <= 0.5 ? 0 : g; }),
        custom(
            "axpy",
            [](const K& k, const float* a, const float* b, float* y, std::int64_t n) {
                k.copy(b, y, n);
                k.axpy(3, a, y, n);
            },
            [](double a, double b) { return b + 3 * a; }, 1e-7, 1e-5),
        custom(
            "scale",
            [](const K& k, const float* a, const float*, float* y, std::int64_t n) {
                k.copy(a, y, n);
                k.scale(-3, y, n);
            },
            [](double a, double) { return -3 * a; }),
        custom(
            "fill", [](const K& k, const float*, const float*, float* y, std::int64_t n) { k.fill(4.5F, y, n); },
            [](double, double) { return 4.5; }),
    };
}

/// Lengths around the vector widths, among them none.
const std::vector<std::int64_t> lengths{0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 63, 65, 129, 1000};

} // namespace

class TstVectorKernels : public QObject {
    Q_OBJECT

  private slots:
    void selection() {
        QVERIFY(has_instruction_set(InstructionSet::baseline));
        QCOMPARE(vector_kernels().instruction_set, instruction_sets().back());
        for (const auto set : {InstructionSet::v3, InstructionSet::v4}) {
            if (!has_instruction_set(set)) QVERIFY_THROWS_EXCEPTION(Error, vector_kernels(set));
        }
    }

    void elementwise_data() {
        QTest::addColumn<int>("row");
        const auto cases = elementwise_cases();
        for (std::size_t i = 0; i < cases.size(); ++i)
            QTest::newRow(cases[i].name) << static_cast<int>(i);
    }

    // Every length, from addresses with no alignment; nothing is written behind the end.
    void elementwise() {
        QFETCH(int, row);
        const Case test = elementwise_cases()[static_cast<std::size_t>(row)];
        for (const auto set : instruction_sets()) {
            const VectorKernels& kernels = vector_kernels(set);
            for (const std::int64_t n : lengths) {
                const Floats a = random_floats(n + 1, -4, 4, 1), b = random_floats(n + 3, -4, 4, 2);
                Floats y(static_cast<std::size_t>(n + 3), 77.0F);
                test.run(kernels.elementwise, a.data() + 1, b.data() + 3, y.data() + 2, n);
                QCOMPARE(y[1], 77.0F);
                QCOMPARE(y.back(), n ? y.back() : 77.0F);
                for (std::int64_t i = 0; i < n; ++i) {
                    const auto at = static_cast<std::size_t>(i);
                    VERIFY_NEAR(y[at + 2], test.expected(a[at + 1], b[at + 3]), test.absolute, test.relative,
                                name_of(kernels) + QString(" at %1").arg(a[at + 1]));
                }
            }
            // In place: the first operand is the result.
            const Floats b = random_floats(100, -4, 4, 4);
            Floats a = random_floats(100, -4, 4, 3), apart(100);
            test.run(kernels.elementwise, a.data(), b.data(), apart.data(), 100);
            const QByteArray name = test.name;
            if (name == "axpy") continue;
            test.run(kernels.elementwise, a.data(), b.data(), a.data(), 100);
            for (std::size_t i = 0; i < 100; ++i)
                VERIFY_NEAR(a[i], apart[i], 0, 0, "in place");
        }
    }

    // The ends of the range, zeros of both signs, denormals, infinities and NaN.
    void elementwise_edges_data() { elementwise_data(); }
    void elementwise_edges() {
        QFETCH(int, row);
        const Case test = elementwise_cases()[static_cast<std::size_t>(row)];
        const Floats edges{0.0F,   -0.0F,    1.0F,     -1.0F,   0.5F,    1e-3F,    -1e-3F,    0.624F,
                           0.626F, -0.9201F, 3.999F,   4.001F,  9.5F,    -9.5F,    20.0F,     -20.0F,
                           87.0F,  88.7F,    88.73F,   89.5F,   -87.4F,  -103.0F,  -104.5F,   1e-42F,
                           1e-38F, 1e-20F,   1e4F,     -1e4F,   1e15F,   3e18F,    200.0F,    -200.0F,
                           5e-41F, 0.7071F,  0.70712F, 1.4142F, 1.4143F, infinity, -infinity, nan_value};
        for (const auto set : instruction_sets()) {
            const VectorKernels& kernels = vector_kernels(set);
            const auto n = static_cast<std::int64_t>(edges.size());
            for (const float other : {0.25F, -1.5F}) {
                const Floats b(edges.size(), other);
                Floats y(edges.size());
                test.run(kernels.elementwise, edges.data(), b.data(), y.data(), n);
                for (std::size_t i = 0; i < edges.size(); ++i) {
                    const double exact = test.expected(edges[i], other);
                    const double expected = static_cast<double>(static_cast<float>(exact));
                    const double absolute = test.absolute * std::max(1.0, std::abs(static_cast<double>(edges[i])));
                    VERIFY_NEAR(y[i], expected, std::isfinite(absolute) ? absolute : 0, test.relative,
                                name_of(kernels) + QString(" at %1").arg(edges[i]));
                }
            }
        }
    }

    void nan_in_the_second_operand() {
        const Floats a(20, 1.0F), b(20, nan_value);
        for (const auto set : instruction_sets()) {
            Floats y(20);
            vector_kernels(set).elementwise.maximum(a.data(), b.data(), y.data(), 20);
            for (const float value : y)
                QVERIFY(std::isnan(value));
            vector_kernels(set).elementwise.minimum(a.data(), b.data(), y.data(), 20);
            for (const float value : y)
                QVERIFY(std::isnan(value));
        }
    }
};

QTEST_APPLESS_MAIN(TstVectorKernels)
#include "tst_vector_kernels.moc"
