#include "engine/kernels/cpu/batch_norm.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/tensor/error.h"
#include "tests/engine/kernel_checks.h"

#include <QTest>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

using namespace hs;
using namespace hs::test;

class TstVectorReductions : public QObject {
    Q_OBJECT

  private slots:
    void sums() {
        for (const auto set : instruction_sets()) {
            const ReduceKernels& reduce = vector_kernels(set).reduce;
            for (const std::int64_t n : {0, 1, 5, 63, 64, 65, 1000, 8192, 8193, 100000}) {
                // All near 1000: a running float sum would lose digits.
                const Floats x = random_floats(n + 1, 999, 1001), y = random_floats(n + 1, -1, 1, 2);
                double sum = 0, squares = 0, dot = 0, size = 0;
                for (std::int64_t i = 1; i <= n; ++i) {
                    const double a = x[static_cast<std::size_t>(i)], b = y[static_cast<std::size_t>(i)];
                    sum += a;
                    squares += a * a;
                    dot += a * b;
                    size += std::abs(a * b);
                }
                VERIFY_NEAR(reduce.sum(x.data() + 1, n), sum, 0, 1e-6, "sum");
                VERIFY_NEAR(reduce.sum_squares(x.data() + 1, n), squares, 0, 1e-6, "sum of squares");
                VERIFY_NEAR(reduce.dot(x.data() + 1, y.data() + 1, n), dot, 1e-6 * size, 0, "dot");
            }
        }
    }

    void rows_and_columns() {
        const std::vector<std::array<std::int64_t, 3>> shapes{
            {0, 5, 5},     {1, 1, 1},    {1000, 1, 1},   {777, 3, 3},   {500, 6, 6},     {300, 16, 16},
            {129, 31, 31}, {40, 33, 33}, {10, 700, 700}, {333, 10, 12}, {200, 600, 650}, {17, 8, 8}};
        for (const auto set : instruction_sets()) {
            for (const auto& [rows, cols, stride] : shapes) {
                const Floats x = random_floats(rows * stride, -1, 3);
                Floats y(static_cast<std::size_t>(cols), 5.0F);
                vector_kernels(set).reduce.column_sums(x.data(), rows, cols, stride, y.data());
                for (std::int64_t c = 0; c < cols; ++c) {
                    double expected = 0;
                    for (std::int64_t r = 0; r < rows; ++r)
                        expected += x[static_cast<std::size_t>(r * stride + c)];
                    VERIFY_NEAR(y[static_cast<std::size_t>(c)], expected, 1e-4, 1e-6, "column sum");
                }
                if (stride != cols) continue;
                Floats z(static_cast<std::size_t>(rows));
                vector_kernels(set).reduce.row_sums(x.data(), rows, cols, z.data());
                for (std::int64_t r = 0; r < rows; ++r) {
                    const double expected = std::accumulate(x.begin() + r * cols, x.begin() + (r + 1) * cols, 0.0);
                    VERIFY_NEAR(z[static_cast<std::size_t>(r)], expected, 1e-5, 1e-6, "row sum");
                }
                Floats turned(x.size());
                vector_kernels(set).reduce.transpose(x.data(), rows, cols, turned.data());
                for (std::int64_t r = 0; r < rows; ++r) {
                    for (std::int64_t c = 0; c < cols; ++c) {
                        QCOMPARE(turned[static_cast<std::size_t>(c * rows + r)],
                                 x[static_cast<std::size_t>(r * cols + c)]);
                    }
                }
            }
        }
    }

    void extremes() {
        for (const auto set : instruction_sets()) {
            const ReduceKernels& reduce = vector_kernels(set).reduce;
            for (const std::int64_t n : {1, 2, 17, 64, 65, 200}) {
                for (std::int64_t place = 0; place < n; ++place) {
                    Floats x = random_floats(n, -1, 1);
                    float value = 0;
                    std::int64_t index = -1;
                    x[static_cast<std::size_t>(place)] = 5;
                    x.back() = 5; // the first of equals wins
                    reduce.maximum(x.data(), n, &value, &index);
                    QCOMPARE(value, 5.0F);
                    QCOMPARE(index, place);
                    for (float& v : x)
                        v = -v;
                    reduce.minimum(x.data(), n, &value, &index);
                    QCOMPARE(value, -5.0F);
                    QCOMPARE(index, place);
                    x[static_cast<std::size_t>(place)] = nan_value;
                    x.back() = nan_value;
                    reduce.maximum(x.data(), n, &value, &index);
                    QVERIFY(std::isnan(value));
                    QCOMPARE(index, place);
                }
            }
            const Floats lowest(70, -infinity);
            float value = 0;
            std::int64_t index = -1;
            reduce.maximum(lowest.data(), 70, &value, &index);
            QCOMPARE(value, -infinity);
            QCOMPARE(index, std::int64_t{0});
        }
    }

    void softmax() {
        for (const auto set : instruction_sets()) {
            const SoftmaxKernels& kernels = vector_kernels(set).softmax;
            for (const std::int64_t cols : {1, 2, 10, 16, 33, 128, 5000}) {
                const std::int64_t rows = 5;
                const Floats x = random_floats(rows * cols, -90, 90), g = random_floats(rows * cols, -1, 1, 2);
                Floats y(x.size()), dx(x.size()), l(x.size()), dl(x.size());
                kernels.softmax(x.data(), y.data(), rows, cols);
                kernels.softmax_backward(g.data(), y.data(), dx.data(), rows, cols);
                kernels.log_softmax(x.data(), l.data(), rows, cols);
                kernels.log_softmax_backward(g.data(), l.data(), dl.data(), rows, cols);
                for (std::int64_t r = 0; r < rows; ++r) {
                    const auto at = [&](const Floats& v, std::int64_t c) {
                        return static_cast<double>(v[static_cast<std::size_t>(r * cols + c)]);
                    };
                    double top = at(x, 0), sum = 0, product = 0, grads = 0;
                    for (std::int64_t c = 0; c < cols; ++c)
                        top = std::max(top, at(x, c));
                    for (std::int64_t c = 0; c < cols; ++c)
                        sum += std::exp(at(x, c) - top);
                    for (std::int64_t c = 0; c < cols; ++c) {
                        product += std::exp(at(x, c) - top) / sum * at(g, c);
                        grads += at(g, c);
                    }
                    for (std::int64_t c = 0; c < cols; ++c) {
                        const double p = std::exp(at(x, c) - top) / sum;
                        VERIFY_NEAR(at(y, c), p, 1e-9, 2e-6, "softmax");
                        VERIFY_NEAR(at(l, c), at(x, c) - top - std::log(sum), 1e-6, 1e-6, "log_softmax");
                        VERIFY_NEAR(at(dx, c), p * (at(g, c) - product), 1e-6, 1e-5, "softmax_backward");
                        VERIFY_NEAR(at(dl, c), at(g, c) - p * grads, 2e-5, 1e-5, "log_softmax_backward");
                    }
                }
            }
            Floats odd{1, nan_value, 2, -infinity, -infinity, -infinity, 0, -infinity, 0}, y(9);
            kernels.softmax(odd.data(), y.data(), 3, 3);
            for (std::size_t i = 0; i < 6; ++i)
                QVERIFY(std::isnan(y[i]));
            QCOMPARE(y[6], 0.5F);
            QCOMPARE(y[7], 0.0F);
        }
    }

    void batch_norm_data() {
        QTest::addColumn<bool>("channels_last");
        QTest::addColumn<int>("batch");
        QTest::addColumn<int>("channels");
        QTest::addColumn<int>("area");
        for (const bool last : {false, true}) {
            QTest::addRow("one row %d", last) << last << 1 << 3 << 1;
            QTest::addRow("one channel %d", last) << last << 7 << 1 << 33;
            QTest::addRow("narrow %d", last) << last << 5 << 6 << 49;
            QTest::addRow("16 channels %d", last) << last << 9 << 16 << 100;
            QTest::addRow("wide %d", last) << last << 3 << 65 << 17;
            QTest::addRow("very wide %d", last) << last << 6 << 700 << 4;
            QTest::addRow("long %d", last) << last << 4 << 2 << 20000;
        }
    }

    // Statistics, forward and backward against double, with a mean that is far from zero.
    void batch_norm() {
        QFETCH(bool, channels_last);
        QFETCH(int, batch);
        QFETCH(int, channels);
        QFETCH(int, area);
        const BatchNormShape shape{channels_last ? ImageLayout::nhwc : ImageLayout::nchw, batch, channels, area};
        const auto at = [&](std::int64_t n, std::int64_t c, std::int64_t p) {
            return static_cast<std::size_t>(channels_last ? (n * area + p) * channels + c
                                                          : (n * channels + c) * area + p);
        };
        const std::int64_t size = std::int64_t{batch} * channels * area;
        const auto width = static_cast<std::size_t>(channels);
        const Floats x = random_floats(size, 99, 101), grad = random_floats(size, -1, 1, 2);
        const Floats weight = random_floats(channels, 0.5F, 2, 3), bias = random_floats(channels, -1, 1, 4);
        const double epsilon = 1e-5;
        Floats mean(width), variance(width), y(x.size()), dx(x.size()), constant_dx(x.size()), dw(width), db(width);
        batch_norm_statistics(shape, x.data(), mean.data(), variance.data());
        batch_norm_forward(shape, x.data(), mean.data(), variance.data(), weight.data(), bias.data(), epsilon,
                           y.data());
        batch_norm_backward(shape, grad.data(), x.data(), mean.data(), variance.data(), weight.data(), epsilon, true,
                            dx.data(), dw.data(), db.data());
        batch_norm_backward(shape, grad.data(), x.data(), mean.data(), variance.data(), nullptr, epsilon, false,
                            constant_dx.data(), nullptr, nullptr);
        const double count = double(batch) * area;
        for (std::int64_t c = 0; c < channels; ++c) {
            const auto each = [&](auto f) {
                for (std::int64_t n = 0; n < batch; ++n) {
                    for (std::int64_t p = 0; p < area; ++p)
                        f(at(n, c, p));
                }
            };
            const auto k = static_cast<std::size_t>(c);
            double sum = 0, square = 0, grads = 0, products = 0;
            each([&](std::size_t i) { sum += x[i]; });
            const double m = sum / count;
            each([&](std::size_t i) { square += (x[i] - m) * (x[i] - m); });
            const double v = square / count, r = 1 / std::sqrt(v + epsilon);
            each([&](std::size_t i) {
                grads += grad[i];
                products += grad[i] * (x[i] - m) * r;
            });
            VERIFY_NEAR(mean[k], m, 0, 1e-6, "mean");
            VERIFY_NEAR(variance[k], v, 1e-10, 2e-6, "variance");
            VERIFY_NEAR(db[k], grads, 1e-4, 1e-5, "grad bias");
            VERIFY_NEAR(dw[k], products, 2e-3, 1e-4, "grad weight");
            const auto close = [&](std::size_t i) {
                const double hat = (x[i] - m) * r;
                const double scale = area * batch == 1 ? 40 : 1; // a variance of 0
                return near(y[i], hat * weight[k] + bias[k], 1e-4 * scale, 1e-5) &&
                       near(dx[i], weight[k] * r * (grad[i] - grads / count - hat * products / count), 1e-3, 1e-4) &&
                       near(constant_dx[i], r * grad[i], 1e-6, 1e-5);
            };
            bool good = true;
            each([&](std::size_t i) { good = good && close(i); });
            QVERIFY2(good, qPrintable(QString("channel %1").arg(c)));
        }
    }

    // The same bits however many threads there are.
    void threads_do_not_change_results() {
        const BatchNormShape shape{ImageLayout::nhwc, 64, 6, 28 * 28};
        const Floats x = random_floats(64 * 6 * 28 * 28, -1, 1), grad = random_floats(64 * 6 * 28 * 28, -1, 1, 2);
        std::vector<Floats> results;
        const int before = get_num_threads();
        for (const int threads : {1, 2, 3}) {
            set_num_threads(threads);
            Floats mean(6), variance(6), dx(x.size()), dw(6), db(6);
            batch_norm_statistics(shape, x.data(), mean.data(), variance.data());
            batch_norm_backward(shape, grad.data(), x.data(), mean.data(), variance.data(), nullptr, 1e-5, true,
                                dx.data(), dw.data(), db.data());
            for (const Floats& more : {mean, variance, dw, db})
                dx.insert(dx.end(), more.begin(), more.end());
            results.push_back(dx);
        }
        set_num_threads(before);
        QVERIFY(results[0] == results[1]);
        QVERIFY(results[0] == results[2]);
    }

    void parallel_ranges_cover_once() {
        const int before = get_num_threads();
        for (const int threads : {1, 2, 5}) {
            set_num_threads(threads);
            QCOMPARE(get_num_threads(), threads);
            for (const std::int64_t count : {0, 1, 2, 63, 1000, 100000}) {
                std::vector<int> visits(static_cast<std::size_t>(count));
                parallel_for(count, 10, [&](std::int64_t begin, std::int64_t end) {
                    for (std::int64_t i = begin; i < end; ++i)
                        ++visits[static_cast<std::size_t>(i)];
                });
                for (const int visit : visits)
                    QCOMPARE(visit, 1);
            }
            QVERIFY_THROWS_EXCEPTION(Error, parallel_for(1000, 1, [](std::int64_t begin, std::int64_t) {
                                         if (begin == 0) throw Error("from a body");
                                     }));
        }
        set_num_threads(before);
        QVERIFY_THROWS_EXCEPTION(Error, set_num_threads(0));
    }
};

QTEST_APPLESS_MAIN(TstVectorReductions)
#include "tst_vector_reductions.moc"
