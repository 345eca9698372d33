#include "engine/tensor/error.h"
#include "engine/tensor/scalar.h"
#include "engine/tensor/shape.h"
#include "tests/engine/throws.h"

#include <QtTest>

#include <type_traits>

using namespace hs;
using test::thrown;

/// Numbers and lists of sizes by themselves.
class TestPlainValues : public QObject {
    Q_OBJECT

  private slots:
    void a_scalar_has_the_kind_of_its_number() {
        QCOMPARE(Scalar(true).kind(), Scalar::Kind::boolean);
        QCOMPARE(Scalar(1).kind(), Scalar::Kind::integer);
        QCOMPARE(Scalar(std::uint8_t{1}).kind(), Scalar::Kind::integer);
        QCOMPARE(Scalar(1.0F).kind(), Scalar::Kind::floating);
        QVERIFY(Scalar(true).to_bool() && !Scalar(false).to_bool());
        QVERIFY(!(Scalar(true) == Scalar(1)));
    }
    void a_text_or_a_pointer_is_no_scalar() {
        QVERIFY((!std::is_constructible_v<Scalar, const char*>));
        QVERIFY((!std::is_constructible_v<Scalar, const char(&)[5]>));
        QVERIFY((!std::is_constructible_v<Scalar, const void*>));
        QVERIFY((std::is_convertible_v<bool, Scalar>));
    }
    void a_count_that_does_not_fit_is_refused() {
        constexpr std::size_t above = (std::size_t{1} << 32) + 3;
        const std::string text = "a list of 4294967299 sizes is too long";
        QCOMPARE(thrown<Error>([] { Dims(above, 1); }), text);
        QCOMPARE(thrown<Error>([] {
                     Dims dims{1, 2};
                     dims.resize(above);
                 }),
                 text);
        QCOMPARE(Dims(7, 2).back(), std::int64_t{2});
    }
};

QTEST_APPLESS_MAIN(TestPlainValues)
#include "tst_plain_values.moc"
