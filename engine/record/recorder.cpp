#include "engine/record/recorder.h"

#include "engine/graph/autograd_meta.h"
#include "engine/record/module_table.h"
#include "engine/record/observer.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace hs::record {

using trace::Level;
using trace::Role;

Recorder::Impl::Impl(nn::Module& of_model, optim::Optimizer& of_optimizer, trace::History& history)
    : model(of_model), optimizer(of_optimizer), writer(history) {
    table = describe_modules(model);
    for (const auto& named : model.named_modules()) {
        const std::string& path = named.first;
        nn::Module* const module = named.second;
        const auto id = static_cast<trace::Id>(modules.size());
        ModuleSlot& slot = modules.emplace_back();
        slot.module = module;
        slot.input.key = {Role::input, path, ""};
        slot.output.key = {Role::output, path, ""};
        slot.output_gradient.key = {Role::output_gradient, path, ""};
        const auto add = [&](Role role, const std::string& name, const Tensor& tensor) {
            // A shared tensor belongs to the module that comes first.
            if (!member_of.emplace(tensor.impl(), members.size()).second) return;
            MemberSlot& member = members.emplace_back();
            member.module = id;
            member.tensor = tensor;
            member.value.key = {role, path, name};
            member.name = to_string(member.value.key);
            member.gradient.key = {Role::gradient, path, name};
            member.update.key = {Role::update, path, name};
        };
        for (const auto& [name, tensor] : module->named_parameters({.recurse = false}))
            add(Role::parameter, name, tensor);
        for (const auto& [name, tensor] : module->named_buffers({.recurse = false}))
            add(Role::buffer, name, tensor);
    }
}

void Recorder::Impl::set_watch(const trace::Watch& newer) {
    watch = newer;
    writer.set_exact_bins_up_to(watch.exact_bins_up_to);
    const auto mark = [this](Tracked& tracked) { return tracked.keep = watch.values.contains(tracked.key); };
    const Level least = stepping ? Level::structure : Level::off;
    const auto raise = [](Level& level, Level to) { level = std::max(level, to); };
    outer_level = std::max(watch.level, least);
    for (ModuleSlot& slot : modules) {
        const auto own = watch.modules.find(slot.output.key.module);
        slot.level = std::max(own == watch.modules.end() ? watch.level : own->second, least);
        const bool input = mark(slot.input);
        const bool output = mark(slot.output);
        if (mark(slot.output_gradient) || input || output) raise(slot.level, Level::structure);
    }
    for (MemberSlot& slot : members) {
        const bool gradient = mark(slot.gradient);
        const bool update = mark(slot.update);
        // An update is measured, and so kept, from level `summaries` on.
        if (mark(slot.value) || gradient || update)
            raise(modules[slot.module].level, update ? Level::summaries : Level::structure);
    }
    mark(target);
    mark(picture);
    attach();
}

ScopedHook Recorder::Impl::own(RemovableHandle handle) {
    own_ids.insert(handle.id());
    return ScopedHook(std::move(handle));
}

void Recorder::Impl::detach() {
    hooks.clear();
    own_ids.clear();
    for (ModuleSlot& slot : modules) {
        slot.enter = ScopedHook();
        slot.leave = ScopedHook();
    }
    attached = false;
}

/// Registers the hooks that the levels ask for, and no others.
void Recorder::Impl::attach() {
    detach();
    for (trace::Id id = 0; id < modules.size(); ++id) {
        ModuleSlot& slot = modules[id];
        if (slot.level < Level::structure) continue;
        attached = true;
        slot.enter = own(slot.module->register_forward_pre_hook(
            [this, id](nn::Module&, const Tensors& inputs) { on_enter(id, inputs); }));
        slot.leave = own(slot.module->register_forward_hook(
            [this, id](nn::Module&, const Tensors&, const Tensors& outputs) { on_leave(id, outputs); }));
    }
    attached = attached || outer_level >= Level::structure;
    if (!attached) return;
    auto& node_hooks = autograd::node_hooks();
    hooks.emplace_back(op_hooks().before.add([this](const OpCall& call) { before_op(call); }));
    hooks.emplace_back(op_hooks().after.add([this](const OpCall& call) { after_op(call); }));
    hooks.emplace_back(node_hooks.before.add(
        [this](const Node& node, std::span<const Tensor> gradients) { before_node(node, gradients); }));
    hooks.emplace_back(
        node_hooks.after.add([this](const Node& node, std::span<const Tensor> sent, std::span<const Tensor> gradients) {
            after_node(node, sent, gradients);
        }));
    hooks.emplace_back(
        node_hooks.grad_sum.add([this](const Node& node, std::size_t, const Tensor&) { on_grad_sum(node); }));
    hooks.push_back(own(optimizer.register_step_pre_hook([this](optim::Optimizer&) { before_optimizer(); })));
    hooks.push_back(own(optimizer.register_step_post_hook([this](optim::Optimizer&) { after_optimizer(); })));
}

bool Recorder::Impl::modules_changed() const {
    for (std::size_t i = 0; i < modules.size(); ++i) {
        const trace::Module& known = (*table)[i];
        const int own = modules[i].level >= Level::structure ? 2 : 0;
        if (known.training != modules[i].module->is_training()) return true;
        if (known.hook_count != static_cast<int>(modules[i].module->hooks().count()) - own) return true;
    }
    return std::any_of(members.begin(), members.end(), [this](const MemberSlot& slot) {
        const auto& listed = (*table)[slot.module].members;
        const auto same = [&](const trace::Member& member) { return member.name == slot.value.key.member; };
        const auto found = std::find_if(listed.begin(), listed.end(), same);
        return found != listed.end() && found->requires_grad != slot.tensor.requires_grad();
    });
}

void Recorder::Impl::begin_step() {
    stack.clear();
    enter_times.clear();
    nodes.clear();
    bindings.clear();
    first_sequence_nr = 0;
    other_leaves.clear();
    first_edge.clear();
    ops_seen = 0;
    last_output = {};
    in_optimizer = in_pass = false;
    for (MemberSlot& slot : members) {
        slot.version = slot.tensor.version();
        slot.written = false;
        slot.leaf = trace::none;
    }
    deaf = false;
    told = nullptr;
    if (modules_changed()) table = describe_now();
}

/// Without the hooks that are the Recorder's own.
std::shared_ptr<const trace::ModuleTable> Recorder::Impl::describe_now() {
    auto renewed = std::make_shared<trace::ModuleTable>(*describe_modules(model));
    for (std::size_t i = 0; i < modules.size(); ++i)
        if (modules[i].level >= Level::structure) (*renewed)[i].hook_count -= 2;
    return renewed;
}

namespace {

bool holds_grad(const Tensor& tensor) {
    const auto& meta = tensor.impl()->meta;
    return meta && meta->grad.defined();
}

} // namespace

/// What the step begins with, so that the moments before a parameter is updated can be shown too.
void Recorder::Impl::write_begin() {
    const Timed timed(*this);
    for (MemberSlot& slot : members) {
        if (!at_least(slot.module, Level::structure)) continue;
        note_grad(slot);
        writer.write(slot.value, slot.tensor, slot.tensor.requires_grad() && at_least(slot.module, Level::summaries));
    }
}

/// No hook tells of a `.grad` that was set to None, zeroed or otherwise written; it is seen before the next event.
void Recorder::Impl::write_changed_grads() {
    if (!writer.keeps_all()) return;
    for (MemberSlot& slot : members) {
        const bool had_grad = slot.had_grad;
        const std::uint32_t known = slot.grad_version;
        note_grad(slot);
        if (!at_least(slot.module, Level::structure)) continue;
        if (slot.had_grad != had_grad) {
            const auto ids = writer.write(slot.value, slot.tensor, false);
            if (had_grad) write_grad_event(slot, trace::EventKind::zero_grad, ids);
        } else if (slot.had_grad && slot.grad_version != known) {
            const auto ids = writer.write(slot.gradient, slot.tensor.mutable_grad(), true);
            const trace::Summary& summary = writer.trace()->summaries[ids.summary].summary;
            const bool zero = summary.count > 0 && summary.zeros == summary.count;
            write_grad_event(slot, zero ? trace::EventKind::zero_grad : trace::EventKind::summary, ids);
        }
    }
}

/// What is known of the slot's `.grad` from now on.
void Recorder::Impl::note_grad(MemberSlot& slot) {
    slot.had_grad = holds_grad(slot.tensor);
    slot.grad_version = slot.had_grad ? slot.tensor.mutable_grad().version() : 0;
}

void Recorder::Impl::write_grad_event(const MemberSlot& slot, trace::EventKind kind, TraceWriter::Ids written) {
    trace::Event event{.kind = kind, .module = slot.module, .value = written.value, .summary = written.summary};
    event.begin_ns = event.end_ns = writer.since_begin(Clock::now());
    writer.event(event);
}

std::shared_ptr<const trace::Trace> Recorder::Impl::describe() {
    begin_step();
    writer.begin(-1, table, Keep::all);
    for (MemberSlot& slot : members)
        writer.write(slot.value, slot.tensor, true);
    trace::StepResult nothing;
    nothing.step = -1;
    nothing.loss = nothing.batch_accuracy = std::numeric_limits<double>::quiet_NaN();
    return writer.finish(nothing, false);
}

Recorder::Recorder(nn::Module& model, optim::Optimizer& optimizer, trace::History& history)
    : impl_(std::make_unique<Impl>(model, optimizer, history)) {}

Recorder::~Recorder() = default;

void Recorder::set_watch(const trace::Watch& watch) {
    impl_->set_watch(watch);
}

void Recorder::set_event_stepping(bool stepping) {
    if (std::exchange(impl_->stepping, stepping) != stepping) impl_->set_watch(trace::Watch(impl_->watch));
}

void Recorder::set_on_event(OnEvent on_event) {
    impl_->on_event = std::move(on_event);
}

void Recorder::set_on_node(OnNode on_node) {
    impl_->on_node = std::move(on_node);
}

void Recorder::tell_nodes(bool tell) {
    impl_->tells_nodes = tell;
}

void Recorder::set_keep_limit(std::size_t bytes) {
    impl_->writer.set_keep_limit(bytes);
}

void Recorder::begin_step(std::int64_t step, Keep keep) {
    impl_->cost = 0;
    if (!impl_->attached) return impl_->writer.abandon();
    impl_->begin_step();
    impl_->writer.begin(step, impl_->table, keep);
    if (keep == Keep::all) impl_->write_begin();
}

std::shared_ptr<const trace::Trace> Recorder::finish_step(const trace::StepResult& result) {
    if (!impl_->writer.open()) return nullptr;
    impl_->finish_members();
    return impl_->writer.finish(result);
}

void Recorder::abandon_step() {
    impl_->writer.abandon();
}

std::shared_ptr<const trace::Trace> Recorder::trace() const {
    return impl_->writer.trace();
}

const Tensor* Recorder::told() const {
    return impl_->told;
}

void Recorder::add(trace::Role role, const Tensor& tensor) {
    if (!impl_->writer.open()) return;
    Tracked& tracked = role == Role::picture ? impl_->picture : impl_->target;
    impl_->writer.write(tracked, tensor, false);
}

void Recorder::exclude(std::int64_t nanoseconds) {
    impl_->writer.exclude(nanoseconds);
}

std::shared_ptr<const trace::Trace> Recorder::describe() {
    return impl_->describe();
}

const std::optional<FirstNonFinite>& Recorder::first_non_finite() const {
    return impl_->writer.first_non_finite();
}

bool Recorder::saw_nan() const {
    return impl_->writer.saw_nan();
}

std::int64_t Recorder::cost() const {
    return impl_->cost;
}

} // namespace hs::record
