#include "engine/ops/functional.h"
#include "engine/tensor/printing.h"

#include <QtTest>

#include <cmath>
#include <limits>

using namespace hs;

/// Texts that PyTorch printed for the same tensors (rules 111 to 114).
class TestPrinting : public QObject {
    Q_OBJECT

  private slots:
    void numbers() {
        QCOMPARE(to_string(scalar_tensor(1, {.dtype = Dtype::int64})), std::string("tensor(1)"));
        QCOMPARE(to_string(tensor({1, 2, 3})), std::string("tensor([1., 2., 3.])"));
        QCOMPARE(to_string(tensor({1.5, 2, -3})), std::string("tensor([ 1.5000,  2.0000, -3.0000])"));
        QCOMPARE(to_string(tensor({1e-5, 1})), std::string("tensor([1.0000e-05, 1.0000e+00])"));
        QCOMPARE(to_string(tensor({123456, 0.5})), std::string("tensor([1.2346e+05, 5.0000e-01])"));
        QCOMPARE(
            to_string(tensor({1, std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity()})),
            std::string("tensor([1., nan, -inf])"));
    }
    void dtypes() {
        QCOMPARE(to_string(tensor({1, 2}, {.dtype = Dtype::float64})),
                 std::string("tensor([1., 2.], dtype=torch.float64)"));
        QCOMPARE(to_string(tensor({1, 0}, {.dtype = Dtype::bool_})), std::string("tensor([ True, False])"));
        QCOMPARE(to_string(tensor({1, 200}, {.dtype = Dtype::uint8})),
                 std::string("tensor([  1, 200], dtype=torch.uint8)"));
    }
    void matrices() {
        QCOMPARE(to_string(arange(0, 6).reshape({2, 3})), std::string("tensor([[0, 1, 2],\n        [3, 4, 5]])"));
        QCOMPARE(to_string(arange(0, 4).reshape({2, 1, 2})), std::string("tensor([[[0, 1]],\n\n        [[2, 3]]])"));
    }
    void long_tensors_are_cut() {
        QCOMPARE(to_string(arange(0, 2000)), std::string("tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"));
    }
    void empty_ones() {
        QCOMPARE(to_string(zeros({0})), std::string("tensor([])"));
        QCOMPARE(to_string(zeros({0, 3})), std::string("tensor([], size=(0, 3))"));
        QCOMPARE(to_string(zeros({0}, {.dtype = Dtype::int64})), std::string("tensor([], dtype=torch.int64)"));
    }
    void history() {
        const Tensor x = tensor({1, 2}, {.requires_grad = true});
        QCOMPARE(to_string(x), std::string("tensor([1., 2.], requires_grad=True)"));
        QCOMPARE(to_string(x * 2.0), std::string("tensor([2., 4.], grad_fn=<MulBackward0>)"));
    }
    void long_suffixes_wrap() {
        const Tensor x = full({8}, 0.123456, {.dtype = Dtype::float64, .requires_grad = true});
        QCOMPARE(to_string(x), std::string("tensor([0.1235, 0.1235, 0.1235, 0.1235, 0.1235, 0.1235, 0.1235, 0.1235],\n"
                                           "       dtype=torch.float64, requires_grad=True)"));
    }
    void legacy_names() {
        QCOMPARE(legacy_type_name(zeros({1}, {.dtype = Dtype::int64})), std::string("torch.LongTensor"));
    }
};

QTEST_APPLESS_MAIN(TestPrinting)
#include "tst_printing.moc"
