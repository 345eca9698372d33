#include "engine/kernels/cpu/onednn/gemm.h"
#include "engine/kernels/cpu/onednn/transposed_product.h"
#include "engine/kernels/cpu/parallel.h"
#include "tests/engine/kernel_checks.h"

#include <QtTest>

using namespace hs;
using namespace hs::test;

/// The product of linear layers beside gemm's.
class TestTransposedProduct : public QObject {
    Q_OBJECT

  private slots:
    void cleanup() { set_num_threads(2); }

    void is_the_product_data() {
        QTest::addColumn<std::int64_t>("m");
        QTest::addColumn<std::int64_t>("n");
        QTest::addColumn<std::int64_t>("k");
        QTest::newRow("linear layer") << std::int64_t{64} << std::int64_t{256} << std::int64_t{784};
        QTest::newRow("uneven") << std::int64_t{131} << std::int64_t{67} << std::int64_t{307};
        QTest::newRow("long") << std::int64_t{19} << std::int64_t{17} << std::int64_t{60'001};
        QTest::newRow("sixteen rows") << std::int64_t{16} << std::int64_t{2'100} << std::int64_t{1'003};
    }
    void is_the_product() {
        QFETCH(std::int64_t, m);
        QFETCH(std::int64_t, n);
        QFETCH(std::int64_t, k);
        const Floats x = random_floats(m * k, -1, 1), w = random_floats(n * k, -1, 1, 2);
        const Floats before = random_floats(m * n, -1, 1, 3);
        for (const bool add : {false, true}) {
            Floats expected = before;
            gemm(false, true, m, n, k, 1.0F, x.data(), k, w.data(), k, add ? 1.0F : 0.0F, expected.data(), n);
            std::vector<Floats> results;
            for (const int threads : {1, 2, 1}) {
                set_num_threads(threads);
                results.push_back(before);
                if (!transposed_product(m, n, k, x.data(), w.data(), add, results.back().data()))
                    QSKIP("on this processor oneDNN has only gemm for a transposed matrix");
            }
            QVERIFY(results[0] == results[2]);
            QVERIFY(results[0] == results[1]);
            for (std::size_t i = 0; i < expected.size(); ++i)
                VERIFY_NEAR(results[0][i], expected[i], 1e-6 * static_cast<double>(k), 0, "element");
        }
    }
    void small_products_are_left_to_gemm() {
        const Floats x(64 * 64, 1), w(64 * 64, 1);
        Floats y(64 * 64, 5);
        QVERIFY(!transposed_product(64, 64, 64, x.data(), w.data(), false, y.data()));
        const Floats few(15 * 1'000, 1), wide(1'000 * 1'000, 1);
        Floats rows(15 * 1'000, 5);
        QVERIFY(!transposed_product(15, 1'000, 1'000, few.data(), wide.data(), false, rows.data()));
        QVERIFY(rows == Floats(15 * 1'000, 5));
        QVERIFY(y == Floats(64 * 64, 5));
    }
};

QTEST_APPLESS_MAIN(TestTransposedProduct)
#include "tst_transposed_product.moc"
