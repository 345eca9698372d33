#include "engine/nn/activation.h"
#include "engine/nn/conv.h"
#include "engine/nn/linear.h"
#include "tests/rules/small_modules.h"

using namespace hs;
using namespace hs::test;

namespace {

std::shared_ptr<nn::Module> scale(double value) {
    return std::make_shared<Scale>(value);
}

nn::Sequential sequence() {
    return nn::Sequential(nn::ReLU(), nn::Tanh(), nn::Sigmoid());
}

/// `0:ReLU 1:Tanh`.
std::string contents(const nn::Module& module) {
    std::string text;
    for (const auto& [name, child] : module.named_children())
        text += (text.empty() ? "" : " ") + name + ":" + child->type_name();
    return text;
}

std::shared_ptr<nn::Module> gelu() {
    return std::make_shared<nn::GELU>();
}

} // namespace

/// Modules and parameters in lists and dicts.
class TestContainers : public QObject {
    Q_OBJECT

  private slots:
    void sequential_by_position() {
        nn::Sequential s = sequence();
        QCOMPARE(s.size(), std::size_t{3});
        QCOMPARE(s[-1].type_name(), std::string("Sigmoid"));
        QCOMPARE(thrown<IndexError>([&] { s[3]; }), std::string("index 3 is out of range"));
        QCOMPARE(thrown<IndexError>([&] { s[-4]; }), std::string("index -4 is out of range"));
        s.insert(-1, gelu());
        QCOMPARE(contents(s), std::string("0:ReLU 1:Tanh 2:GELU 3:Sigmoid"));
        QCOMPARE(thrown<IndexError>([&] { s.insert(5, gelu()); }), std::string("Index out of range: 5"));
        QCOMPARE(s.pop(0)->type_name(), std::string("ReLU"));
        QCOMPARE(contents(s), std::string("0:Tanh 1:GELU 2:Sigmoid"));
        s.erase(-1);
        s.append(nn::ReLU());
        s.set(0, gelu());
        QCOMPARE(contents(s), std::string("0:GELU 1:GELU 2:ReLU"));
        s.extend(sequence());
        QCOMPARE(s.size(), std::size_t{6});
        QCOMPARE(contents(sequence() + nn::Sequential(nn::ReLU())), std::string("0:ReLU 1:Tanh 2:Sigmoid 3:ReLU"));
    }
    void sequential_by_name() {
        const auto made = [] { return nn::Sequential({{"a", scale(2)}, {"b", scale(3)}, {"c", scale(5)}}); };
        nn::Sequential s = made();
        QCOMPARE(s(ones({1})).item<int>(), 30);
        QCOMPARE(names(s.named_parameters()), (Names{"a.weight", "b.weight", "c.weight"}));
        nn::Sequential tail = s.slice(1);
        QCOMPARE(contents(tail), std::string("b:Scale c:Scale"));
        QVERIFY(&tail[0] == &s[1]); // shared
        QCOMPARE(contents(s.slice(-2, -1)), std::string("b:Scale"));
        QCOMPARE(s.slice(2, 1).size(), std::size_t{0});
        QCOMPARE(s.slice(0, 99).size(), std::size_t{3});
        QCOMPARE(thrown<KeyError>([&] { s.insert(1, gelu()); }), std::string("'1'"));
        s.insert(3, scale(7));
        QCOMPARE(contents(s), std::string("a:Scale b:Scale c:Scale 3:Scale"));
        s.set(0, scale(1));
        s.erase(1);
        QCOMPARE(contents(s), std::string("0:Scale 1:Scale 2:Scale"));
        QCOMPARE(s(ones({1})).item<int>(), 35);
    }
    void sequential_with_none() {
        nn::Sequential s = sequence();
        s.set_attribute("1", nn::None());
        QCOMPARE(s.to_string(), std::string("Sequential(\n  (0): ReLU()\n  (1): None\n  (2): Sigmoid()\n)"));
        QCOMPARE(thrown<TypeError>([&] { s(ones({1})); }), std::string("'NoneType' object is not callable"));
    }
    void module_list() {
        nn::ModuleList list({std::make_shared<nn::ReLU>(), std::make_shared<nn::Tanh>()});
        list.append(nn::Sigmoid());
        QCOMPARE(contents(list.slice(1)), std::string("0:Tanh 1:Sigmoid"));
        list.insert(1, gelu());
        list.insert(9, gelu());
        QCOMPARE(contents(list), std::string("0:ReLU 1:GELU 2:Tanh 3:Sigmoid 4:GELU"));
        QCOMPARE(thrown<KeyError>([&] { list.insert(-1, gelu()); }), std::string("'-1'"));
        QCOMPARE(list.pop(-1)->type_name(), std::string("GELU"));
        QCOMPARE(thrown<IndexError>([&] { list.pop(4); }), std::string("index 4 is out of range"));
        list.extend(nn::ModuleList({gelu()}));
        list.set(0, nullptr);
        QCOMPARE(list.to_string(), std::string("ModuleList(\n  (0): None\n  (1): GELU(approximate='none')\n  (2): "
                                               "Tanh()\n  (3): Sigmoid()\n  (4): GELU(approximate='none')\n)"));
    }
    void a_module_that_is_referred_to_stays_in_its_sequence() {
        nn::Sequential s;
        nn::ReLU& relu = s.add("0", nn::ReLU());
        s.insert(0, gelu());
        QCOMPARE(contents(s), std::string("0:GELU 1:ReLU"));
        QVERIFY(&s[1] == &relu);
        QVERIFY(thrown<Error>([&] { s.erase(1); }).starts_with("child module '1' of Sequential cannot be replaced"));
        QCOMPARE(contents(s), std::string("0:GELU 1:ReLU"));
    }
    void module_dict() {
        nn::ModuleDict dict;
        dict.insert("conv", std::make_shared<nn::Conv1d>(1, 1, nn::Conv1d::Options{.kernel_size = 1}));
        dict.add("act", nn::ReLU());
        QCOMPARE(dict.keys(), (Names{"conv", "act"}));
        QVERIFY(dict.contains("act") && !dict.contains("other"));
        QCOMPARE(dict["act"].type_name(), std::string("ReLU"));
        QCOMPARE(thrown<KeyError>([&] { dict["other"]; }), std::string("'other'"));
        QCOMPARE(dict.to_string(), std::string("ModuleDict(\n  (conv): Conv1d(1, 1, kernel_size=(1,), stride=(1,))\n  "
                                               "(act): ReLU()\n)"));
        dict.update({{"new", gelu()}, {"conv", gelu()}});
        QCOMPARE(contents(dict), std::string("conv:GELU act:ReLU new:GELU"));
        QCOMPARE(dict.pop("conv")->type_name(), std::string("GELU"));
        QCOMPARE(thrown<KeyError>([&] { dict.pop("conv"); }), std::string("'conv'"));
        nn::ModuleDict other(dict.items());
        QVERIFY(&other["act"] == &dict["act"]);
        dict.clear();
        QCOMPARE(dict.to_string(), std::string("ModuleDict()"));
        QCOMPARE(other.size(), std::size_t{2});
    }
    void parameter_list() {
        nn::ParameterList list;
        list.append(zeros({2}));
        list.append(nn::parameter(zeros({3, 4}), false));
        QCOMPARE(list.to_string(),
                 std::string("ParameterList(\n    (0): Parameter containing: [torch.float32 of size 2]\n    (1): "
                             "Parameter containing: [torch.float32 of size 3x4]\n)"));
        QVERIFY(list[0].requires_grad() && !list[1].requires_grad());
        QVERIFY(list[-1].is_same(list[1]));
        list.extend({list[0], ones({1})});
        QCOMPARE(list.size(), std::size_t{4}); // one of them twice
        QCOMPARE(list.parameters().size(), std::size_t{3});
        list.set(-1, full({}, 5));
        QCOMPARE(list[3].item<int>(), 5);
        QVERIFY(list[3].is_parameter());
        QVERIFY(list.slice(1, 3)[0].is_same(list[1]));
        QCOMPARE(thrown<IndexError>([&] { list[4]; }), std::string("index 4 is out of range"));
        QCOMPARE(thrown<Error>([&] { list.append(ones({1}, {.dtype = Dtype::int64})); }),
                 std::string("Only Tensors of floating point and complex dtype can require gradients"));
        QCOMPARE(thrown<Error>([&] { list(ones({1})); }), std::string("ParameterList should not be called."));
    }
    void parameter_dict() {
        nn::ParameterDict dict;
        dict.insert("w", zeros({2}));
        dict.insert("b", zeros({1}));
        QCOMPARE(dict.to_string(),
                 std::string("ParameterDict(\n    (w): Parameter containing: [torch.FloatTensor of size 2]\n    (b): "
                             "Parameter containing: [torch.FloatTensor of size 1]\n)"));
        QCOMPARE(dict.state_dict().keys(), (Names{"w", "b"}));
        QCOMPARE(thrown<AttributeError>([&] { dict["x"]; }),
                 std::string("'ParameterDict' object has no attribute 'x'"));
        QVERIFY(!dict.get("x").defined());
        QCOMPARE(dict.setdefault("x", full({1}, 4)).item<int>(), 4);
        QCOMPARE(dict.setdefault("x", full({1}, 5)).item<int>(), 4);
        dict.update({{"w", ones({3})}});
        QCOMPARE(dict.keys(), (Names{"w", "b", "x"}));
        QCOMPARE(dict["w"].size(0), std::int64_t{3});
        QCOMPARE(dict.pop("b").numel(), std::int64_t{1});
        QVERIFY(!dict.contains("b"));
        QCOMPARE(nn::ParameterDict(dict.items()).size(), std::size_t{2});
        dict.clear();
        QCOMPARE(dict.to_string(), std::string("ParameterDict()"));
        QCOMPARE(thrown<Error>([&] { dict(ones({1})); }), std::string("ParameterDict should not be called."));
    }
    void a_hook_may_replace_what_runs() {
        nn::Sequential net(nn::Linear(2, 2), nn::ReLU());
        net[0].register_forward_hook(
            [&](nn::Module&, const Tensors&, const Tensors&) { net.set_attribute("0", std::make_shared<nn::ReLU>()); });
        net[1].register_forward_pre_hook([&](nn::Module&, const Tensors&) { net.erase(1); });
        QCOMPARE(net(ones({1, 2})).size(1), std::int64_t{2});
        QCOMPARE(net.to_string(), std::string("Sequential(\n  (0): ReLU()\n)"));
    }
    void a_module_cannot_contain_itself() {
        const auto outer = std::make_shared<nn::Sequential>();
        outer->append(std::make_shared<nn::Sequential>());
        QCOMPARE(thrown<Error>([&] { (*outer)[0].set_attribute("up", outer); }),
                 std::string("module 'up' of Sequential would contain itself"));
        QCOMPARE(thrown<Error>([&] { outer->insert(0, outer); }),
                 std::string("module '0' of Sequential would contain itself"));
        QCOMPARE(outer->train().to_string(), std::string("Sequential(\n  (0): Sequential()\n)"));
    }
    void sequentials_of_sequentials() {
        nn::Sequential net{nn::Sequential(nn::ReLU()), nn::Sequential(nn::ReLU(), nn::ReLU())};
        QCOMPARE(net.size(), std::size_t{2});
        QCOMPARE(net.named_modules().back().first, std::string("1.1"));
    }
};

QTEST_APPLESS_MAIN(TestContainers)
#include "tst_containers.moc"
