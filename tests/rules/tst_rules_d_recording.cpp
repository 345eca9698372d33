#include "tests/rules/tensors.h"

using namespace hs;
using namespace hs::test;

/// Section D, graph recording. Rule 30's decorators are Python's.
class TestRulesDRecording : public QObject {
    Q_OBJECT

    static void node(const char* what, const Tensor& result, const char* name) {
        QTest::newRow(what) << QString::fromStdString(node_of(result)) << QString::fromLatin1(name);
    }

  private slots:
    void rule_26_one_node_an_operation() {
        const Tensor x = leaf({1, 2});
        const Tensor y = x * 3.0;
        const Tensor z = (y + x).sum();
        const Node& add = *z.grad_fn()->edge(0).node;
        QCOMPARE(next_of(add), (Texts{"MulBackward0", "AccumulateGrad"}));
        QVERIFY(z.grad_fn()->sequence_nr() > add.sequence_nr());
        QVERIFY(add.sequence_nr() > y.grad_fn()->sequence_nr());
        QVERIFY(y.grad_fn()->edge(0).node == add.edge(1).node); // the one AccumulateGrad of x
        const std::optional<InputMeta> meta = add.input_meta(0);
        QVERIFY(meta && meta->dtype == Dtype::float32 && std::ranges::equal(meta->shape, Shape{2}));
        QVERIFY(meta->device == Device{});
    }
    void rule_26_sequence_numbers_are_of_a_thread() {
        const Tensor x = leaf({1});
        const std::uint64_t here = (x * 2.0).grad_fn()->sequence_nr();
        std::uint64_t there = 0;
        std::thread([&] { there = (leaf({1}) * 2.0).grad_fn()->sequence_nr(); }).join();
        QCOMPARE(there, std::uint64_t{0});
        QCOMPARE((x * 2.0).grad_fn()->sequence_nr(), here + 1);
    }
    void rule_27_inputs_without_gradient_have_empty_edges() {
        const Tensor x = leaf({1, 2});
        QCOMPARE(next_of(x + tensor({1, 1})), (Texts{"AccumulateGrad", "none"}));
        QCOMPARE(next_of(tensor({1, 1}) + x), (Texts{"none", "AccumulateGrad"}));
        const Tensors parts = unbind(x * 2.0);
        const Tensor sum = parts[1] + parts[0];
        QCOMPARE(sum.grad_fn()->edge(0).input_nr, 1u);
        QCOMPARE(sum.grad_fn()->edge(1).input_nr, 0u);
    }
    void rule_28_node_names_data() {
        QTest::addColumn<QString>("found");
        QTest::addColumn<QString>("wanted");
        const Tensor x = leaf({1, 2});
        const Tensor m = reshape(leaf({1, 2, 3, 4}), {2, 2});
        node("add", x + x, "AddBackward0");
        node("sub", x - x, "SubBackward0");
        node("mul", x * x, "MulBackward0");
        node("div", x / x, "DivBackward0");
        node("x / number", x / 2.0, "DivBackward0");
        node("number / x", 2.0 / x, "MulBackward0");
        node("number - x", 2.0 - x, "RsubBackward1");
        node("pow number", pow(x, 2), "PowBackward0");
        node("pow tensor", pow(x, x), "PowBackward1");
        node("number pow", pow(Scalar(2), x), "PowBackward1");
        node("sum", sum(x), "SumBackward0");
        node("sum dim", sum(m, Dims{0}), "SumBackward1");
        node("mean", mean(x), "MeanBackward0");
        node("mean dim", mean(m, Dims{0}), "MeanBackward1");
        node("prod", prod(x), "ProdBackward0");
        node("prod dim", prod(m, 0), "ProdBackward1");
        node("max", max(x), "MaxBackward1");
        node("max dim", max(m, 0).values, "MaxBackward0");
        node("min", min(x), "MinBackward1");
        node("min dim", min(m, 0).values, "MinBackward0");
        node("clamp", clamp(x, Scalar(0)), "ClampBackward1");
        node("squeeze", squeeze(x), "SqueezeBackward0");
        node("squeeze dim", squeeze(x, 0), "SqueezeBackward1");
        node("reshape", reshape(m * 1.0, {4}), "ViewBackward0");
        node("flatten", (m * 1.0).flatten(), "ViewBackward0");
        node("select", x[0], "SelectBackward0");
        node("slice", slice(x, 0, 0, 1), "SliceBackward0");
        node("index", index(x, {tensor({0}, {.dtype = Dtype::int64})}), "IndexBackward0");
        node("norm", norm(x), "LinalgVectorNormBackward0");
    }
    void rule_28_node_names() {
        QFETCH(QString, found);
        QFETCH(QString, wanted);
        QCOMPARE(found, wanted);
    }
    void rule_28_writing_an_element() {
        const Tensor y = leaf({1, 2}) * 2.0;
        y[0].fill_(3);
        QCOMPARE(node_of(y), std::string("CopySlices"));
    }
    void rule_29_linear_data() {
        QTest::addColumn<QString>("found");
        QTest::addColumn<QString>("wanted");
        const auto of = [](const Shape& shape) { return ones(shape, {.requires_grad = true}); };
        const Tensor w = of({4, 3}), b = of({4});
        node("2-D with bias", linear(of({2, 3}), w, b), "AddmmBackward0");
        node("1-D with bias", linear(of({3}), w, b), "ViewBackward0");
        node("3-D with bias", linear(of({5, 2, 3}), w, b), "ViewBackward0");
        node("2-D", linear(of({2, 3}), w), "MmBackward0");
        node("1-D", linear(of({3}), w), "SqueezeBackward4");
        node("3-D", linear(of({5, 2, 3}), w), "UnsafeViewBackward0");
        node("1-D by 1-D", linear(of({3}), of({3})), "DotBackward0");
    }
    void rule_29_linear() {
        QFETCH(QString, found);
        QFETCH(QString, wanted);
        QCOMPARE(found, wanted);
    }
    void rule_30_no_grad_stops_recording() {
        const Tensor x = leaf({1});
        {
            const NoGrad scope;
            QVERIFY((x * 2.0).is_leaf());
            QVERIFY(ones({1}, {.requires_grad = true}).requires_grad());
            const EnableGrad inner;
            QVERIFY(!(x * 2.0).is_leaf());
            bool other_thread = false;
            const NoGrad innermost;
            std::thread([&] { other_thread = grad_enabled(); }).join();
            QVERIFY(other_thread && !grad_enabled());
        }
        QVERIFY(grad_enabled());
    }
    void rule_30_backward_runs_without_recording_unless_asked() {
        const Tensor x = leaf({3});
        Texts modes;
        x.register_hook([&](const Tensor&) {
            modes.emplace_back(grad_enabled() ? "on" : "off");
            return Tensor();
        });
        const Warnings warnings;
        (x * 2.0).sum().backward();
        autograd::grad({(x * 2.0).sum()}, {x}, {}, {.create_graph = true});
        QCOMPARE(modes, (Texts{"off", "on"}));
    }
    void rule_31_inference_tensors() {
        const Tensor x = leaf({1, 2});
        Tensor made, part;
        {
            const InferenceMode scope;
            made = tensor({3, 4});
            part = x[0];
            QVERIFY(!(x * 2.0).requires_grad() && (x * 2.0).is_inference());
        }
        QVERIFY(made.is_inference() && !part.is_inference() && !inference_mode_enabled() && grad_enabled());
        QCOMPARE(thrown<Error>([&] { x* made; }),
                 std::string("Inference tensors cannot be saved for backward. To work around you can make a clone to "
                             "get a normal tensor and use it in autograd."));
        (x * made.clone() + made).sum().backward();
        QCOMPARE(numbers(x.grad()), (Numbers{3, 4}));
        QCOMPARE(thrown<Error>([&] { made.set_requires_grad(); }),
                 std::string("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed."));
        QVERIFY(thrown<Error>([&] {
                    made.add_(ones({2}));
                }).starts_with("Inplace update to inference tensor outside InferenceMode is not allowed."));
        QCOMPARE(thrown<Error>([&] { (void)made.version(); }),
                 std::string("Inference tensors do not track version counter."));
        const InferenceMode scope;
        made.add_(ones({2}));
        QCOMPARE(numbers(made), (Numbers{4, 5}));
    }
};

QTEST_APPLESS_MAIN(TestRulesDRecording)
#include "tst_rules_d_recording.moc"
