#include "engine/nn/batch_norm.h"
#include "engine/nn/instance_norm.h"
#include "engine/nn/linear.h"
#include "tests/rules/small_modules.h"

using namespace hs;
using namespace hs::test;

namespace {

/// Keeps a number of its own, and a child.
struct WithExtra : nn::Module {
    WithExtra() {
        add("child", Scale(3));
        add_parameter("p", ones({1}));
    }
    std::optional<nn::Attribute> get_extra_state() const override { return extra; }
    void set_extra_state(const nn::Attribute& state) override { extra = std::get<std::int64_t>(state); }
    std::int64_t extra = 7;
};

std::string loading_error(nn::Module& module, const nn::StateDict& state, const nn::LoadOptions& options = {}) {
    return thrown<Error>([&] { module.load_state_dict(state, options); });
}

nn::StateDict linear_state() {
    return {{"weight", full({1, 2}, 5)}, {"bias", full({1}, 6)}};
}

} // namespace

/// Rules 101 to 110.
///
/// Only in Python: load_state_dict() of something that is not a mapping (107), a load hook that returns something.
class TestRulesLStateDict : public QObject {
    Q_OBJECT

  private slots:
    void rule_101_order_and_shared_tensors() {
        Net net;
        net.add_parameter("own", ones({1}));
        net.register_parameter("shared", net.first->weight);
        QCOMPARE(net.state_dict().keys(), (Names{"own", "shared", "first.weight", "first.seen", "rest.0.weight",
                                                 "rest.0.seen", "rest.1.weight", "rest.1.seen"}));
        QCOMPARE(net.state_dict({.prefix = "x."}).keys()[2], std::string("x.first.weight"));
        QCOMPARE(WithExtra().state_dict().keys(), (Names{"p", "_extra_state", "child.weight", "child.seen"}));
    }
    void rule_101_values_are_detached_and_share_storage() {
        Net net;
        const Tensor value = net.state_dict()["first.weight"];
        QVERIFY(!value.requires_grad() && value.shares_storage(net.first->weight));
        Tensor(value).fill_(9);
        QCOMPARE(net.first->weight.item<int>(), 9);
        QVERIFY(net.state_dict({.keep_vars = true})["first.weight"].is_same(net.first->weight));
    }
    void rule_102_metadata() {
        nn::Sequential net(nn::Linear(1, 1), nn::BatchNorm1d(2), nn::Sequential(nn::InstanceNorm1d(2)));
        std::vector<std::pair<std::string, std::int64_t>> versions;
        const nn::StateDict state = net.state_dict();
        for (const auto& [path, local] : state.metadata.value())
            versions.emplace_back(path, local.version.value());
        QCOMPARE(versions, (std::vector<std::pair<std::string, std::int64_t>>{
                               {"", 1}, {"0", 1}, {"1", 2}, {"2", 1}, {"2.0", 2}}));
        QVERIFY(!linear_state().metadata);
    }
    void rule_103_order_of_hooks() {
        Net net;
        Names order;
        for (const auto& [name, module] : net.named_modules()) {
            if (name.starts_with("rest.")) continue;
            module->register_state_dict_pre_hook([&order, name = name](nn::Module&, const std::string& prefix, bool) {
                order.push_back("pre " + name + "," + prefix);
            });
            module->register_state_dict_post_hook(
                [&order, name = name](nn::Module&, nn::StateDict& state, const std::string&, nn::LocalMetadata& local) {
                    order.push_back("post " + name + " " + std::to_string(state.size()) + " v" +
                                    std::to_string(*local.version));
                });
            module->register_load_state_dict_pre_hook([&order, name = name](nn::Module&, const nn::LoadCall& call) {
                order.push_back("load pre " + name + " " + std::to_string(call.state.size()));
            });
            module->register_load_state_dict_post_hook(
                [&order, name = name](nn::Module&, nn::LoadResult&) { order.push_back("load post " + name); });
        }
        const nn::StateDict state = net.state_dict();
        QCOMPARE(order, (Names{"pre ,", "pre first,first.", "post first 2 v1", "pre rest,rest.", "post rest 6 v1",
                               "post  6 v1"}));
        order.clear();
        net.load_state_dict(state);
        QCOMPARE(order, (Names{"load pre  6", "load pre first 2", "load post first", "load pre rest 4",
                               "load post rest", "load post "}));
    }
    void rule_103_hooks_may_change_what_they_get() {
        nn::Linear linear(2, 1);
        linear.register_state_dict_post_hook(
            [](nn::Module&, nn::StateDict& state, const std::string& prefix, nn::LocalMetadata&) {
                state.erase(prefix + "bias");
                state.set(prefix + "note", "text");
            });
        QCOMPARE(linear.state_dict().keys(), (Names{"weight", "note"}));
        linear.register_load_state_dict_pre_hook([](nn::Module&, const nn::LoadCall& call) {
            if (const nn::Attribute* old = call.state.find("w")) {
                call.state.set("weight", nn::Attribute(*old));
                call.state.erase("w");
            }
        });
        linear.register_load_state_dict_post_hook([](nn::Module&, nn::LoadResult& result) {
            std::erase(result.missing_keys, "bias");
            result.unexpected_keys.push_back("by a hook");
        });
        const nn::StateDict given = nn::NamedTensors{{"w", full({1, 2}, 5)}}; // as a file without metadata gives it
        QCOMPARE(nn::to_string(linear.load_state_dict(given, {.strict = false})),
                 std::string("_IncompatibleKeys(missing_keys=[], unexpected_keys=['by a hook'])"));
        QCOMPARE(linear.weight.to_vector<float>(), (std::vector<float>{5, 5}));
        QVERIFY(given.find("w"));
    }
    void rule_104_loading_copies_in_place() {
        nn::Linear linear(2, 1);
        linear.weight.set_requires_grad(false);
        const Tensor weight = linear.weight;
        nn::StateDict state = linear_state();
        state.set("weight", full({1, 2}, 5, {.dtype = Dtype::float64}));
        linear.load_state_dict(state);
        QVERIFY(linear.weight.is_same(weight));
        QCOMPARE(weight.to_vector<float>(), (std::vector<float>{5, 5}));
        QCOMPARE(weight.dtype(), Dtype::float32);
        QVERIFY(!weight.requires_grad() && linear.bias.requires_grad() && linear.bias.is_leaf());
    }
    void rule_104_assign_puts_the_given_tensors_in() {
        nn::Linear linear(2, 1);
        linear.weight.set_requires_grad(false);
        const Tensor weight = linear.weight;
        const nn::StateDict state = linear_state();
        linear.load_state_dict(state, {.assign = true});
        QVERIFY(!linear.weight.is_same(weight) && linear.weight.shares_storage(state["weight"]));
        QVERIFY(linear.weight.is_parameter() && !linear.weight.requires_grad() && linear.bias.requires_grad());
        nn::StateDict parameters = linear_state();
        const Tensor given = nn::parameter(full({1, 2}, 8, {.dtype = Dtype::float64}));
        parameters.set("weight", given);
        linear.load_state_dict(parameters, {.assign = true});
        QVERIFY(linear.weight.is_same(given) && !given.requires_grad());
        QCOMPARE(linear.weight.dtype(), Dtype::float64);
        nn::BatchNorm1d norm(1);
        const nn::StateDict of_norm = nn::BatchNorm1d(1).state_dict();
        norm.load_state_dict(of_norm, {.assign = true});
        QVERIFY(norm.running_mean.is_same(of_norm["running_mean"]));
        parameters.set("bias", full({1}, 1, {.dtype = Dtype::int64}));
        QCOMPARE(loading_error(linear, parameters, {.assign = true}),
                 std::string("Error(s) in loading state_dict for Linear:\n\tWhile copying the parameter named "
                             "\"bias\", whose dimensions in the model are torch.Size([1]) and whose dimensions in the "
                             "checkpoint are torch.Size([1]), an exception occurred : ('Only Tensors of floating point "
                             "and complex dtype can require gradients',)."));
    }
    void rule_105_all_errors_are_joined() {
        Net net;
        nn::StateDict state = net.state_dict();
        state.set("first.wait", state["first.weight"]);
        state.erase("first.weight");
        state.erase("rest.1.seen");
        state.set("rest.0.weight", ones({2}));
        state.set("rest.1.weight", full({1}, 8));
        QCOMPARE(loading_error(net, state),
                 std::string("Error(s) in loading state_dict for Net:\n\tMissing key(s) in state_dict: "
                             "\"first.weight\", \"rest.1.seen\". \n\tUnexpected key(s) in state_dict: \"first.wait\". "
                             "\n\tsize mismatch for rest.0.weight: copying a param with shape torch.Size([2]) from "
                             "checkpoint, the shape in current model is torch.Size([1])."));
        QCOMPARE(net.get_parameter("rest.1.weight").item<int>(), 8); // what fits has been loaded
    }
    void rule_106_sizes() {
        nn::Linear linear(10, 5);
        nn::StateDict state = linear.state_dict();
        state.set("weight", ones({5, 9}));
        const std::string text = "Error(s) in loading state_dict for Linear:\n\tsize mismatch for weight: copying a "
                                 "param with shape torch.Size([5, 9]) from checkpoint, the shape in current model is "
                                 "torch.Size([5, 10]).";
        QCOMPARE(loading_error(linear, state), text);
        QCOMPARE(loading_error(linear, state, {.strict = false}), text);
        nn::Module scalar;
        scalar.register_buffer("z", zeros({}));
        scalar.load_state_dict({{"z", full({1}, 5)}});
        QCOMPARE(scalar.buffers()[0].item<int>(), 5);
        QVERIFY(scalar.buffers()[0].shape().empty());
        QVERIFY(loading_error(scalar, {{"z", ones({2})}}).ends_with("is torch.Size([])."));
    }
    void rule_107_values_that_are_no_tensors() {
        nn::Linear linear(2, 1);
        nn::StateDict state = linear_state();
        state.set("weight", 3);
        const std::string text = "Error(s) in loading state_dict for Linear:\n\tWhile copying the parameter named "
                                 "\"weight\", expected torch.Tensor or Tensor-like object from checkpoint but "
                                 "received <class 'int'>";
        QCOMPARE(loading_error(linear, state), text);
        QCOMPARE(loading_error(linear, state, {.strict = false}), text);
    }
    void rule_108_unexpected_keys() {
        Net net;
        net.register_parameter("none", nn::None());
        net.register_module("no_module", nn::None());
        nn::StateDict state = net.state_dict();
        for (const char* key : {"none", "first.weight.x", "other.x", "first", "first.scratch", "no_module.x"})
            state.set(key, ones({1}));
        QCOMPARE(net.load_state_dict(state, {.strict = false}).unexpected_keys,
                 (Names{"none", "other.x", "first", "first.weight.x", "first.scratch"}));
    }
    void rule_109_what_it_returns() {
        Net net;
        nn::StateDict state = net.state_dict();
        QCOMPARE(nn::to_string(net.load_state_dict(state)), std::string("<All keys matched successfully>"));
        QCOMPARE(nn::to_string(net.load_state_dict(state, {.strict = false})),
                 std::string("<All keys matched successfully>"));
        state.erase("first.weight");
        state.erase("first.seen");
        state.set("x", ones({1}));
        QCOMPARE(nn::to_string(net.load_state_dict(state, {.strict = false})),
                 std::string("_IncompatibleKeys(missing_keys=['first.weight', 'first.seen'], unexpected_keys=['x'])"));
    }
    void rule_110_an_old_batch_norm() {
        nn::Sequential net((nn::BatchNorm1d(1)));
        nn::StateDict state = net.state_dict();
        state.erase("0.num_batches_tracked");
        QVERIFY(loading_error(net, state).ends_with("Missing key(s) in state_dict: \"0.num_batches_tracked\". "));
        state.metadata->at(1).second.version = 1;
        QCOMPARE(nn::to_string(net.load_state_dict(state)), std::string("<All keys matched successfully>"));
        state.metadata.reset();
        QCOMPARE(nn::to_string(net.load_state_dict(state)), std::string("<All keys matched successfully>"));
    }

    // Beyond the rules.
    void extra_state_travels_with_the_rest() {
        WithExtra from, to;
        from.extra = 9;
        to.load_state_dict(from.state_dict());
        QCOMPARE(to.extra, std::int64_t{9});
        nn::StateDict state = from.state_dict();
        state.erase("_extra_state");
        QVERIFY(loading_error(to, state).ends_with("Missing key(s) in state_dict: \"_extra_state\". "));
        nn::Linear linear(2, 1);
        nn::StateDict other = linear_state();
        other.set("_extra_state", 1);
        QVERIFY(loading_error(linear, other).ends_with("Unexpected key(s) in state_dict: \"_extra_state\". "));
    }
    void a_state_dict_is_an_ordered_dict() {
        nn::StateDict state = linear_state();
        state.set("weight", full({1}, 7));
        state.set("c", 1);
        QCOMPARE(state["weight"].item<int>(), 7);
        QCOMPARE(state.keys(), (Names{"weight", "bias", "c"}));
        QVERIFY(state.erase("weight") && !state.erase("weight"));
        QCOMPARE(state["bias"].item<int>(), 6);
        QCOMPARE(names(state.tensors()), (Names{"bias"}));
        QCOMPARE(thrown<KeyError>([&] { state["weight"]; }), std::string("'weight'"));
        QCOMPARE(thrown<TypeError>([&] { state["c"]; }), std::string("'c' is a int, not a tensor"));
    }
};

QTEST_APPLESS_MAIN(TestRulesLStateDict)
#include "tst_rules_l_state_dict.moc"
