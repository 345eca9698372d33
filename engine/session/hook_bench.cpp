#include "engine/session/hook_bench_impl.h"

#include "engine/session/engine.h"
#include "engine/tensor/number_text.h"

#include <algorithm>
#include <utility>

namespace hs::session {

HookBench& Session::hook_bench() const {
    return *engine_->hook_bench;
}

HookBench::HookBench(CommandQueue& commands) : impl_(std::make_unique<Impl>(commands)) {}

HookBench::~HookBench() = default;

std::uint64_t HookBench::add(const HookSpec& spec) {
    const std::uint64_t id = impl_->next_id.fetch_add(1);
    impl_->commands.post_task([impl = impl_.get(), spec, id] { impl->add(spec, id); });
    return id;
}

void HookBench::remove(std::uint64_t id) {
    impl_->commands.post_task([impl = impl_.get(), id] { impl->set_removed(id, true); });
}

void HookBench::restore(std::uint64_t id) {
    impl_->commands.post_task([impl = impl_.get(), id] { impl->set_removed(id, false); });
}

void HookBench::set_muted(std::uint64_t id, bool muted) {
    impl_->commands.post_task([impl = impl_.get(), id, muted] { impl->set_muted(id, muted); });
}

void HookBench::raise(std::uint64_t id) {
    impl_->commands.post_task([impl = impl_.get(), id] { impl->move(id, true); });
}

void HookBench::sink(std::uint64_t id) {
    impl_->commands.post_task([impl = impl_.get(), id] { impl->move(id, false); });
}

std::shared_ptr<const HookTable> HookBench::table() const {
    return impl_->table.get();
}

HookBench::Impl::Impl(CommandQueue& queue) : commands(queue), table(std::make_shared<const HookTable>()) {}

void HookBench::Impl::attach(Training* of, record::Recorder* with) {
    training = of;
    recorder = with;
    at_begin.reset();
    in_step = false;
    op_watch.clear();
    sought.clear();
    node_watch = ScopedHook();
    for (const Shared& hook : hooks) {
        hook->handles.clear(); // of a model that is gone
        hook->noise.manual_seed(hook->spec.seed);
        hook->last = {};
    }
    if (training) register_all();
    publish();
}

HookBench::Impl::Shared HookBench::Impl::find(std::uint64_t id) const {
    const auto found = std::find_if(hooks.begin(), hooks.end(), [id](const Shared& hook) { return hook->id == id; });
    return found == hooks.end() ? nullptr : *found;
}

void HookBench::Impl::add(const HookSpec& spec, std::uint64_t id) {
    auto hook = std::make_shared<Hook>();
    hook->id = id;
    hook->spec = spec;
    hook->noise.manual_seed(spec.seed);
    hooks.push_back(hook);
    register_all();
    look_for_node(hook);
    publish();
}

void HookBench::Impl::set_removed(std::uint64_t id, bool removed) {
    const Shared hook = find(id);
    if (!hook || hook->removed == removed) return;
    hook->removed = removed;
    if (removed) { // it may stay for long, and nobody sees it
        hook->last.bytes_before = {};
        hook->last.bytes_after = {};
    }
    register_all();
    if (!removed) look_for_node(hook);
    publish();
}

void HookBench::Impl::set_muted(std::uint64_t id, bool muted) {
    const Shared hook = find(id);
    if (!hook) return;
    hook->spec.muted = muted;
    any_active =
        std::any_of(hooks.begin(), hooks.end(), [](const Shared& one) { return !one->removed && !one->spec.muted; });
    publish();
}

namespace {

/// Whether PyTorch has `prepend` for it.
bool can_prepend(const HookPlace& place) {
    return place.kind <= HookKind::backward;
}

} // namespace

/// Among the bench's hooks of one place by their order in `hooks`; past those of the program by `prepend`.
void HookBench::Impl::move(std::uint64_t id, bool up) {
    const auto at =
        std::find_if(hooks.begin(), hooks.end(), [id](const Shared& hook) { return hook->id == id && !hook->removed; });
    if (at == hooks.end()) return;
    HookSpec& spec = (*at)->spec;
    const auto neighbour = [&](const Shared& other) {
        return !other->removed && other->spec.place == spec.place && other->spec.prepend == spec.prepend;
    };
    auto swapped = hooks.end();
    if (up) {
        for (auto i = hooks.begin(); i != at; ++i)
            if (neighbour(*i)) swapped = i;
    } else {
        swapped = std::find_if(std::next(at), hooks.end(), neighbour);
    }
    if (swapped != hooks.end())
        std::swap(*at, *swapped);
    else if (can_prepend(spec.place) && spec.prepend != up)
        spec.prepend = up;
    else
        return;
    register_all();
    publish();
}

void HookBench::Impl::begin_step(std::int64_t of_step) {
    step = of_step;
    in_step = true;
    counts_nodes = !op_watch.empty();
    nodes_seen.clear();
    sought.clear();
    node_watch = ScopedHook();
    at_begin.reset();
    if (any_active) at_begin.emplace(training->model());
}

void HookBench::Impl::end_step() {
    in_step = false;
    at_begin.reset();
}

void HookBench::Impl::restore_model() {
    if (at_begin) at_begin->restore();
}

void HookBench::Impl::publish() {
    published_at = Clock::now();
    table.set(list_hooks(*this));
}

void HookBench::Impl::publish_now_and_then() {
    if (any_active && Clock::now() - published_at > std::chrono::milliseconds(100)) publish();
}

std::string kind_text(HookKind kind) {
    switch (kind) {
    case HookKind::forward_pre:
        return "forward pre-hook";
    case HookKind::forward:
        return "forward hook";
    case HookKind::backward_pre:
        return "backward pre-hook";
    case HookKind::backward:
        return "backward hook";
    case HookKind::tensor:
        return "tensor hook";
    case HookKind::post_accumulate:
        return "post-accumulate hook";
    case HookKind::node_pre:
        return "node pre-hook";
    case HookKind::node_post:
        return "node hook";
    case HookKind::step_pre:
        return "optimizer pre-hook";
    case HookKind::step_post:
        return "optimizer hook";
    }
    return {};
}

std::string action_text(const HookSpec& spec) {
    const std::string amount = float_text(spec.amount);
    switch (spec.action) {
    case HookAction::statistics:
        return "show statistics";
    case HookAction::scale:
        return "scale by " + amount;
    case HookAction::clip_norm:
        return "clip norm to " + amount;
    case HookAction::clip_value:
        return "clip values to " + amount;
    case HookAction::zero:
        return "replace by zeros";
    case HookAction::noise:
        return "add noise of " + amount + ", seed " + std::to_string(spec.seed);
    case HookAction::stop_non_finite:
        return "stop at NaN or Inf";
    case HookAction::stop_norm_above:
        return "stop at norm above " + amount;
    }
    return {};
}

std::string place_text(const HookPlace& place) {
    if (place.kind == HookKind::step_pre || place.kind == HookKind::step_post) return "optimizer";
    if (!place.node.empty()) return place.node + " #" + std::to_string(place.occurrence + 1);
    if (!place.member.empty()) return place.module.empty() ? place.member : place.module + "." + place.member;
    return place.module.empty() ? "model" : place.module;
}

} // namespace hs::session
