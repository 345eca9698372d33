#include "engine/autograd/custom_function.h"
#include "engine/autograd/functional.h"
#include "engine/graph/saved_tensor_hooks.h"
#include "engine/ops/op.h"
#include "tests/rules/tensors.h"

using namespace hs;
using namespace hs::test;

namespace {

/// The square, with its gradient written by hand.
struct Square : autograd::Function {
    std::string name() const override { return "Square"; }
    Tensors forward(autograd::FunctionContext& context, const Tensors& inputs) const override {
        context.save_for_backward(inputs);
        context.state = 2.0;
        return {inputs[0] * inputs[0]};
    }
    Tensors backward(autograd::FunctionContext& context, const Tensors& grads) const override {
        return {grads[0] * context.saved_tensors()[0] * std::any_cast<double>(context.state)};
    }
};

/// Adds one to its input in place.
struct AddOne : autograd::Function {
    explicit AddOne(bool returns_it_ = true) : returns_it(returns_it_) {}
    std::string name() const override { return "AddOne"; }
    Tensors forward(autograd::FunctionContext& context, const Tensors& inputs) const override {
        Tensor changed = inputs[0];
        changed.add_(ones_like(changed));
        context.mark_dirty({changed});
        if (!returns_it) return {changed.clone()};
        return {changed};
    }
    Tensors backward(autograd::FunctionContext&, const Tensors& grads) const override { return {grads[0] * 5.0}; }
    bool returns_it;
};

/// Gives back its first input, a copy that carries no gradient, and which inputs need one.
struct Several : autograd::Function {
    std::string name() const override { return "Several"; }
    Tensors forward(autograd::FunctionContext& context, const Tensors& inputs) const override {
        const Tensor plain = inputs[0] * 3.0;
        context.mark_non_differentiable({plain, inputs[1]});
        const double needs = context.needs_input_grad(0) * 10 + context.needs_input_grad(1);
        return {inputs[0], plain, full({}, needs), inputs[1]};
    }
    Tensors backward(autograd::FunctionContext&, const Tensors& grads) const override { return {grads[0], Tensor()}; }
};

Tensors squares(const Tensors& x) {
    return {x[0] * x[0]};
}
Tensors product_and_sum(const Tensors& x) {
    return {x[0] * x[1], x[0].sum() + x[1].sum()};
}

} // namespace

/// Autograd beyond the rules that tests/rules goes through one by one.
class TestAutograd : public QObject {
    Q_OBJECT

  private slots:
    void grad_of_an_inner_tensor() { // rules 41, 43
        int accumulated = 0;
        const auto handle = autograd::node_hooks().before.add(
            [&](const Node& node, std::span<const Tensor>) { accumulated += node.name() == "AccumulateGrad"; });
        const Tensor x = leaf({3});
        const Tensor y = x * 2.0;
        const Tensor z = (y * y).sum();
        const Tensors gradients = autograd::grad({z}, {y, x});
        RemovableHandle(handle).remove();
        QCOMPARE(numbers(gradients[0]), (Numbers{12}));
        QCOMPARE(numbers(gradients[1]), (Numbers{24}));
        QCOMPARE(accumulated, 0);
    }
    void higher_derivatives() {
        const Tensor x = leaf({2});
        const Tensor y = (x * x * x).sum();
        const Tensor first = autograd::grad({y}, {x}, {}, {.create_graph = true})[0];
        const Tensor second = autograd::grad({first.sum()}, {x}, {}, {.create_graph = true})[0];
        const Tensor third = autograd::grad({second.sum()}, {x})[0];
        QCOMPARE(numbers(first), (Numbers{12}));
        QCOMPARE(numbers(second), (Numbers{12}));
        QCOMPARE(numbers(third), (Numbers{6}));
    }
    void nested_passes() { // a hook that runs backward over the same graph
        const Tensor x = leaf({2});
        const Tensor y = x * x;
        Numbers inner;
        y.register_hook([&](const Tensor&) {
            if (inner.empty()) { // the inner pass meets this hook again
                inner = {0};
                inner = numbers(autograd::grad({y}, {x}, {ones({1})}, {.retain_graph = true})[0]);
            }
            return Tensor();
        });
        (y * 3.0).sum().backward();
        QCOMPARE(inner, (Numbers{4}));
        QCOMPARE(numbers(x.grad()), (Numbers{12}));
    }
    void operation_hooks() {
        std::vector<std::string> calls;
        const ScopedHook hook(op_hooks().after.add([&](const OpCall& call) {
            calls.push_back(call.op.name() + (call.in_backward ? " in backward" : call.node ? " recorded" : ""));
        }));
        const Tensor x = leaf({2});
        (x * x).sum().backward();
        QVERIFY(calls.size() > 3);
        QCOMPARE(calls[0], std::string("mul recorded"));
        QCOMPARE(calls[1], std::string("sum recorded"));
        QCOMPARE(calls[2], std::string("expand in backward"));
    }
    void long_chains_do_not_recurse() {
        const Tensor x = leaf({1});
        Tensor y = x;
        const Tensor one = ones({1});
        for (int i = 0; i < 300'000; ++i)
            y = y + one;
        y.backward();
        y = Tensor();
        QCOMPARE(numbers(x.grad()), (Numbers{1}));
    }

    // Functions with a gradient of their own.
    void custom_function() {
        const Tensor x = leaf({3});
        const Tensor y = autograd::apply(std::make_shared<Square>(), {x})[0];
        QCOMPARE(node_of(y), std::string("SquareBackward"));
        const Tensor first = autograd::grad({y}, {x}, {}, {.create_graph = true})[0];
        QCOMPARE(numbers(first), (Numbers{6}));
        QCOMPARE(numbers(autograd::grad({first}, {x}, {}, {.retain_graph = true})[0]), (Numbers{2}));
        y.backward();
        QVERIFY(thrown<Error>([&] { y.backward(); }).starts_with("Trying to backward through the graph a second time"));
        QVERIFY(autograd::apply(std::make_shared<Square>(), {tensor({2})})[0].is_leaf());
    }
    void custom_function_keeps_versions() {
        const Tensor x = leaf({3});
        Tensor inner = x * 1.0;
        const Tensor y = autograd::apply(std::make_shared<Square>(), {inner})[0];
        inner.add_(ones({1}));
        QVERIFY(
            thrown<Error>([&] { y.backward(); }).starts_with("one of the variables needed for gradient computation"));
    }
    void custom_function_in_place() {
        const Tensor x = leaf({1, 2});
        const Tensor y = x * 1.0;
        const Tensor result = autograd::apply(std::make_shared<AddOne>(), {y})[0];
        QVERIFY(result.is_same(y));
        QCOMPARE(node_of(y), std::string("AddOneBackward"));
        y.sum().backward();
        QCOMPARE(numbers(x.grad()), (Numbers{5, 5}));
        QCOMPARE(thrown<Error>([&] { autograd::apply(std::make_shared<AddOne>(), {x}); }),
                 std::string("a leaf Variable that requires grad has been used in an in-place operation."));
        QVERIFY(thrown<Error>([&] {
                    autograd::apply(std::make_shared<AddOne>(false), {x * 1.0});
                }).starts_with("Some elements marked as dirty during the forward method were not returned as output."));
    }
    void custom_function_in_place_on_a_view() {
        const Tensor x = leaf({1, 2});
        const Tensor base = x * 1.0;
        autograd::apply(std::make_shared<AddOne>(), {slice(base, 0, 0, 1)});
        QCOMPARE(node_of(base), std::string("CopySlices"));
        base.sum().backward();
        QCOMPARE(numbers(x.grad()), (Numbers{5, 1}));
    }
    void custom_function_of_several() {
        const Tensor x = leaf({1, 2});
        const Tensor input = x * 1.0;
        Tensors outputs = autograd::apply(std::make_shared<Several>(), {input, ones({1})});
        QVERIFY(!outputs[0].is_same(input) && outputs[0].base().is_same(input));
        QVERIFY(outputs[0].requires_grad() && !outputs[1].requires_grad() && outputs[3].is_leaf());
        QCOMPARE(outputs[2].item<double>(), 10.0);
        QVERIFY(thrown<Error>([&] { outputs[0].mul_(Scalar(2)); })
                    .starts_with("Output 0 of SeveralBackward is a view and is being modified inplace. This view was "
                                 "created inside a custom Function"));
    }

    // Hooks between a tensor and the node that keeps it.
    void saved_tensor_hooks_change_what_is_kept() {
        const Tensor x = leaf({1, 2});
        int packed = 0;
        Tensor y;
        {
            const SavedTensorHooksScope scope(
                {.pack =
                     [&](const Tensor& tensor) {
                         ++packed;
                         return std::any(tensor.clone());
                     },
                 .unpack = [](const std::any& kept) { return std::any_cast<const Tensor&>(kept) * 10.0; }});
            y = exp(x * x);
        }
        QCOMPARE(packed, 3); // both factors, and the result of exp
        const Tensor z = x * x;
        QCOMPARE(packed, 3);
        y.sum().backward();
        const Numbers found = numbers(x.grad());
        QVERIFY(std::abs(found[0] - 2 * 10 * 10 * std::exp(1.0)) < 1e-3);
    }
    void saved_tensor_hooks_keep_the_graph() {
        const Tensor x = leaf({2});
        const SavedTensorHooksScope scope(
            {.pack = [](const Tensor& tensor) { return std::any(tensor.to_vector<float>()[0]); },
             .unpack = [](const std::any& kept) { return tensor({std::any_cast<float>(kept)}); }});
        const Tensor y = (x * x * x).sum();
        const Tensor first = autograd::grad({y}, {x}, {}, {.create_graph = true})[0];
        QCOMPARE(numbers(first), (Numbers{12}));
        QCOMPARE(numbers(autograd::grad({first}, {x})[0]), (Numbers{12}));
    }
    void saved_tensor_hooks_and_changes_in_place() {
        const Tensor a = leaf({2}), w = leaf({3});
        const SavedTensorHooksScope scope({.pack = [](const Tensor& given) { return std::any(given); },
                                           .unpack = [](const std::any& kept) { return std::any_cast<Tensor>(kept); }});
        Tensor x = a * 1.0;
        x.mul_(w);
        x.sum().backward();
        QCOMPARE(numbers(w.grad()), (Numbers{2}));
    }
    void saved_tensor_hooks_refuse() {
        const SavedTensorHooks writing{.pack =
                                           [](const Tensor& given) {
                                               Tensor changed = given;
                                               changed.add_(ones({1}));
                                               return std::any(changed);
                                           },
                                       .unpack = [](const std::any& kept) { return std::any_cast<Tensor>(kept); }};
        {
            const SavedTensorHooksScope scope(writing);
            QVERIFY(thrown<Error>([] {
                        exp(leaf({1}) * 1.0);
                    }).starts_with("A saved tensor pack hook is modifying its input in place."));
        }
        const SavedTensorHooksDisabled off("not here");
        QCOMPARE(thrown<Error>([&] { const SavedTensorHooksScope scope(writing); }), std::string("not here"));
    }

    // Jacobians and their products.
    void jacobian_and_hessian() {
        const Tensor x = leaf({1, 2}), p = leaf({3});
        QCOMPARE(numbers(autograd::jacobian(squares, {x})[0][0]), (Numbers{2, 0, 0, 4}));
        const auto found = autograd::jacobian(product_and_sum, {x, p});
        QCOMPARE(numbers(found[0][0]), (Numbers{3, 0, 0, 3}));
        QCOMPARE(found[0][1].shape(), Shape({2, 1}));
        QCOMPARE(numbers(found[0][1]), (Numbers{1, 2}));
        QCOMPARE(numbers(found[1][1]), (Numbers{1}));
        const auto cube = [](const Tensors& in) { return Tensors{(in[0] * in[0] * in[1]).sum()}; };
        const auto second = autograd::hessian(cube, {x, p});
        QCOMPARE(numbers(second[0][0]), (Numbers{6, 0, 0, 6}));
        QCOMPARE(numbers(second[0][1]), (Numbers{2, 4}));
        QCOMPARE(numbers(second[1][1]), (Numbers{0}));
        QVERIFY(!x.grad().defined());
        const Tensor recorded = autograd::jacobian(squares, {x}, {.create_graph = true})[0][0];
        QCOMPARE(numbers(autograd::grad({recorded.sum()}, {x})[0]), (Numbers{2, 2}));
    }
    void products_with_vectors() {
        const Tensor x = leaf({1, 2, 3});
        const Tensor v = tensor({1, 10, 100});
        QCOMPARE(numbers(autograd::vjp(squares, {x}, {v}).product[0]), (Numbers{2, 40, 600}));
        const autograd::Product forward = autograd::jvp(squares, {x}, {v});
        QCOMPARE(numbers(forward.outputs[0]), (Numbers{1, 4, 9}));
        QCOMPARE(numbers(forward.product[0]), (Numbers{2, 40, 600}));
        const auto cubes = [](const Tensors& in) { return Tensors{(in[0] * in[0] * in[0]).sum()}; };
        QCOMPARE(numbers(autograd::vhp(cubes, {x}, {v}).product[0]), (Numbers{6, 120, 1800}));
        QCOMPARE(numbers(autograd::hvp(cubes, {x}, {v}).product[0]), (Numbers{6, 120, 1800}));
        QCOMPARE(numbers(autograd::jvp(squares, {leaf({4})}).product[0]), (Numbers{8}));
    }
    void refusals_of_the_functional_interface() {
        const Tensor x = leaf({1, 2, 3}), p = leaf({2});
        QCOMPARE(thrown<Error>([&] { autograd::vjp(squares, {x}); }),
                 std::string("The vector v can only be None if the user-provided function returns a single Tensor with "
                             "a single element."));
        QCOMPARE(thrown<Error>([&] { autograd::jvp(squares, {x}); }),
                 std::string("The vector v can only be None if the input to the user-provided function is a single "
                             "Tensor with a single element."));
        QCOMPARE(thrown<Error>([&] { autograd::vjp(squares, {x}, {ones({2})}); }),
                 std::string("v has invalid size: should be torch.Size([3]) but got torch.Size([2])."));
        QCOMPARE(thrown<Error>([&] {
                     autograd::vjp(product_and_sum, {x, p}, {ones({3})});
                 }),
                 std::string("v is a tuple of invalid length: should be 2 but got 1."));
        QCOMPARE(thrown<Error>([&] { autograd::hessian(squares, {x}); }),
                 std::string("The Tensor returned by the function given to hessian should contain a single element"));
        QCOMPARE(thrown<Error>([&] {
                     autograd::hessian(product_and_sum, {x, p});
                 }),
                 std::string("The function given to hessian should return a single Tensor"));
        const auto constant = [](const Tensors&) { return Tensors{ones({2})}; };
        QCOMPARE(numbers(autograd::jacobian(constant, {p})[0][0]), (Numbers{0, 0}));
        QVERIFY(thrown<Error>([&] {
                    autograd::jacobian(constant, {p}, {.strict = true});
                }).starts_with("Output 0 of the user-provided function does not require gradients."));
        QCOMPARE(thrown<Error>([&] {
                     autograd::jacobian(squares, {x, p}, {.strict = true});
                 }),
                 std::string("Output 0 of the user-provided function is independent of input 1. This is not allowed in "
                             "strict mode."));
    }
};

QTEST_APPLESS_MAIN(TestAutograd)
#include "tst_autograd.moc"
