#include "engine/kernels/cpu/onednn/convolution.h"
#include "engine/kernels/cpu/onednn/convolution_primitive.h"
#include "engine/kernels/cpu/onednn/gemm.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/tensor/error.h"
#include "tests/engine/kernel_checks.h"

#include <QTest>
#include <cmath>
#include <vector>

using namespace hs;
using namespace hs::test;

Q_DECLARE_METATYPE(hs::ConvolutionShape)

namespace {

using Doubles = std::vector<double>;

/// The definition: one loop over everything. `visit(x, w, y)` gets offsets into the three arrays.
template <class Visit>
void for_products(const ConvolutionShape& s, Visit visit) {
    const auto out = output_size(s);
    const auto offset = [](ImageLayout layout, std::int64_t n, std::int64_t c, std::int64_t y, std::int64_t x,
                           std::int64_t channels, auto size) {
        return static_cast<std::size_t>(layout == ImageLayout::nhwc ? ((n * size[0] + y) * size[1] + x) * channels + c
                                                                    : ((n * channels + c) * size[0] + y) * size[1] + x);
    };
    const std::int64_t in_per = s.in_channels / s.groups, out_per = s.out_channels / s.groups;
    for (std::int64_t n = 0; n < s.batch; ++n) {
        for (std::int64_t o = 0; o < s.out_channels; ++o) {
            for (std::int64_t i = 0; i < in_per; ++i) {
                for (std::int64_t ky = 0; ky < s.kernel[0]; ++ky) {
                    for (std::int64_t kx = 0; kx < s.kernel[1]; ++kx) {
                        for (std::int64_t oy = 0; oy < out[0]; ++oy) {
                            for (std::int64_t ox = 0; ox < out[1]; ++ox) {
                                const std::int64_t y = oy * s.stride[0] - s.padding[0] + ky * s.dilation[0];
                                const std::int64_t x = ox * s.stride[1] - s.padding[1] + kx * s.dilation[1];
                                if (y < 0 || x < 0 || y >= s.input[0] || x >= s.input[1]) continue;
                                visit(
                                    offset(s.source, n, o / out_per * in_per + i, y, x, s.in_channels, s.input),
                                    static_cast<std::size_t>(((o * in_per + i) * s.kernel[0] + ky) * s.kernel[1] + kx),
                                    offset(s.destination, n, o, oy, ox, s.out_channels, out));
                            }
                        }
                    }
                }
            }
        }
    }
}

std::size_t source_size(const ConvolutionShape& s) {
    return static_cast<std::size_t>(s.batch * s.in_channels * s.input[0] * s.input[1]);
}
std::size_t destination_size(const ConvolutionShape& s) {
    const auto out = output_size(s);
    return static_cast<std::size_t>(s.batch * s.out_channels * out[0] * out[1]);
}
std::size_t weights_size(const ConvolutionShape& s) {
    return static_cast<std::size_t>(s.out_channels * (s.in_channels / s.groups) * s.kernel[0] * s.kernel[1]);
}

/// The channel of each place in the destination.
std::size_t channel_of(const ConvolutionShape& s, std::size_t place) {
    const auto out = output_size(s);
    const auto channels = static_cast<std::size_t>(s.out_channels);
    return s.destination == ImageLayout::nhwc ? place % channels
                                              : place / static_cast<std::size_t>(out[0] * out[1]) % channels;
}

Doubles widened(const Floats& x) {
    return {x.begin(), x.end()};
}

/// Everything that a convolution computes, in one type.
template <class T>
struct Results {
    std::vector<T> y, plain_y, grad_x, grad_weights, grad_bias, lone_grad_weights;

    Results(const ConvolutionShape& s, const std::vector<T>& x, const std::vector<T>& w, const std::vector<T>& b,
            const std::vector<T>& grad)
        : y(destination_size(s), T(77)), plain_y(y), grad_x(source_size(s), T(77)),
          grad_weights(weights_size(s), T(77)), grad_bias(b.size(), T(77)), lone_grad_weights(grad_weights) {
        convolution_forward(s, x.data(), w.data(), b.data(), y.data());
        convolution_forward(s, x.data(), w.data(), static_cast<const T*>(nullptr), plain_y.data());
        convolution_backward_input(s, grad.data(), w.data(), grad_x.data());
        convolution_backward_weights(s, x.data(), grad.data(), grad_weights.data(), grad_bias.data());
        convolution_backward_weights(s, x.data(), grad.data(), lone_grad_weights.data(), static_cast<T*>(nullptr));
    }
    bool operator==(const Results&) const = default;
};

struct Inputs {
    Floats x, w, b, grad;

    explicit Inputs(const ConvolutionShape& s)
        : x(random_floats(static_cast<std::int64_t>(source_size(s)), -1, 1, 1)),
          w(random_floats(static_cast<std::int64_t>(weights_size(s)), -1, 1, 2)),
          b(random_floats(s.out_channels, -1, 1, 3)),
          grad(random_floats(static_cast<std::int64_t>(destination_size(s)), -1, 1, 4)) {}
};

template <class T>
bool all_near(const std::vector<T>& actual, const Doubles& expected, double tolerance) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!near(static_cast<double>(actual[i]), expected[i], tolerance, tolerance)) return false;
    }
    return actual.size() == expected.size();
}

template <class T>
void compare(const Results<T>& actual, const ConvolutionShape& s, const Inputs& in, double tolerance) {
    const Doubles x = widened(in.x), w = widened(in.w), b = widened(in.b), grad = widened(in.grad);
    Doubles y(destination_size(s)), grad_x(x.size()), grad_w(w.size()), grad_b(b.size());
    for_products(s, [&](std::size_t at_x, std::size_t at_w, std::size_t at_y) {
        y[at_y] += x[at_x] * w[at_w];
        grad_x[at_x] += grad[at_y] * w[at_w];
        grad_w[at_w] += grad[at_y] * x[at_x];
    });
    QVERIFY2(all_near(actual.plain_y, y, tolerance), "forward without bias");
    for (std::size_t i = 0; i < y.size(); ++i) {
        y[i] += b[channel_of(s, i)];
        grad_b[channel_of(s, i)] += grad[i];
    }
    QVERIFY2(all_near(actual.y, y, tolerance), "forward");
    QVERIFY2(all_near(actual.grad_x, grad_x, tolerance), "backward of the input");
    QVERIFY2(all_near(actual.grad_weights, grad_w, 4 * tolerance), "backward of the weights");
    QVERIFY2(all_near(actual.lone_grad_weights, grad_w, 4 * tolerance), "backward of the weights alone");
    QVERIFY2(all_near(actual.grad_bias, grad_b, 4 * tolerance), "backward of the bias");
}

ConvolutionShape shape_of(std::int64_t batch, std::int64_t in, std::int64_t out, std::int64_t groups,
                          std::array<std::int64_t, 2> input, std::array<std::int64_t, 2> kernel,
                          std::array<std::int64_t, 2> stride = {1, 1}, std::array<std::int64_t, 2> padding = {0, 0},
                          std::array<std::int64_t, 2> dilation = {1, 1}) {
    return {.batch = batch,
            .in_channels = in,
            .out_channels = out,
            .groups = groups,
            .input = input,
            .kernel = kernel,
            .stride = stride,
            .padding = padding,
            .dilation = dilation};
}

void shape_rows() {
    QTest::addColumn<ConvolutionShape>("shape");
    const std::vector<std::pair<const char*, ConvolutionShape>> shapes{
        {"LeNet 1", shape_of(5, 1, 6, 1, {28, 28}, {5, 5}, {1, 1}, {2, 2})},
        {"LeNet 1 without padding", shape_of(2, 1, 6, 1, {32, 32}, {5, 5})},
        {"LeNet 2", shape_of(5, 6, 16, 1, {14, 14}, {5, 5})},
        {"one channel, wide", shape_of(3, 1, 20, 1, {9, 40}, {3, 3}, {1, 1}, {1, 1})},
        {"one channel, strided", shape_of(3, 1, 8, 1, {15, 13}, {3, 2}, {2, 3}, {1, 0})},
        {"one channel, dilated", shape_of(2, 1, 5, 1, {15, 17}, {3, 3}, {1, 1}, {2, 2}, {2, 2})},
        {"one channel, more padding than image", shape_of(2, 1, 3, 1, {3, 2}, {3, 3}, {1, 1}, {4, 4})},
        {"one to one", shape_of(3, 1, 1, 1, {6, 5}, {3, 3}, {1, 1}, {1, 1})},
        {"one to one, a single output", shape_of(9, 1, 1, 1, {3, 3}, {3, 3})},
        {"one to four", shape_of(3, 1, 4, 1, {9, 8}, {2, 2})},
        {"one to ten", shape_of(2, 1, 10, 1, {10, 9}, {3, 3})},
        {"two to 33", shape_of(2, 2, 33, 1, {10, 17}, {3, 3}, {1, 1}, {1, 1})},
        {"five to 20, tall kernel", shape_of(2, 5, 20, 1, {12, 9}, {7, 2}, {2, 1}, {3, 1}, {1, 1})},
        {"three channels", shape_of(2, 3, 16, 1, {16, 16}, {3, 3}, {1, 1}, {1, 1})},
        {"two channels, uneven", shape_of(2, 2, 7, 1, {11, 8}, {2, 3}, {1, 2}, {0, 1})},
        {"16 to 32, strided", shape_of(3, 16, 32, 1, {9, 9}, {3, 3}, {2, 2}, {1, 1})},
        {"1x1", shape_of(2, 24, 40, 1, {7, 5}, {1, 1})},
        {"groups", shape_of(2, 6, 9, 3, {8, 7}, {3, 3}, {1, 1}, {1, 1})},
        {"depthwise", shape_of(2, 8, 8, 8, {8, 7}, {3, 3}, {1, 1}, {1, 1})},
        {"depthwise, twice the channels", shape_of(2, 5, 10, 5, {8, 7}, {3, 3}, {2, 1}, {1, 1})},
        {"dilated", shape_of(2, 4, 5, 1, {12, 13}, {3, 3}, {1, 1}, {2, 2}, {2, 3})},
        {"one row", shape_of(3, 5, 4, 1, {1, 30}, {1, 4}, {1, 2}, {0, 1})},
        {"few pixels", shape_of(3, 130, 128, 1, {5, 4}, {3, 3}, {1, 1}, {1, 1})},
        {"few pixels, strided and dilated", shape_of(2, 128, 129, 1, {9, 13}, {2, 3}, {2, 2}, {0, 2}, {3, 2})},
        {"one output", shape_of(3, 16, 120, 1, {5, 5}, {5, 5})},
    };
    for (const auto& [name, shape] : shapes) {
        for (const auto& [source, destination] :
             {std::pair{ImageLayout::nhwc, ImageLayout::nhwc}, std::pair{ImageLayout::nchw, ImageLayout::nhwc},
              std::pair{ImageLayout::nhwc, ImageLayout::nchw}, std::pair{ImageLayout::nchw, ImageLayout::nchw}}) {
            ConvolutionShape row = shape;
            row.source = source;
            row.destination = destination;
            QTest::addRow("%s, layouts %d %d", name, int(source), int(destination)) << row;
        }
    }
}

} // namespace

class TstConvolution : public QObject {
    Q_OBJECT

  private slots:
    void cleanup() { set_num_threads(2); }

    void all_directions_data() { shape_rows(); }
    void all_directions() {
        QFETCH(ConvolutionShape, shape);
        const Inputs in(shape);
        set_num_threads(1);
        const Results<float> one(shape, in.x, in.w, in.b, in.grad);
        compare(one, shape, in, 2e-5);
        if (QTest::currentTestFailed()) return;
        QVERIFY2(one == Results<float>(shape, in.x, in.w, in.b, in.grad), "one thread must repeat itself to the bit");
        set_num_threads(2);
        compare(Results<float>(shape, in.x, in.w, in.b, in.grad), shape, in, 2e-5);
        if (QTest::currentTestFailed()) return;
        compare(Results<double>(shape, widened(in.x), widened(in.w), widened(in.b), widened(in.grad)), shape, in,
                1e-12);
    }

    // An infinite gradient must reach what its windows read, and nothing else.
    void infinities_stay_local_data() { shape_rows(); }
    void infinities_stay_local() {
        QFETCH(ConvolutionShape, shape);
        Inputs in(shape);
        in.grad[in.grad.size() / 2] = infinity;
        Floats grad_x(in.x.size());
        convolution_backward_input(shape, in.grad.data(), in.w.data(), grad_x.data());
        std::vector<bool> reached(in.x.size());
        for_products(shape, [&](std::size_t at_x, std::size_t, std::size_t at_y) {
            if (at_y == in.grad.size() / 2) reached[at_x] = true;
        });
        for (std::size_t i = 0; i < grad_x.size(); ++i)
            QCOMPARE(!std::isfinite(grad_x[i]), bool(reached[i]));
    }

    // An infinite gradient in a corner says nothing of the weights that met only padding there.
    void infinities_leave_other_weights_alone() {
        const ConvolutionShape shape = shape_of(1, 128, 128, 1, {4, 4}, {3, 3}, {1, 1}, {1, 1});
        Inputs in(shape);
        in.grad[0] = infinity; // of the first channel at the upper left
        Floats grad_weights(weights_size(shape));
        convolution_backward_weights(shape, in.x.data(), in.grad.data(), grad_weights.data(), nullptr);
        for (std::size_t tap = 0; tap < 9; ++tap)
            QCOMPARE(std::isfinite(grad_weights[tap]), tap < 3 || tap % 3 == 0);
        QVERIFY(std::isfinite(grad_weights[static_cast<std::size_t>(128 * 9 + 4)]));
    }

    void winograd_data() {
        QTest::addColumn<ConvolutionShape>("shape");
        QTest::newRow("padded") << shape_of(3, 16, 32, 1, {17, 14}, {3, 3}, {1, 1}, {1, 1});
        QTest::newRow("unpadded") << shape_of(4, 32, 16, 1, {13, 19}, {3, 3});
        QTest::newRow("uneven channels") << shape_of(4, 24, 17, 1, {13, 16}, {3, 3}, {1, 1}, {1, 1});
    }
    // It has errors of its own, and nothing of it stays behind.
    void winograd() {
        QFETCH(ConvolutionShape, shape);
        const Inputs in(shape);
        const Results<float> direct(shape, in.x, in.w, in.b, in.grad);
        QVERIFY(!winograd_allowed());
        for (const int threads : {1, 2}) {
            set_num_threads(threads);
            allow_winograd(true);
            const Results<float> results(shape, in.x, in.w, in.b, in.grad);
            allow_winograd(false);
            compare(results, shape, in, 2e-4);
            if (QTest::currentTestFailed()) return;
        }
        set_num_threads(2);
        QVERIFY(direct == Results<float>(shape, in.x, in.w, in.b, in.grad));
    }

    // More shapes than the cache holds, then the first again.
    void cache_is_bounded() {
        const auto shape = [](std::int64_t width) { return shape_of(1, 2, 3, 1, {4, width}, {2, 2}); };
        const Inputs in(shape(5));
        const Results<float> before(shape(5), in.x, in.w, in.b, in.grad);
        for (std::int64_t width = 6; width < 6 + convolution_cache_size; ++width) {
            const Inputs other(shape(width));
            Floats y(destination_size(shape(width)));
            convolution_forward(shape(width), other.x.data(), other.w.data(), other.b.data(), y.data());
        }
        QVERIFY(before == Results<float>(shape(5), in.x, in.w, in.b, in.grad));
    }

    void empty_batch() {
        const ConvolutionShape shape = shape_of(0, 2, 3, 1, {4, 4}, {2, 2});
        const Floats w(weights_size(shape), 1.0F);
        const Results<float> results(shape, {}, w, Floats(3), {});
        QVERIFY(results.y.empty());
        QVERIFY(results.grad_weights == Floats(w.size(), 0.0F));
        QVERIFY(results.grad_bias == Floats(3, 0.0F));
        QVERIFY(Results<double>(shape, {}, widened(w), Doubles(3), {}).grad_bias == Doubles(3, 0.0));
    }

    void bad_shapes_data() {
        QTest::addColumn<ConvolutionShape>("shape");
        QTest::addColumn<QString>("reason");
        QTest::newRow("groups") << shape_of(1, 4, 6, 3, {8, 8}, {3, 3}) << "groups must divide";
        QTest::newRow("no groups") << shape_of(1, 4, 6, 0, {8, 8}, {3, 3}) << "groups must be positive";
        QTest::newRow("large kernel") << shape_of(1, 4, 6, 1, {8, 8}, {9, 3}) << "does not fit";
        QTest::newRow("stride") << shape_of(1, 4, 6, 1, {8, 8}, {3, 3}, {0, 1}) << "stride";
        QTest::newRow("padding") << shape_of(1, 4, 6, 1, {8, 8}, {3, 3}, {1, 1}, {-1, 0}) << "padding";
        QTest::newRow("channels") << shape_of(1, 0, 6, 1, {8, 8}, {3, 3}) << "channel";
        QTest::newRow("kernel") << shape_of(1, 1, 6, 1, {8, 8}, {0, 3}) << "empty";
        QTest::newRow("batch") << shape_of(-1, 1, 6, 1, {8, 8}, {3, 3}) << "batch";
    }
    void bad_shapes() {
        QFETCH(ConvolutionShape, shape);
        QFETCH(QString, reason);
        float number = 0;
        double wide = 0;
        QString said;
        try {
            convolution_forward(shape, &number, &number, nullptr, &number);
        } catch (const Error& error) {
            said = error.what();
        }
        QVERIFY2(said.contains(reason) && said.contains("kernel ["), qPrintable(said));
        QVERIFY_THROWS_EXCEPTION(Error, convolution_backward_input(shape, &wide, &wide, &wide));
    }

    void products_data() {
        QTest::addColumn<bool>("transpose_a");
        QTest::addColumn<bool>("transpose_b");
        for (const bool a : {false, true}) {
            for (const bool b : {false, true})
                QTest::addRow("%d %d", a, b) << a << b;
        }
    }
    void products() {
        QFETCH(bool, transpose_a);
        QFETCH(bool, transpose_b);
        for (const auto& [m, n, k] : {std::array<std::int64_t, 3>{1, 1, 1},
                                      {5, 7, 3},
                                      {64, 10, 128},
                                      {33, 65, 17},
                                      {4, 3, 0},
                                      {0, 3, 2},
                                      {2, 0, 2}}) {
            const std::int64_t lda = (transpose_a ? m : k) + 2, ldb = (transpose_b ? k : n) + 1, ldc = n + 3;
            const Floats a = random_floats((transpose_a ? k : m) * lda, -1, 1, 1);
            const Floats b = random_floats((transpose_b ? n : k) * ldb, -1, 1, 2);
            for (const float beta : {0.0F, 1.0F, -0.5F}) {
                // With beta 0 what is there must not matter.
                Floats c =
                    beta == 0 ? Floats(static_cast<std::size_t>(m * ldc), nan_value) : random_floats(m * ldc, -1, 1, 3);
                const Floats before = c;
                Doubles wide_c = widened(c);
                const Doubles wide_a = widened(a), wide_b = widened(b);
                gemm(transpose_a, transpose_b, m, n, k, 1.5F, a.data(), lda, b.data(), ldb, beta, c.data(), ldc);
                gemm(transpose_a, transpose_b, m, n, k, 1.5, wide_a.data(), lda, wide_b.data(), ldb, double(beta),
                     wide_c.data(), ldc);
                for (std::int64_t i = 0; i < m; ++i) {
                    for (std::int64_t j = 0; j < ldc; ++j) {
                        const auto at = static_cast<std::size_t>(i * ldc + j);
                        double expected = j < n && beta == 0 ? 0 : double(before[at]);
                        if (j < n) {
                            expected *= double(beta);
                            for (std::int64_t l = 0; l < k; ++l) {
                                expected += 1.5 *
                                            wide_a[static_cast<std::size_t>(transpose_a ? l * lda + i : i * lda + l)] *
                                            wide_b[static_cast<std::size_t>(transpose_b ? j * ldb + l : l * ldb + j)];
                            }
                        }
                        VERIFY_NEAR(c[at], expected, 1e-5, 1e-6, "float");
                        VERIFY_NEAR(wide_c[at], expected, 1e-12, 1e-12, "double");
                    }
                }
            }
        }
        Floats c(1);
        QVERIFY_THROWS_EXCEPTION(Error, gemm(false, false, 4, 4, 4, 1.0F, c.data(), 1, c.data(), 1, 0.0F, c.data(), 1));
    }
};

QTEST_APPLESS_MAIN(TstConvolution)
#include "tst_convolution.moc"
