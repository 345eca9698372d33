#include "engine/nn/activation.h"
#include "engine/nn/container.h"
#include "engine/nn/conv.h"
#include "engine/nn/linear.h"
#include "engine/nn/parameter.h"
#include "engine/ops/functional.h"
#include "engine/tensor/printing.h"

#include <QtTest>

#include <limits>

using namespace hs;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

} // namespace

/// Section M: printing. Only Python can have: the layout= suffix and the device of CUDA (rule 113: there is one layout,
/// and this build keeps tensors on the CPU), and the address in a node's text (rule 114).
class TestRulesPrinting : public QObject {
    Q_OBJECT

    static void prints(const Tensor& tensor, const std::string& text) { QCOMPARE(to_string(tensor), text); }

  private slots:
    void rule_111_rows_are_indented_and_blocks_parted() {
        prints(arange(0, 4).reshape({2, 2}), "tensor([[0, 1],\n        [2, 3]])");
        prints(zeros({2, 2, 2}), "tensor([[[0., 0.],\n         [0., 0.]],\n\n        [[0., 0.],\n         [0., 0.]]])");
    }
    void rule_111_above_a_thousand_elements_three_stand_at_each_end() {
        prints(arange(0, 2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])");
        prints(arange(0, 1500, 1, {.dtype = Dtype::float32}).reshape({1, 1500}),
               "tensor([[0.0000e+00, 1.0000e+00, 2.0000e+00,  ..., 1.4970e+03, 1.4980e+03,\n         1.4990e+03]])");
    }

    void rule_112_whole_numbers_have_a_point() { prints(tensor({1, -2}), "tensor([ 1., -2.])"); }
    void rule_112_others_have_four_digits() { prints(tensor({1.5, 2}), "tensor([1.5000, 2.0000])"); }
    void rule_112_wide_ranges_are_scientific() {
        prints(tensor({1e-5, 1}), "tensor([1.0000e-05, 1.0000e+00])");
        prints(tensor({1, 1001.5}), "tensor([1.0000e+00, 1.0015e+03])");
        prints(tensor({1, 2e9}), "tensor([1.0000e+00, 2.0000e+09])");
    }
    void rule_112_nan_and_infinity_do_not_count() {
        prints(tensor({1, no_number, infinity, -2.5}), "tensor([ 1.0000,     nan,     inf, -2.5000])");
    }

    void rule_113_size_and_dtype_of_empty_tensors() {
        prints(zeros({0}), "tensor([])");
        prints(zeros({0, 3}), "tensor([], size=(0, 3))");
        prints(zeros({0}, {.dtype = Dtype::int64}), "tensor([], dtype=torch.int64)");
    }
    void rule_113_suffixes_in_order() {
        prints(zeros({2}, {.dtype = Dtype::float64, .requires_grad = true}),
               "tensor([0., 0.], dtype=torch.float64, requires_grad=True)");
        prints(zeros({2}, {.dtype = Dtype::float16}), "tensor([0., 0.], dtype=torch.float16)");
        prints(zeros({2}, {.dtype = Dtype::int16}), "tensor([0, 0], dtype=torch.int16)");
        prints(ones({2}, {.requires_grad = true}) * 2.0, "tensor([2., 2.], grad_fn=<MulBackward0>)");
    }
    void rule_113_a_suffix_beyond_column_80_goes_to_a_new_line() {
        prints(full({9}, 1.0 / 3, {.dtype = Dtype::float64, .requires_grad = true}),
               "tensor([0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333, 0.3333],\n"
               "       dtype=torch.float64, requires_grad=True)");
    }

    void rule_114_parameters_say_so_first() {
        prints(nn::parameter(ones({2})), "Parameter containing:\ntensor([1., 1.], requires_grad=True)");
    }

    void rule_115_modules_print_their_children_indented() {
        nn::Sequential net;
        net.append(std::make_shared<nn::Linear>(2, 3));
        net.append(std::make_shared<nn::ReLU>());
        QCOMPARE(net.to_string(), std::string("Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n"
                                              "  (1): ReLU()\n)"));
    }
    void rule_115_no_content_is_a_pair_of_brackets() { QCOMPARE(nn::Module().to_string(), std::string("Module()")); }

    void rule_116_a_list_folds_equal_neighbours() {
        nn::ModuleList list;
        for (int i = 0; i < 3; ++i)
            list.append(std::make_shared<nn::Linear>(2, 2));
        list.append(std::make_shared<nn::ReLU>());
        QCOMPARE(list.to_string(),
                 std::string("ModuleList(\n  (0-2): 3 x Linear(in_features=2, out_features=2, bias=True)\n"
                             "  (3): ReLU()\n)"));
    }
    void rule_116_sequential_does_not() {
        nn::Sequential net;
        net.append(std::make_shared<nn::ReLU>());
        net.append(std::make_shared<nn::ReLU>());
        QCOMPARE(net.to_string(), std::string("Sequential(\n  (0): ReLU()\n  (1): ReLU()\n)"));
    }

    void rule_117_extra_repr_shows_defaults_for_some_classes() {
        QCOMPARE(nn::Linear(2, 3).to_string(), std::string("Linear(in_features=2, out_features=3, bias=True)"));
        QCOMPARE(nn::Conv2d(1, 2, {.kernel_size = 3}).to_string(),
                 std::string("Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))"));
        QCOMPARE(nn::Conv2d(1, 2, {.kernel_size = 3, .padding = 1, .bias = false}).to_string(),
                 std::string("Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), bias=False)"));
    }
};

QTEST_APPLESS_MAIN(TestRulesPrinting)
#include "tst_rules_m_printing.moc"
