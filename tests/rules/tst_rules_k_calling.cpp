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

struct Failing : nn::Module {
    Tensor forward(const Tensor&) override { throw ValueError("of forward"); }
};

} // namespace

/// Rules 88 to 92, the error of rule 93 being with the other rules of views, and 94 to 100 in
/// tst_rules_k_backward_hooks.cpp.
///
/// Only in Python, where a hook may return values of any type: the wrong result of a forward pre-hook with kwargs (89).
class TestRulesKCalling : public QObject {
    Q_OBJECT

  private slots:
    void rule_88_order_of_a_call() {
        Scale scale;
        Names order;
        const auto pre = [&](const char* name) {
            return [&order, name](nn::Module&, const Tensors&) { order.push_back(name); };
        };
        const auto post = [&](const char* name) {
            return [&order, name](nn::Module&, const Tensors&, const Tensors&) { order.push_back(name); };
        };
        scale.register_forward_pre_hook(pre("pre"));
        scale.register_forward_hook(post("forward"));
        scale.register_forward_pre_hook(pre("prepended pre"), true);
        scale.register_forward_hook(post("prepended forward"), {.prepend = true});
        const ScopedHook global_pre(nn::register_module_forward_pre_hook(pre("global pre")));
        const ScopedHook global(nn::register_module_forward_hook(post("global forward")));
        QCOMPARE(scale(leaf(4)).item<int>(), 8);
        QCOMPARE(order,
                 (Names{"global pre", "prepended pre", "pre", "global forward", "prepended forward", "forward"}));
        order.clear();
        QCOMPARE(scale.forward(leaf(4)).item<int>(), 8);
        QVERIFY(order.empty());
    }
    void rule_88_where_inputs_and_outputs_are_wrapped() {
        struct Look : nn::Module {
            Tensor forward(const Tensor& x) override {
                inside = x.grad_fn() ? x.grad_fn()->name() : "";
                return x * 2.0;
            }
            std::string_view inside;
        } look;
        std::string_view at_pre_hook = "unset", at_hook_input, at_hook_output;
        const auto name = [](const Tensor& tensor) { return tensor.grad_fn() ? tensor.grad_fn()->name() : ""; };
        look.register_forward_pre_hook([&](nn::Module&, const Tensors& in) { at_pre_hook = name(in[0]); });
        look.register_forward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) {
            at_hook_input = name(in[0]);
            at_hook_output = name(out[0]);
        });
        look.register_full_backward_hook([](nn::Module&, const Tensors&, const Tensors&) {});
        const Tensor y = look(leaf(1));
        QCOMPARE(at_pre_hook, std::string_view());
        QCOMPARE(look.inside, std::string_view("BackwardHookFunctionBackward"));
        QCOMPARE(at_hook_input, std::string_view("BackwardHookFunctionBackward"));
        QCOMPARE(at_hook_output, std::string_view("MulBackward0"));
        QCOMPARE(y.grad_fn()->name(), std::string_view("BackwardHookFunctionBackward"));
    }
    void rule_89_pre_hooks_may_replace_the_arguments() {
        Scale scale;
        scale.register_forward_pre_hook(
            [](nn::Module&, const Tensors& in) -> HookResult { return Tensors{in[0] + 1.0}; });
        scale.register_forward_pre_hook([](nn::Module&, const Tensors& in) { return in[0] * 10.0; }); // a bare tensor
        scale.register_forward_pre_hook([](nn::Module&, const Tensors&) { return Tensor(); });        // None
        scale.register_forward_pre_hook([](nn::Module&, const Tensors&) -> HookResult { return std::nullopt; });
        QCOMPARE(scale(leaf(4)).item<int>(), 100);
    }
    void rule_89_pre_hooks_with_keywords() {
        WithKeyword module;
        Names seen;
        module.register_forward_pre_hook([&](nn::Module&, const Tensors& in, const nn::NamedTensors& keywords) {
            seen.push_back(text(in) + " " + keywords[0].first + "=" + text({keywords[0].second}));
        });
        module.register_forward_pre_hook([](nn::Module&, const Tensors& in, const nn::NamedTensors& keywords) {
            return std::optional(nn::CallArguments{{in[0] + 1.0}, {{"b", keywords[0].second * 2.0}}});
        });
        module.register_forward_pre_hook([](nn::Module&, const Tensors& in) { return in[0] * 10.0; }); // keeps them
        QCOMPARE(module.call({leaf(1)}, {{"b", leaf(7)}})[0].item<int>(), 60 + 70);
        QCOMPARE(seen, (Names{"1 b=7"}));
        QCOMPARE(thrown<TypeError>([] {
                     Scale().call({ones({1})}, {{"foo", ones({1})}});
                 }),
                 std::string("Scale.forward() got an unexpected keyword argument 'foo'"));
    }
    void rule_90_forward_hooks_may_replace_the_output() {
        Scale scale;
        Names seen;
        scale.register_forward_pre_hook([](nn::Module&, const Tensors& in) { return in[0] + 1.0; });
        scale.register_forward_hook([&](nn::Module&, const Tensors& in, const Tensors& out) {
            seen.push_back(text(in) + " " + text(out));
            return out[0] * 10.0;
        });
        scale.register_forward_hook(
            [&](nn::Module&, const Tensors&, const Tensors& out) { seen.push_back(text(out)); });
        QCOMPARE(scale(leaf(4)).item<int>(), 100);
        QCOMPARE(seen, (Names{"5 10", "100"}));
    }
    void rule_90_forward_hooks_with_keywords() {
        WithKeyword module;
        std::string seen;
        module.register_forward_hook(
            [&](nn::Module&, const Tensors& in, const nn::NamedTensors& keywords, const Tensors& out) {
                seen = text(in) + " " + keywords[0].first + "=" + text({keywords[0].second}) + " " + text(out);
            });
        module.call({leaf(1)}, {{"b", leaf(7)}});
        QCOMPARE(seen, std::string("1 b=7 38"));
    }
    void rule_90_an_in_place_module_has_changed_its_input() {
        struct AddOne : nn::Module {
            Tensor forward(const Tensor& x) override {
                Tensor same = x;
                return same.add_(ones({1}));
            }
        } module;
        int seen = 0;
        module.register_forward_hook([&](nn::Module&, const Tensors& in, const Tensors&) { seen = in[0].item<int>(); });
        module(full({1}, 4));
        QCOMPARE(seen, 5);
    }
    void rule_91_hooks_that_are_always_called() {
        Failing failing;
        Names seen;
        const Warnings warnings;
        const auto note = [&](const char* name) {
            return [&seen, name](nn::Module&, const Tensors& in, const Tensors& out) {
                seen.push_back(name + (" " + text(in)) + " " + std::to_string(out.size()));
            };
        };
        failing.register_forward_hook(note("plain"));
        failing.register_forward_hook(note("first"), {.always_call = true});
        failing.register_forward_hook([](nn::Module&, const Tensors&, const Tensors&) { throw TypeError("of hook"); },
                                      {.always_call = true});
        failing.register_forward_hook(note("last"), {.always_call = true});
        const ScopedHook global(nn::register_module_forward_hook(note("global"), true));
        const ScopedHook bad_global(nn::register_module_forward_hook(
            [](nn::Module&, const Tensors&, const Tensors&) { throw TypeError("of global"); }, true));
        QCOMPARE(thrown<ValueError>([&] { failing(leaf(4)); }), std::string("of forward"));
        QCOMPARE(seen, (Names{"global 4 0", "first 4 0", "last 4 0"}));
        const std::string rest = " forward hook with ``always_call=True`` raised an exception that was silenced as "
                                 "another error was raised in forward: ";
        QCOMPARE(warnings.texts, (Names{"global module" + rest + "of global", "module" + rest + "of hook"}));
    }
    void rule_91_each_only_once() {
        Scale scale;
        Names seen;
        const Warnings warnings;
        const auto note = [&](const char* name) {
            return [&seen, name](nn::Module&, const Tensors&, const Tensors& out) {
                seen.push_back(name + (" " + text(out)));
            };
        };
        scale.register_forward_hook(note("first"), {.always_call = true});
        scale.register_forward_hook([](nn::Module&, const Tensors&, const Tensors&) { throw TypeError("of hook"); },
                                    {.always_call = true});
        scale.register_forward_hook(note("last"), {.always_call = true});
        QCOMPARE(thrown<TypeError>([&] { scale(leaf(1)); }), std::string("of hook"));
        QCOMPARE(seen, (Names{"first 2", "last 2"}));
        QVERIFY(warnings.texts.empty());
        seen.clear();
        Scale fine;
        fine.register_forward_hook(note("once"), {.always_call = true});
        fine(leaf(1));
        QCOMPARE(seen, (Names{"once 2"}));
    }
    void rule_92_identity_nodes_around_inputs_and_outputs() {
        Two two;
        two.register_full_backward_hook([](nn::Module&, const Tensors&, const Tensors&) {});
        const Tensor a = leaf(1), b = full({1}, 1);
        const Tensors out = two.call({a, leaf(1)});
        QVERIFY(out[0].grad_fn() == out[1].grad_fn());
        QCOMPARE(out[0].grad_fn()->name(), std::string_view("BackwardHookFunctionBackward"));
        QVERIFY(out[0].is_view() && out[1].requires_grad());
        {
            const NoGrad scope;
            QVERIFY(!two.call({a, b})[0].is_view());
        }
        const Tensors mixed = two.call({a, b});
        QVERIFY(mixed[0].requires_grad() && !mixed[1].requires_grad());
        const Tensors plain = two.call({b, b});
        QVERIFY(!plain[0].is_view() && !plain[0].grad_fn());
    }
    // What hooks do to themselves and to others while they run: rules 69, 70 and 88.
    void hooks_that_come_and_go_take_effect_in_the_next_call() {
        Scale scale;
        Names order;
        RemovableHandle own, other;
        own = scale.register_forward_pre_hook([&](nn::Module& module, const Tensors&) {
            order.push_back("first");
            own.remove();
            other.remove();
            module.register_forward_pre_hook([&](nn::Module&, const Tensors&) { order.push_back("new"); });
            module.register_forward_hook(
                [&](nn::Module&, const Tensors&, const Tensors&) { order.push_back("after"); });
        });
        other = scale.register_forward_pre_hook([&](nn::Module&, const Tensors&) { order.push_back("other"); });
        scale(leaf(1));
        QCOMPARE(order, (Names{"first", "other", "after"})); // forward hooks are taken when forward has run
        order.clear();
        scale(leaf(1));
        QCOMPARE(order, (Names{"new", "after"}));
    }
    void hooks_may_call_the_module_again() {
        Scale scale;
        int depth = 0;
        scale.register_forward_hook([&](nn::Module& module, const Tensors&, const Tensors& out) -> HookResult {
            if (depth == 3) return std::nullopt;
            ++depth;
            return Tensors{module(out[0])};
        });
        QCOMPARE(scale(leaf(1)).item<int>(), 16);
    }
    void hooks_that_throw_leave_the_module_usable() {
        Scale scale;
        RemovableHandle handle =
            scale.register_forward_pre_hook([](nn::Module&, const Tensors&) { throw KeyError("of hook"); });
        QCOMPARE(thrown<KeyError>([&] { scale(leaf(1)); }), std::string("of hook"));
        handle.remove();
        QCOMPARE(scale(leaf(1)).item<int>(), 2);
    }
};

QTEST_APPLESS_MAIN(TestRulesKCalling)
#include "tst_rules_k_calling.moc"
