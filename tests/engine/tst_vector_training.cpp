#include "engine/kernels/cpu/parallel.h"
#include "tests/engine/kernel_checks.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <vector>

using namespace hs;
using namespace hs::test;

namespace {

using Places = std::vector<std::int32_t>;

/// Pooling as its definition says, one output at a time.
struct PoolReference {
    const PoolShape& s;

    template <class Body>
    void for_taps(std::int64_t oh, std::int64_t ow, Body body) const {
        for (std::int64_t i = 0; i < s.kernel_height; ++i) {
            for (std::int64_t j = 0; j < s.kernel_width; ++j) {
                const std::int64_t y = oh * s.stride_height - s.padding_height + i * s.dilation_height;
                const std::int64_t x = ow * s.stride_width - s.padding_width + j * s.dilation_width;
                if (y >= 0 && y < s.height && x >= 0 && x < s.width) body(y * s.width + x);
            }
        }
    }

    /// Calls body(out, n, c, oh, ow) for each output; `out` is its offset.
    template <class Body>
    void for_outputs(Body body) const {
        std::size_t out = 0;
        for (std::int64_t n = 0; n < s.batch; ++n) {
            for (std::int64_t oh = 0; oh < s.out_height; ++oh) {
                for (std::int64_t ow = 0; ow < s.out_width; ++ow) {
                    for (std::int64_t c = 0; c < s.channels; ++c)
                        body(out++, n, c, oh, ow);
                }
            }
        }
    }

    std::size_t input(std::int64_t n, std::int64_t c, std::int64_t place) const {
        return static_cast<std::size_t>((n * s.height * s.width + place) * s.channels + c);
    }

    double divisor(std::int64_t oh, std::int64_t ow, bool with_padding, std::int64_t fixed) const {
        if (fixed) return static_cast<double>(fixed);
        std::int64_t count = 0;
        if (!with_padding) {
            for_taps(oh, ow, [&](std::int64_t) { ++count; });
        } else {
            for (std::int64_t i = 0; i < s.kernel_height; ++i) {
                for (std::int64_t j = 0; j < s.kernel_width; ++j) {
                    const bool inside = oh * s.stride_height + i < s.height + 2 * s.padding_height &&
                                        ow * s.stride_width + j < s.width + 2 * s.padding_width;
                    count += inside ? 1 : 0;
                }
            }
        }
        return static_cast<double>(count);
    }
};

PoolShape pool_shape(std::int64_t batch, std::int64_t height, std::int64_t width, std::int64_t channels,
                     std::int64_t kernel, std::int64_t stride, std::int64_t padding, std::int64_t dilation, bool ceil) {
    const auto size = [&](std::int64_t in) {
        const std::int64_t room = in + 2 * padding - dilation * (kernel - 1) - 1;
        std::int64_t out = (room + (ceil ? stride - 1 : 0)) / stride + 1;
        if (ceil && (out - 1) * stride >= in + padding) --out;
        return out;
    };
    return {.batch = batch,
            .height = height,
            .width = width,
            .channels = channels,
            .out_height = size(height),
            .out_width = size(width),
            .kernel_height = kernel,
            .kernel_width = kernel,
            .stride_height = stride,
            .stride_width = stride,
            .padding_height = padding,
            .padding_width = padding,
            .dilation_height = dilation,
            .dilation_width = dilation};
}

void pool_rows(bool dilated) {
    QTest::addColumn<QList<int>>("shape"); // height, width, channels, kernel, stride, padding, dilation, ceil
    for (const int channels : {1, 3, 6, 8, 11, 16, 24, 33}) {
        const auto add = [&](const char* name, QList<int> sizes) {
            sizes.insert(2, channels);
            QTest::addRow("%s, %d channels", name, channels) << sizes;
        };
        add("2x2", {8, 6, 2, 2, 0, 1, 0});
        add("2x2 odd", {7, 9, 2, 2, 0, 1, 0});
        add("2x2 ceil", {7, 9, 2, 2, 0, 1, 1});
        add("2x2 overlapping", {5, 5, 2, 1, 0, 1, 0});
        add("3x3 padded", {9, 8, 3, 2, 1, 1, 0});
        add("3x3 padded ceil", {10, 7, 3, 3, 1, 1, 1});
        if (dilated) add("3x3 dilated", {11, 10, 3, 2, 1, 2, 0});
        add("global", {5, 4, 4, 4, 0, 1, 0});
    }
}

PoolShape fetched_pool_shape() {
    const auto v = *static_cast<QList<int>*>(QTest::qData("shape", qMetaTypeId<QList<int>>()));
    return pool_shape(3, v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7] != 0);
}

template <class Body>
void with_each_build(Body body) {
    for (const auto set : instruction_sets())
        body(vector_kernels(set));
}

} // namespace

class TstVectorTraining : public QObject {
    Q_OBJECT

  private slots:
    void max_pool_data() { pool_rows(true); }

    // Few distinct values, so that there are ties; some NaN and a plane of -Inf. Images are done in two calls.
    void max_pool() {
        const PoolShape s = fetched_pool_shape();
        const PoolReference reference{s};
        Floats x = random_floats(s.batch * s.height * s.width * s.channels, 0, 4);
        for (std::size_t i = 0; i < x.size(); ++i)
            x[i] = i % 31 == 5 ? nan_value : std::floor(x[i]) - 2;
        for (std::int64_t p = 0; p < s.height * s.width; ++p)
            x[reference.input(1, 0, p)] = -infinity;
        const std::size_t outputs = static_cast<std::size_t>(s.batch * s.out_height * s.out_width * s.channels);
        const Floats grad = random_floats(static_cast<std::int64_t>(outputs), -1, 1, 2);
        with_each_build([&](const VectorKernels& kernels) {
            Floats y(outputs + 1, 77), dx(x.size() + 1, 77);
            Places places(outputs + 1, 77);
            kernels.pool.max(s, 0, 1, x.data(), y.data(), places.data());
            kernels.pool.max(s, 1, s.batch, x.data(), y.data(), places.data());
            kernels.pool.max_backward(s, 1, s.batch, grad.data(), places.data(), dx.data());
            kernels.pool.max_backward(s, 0, 1, grad.data(), places.data(), dx.data());
            std::vector<double> expected_dx(x.size());
            int wrong = 0;
            reference.for_outputs(
                [&](std::size_t out, std::int64_t n, std::int64_t c, std::int64_t oh, std::int64_t ow) {
                    float best = -infinity;
                    std::int64_t place = -1;
                    reference.for_taps(oh, ow, [&](std::int64_t tap) {
                        const float value = x[reference.input(n, c, tap)];
                        if (place < 0) place = tap;
                        if (value > best || std::isnan(value)) {
                            best = value;
                            place = tap;
                        }
                    });
                    wrong += near(y[out], best, 0, 0) && places[out] == place ? 0 : 1;
                    expected_dx[reference.input(n, c, place)] += grad[out];
                });
            QCOMPARE(wrong, 0);
            for (std::size_t i = 0; i < x.size(); ++i)
                VERIFY_NEAR(dx[i], expected_dx[i], 1e-6, 0, name_of(kernels));
            QCOMPARE(y.back(), 77.0F);
            QCOMPARE(places.back(), 77);
            QCOMPARE(dx.back(), 77.0F);
        });
    }

    void average_pool_data() { pool_rows(false); }
    void average_pool() {
        const PoolShape s = fetched_pool_shape();
        const PoolReference reference{s};
        const Floats x = random_floats(s.batch * s.height * s.width * s.channels, -1, 1);
        const std::size_t outputs = static_cast<std::size_t>(s.batch * s.out_height * s.out_width * s.channels);
        const Floats grad = random_floats(static_cast<std::int64_t>(outputs), -1, 1, 2);
        with_each_build([&](const VectorKernels& kernels) {
            for (const auto& [with_padding, fixed] : {std::pair{true, 0}, std::pair{false, 0}, std::pair{true, 5}}) {
                Floats y(outputs), dx(x.size(), 77);
                kernels.pool.average(s, 0, 2, x.data(), y.data(), with_padding, fixed);
                kernels.pool.average(s, 2, s.batch, x.data(), y.data(), with_padding, fixed);
                kernels.pool.average_backward(s, 0, s.batch, grad.data(), dx.data(), with_padding, fixed);
                std::vector<double> expected_dx(x.size());
                int wrong = 0;
                reference.for_outputs(
                    [&](std::size_t out, std::int64_t n, std::int64_t c, std::int64_t oh, std::int64_t ow) {
                        const double divisor = reference.divisor(oh, ow, with_padding, fixed);
                        double sum = 0;
                        reference.for_taps(oh, ow, [&](std::int64_t tap) {
                            sum += x[reference.input(n, c, tap)];
                            expected_dx[reference.input(n, c, tap)] += grad[out] / divisor;
                        });
                        wrong += near(y[out], sum / divisor, 1e-6, 0) ? 0 : 1;
                    });
                QCOMPARE(wrong, 0);
                for (std::size_t i = 0; i < x.size(); ++i)
                    VERIFY_NEAR(dx[i], expected_dx[i], 1e-6, 0, "dx");
            }
        });
    }

    void sgd_data() {
        QTest::addColumn<double>("momentum");
        QTest::addColumn<double>("dampening");
        QTest::addColumn<double>("weight_decay");
        QTest::addColumn<bool>("nesterov");
        QTest::addColumn<bool>("maximize");
        QTest::newRow("plain") << 0.0 << 0.0 << 0.0 << false << false;
        QTest::newRow("decay, maximize") << 0.0 << 0.0 << 0.1 << false << true;
        QTest::newRow("momentum") << 0.9 << 0.0 << 0.0 << false << false;
        QTest::newRow("dampening") << 0.9 << 0.3 << 0.1 << false << true;
        QTest::newRow("nesterov") << 0.9 << 0.0 << 0.0 << true << false;
        QTest::newRow("nesterov, decay") << 0.8 << 0.0 << 0.2 << true << true;
    }
    void sgd() {
        QFETCH(double, momentum);
        QFETCH(double, dampening);
        QFETCH(double, weight_decay);
        QFETCH(bool, nesterov);
        QFETCH(bool, maximize);
        const std::int64_t n = 133;
        with_each_build([&](const VectorKernels& kernels) {
            Floats p = random_floats(n, -1, 1), buffer(static_cast<std::size_t>(n), nan_value);
            std::vector<double> expected(p.begin(), p.end()), b(expected.size());
            for (int step = 0; step < 3; ++step) {
                const Floats grad = random_floats(n, -1, 1, 10 + unsigned(step));
                kernels.optimizer.sgd({.learning_rate = 0.1,
                                       .momentum = momentum,
                                       .dampening = dampening,
                                       .weight_decay = weight_decay,
                                       .nesterov = nesterov,
                                       .maximize = maximize,
                                       .first = step == 0},
                                      p.data(), grad.data(), momentum != 0 ? buffer.data() : nullptr, n);
                for (std::size_t i = 0; i < expected.size(); ++i) {
                    double g = (maximize ? -1 : 1) * double(grad[i]) + weight_decay * expected[i];
                    if (momentum != 0) {
                        b[i] = step == 0 ? g : momentum * b[i] + (1 - dampening) * g;
                        g = nesterov ? g + momentum * b[i] : b[i];
                        VERIFY_NEAR(buffer[i], b[i], 1e-6, 1e-6, "buffer");
                    }
                    expected[i] -= 0.1 * g;
                    VERIFY_NEAR(p[i], expected[i], 1e-6, 1e-6, name_of(kernels));
                }
            }
        });
    }

    void adam_data() {
        QTest::addColumn<double>("weight_decay");
        QTest::addColumn<bool>("decoupled");
        QTest::addColumn<bool>("amsgrad");
        QTest::addColumn<bool>("maximize");
        QTest::newRow("adam") << 0.0 << false << false << false;
        QTest::newRow("adam, decay") << 0.1 << false << false << true;
        QTest::newRow("adamw") << 0.1 << true << false << false;
        QTest::newRow("amsgrad") << 0.0 << false << true << false;
        QTest::newRow("amsgrad, decay") << 0.1 << false << true << false;
    }
    void adam() {
        QFETCH(double, weight_decay);
        QFETCH(bool, decoupled);
        QFETCH(bool, amsgrad);
        QFETCH(bool, maximize);
        const std::int64_t n = 133;
        const double lr = 0.01, b1 = 0.9, b2 = 0.99, epsilon = 1e-8;
        with_each_build([&](const VectorKernels& kernels) {
            Floats p = random_floats(n, -1, 1), m(p.size()), v(p.size()), top(p.size());
            std::vector<double> expected(p.begin(), p.end()), em(p.size()), ev(p.size()), et(p.size());
            for (int step = 1; step < 5; ++step) {
                const Floats grad = random_floats(n, step == 2 ? -3.0F : -0.5F, 1, 10 + unsigned(step));
                kernels.optimizer.adam({.learning_rate = lr,
                                        .beta1 = b1,
                                        .beta2 = b2,
                                        .epsilon = epsilon,
                                        .weight_decay = weight_decay,
                                        .decoupled = decoupled,
                                        .maximize = maximize,
                                        .step = double(step)},
                                       p.data(), grad.data(), m.data(), v.data(), amsgrad ? top.data() : nullptr, n);
                for (std::size_t i = 0; i < expected.size(); ++i) {
                    double g = (maximize ? -1 : 1) * double(grad[i]);
                    if (decoupled) {
                        expected[i] *= 1 - lr * weight_decay;
                    } else {
                        g += weight_decay * expected[i];
                    }
                    em[i] += (1 - b1) * (g - em[i]);
                    ev[i] = b2 * ev[i] + (1 - b2) * g * g;
                    et[i] = std::max(et[i], ev[i]);
                    const double root = std::sqrt(amsgrad ? et[i] : ev[i]) / std::sqrt(1 - std::pow(b2, step));
                    expected[i] -= lr / (1 - std::pow(b1, step)) * em[i] / (root + epsilon);
                    VERIFY_NEAR(p[i], expected[i], 2e-6, 1e-6, name_of(kernels));
                }
            }
        });
    }
};

QTEST_APPLESS_MAIN(TstVectorTraining)
#include "tst_vector_training.moc"
