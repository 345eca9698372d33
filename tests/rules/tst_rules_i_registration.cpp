#include "engine/nn/flatten.h"
#include "engine/nn/linear.h"
#include "tests/rules/small_modules.h"

using namespace hs;
using namespace hs::test;

namespace {

Tensor number(double value) {
    return full({1}, value);
}

} // namespace

/// Rules 71 to 80.
///
/// Only in Python: that tables print as plain dicts (71), attributes before Module.__init__() (74: a base class is
/// always constructed here), names that are not strings (75).
class TestRulesIRegistration : public QObject {
    Q_OBJECT

  private slots:
    void rule_71_attributes_are_found_in_their_tables() {
        Net net;
        net.register_buffer("b", number(5));
        net.set_attribute("note", "text");
        QVERIFY(std::get<std::shared_ptr<nn::Module>>(net.attribute("first")).get() == &*net.first);
        QVERIFY(std::get<Tensor>(net.first->attribute("weight")).is_same(net.first->weight));
        QCOMPARE(std::get<Tensor>(net.attribute("b")).item<int>(), 5);
        QCOMPARE(std::get<std::string>(net.attribute("note")), std::string("text"));
        QVERIFY(std::get<bool>(net.attribute("training")));
        net.set_attribute("training", false);
        QVERIFY(!net.is_training());
        QCOMPARE(thrown<AttributeError>([] { nn::Linear(1, 1).attribute("foo"); }),
                 std::string("'Linear' object has no attribute 'foo'"));
        QVERIFY(net.has_attribute("b") && net.has_attribute("forward") && !net.has_attribute("foo"));
    }
    void rule_71_attributes_are_listed() {
        nn::Sequential module(nn::Linear(1, 1));
        module.register_buffer("b", number(1));
        module.set_attribute("a_list", nn::PlainObject{"list", {}});
        const Names listed = module.attribute_names();
        QVERIFY(std::ranges::is_sorted(listed));
        for (const char* name : {"b", "a_list", "forward", "training", "zero_grad"})
            QVERIFY2(std::ranges::count(listed, name) == 1, name);
        QVERIFY(std::ranges::count(listed, "0") == 0);
    }
    void rule_72_a_parameter_leaves_the_other_tables() {
        nn::Module module;
        module.register_buffer("x", number(1));
        const Tensor first = nn::parameter(number(2));
        module.set_attribute("x", first);
        QCOMPARE(names(module.named_parameters()), (Names{"x"}));
        QVERIFY(module.named_buffers().empty());
        QVERIFY(module.parameters()[0].is_same(first));
        module.set_attribute("m", std::make_shared<nn::Identity>());
        module.set_attribute("m", nn::parameter(number(1)));
        QCOMPARE(names(module.named_parameters()), (Names{"x", "m"}));
        QVERIFY(module.named_children().empty());
    }
    void rule_72_a_parameter_takes_only_a_parameter_or_none() {
        nn::Linear linear(2, 2);
        const auto assigned = [&](const nn::Attribute& value) {
            return thrown<TypeError>([&] { linear.set_attribute("weight", value); });
        };
        const std::string end = " as parameter 'weight' (torch.nn.Parameter or None expected)";
        QCOMPARE(assigned(ones({2})), "cannot assign 'torch.FloatTensor'" + end);
        QCOMPARE(assigned(3), "cannot assign 'int'" + end);
        QCOMPARE(assigned(2.5), "cannot assign 'float'" + end);
        QCOMPARE(assigned("x"), "cannot assign 'str'" + end);
        QCOMPARE(assigned(true), "cannot assign 'bool'" + end);
        QCOMPARE(assigned(nn::PlainObject{"list", {}}), "cannot assign 'list'" + end);
        QCOMPARE(assigned(nn::Buffer{ones({2})}), "cannot assign 'torch.FloatTensor'" + end);
        QCOMPARE(assigned(std::make_shared<nn::Identity>()), "cannot assign 'Identity'" + end);
        QVERIFY(linear.weight.defined());
        linear.set_attribute("weight", nn::None());
        QVERIFY(!linear.weight.defined());
    }
    void rule_72_a_child_takes_only_a_module_or_none() {
        nn::Module module;
        module.add("x", nn::Identity());
        QCOMPARE(thrown<TypeError>([&] { module.set_attribute("x", 3); }),
                 std::string("cannot assign 'int' as child module 'x' (torch.nn.Module or None expected)"));
        QCOMPARE(thrown<TypeError>([&] { module.set_attribute("x", nn::Buffer{number(1)}); }),
                 std::string("cannot assign 'torch.FloatTensor' as child module 'x' (torch.nn.Module or None "
                             "expected)"));
        module.set_attribute("x", nn::None());
        QCOMPARE(module.to_string(), std::string("Module(\n  (x): None\n)"));
    }
    void rule_72_a_buffer_takes_only_a_tensor_or_none() {
        nn::Module module;
        module.register_buffer("b", number(1));
        QCOMPARE(thrown<TypeError>([&] { module.set_attribute("b", 3); }),
                 std::string("cannot assign 'int' as buffer 'b' (torch.nn.Buffer, torch.Tensor or None expected)"));
        module.set_attribute("b", number(7));
        QCOMPARE(module.buffers()[0].item<int>(), 7);
        module.set_attribute("c", nn::Buffer{number(8), false});
        QCOMPARE(names(module.named_buffers()), (Names{"b", "c"}));
        QCOMPARE(module.state_dict().keys(), (Names{"b"}));
        module.set_attribute("q", 3);
        QCOMPARE(thrown<KeyError>([&] { module.set_attribute("q", nn::Buffer{number(1)}); }),
                 std::string("attribute 'q' already exists"));
    }
    void rule_72_plain_tensors_and_lists_are_not_registered() {
        nn::Module module;
        module.set_attribute("t", number(1));
        module.set_attribute("list", nn::PlainObject{"list", std::vector{std::make_shared<nn::Identity>()}});
        QVERIFY(module.named_parameters().empty() && module.named_buffers().empty());
        QVERIFY(module.named_children().empty());
        QCOMPARE(module.state_dict().size(), std::size_t{0});
        QCOMPARE(std::get<Tensor>(module.attribute("t")).item<int>(), 1);
        module.set_attribute("t", 4);
        QCOMPARE(std::get<std::int64_t>(module.attribute("t")), std::int64_t{4});
    }
    void rule_73_assignment_replaces_a_plain_attribute_and_add_module_does_not() {
        nn::Module module;
        module.set_attribute("x", 3);
        QCOMPARE(thrown<KeyError>([&] { module.add_module("x", std::make_shared<nn::Identity>()); }),
                 std::string("attribute 'x' already exists"));
        module.set_attribute("x", std::make_shared<nn::Identity>());
        QCOMPARE(names(module.named_children()), (Names{"x"}));
        QCOMPARE(thrown<KeyError>([&] { module.register_parameter("x", nn::parameter(number(1))); }),
                 std::string("attribute 'x' already exists"));
        QCOMPARE(thrown<KeyError>([&] { module.add("forward", nn::Identity()); }),
                 std::string("attribute 'forward' already exists"));
    }
    void rule_73_registering_again_keeps_the_position() {
        nn::Module module;
        for (const char* name : {"a", "b"}) {
            module.add(name, nn::Identity());
            module.add_parameter(std::string("p") + name, number(1));
            module.register_buffer(std::string("t") + name, number(1));
        }
        module.add("a", nn::Linear(1, 1));
        module.add_parameter("pa", number(2));
        module.register_buffer("ta", number(2));
        QCOMPARE(names(module.named_children()), (Names{"a", "b"}));
        QCOMPARE(module.get_submodule("a").type_name(), std::string("Linear"));
        QCOMPARE(names(module.named_parameters({.recurse = false})), (Names{"pa", "pb"}));
        QCOMPARE(module.parameters(false)[0].item<int>(), 2);
        QCOMPARE(names(module.named_buffers()), (Names{"ta", "tb"}));
        QCOMPARE(module.buffers()[0].item<int>(), 2);
    }
    void rule_73_members_follow_what_is_assigned() { // how `self.first` reads it anew each time
        Net net;
        net.set_attribute("first", std::make_shared<Scale>(10));
        QCOMPARE(net(number(1)).item<int>(), 120);
        net.add_module("first", std::make_shared<nn::Identity>());
        QCOMPARE(net(number(1)).item<int>(), 12);
        QVERIFY(thrown<TypeError>([&] { net.first->weight.item(); }).starts_with("child module 'first' is a Identity"));
        net.set_attribute("first", nn::None());
        QCOMPARE(thrown<TypeError>([&] { net(number(1)); }), std::string("'NoneType' object is not callable"));

        Scale scale(2);
        scale.set_attribute("weight", nn::parameter(number(5)));
        QCOMPARE(scale(number(1)).item<int>(), 5);
        scale.delete_attribute("weight");
        scale.set_attribute("weight", scale.buffers()[0] + 6.0); // a plain tensor now, as weight_norm leaves it
        QCOMPARE(scale(number(1)).item<int>(), 6);
        QVERIFY(scale.parameters().empty());
    }
    void rule_73_a_child_that_a_reference_refers_to_stays() {
        struct Fixed : nn::Module {
            Scale& first = add("first", Scale(2));
            Tensor forward(const Tensor& x) override { return first(x); }
        };
        Fixed fixed;
        QVERIFY(thrown<Error>([&] {
                    fixed.add("first", Scale(3));
                }).starts_with("child module 'first' of Fixed cannot be replaced or deleted"));
        QVERIFY(thrown<Error>([&] {
                    fixed.delete_attribute("first");
                }).starts_with("child module 'first' of Fixed cannot be replaced or deleted"));
        QCOMPARE(fixed(number(1)).item<int>(), 2);
    }
    void rule_75_bad_names() {
        nn::Module module;
        const auto parameter = nn::parameter(number(1));
        QCOMPARE(thrown<KeyError>([&] { module.add("a.b", nn::Identity()); }),
                 std::string("module name can't contain \".\", got: a.b"));
        QCOMPARE(thrown<KeyError>([&] { module.register_parameter("a.b", parameter); }),
                 std::string("parameter name can't contain \".\""));
        QCOMPARE(thrown<KeyError>([&] { module.register_buffer("a.b", number(1)); }),
                 std::string("buffer name can't contain \".\""));
        QCOMPARE(thrown<KeyError>([&] { module.add("", nn::Identity()); }),
                 std::string("module name can't be empty string \"\""));
        QCOMPARE(thrown<KeyError>([&] { module.register_parameter("", parameter); }),
                 std::string("parameter name can't be empty string \"\""));
        QCOMPARE(thrown<KeyError>([&] { module.register_buffer("", number(1)); }),
                 std::string("buffer name can't be empty string \"\""));
        // Existence before dots for modules, after them for the others; a plain attribute may have a dot.
        module.set_attribute("x.y", 1);
        QCOMPARE(thrown<KeyError>([&] { module.add("x.y", nn::Identity()); }),
                 std::string("attribute 'x.y' already exists"));
        QCOMPARE(thrown<KeyError>([&] { module.register_buffer("x.y", number(1)); }),
                 std::string("buffer name can't contain \".\""));
    }
    void rule_76_bad_values() {
        nn::Module module;
        QCOMPARE(thrown<TypeError>([&] { module.add_module("x", 3); }), std::string("int is not a Module subclass"));
        QCOMPARE(thrown<TypeError>([&] { module.register_parameter("p", ones({2})); }),
                 std::string("cannot assign 'torch.FloatTensor' object to parameter 'p' (torch.nn.Parameter or None "
                             "required)"));
        QCOMPARE(thrown<TypeError>([&] { module.register_buffer("b", 3); }),
                 std::string("cannot assign 'int' object to buffer 'b' (torch Tensor or None required)"));
        Tensor computed = nn::parameter(ones({2}), false);
        computed.add_(ones({2}, {.requires_grad = true}));
        QCOMPARE(thrown<ValueError>([&] { module.register_parameter("p", computed); }),
                 std::string("Cannot assign non-leaf Tensor to parameter 'p'. Model parameters must be created "
                             "explicitly. To express 'p' as a function of another Tensor, compute the value in the "
                             "forward() method."));
        QVERIFY(!module.has_attribute("p") && !module.has_attribute("b") && !module.has_attribute("x"));
    }
    void rule_77_none_stays_registered_but_is_skipped() {
        nn::Module module;
        module.register_parameter("p", nn::None());
        module.register_buffer("b", nn::None());
        module.register_module("m", nn::None());
        QVERIFY(module.has_attribute("p") && module.has_attribute("b") && module.has_attribute("m"));
        QVERIFY(nn::is_none(module.attribute("p")) && nn::is_none(module.attribute("m")));
        QVERIFY(module.parameters().empty() && module.buffers().empty() && module.children().empty());
        QCOMPARE(module.modules().size(), std::size_t{1});
        QCOMPARE(module.state_dict().size(), std::size_t{0});
        module.to(Dtype::float64).type(Dtype::float32);
        QCOMPARE(module.to_string(), std::string("Module(\n  (m): None\n)"));
        QCOMPARE(thrown<TypeError>([&] { module.set_attribute("p", 1); }),
                 std::string("cannot assign 'int' as parameter 'p' (torch.nn.Parameter or None expected)"));
    }
    void rule_78_buffers_that_are_not_persistent() {
        nn::Module module;
        module.register_buffer("b", number(1), false);
        module.set_attribute("b", number(2));
        QCOMPARE(module.state_dict().size(), std::size_t{0});
        QCOMPARE(names(module.named_buffers()), (Names{"b"}));
        module.register_buffer("b", number(3));
        QCOMPARE(module.state_dict().keys(), (Names{"b"}));
    }
    void rule_78_deleting_takes_out_of_the_table() {
        Net net;
        net.first->delete_attribute("weight");
        net.first->delete_attribute("seen");
        QCOMPARE(names(net.named_parameters()), (Names{"rest.0.weight", "rest.1.weight"}));
        QVERIFY(!net.first->has_attribute("seen"));
        net.delete_attribute("first");
        QCOMPARE(names(net.named_children()), (Names{"rest"}));
        QVERIFY(!net.first);
        QCOMPARE(thrown<AttributeError>([&] { net.delete_attribute("first"); }),
                 std::string("'Net' object has no attribute 'first'"));
        net.add("first", Scale(1));
        QCOMPARE(net(number(1)).item<int>(), 12);
        QCOMPARE(names(net.named_children()), (Names{"rest", "first"}));
    }
    void rule_79_paths() {
        Net net;
        QVERIFY(&net.get_submodule("") == &net);
        QVERIFY(&net.get_submodule("rest.1") == net.modules()[4]);
        QVERIFY(net.get_parameter("first.weight").is_same(net.first->weight));
        QCOMPARE(net.get_buffer("rest.0.seen").item<int>(), 0);
        const auto attribute_error = [&](const auto& body) { return thrown<AttributeError>(body); };
        QCOMPARE(attribute_error([&] { net.get_submodule("rest.zzz"); }),
                 std::string("Sequential has no attribute `zzz`"));
        QCOMPARE(attribute_error([&] { net.get_submodule("first.weight"); }),
                 std::string("`weight` is not an nn.Module"));
        QCOMPARE(attribute_error([&] { net.get_parameter("first.zz"); }), std::string("Scale has no attribute `zz`"));
        QCOMPARE(attribute_error([&] { net.get_parameter("zz.weight"); }), std::string("Net has no attribute `zz`"));
        QCOMPARE(attribute_error([&] { net.get_parameter("first.seen"); }),
                 std::string("`seen` is not an nn.Parameter"));
        QCOMPARE(attribute_error([&] { net.get_parameter("training"); }),
                 std::string("`training` is not an nn.Parameter"));
        QCOMPARE(attribute_error([&] { net.get_buffer("first.weight"); }), std::string("`weight` is not a buffer"));
    }
    void rule_80_registration_hooks_may_replace() {
        Names seen;
        const Tensor parameter = nn::parameter(number(7)), buffer = number(8);
        const ScopedHook parameters(
            nn::register_module_parameter_registration_hook([&](nn::Module&, const std::string& name, const Tensor&) {
                seen.push_back("parameter " + name);
                return parameter;
            }));
        const ScopedHook buffers(
            nn::register_module_buffer_registration_hook([&](nn::Module&, const std::string& name, const Tensor&) {
                seen.push_back("buffer " + name);
                return name == "kept" ? Tensor() : buffer;
            }));
        const ScopedHook modules(nn::register_module_module_registration_hook(
            [&](nn::Module&, const std::string& name, const std::shared_ptr<nn::Module>&) {
                seen.push_back("module " + name);
                return std::make_shared<nn::Identity>();
            }));
        nn::Module module;
        module.add_parameter("p", number(1));
        module.register_buffer("b", number(1));
        module.register_buffer("kept", number(1));
        module.set_attribute("b", number(2));
        module.set_attribute("m", std::make_shared<nn::Module>());
        QCOMPARE(seen, (Names{"parameter p", "buffer b", "buffer kept", "buffer b", "module m"}));
        QVERIFY(module.parameters()[0].is_same(parameter));
        QVERIFY(module.get_buffer("b").is_same(buffer));
        QCOMPARE(module.get_buffer("kept").item<int>(), 1);
        QCOMPARE(module.get_submodule("m").type_name(), std::string("Identity"));
    }
};

QTEST_APPLESS_MAIN(TestRulesIRegistration)
#include "tst_rules_i_registration.moc"
