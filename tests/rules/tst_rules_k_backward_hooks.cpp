#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/graph/node.h"
#include "engine/nn/linear.h"
#include "tests/rules/called_modules.h"

#include <algorithm>
#include <memory>

using namespace hs;
using namespace hs::test;
using hs::nn::HookResult;

namespace {

const std::string no_input_requires_grad =
    "Backward hook for Modules where no input requires gradient should always return None or None for all gradients.";

} // namespace

/// Rules 94 to 100: the backward hooks of a module. The rules of calling it are in tst_rules_k_calling.cpp.
///
/// Only in Python, where a hook may return, and a module take and return, values of any type: a bare tensor that is
/// taken for a sequence (97), an output that is a dict (98).
class TestRulesKBackwardHooks : public QObject {
    Q_OBJECT

  private slots:
    void rule_94_order_of_a_backward_pass() {
        Net net;
        Names order;
        const Tensor x = leaf(1);
        const auto note = [&](const std::string& name) {
            return [&order, name](nn::Module&, const Tensors&, const auto&...) { order.push_back(name); };
        };
        const auto seen_by = [&](const char* name) {
            return [&order, name](const Tensor&) {
                order.push_back(name);
                return Tensor();
            };
        };
        net.rest->register_full_backward_pre_hook(note("rest pre"));
        net.rest->register_full_backward_pre_hook(note("prepended rest pre"), true);
        net.rest->register_full_backward_hook(note("rest"));
        net.rest->register_full_backward_hook(note("prepended rest"), true);
        net.first->register_full_backward_hook(note("first"));
        const ScopedHook global_pre(nn::register_module_full_backward_pre_hook([&](nn::Module& module, const Tensors&) {
            if (&module == &*net.rest) order.push_back("global pre");
        }));
        const ScopedHook global(
            nn::register_module_full_backward_hook([&](nn::Module& module, const Tensors&, const Tensors&) {
                if (&module == &*net.rest) order.push_back("global");
            }));
        net.get_parameter("rest.0.weight").register_hook(seen_by("weight of rest.0"));
        x.register_hook(seen_by("x"));
        const Tensor y = net(x);
        y.register_hook(seen_by("y"));
        y.sum().backward();
        QCOMPARE(order, (Names{"y", "global pre", "prepended rest pre", "rest pre", "weight of rest.0", "global",
                               "prepended rest", "rest", "first", "x"}));
    }
    void rule_95_without_an_input_that_requires_grad() {
        Net net;
        Names order;
        const auto note = [&](const char* name) {
            return [&order, name](nn::Module&, const Tensors& in, const Tensors& out) {
                order.push_back(name + (" " + text(in)) + " " + text(out));
            };
        };
        net.register_full_backward_hook(note("net"));
        net.rest->register_full_backward_hook(note("rest"));
        net(full({1}, 1)).sum().backward();
        QCOMPARE(order, (Names{"net None 1", "rest 12 1"}));

        Scale scale;
        RemovableHandle handle = scale.register_full_backward_hook(
            [](nn::Module&, const Tensors&, const Tensors&) -> HookResult { return Tensors{ones({1})}; });
        QCOMPARE(thrown<Error>([&] { scale(ones({1})).sum().backward(); }), no_input_requires_grad);
        handle.remove();
        scale.register_full_backward_hook(
            [](nn::Module&, const Tensors&, const Tensors&) -> HookResult { return Tensors{Tensor()}; });
        scale(ones({1})).sum().backward();
        QCOMPARE(scale.weight.grad().item<int>(), 1);
    }
    void rule_96_tuples_over_positional_arguments() {
        Two two;
        Names seen;
        two.register_full_backward_hook(
            [&](nn::Module&, const Tensors& in, const Tensors& out) { seen.push_back(text(in) + ", " + text(out)); });
        two.call({leaf(1), Tensor()})[0].sum().backward();
        // An output that nothing used: None in grad_output, but zeros go on to what only it used.
        const Tensor a = leaf(1), b = leaf(1);
        two.call({a, b})[0].sum().backward();
        QCOMPARE(seen, (Names{"2 None, 1 None", "2 0, 1 None"}));
        QCOMPARE(b.grad().item<int>(), 0);

        WithKeyword module;
        seen.clear();
        module.register_full_backward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) {
            seen.push_back(std::to_string(in.size()) + ", " + text(out));
        });
        const Tensor k = leaf(1);
        module.call({}, {{"b", k}})[0].sum().backward();
        module.call({leaf(1)}, {{"b", k}})[0].sum().backward();
        QCOMPARE(seen, (Names{"0, 1", "1, 1"}));
        QCOMPARE(k.grad().item<int>(), 10);
    }
    void rule_96_a_pass_that_does_not_reach_the_input() {
        struct Second : nn::Module {
            Tensors forward_all(const Tensors& in) override { return {in[0].detach() * weight, in[0]}; }
            Tensor& weight = add_parameter("weight", ones({1}));
        } module;
        int fired = 0;
        module.register_full_backward_hook([&](nn::Module&, const Tensors&, const Tensors&) { ++fired; });
        const Tensors out = module.call({leaf(1)});
        autograd::grad({out[0]}, {module.weight}, {}, {.retain_graph = true});
        QCOMPARE(fired, 0);
        out[1].sum().backward();
        QCOMPARE(fired, 1);
    }
    void rule_96_a_second_derivative_does_not_pass_the_output() {
        int fired = 0;
        struct Square : nn::Module {
            Tensor forward(const Tensor& x) override { return x * x; }
        } module;
        module.register_full_backward_hook([&](nn::Module&, const Tensors&, const Tensors&) { ++fired; });
        const Tensor x = leaf(3);
        const Tensor first = autograd::grad({module(x).sum()}, {x}, {}, {.create_graph = true})[0];
        QCOMPARE(fired, 1);
        first.sum().backward();
        QCOMPARE(fired, 1);
        QCOMPARE(x.grad().item<int>(), 2);
    }
    void rule_97_full_hooks_may_replace_grad_input() {
        Net net;
        Names seen;
        const auto note = [&](const char* name, double factor) {
            return [&seen, name, factor](nn::Module&, const Tensors& in, const Tensors& out) -> HookResult {
                seen.push_back(name + (" " + text(in)) + " " + text(out));
                if (factor == 0) return std::nullopt;
                return Tensors{in[0] * factor};
            };
        };
        net.rest->register_full_backward_hook(note("keeps", 0));
        net.rest->register_full_backward_hook(note("doubles", 2));
        net.rest->register_full_backward_hook(note("sees", 0));
        const Tensor x = leaf(1);
        net(x).sum().backward();
        QCOMPARE(seen, (Names{"keeps 12 1", "doubles 12 1", "sees 24 1"}));
        QCOMPARE(x.grad().item<int>(), 48);
        QCOMPARE(net.get_parameter("rest.0.weight").grad().item<int>(), 8); // of the module itself: unchanged
    }
    void rule_97_pre_hooks_replace_grad_output_for_everything_inside() {
        Net net;
        Names seen;
        net.rest->register_full_backward_pre_hook([](nn::Module&, const Tensors& out) { return out[0] * 10.0; });
        net.rest->register_full_backward_pre_hook([&](nn::Module&, const Tensors& out) { seen.push_back(text(out)); });
        net.rest->register_full_backward_hook(
            [&](nn::Module&, const Tensors& in, const Tensors& out) { seen.push_back(text(in) + " " + text(out)); });
        const Tensor x = leaf(1);
        net(x).sum().backward();
        QCOMPARE(seen, (Names{"10", "120 10"}));
        QCOMPARE(net.get_parameter("rest.0.weight").grad().item<int>(), 80);
        QCOMPARE(x.grad().item<int>(), 240);
    }
    void rule_97_results_of_the_wrong_length() {
        const auto two = [](nn::Module&, const Tensors&, const auto&...) -> HookResult {
            return Tensors{ones({1}), ones({1})};
        };
        Scale scale;
        scale.register_full_backward_hook(two);
        QCOMPARE(thrown<Error>([&] { scale(leaf(1)).sum().backward(); }),
                 std::string("Backward hook returned an invalid number of grad_input, got 2, but expected 1"));
        Scale other;
        other.register_full_backward_pre_hook(two);
        QCOMPARE(thrown<Error>([&] { other(leaf(1)).sum().backward(); }),
                 std::string("Backward pre hook returned an invalid number of grad_output, got 2, but expected 1"));
    }
    void rule_97_hooks_that_throw_stop_the_pass() {
        Net net;
        net.rest->register_full_backward_hook(
            [](nn::Module&, const Tensors&, const Tensors&) { throw KeyError("of hook"); });
        const Tensor x = leaf(1);
        QCOMPARE(thrown<KeyError>([&] { net(x).sum().backward(); }), std::string("of hook"));
        QVERIFY(!x.grad().defined() && net.get_parameter("rest.0.weight").grad().defined());
    }
    void rule_99_the_deprecated_hook_sees_the_last_node() {
        nn::Linear linear(2, 3);
        Names seen;
        linear.register_backward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) {
            for (const Tensor& tensor : in)
                seen.push_back(tensor.defined() ? to_string(tensor.shape()) : "None");
            seen.push_back(to_string(out[0].shape()));
        });
        const Warnings warnings;
        linear(ones({4, 2}, {.requires_grad = true})).sum().backward();
        QCOMPARE(seen, (Names{"[3]", "[4, 2]", "[2, 3]", "[4, 3]"}));
        QCOMPARE(warnings.texts,
                 (Names{"Using a non-full backward hook when the forward contains multiple autograd Nodes is "
                        "deprecated and will be removed in future versions. This hook will be missing some "
                        "grad_input. Please use register_full_backward_hook to get the documented behavior."}));
    }
    void rule_99_the_deprecated_hook_may_replace_grad_input() {
        struct Sine : nn::Module {
            Tensor forward(const Tensor& x) override { return sin(x); }
        } module;
        module.register_backward_hook([](nn::Module&, const Tensors& in, const Tensors&) { return in[0] * 10.0; });
        const Tensor x = leaf(0);
        const Warnings warnings;
        module(x * 1.0).sum().backward();
        QCOMPARE(x.grad().item<int>(), 10);
        QVERIFY(warnings.texts.empty()); // one node between input and output
        module(full({1}, 0));            // nothing to attach to
    }
    void rule_99_other_warnings_of_the_deprecated_hook() {
        const auto warned = [](nn::Module& module, const Tensors& inputs) {
            module.register_backward_hook([](nn::Module&, const Tensors&, const Tensors&) {});
            const Warnings warnings;
            module.call(inputs);
            return warnings.texts.empty() ? std::string() : warnings.texts[0];
        };
        const std::string middle = " is deprecated and will be removed in future versions. This hook will be missing "
                                   "some ",
                          end = ". Please use register_full_backward_hook to get the documented behavior.";
        Two different, none_out, none_in;
        struct First : nn::Module {
            Tensors forward_all(const Tensors& inputs) override { return {inputs[0] * 2.0}; }
        } first;
        QCOMPARE(warned(different, {leaf(1), leaf(1)}), "Using a non-full backward hook when outputs are generated by "
                                                        "different autograd Nodes" +
                                                            middle + "grad_output" + end);
        QCOMPARE(
            warned(none_out, {leaf(1), Tensor()}),
            "Using non-full backward hooks on a Module that does not return a single Tensor or a tuple of Tensors" +
                middle + "of the grad_output" + end);
        QCOMPARE(warned(first, {leaf(1), Tensor()}), "Using non-full backward hooks on a Module that does not take as "
                                                     "input a single Tensor or a tuple of Tensors" +
                                                         middle + "of the grad_input" + end);
    }
    void rule_100_the_kinds_do_not_mix() {
        const auto full = [](nn::Module&, const Tensors&, const Tensors&) {};
        const std::string text = "Cannot use both regular backward hooks and full backward hooks ";
        nn::Linear a(1, 1), b(1, 1);
        a.register_full_backward_hook(full).remove();
        QCOMPARE(thrown<Error>([&] { a.register_backward_hook(full); }),
                 text + "on a single Module. Please use only one of them.");
        b.register_backward_hook(full).remove();
        QCOMPARE(thrown<Error>([&] { b.register_full_backward_hook(full); }),
                 text + "on a single Module. Please use only one of them.");
        // The global hooks are of this thread and the kind stays chosen, so this test comes after all others that use
        // full ones.
        nn::register_module_full_backward_hook(full).remove();
        QCOMPARE(thrown<Error>([&] { nn::register_module_backward_hook(full); }),
                 text + "as a global Module hook. Please use only one of them.");
    }
    void backward_hooks_are_those_of_the_call() {
        Scale scale;
        Names order;
        RemovableHandle handle = scale.register_full_backward_hook(
            [&](nn::Module&, const Tensors&, const Tensors&) { order.push_back("of the call"); });
        const Tensor y = scale(leaf(1));
        handle.remove();
        scale.register_full_backward_hook(
            [&](nn::Module&, const Tensors&, const Tensors&) { order.push_back("later"); });
        y.sum().backward();
        QCOMPARE(order, (Names{"of the call"}));
    }
    void hooks_of_a_module_that_is_gone() {
        const auto noted = [](nn::Module&, const Tensors&, const Tensors&) {};
        const std::string text = "You are trying to call the hook of a dead Module!";
        const auto made = [&](bool full) {
            const auto scale = std::make_unique<Scale>();
            full ? scale->register_full_backward_hook(noted) : scale->register_backward_hook(noted);
            return (*scale)(leaf(1)).sum();
        };
        const Warnings warnings;
        QCOMPARE(thrown<Error>([&] { made(true).backward(); }), text);
        QCOMPARE(thrown<Error>([&] { made(false).backward(); }), text);
        nn::Sequential net((Scale()));
        const nn::Module* seen = nullptr;
        net.register_full_backward_hook([&](nn::Module& module, const Tensors&, const Tensors&) { seen = &module; });
        nn::Sequential moved(std::move(net)); // takes its hooks along
        moved(leaf(1)).sum().backward();
        QVERIFY(seen == &moved);
    }
};

QTEST_APPLESS_MAIN(TestRulesKBackwardHooks)
#include "tst_rules_k_backward_hooks.moc"
