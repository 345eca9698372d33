// Registering the bench's hooks on a model, and what they do when they fire.
#include "engine/autograd/backward.h"
#include "engine/graph/grad_mode.h"
#include "engine/graph/node.h"
#include "engine/ops/functional.h"
#include "engine/record/snapshot.h"
#include "engine/session/hook_bench_impl.h"
#include "engine/tensor/number_text.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <utility>

namespace hs::session {

/// All anew, in their order; the Recorder comes behind them, so that it records what they made.
void HookBench::Impl::register_all() {
    any_active = false;
    for (const Shared& hook : hooks) {
        hook->problem.clear();
        any_active = any_active || (!hook->removed && !hook->spec.muted);
        if (!hook->spec.place.node.empty() && !hook->removed) continue; // those of this step's graph stay
        for (RemovableHandle& handle : hook->handles)
            handle.remove();
        hook->handles.clear();
    }
    if (!training) return;
    if (in_step && any_active && !at_begin) at_begin.emplace(training->model());
    // Of several that are prepended, the last comes first.
    for (auto hook = hooks.rbegin(); hook != hooks.rend(); ++hook)
        if (!(*hook)->removed && (*hook)->spec.prepend) register_one(*hook);
    for (const Shared& hook : hooks)
        if (!hook->removed && !hook->spec.prepend) register_one(hook);
    watch_nodes();
    recorder->move_behind();
}

void HookBench::Impl::register_one(const Shared& hook) {
    const HookPlace& place = hook->spec.place;
    if (!place.node.empty()) return; // when its node is made
    try {
        nn::Module& module = training->model().get_submodule(place.module);
        if (place.member.empty())
            register_on_module(hook, module);
        else
            register_on_parameter(hook, module.get_parameter(place.member));
    } catch (const std::exception& error) {
        hook->problem = error.what();
    }
}

void HookBench::Impl::register_on_module(const Shared& hook, nn::Module& module) {
    const bool prepend = hook->spec.prepend;
    const auto add = [&](RemovableHandle handle) { hook->handles.push_back(std::move(handle)); };
    switch (hook->spec.place.kind) {
    case HookKind::forward_pre:
        return add(module.register_forward_pre_hook(
            [this, hook](nn::Module&, const Tensors& inputs) -> nn::HookResult { return fire_first(*hook, inputs); },
            prepend));
    case HookKind::forward:
        return add(module.register_forward_hook([this, hook](nn::Module&, const Tensors&, const Tensors& outputs)
                                                    -> nn::HookResult { return fire_first(*hook, outputs); },
                                                {.prepend = prepend}));
    case HookKind::backward_pre:
        return add(module.register_full_backward_pre_hook(
            [this, hook](nn::Module&, const Tensors& gradients) -> nn::HookResult {
                return fire_first(*hook, gradients);
            },
            prepend));
    case HookKind::backward:
        return add(module.register_full_backward_hook(
            [this, hook](nn::Module&, const Tensors& gradients, const Tensors&) -> nn::HookResult {
                return fire_first(*hook, gradients);
            },
            prepend));
    default:
        throw Error("a " + kind_text(hook->spec.place.kind) + " cannot be put on a module");
    }
}

void HookBench::Impl::register_on_parameter(const Shared& hook, const Tensor& parameter) {
    switch (hook->spec.place.kind) {
    case HookKind::tensor:
        hook->handles.push_back(
            parameter.register_hook([this, hook](const Tensor& gradient) { return fire(*hook, gradient); }));
        return;
    case HookKind::post_accumulate:
        hook->handles.push_back(parameter.register_post_accumulate_grad_hook([this, hook](const Tensor& leaf) {
            Tensor& gradient = leaf.mutable_grad();
            const Tensor replaced = fire(*hook, gradient);
            if (replaced.defined()) gradient.copy_(replaced);
        }));
        return;
    default:
        throw Error("a " + kind_text(hook->spec.place.kind) + " cannot be put on a parameter");
    }
}

void HookBench::Impl::register_on_node(const Shared& hook, Node& node, std::uint32_t output) {
    switch (hook->spec.place.kind) {
    case HookKind::tensor:
        hook->handles.push_back(node.extras().tensor_hooks[output].add(
            [this, hook](const Tensor& gradient) { return fire(*hook, gradient); }));
        return;
    case HookKind::node_pre:
        hook->handles.push_back(node.register_prehook(
            [this, hook](std::span<const Tensor> gradients) { return fire_first(*hook, gradients); }));
        return;
    case HookKind::node_post:
        hook->handles.push_back(
            node.register_hook([this, hook](std::span<const Tensor> gradients, std::span<const Tensor>) {
                return fire_first(*hook, gradients);
            }));
        return;
    default:
        hook->problem = "a " + kind_text(hook->spec.place.kind) + " cannot be put on a node";
    }
}

/// A node of this step that was made already is come by in the backward pass, from the node before it.
void HookBench::Impl::look_for_node(const Shared& hook) {
    const HookPlace& place = hook->spec.place;
    const auto trace = recorder && in_step ? recorder->trace() : nullptr;
    if (place.node.empty() || !trace) return;
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i < trace->nodes.size(); ++i) {
        const trace::Node& node = trace->nodes[i];
        if (node.name == trace::Name(place.node) && !node.operation.empty()) numbers.push_back(node.sequence_nr);
    }
    if (place.occurrence >= numbers.size()) return;
    std::sort(numbers.begin(), numbers.end());
    sought.emplace_back(numbers[place.occurrence], hook);
    node_watch = ScopedHook(
        autograd::node_hooks().before.add([this](const Node& node, std::span<const Tensor>) { before_node(node); }));
}

void HookBench::Impl::before_node(const Node& node) {
    for (std::size_t i = 0; i < node.edge_count(); ++i) {
        const Edge edge = node.edge(i);
        if (!edge.node) continue;
        std::erase_if(sought, [&](const auto& wanted) {
            if (wanted.first != edge.node->sequence_nr()) return false;
            if (!wanted.second->removed) register_on_node(wanted.second, *edge.node, edge.input_nr);
            return true;
        });
    }
}

/// Nodes live for a step, so they are found by name and number as they are made; only then operations are looked at.
void HookBench::Impl::watch_nodes() {
    const bool wanted = std::any_of(hooks.begin(), hooks.end(), [](const Shared& hook) {
        return !hook->removed && !hook->spec.place.node.empty();
    });
    if (wanted == !op_watch.empty()) return;
    op_watch.clear();
    if (wanted) op_watch.emplace_back(op_hooks().after.add([this](const OpCall& call) { after_op(call); }));
}

void HookBench::Impl::after_op(const OpCall& call) {
    if (!in_step || !counts_nodes || !call.node || call.in_backward || call.outputs.empty()) return;
    const std::string_view name = call.node->name();
    auto seen = nodes_seen.find(name);
    if (seen == nodes_seen.end()) seen = nodes_seen.emplace(std::string(name), 0).first;
    const std::uint32_t number = seen->second++;
    for (const Shared& hook : hooks) {
        const HookPlace& place = hook->spec.place;
        if (hook->removed || place.node != name || place.occurrence != number) continue;
        hook->handles.clear(); // of the last step's graph
        const auto differentiable = std::find_if(call.outputs.begin(), call.outputs.end(), [&](const Tensor& output) {
            return output.defined() && output.grad_fn().get() == call.node;
        });
        if (differentiable == call.outputs.end()) continue;
        register_on_node(hook, *differentiable->grad_fn(), differentiable->impl()->output_nr);
    }
}

std::optional<Tensors> HookBench::Impl::fire_first(Hook& hook, std::span<const Tensor> tensors) {
    const auto first = std::find_if(tensors.begin(), tensors.end(), [](const Tensor& one) { return one.defined(); });
    if (first == tensors.end()) return std::nullopt;
    Tensor replaced = fire(hook, *first);
    if (!replaced.defined()) return std::nullopt;
    Tensors result(tensors.begin(), tensors.end());
    result[static_cast<std::size_t>(first - tensors.begin())] = std::move(replaced);
    return result;
}

namespace {

trace::ValueKey key_of(const HookPlace& place) {
    using trace::Role;
    switch (place.kind) {
    case HookKind::forward_pre:
        return {Role::input, place.module, ""};
    case HookKind::forward:
        return {Role::output, place.module, ""};
    case HookKind::backward_pre:
        return {Role::output_gradient, place.module, ""};
    case HookKind::post_accumulate:
        return {Role::gradient, place.module, place.member};
    default:
        return {Role::intermediate, place.module, kind_text(place.kind)};
    }
}

/// Of dtypes that the kernels do not know it is that of the same numbers in float32.
trace::Summary summary_of_hooked(const Tensor& given, record::Recorder& recorder) {
    Tensor tensor = given;
    if (given.numel() > 0 && record::summarise(given, {}, 0).count == 0) {
        const NoGrad scope;
        recorder.set_deaf(true);
        tensor = given.to(Dtype::float32);
        recorder.set_deaf(false);
    }
    const auto range = next_range(trace::BinScale::symmetric_log, record::summarise(tensor, {}, 0));
    return record::summarise(tensor, range, tensor.numel() > 65'536 ? 16 : 1);
}

void check_floating(const Tensor& tensor) {
    if (is_floating_point(tensor.dtype())) return;
    throw Error("linalg.vector_norm: Expected a floating point or complex tensor as input. Got " +
                std::string(scalar_type_name(tensor.dtype())));
}

} // namespace

Tensor HookBench::Impl::fire(Hook& hook, const Tensor& tensor) {
    if (!in_step || hook.removed || hook.spec.muted || !tensor.defined()) return {};
    record::Recorder::HookRun run;
    run.key = key_of(hook.spec.place);
    run.begin_ns = recorder->now();
    const std::int64_t recorded = recorder->cost();
    Tensor result;
    trace::Summary before;
    try {
        before = summary_of_hooked(tensor, *recorder);
        const std::int64_t begin = recorder->now();
        result = act(hook, tensor, before);
        hook.last.cost_ns = std::max<std::int64_t>(recorder->now() - begin - (recorder->cost() - recorded), 0);
    } catch (const std::exception& error) {
        recorder->hook_ran(run);
        fail(hook, error.what());
    }
    hook.last.before = before;
    hook.last.after.reset();
    hook.last.shape = tensor.shape();
    hook.last.step = step;
    ++hook.last.fired;
    const auto trace = recorder->trace();
    const bool keep = trace && trace->keeps_all;
    hook.last.bytes_before = keep ? record::snapshot(tensor) : trace::Snapshot();
    hook.last.bytes_after = keep && result.defined() ? record::snapshot(result) : trace::Snapshot();
    if (result.defined()) {
        hook.last.after = summary_of_hooked(result, *recorder);
        run.replaced = &result;
    }
    recorder->hook_ran(run);
    return result;
}

Tensor HookBench::Impl::act(Hook& hook, const Tensor& tensor, const trace::Summary& before) {
    const HookSpec& spec = hook.spec;
    const auto stop_for = [&](const std::string& what) {
        if (stop) stop("Stopped by the " + kind_text(spec.place.kind) + " on " + place_text(spec.place) + ": " + what);
    };
    switch (spec.action) {
    case HookAction::statistics:
        return {};
    case HookAction::scale:
        return mul(tensor, Scalar(spec.amount));
    case HookAction::clip_norm:
        check_floating(tensor);
        return before.norm > spec.amount ? mul(tensor, Scalar(spec.amount / (before.norm + 1e-6))) : Tensor();
    case HookAction::clip_value:
        return clamp(tensor, Scalar(-spec.amount), Scalar(spec.amount));
    case HookAction::zero:
        return tensor.clone().zero_();
    case HookAction::noise:
        return hs::add(tensor, randn(tensor.shape(), hook.noise, tensor.options()), Scalar(spec.amount));
    case HookAction::stop_non_finite:
        if (!before.finite()) stop_for("NaN or Inf came by");
        return {};
    case HookAction::stop_norm_above:
        check_floating(tensor);
        if (!before.finite() || before.norm > spec.amount) stop_for("the norm is above " + float_text(spec.amount));
        return {};
    }
    return {};
}

void HookBench::Impl::fail(const Hook& hook, const std::string& why) {
    throw HookFailed{"The " + kind_text(hook.spec.place.kind) + " on " + place_text(hook.spec.place) + " (" +
                     action_text(hook.spec) + ") threw: " + why};
}

} // namespace hs::session
