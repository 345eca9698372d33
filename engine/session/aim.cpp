#include "engine/session/aim.h"

#include "engine/session/module_path.h"
#include "engine/trace/moment.h"

namespace hs::session {

namespace {

using Kind = trace::EventKind;

bool is_of_pass(Kind kind) {
    return kind == Kind::backward || kind == Kind::grad_sum || kind == Kind::accumulate_grad;
}

} // namespace

Aim::Aim(Goal goal, const trace::Trace* trace, trace::Id from, trace::Id node) : goal_(goal), node_(node) {
    // A hook runs on behalf of what happened before it.
    while (trace && from != trace::none && from > 0 && trace->events[from].kind == Kind::hook)
        --from;
    const bool stood = trace && from != trace::none;
    const Kind kind = stood ? trace->events[from].kind : Kind::forward;
    if (stood) module_ = trace->events[from].module;
    in_backward_ = is_of_pass(kind) || kind == Kind::pass_begin;
    const bool entered = stood && kind == Kind::module_enter;
    limit_ = goal == Goal::out || entered ? -1 : 0;
}

bool Aim::leaves_module(const trace::Trace& trace, const trace::Event& event) const {
    return event.kind == Kind::backward && !is_inside(*trace.modules, event.module, module_);
}

bool Aim::reached(const trace::Trace& trace, trace::Id id) {
    const trace::Event& event = trace.events[id];
    if (event.kind == Kind::summary) return false; // a note to the event before it
    if (event.kind == Kind::hook && goal_ != Goal::event) return false;
    depth_ += event.kind == Kind::module_enter ? 1 : event.kind == Kind::module_exit ? -1 : 0;
    switch (goal_) {
    case Goal::event:
        return true;
    case Goal::operation:
        return event.kind == Kind::forward;
    case Goal::node:
        return event.kind == Kind::backward;
    case Goal::over:
        if (is_of_pass(event.kind)) return event.kind == Kind::backward;
        return depth_ <= limit_;
    case Goal::out:
        if (event.kind == Kind::optimizer_begin) return true;
        return in_backward_ ? leaves_module(trace, event) : depth_ <= limit_ || event.kind == Kind::pass_begin;
    case Goal::backward_pass:
        return event.kind == Kind::pass_begin;
    case Goal::accumulation:
        return event.kind == Kind::accumulate_grad;
    case Goal::optimizer:
        return event.kind == Kind::optimizer_begin;
    case Goal::this_node:
        return event.node == node_ && (event.kind == Kind::backward || event.kind == Kind::accumulate_grad);
    }
    return true;
}

std::optional<std::size_t> advance(const trace::Trace& trace, std::size_t position, Goal goal, trace::Id node) {
    Aim aim(goal, &trace, trace::last_event(trace, position), node);
    const std::size_t end = trace.events.size();
    for (std::size_t i = position; i < end; ++i)
        if (aim.reached(trace, static_cast<trace::Id>(i))) return trace::past_notes(trace, i + 1);
    return std::nullopt;
}

namespace {

/// Index of the event that entered the module which `depth` exits before `position` have left; 0 where none did.
std::size_t entry_of(const trace::Trace& trace, std::size_t position, int depth) {
    for (std::size_t i = position; i-- > 0;) {
        depth += trace.events[i].kind == Kind::module_exit ? 1 : 0;
        if (trace.events[i].kind == Kind::module_enter && --depth < 0) return i;
    }
    return 0;
}

} // namespace

std::size_t rewind(const trace::Trace& trace, std::size_t position, Goal goal, trace::Id node) {
    const trace::Id stood = trace::last_event(trace, position);
    if (stood == trace::none) return 0;
    position = stood + std::size_t{1};
    const trace::Event& last = trace.events[position - 1];
    const bool in_backward = is_of_pass(last.kind);
    if (goal == Goal::event) return position - 1;
    if (goal == Goal::over && !in_backward)
        return last.kind == Kind::module_exit ? entry_of(trace, position - 1, 0) : position - 1;
    if (goal == Goal::out && !in_backward && last.kind != Kind::pass_begin) return entry_of(trace, position, 0);
    const auto ends_at = [&](std::size_t i) {
        const trace::Event& event = trace.events[i];
        if (goal == Goal::over) return event.kind == Kind::backward || event.kind == Kind::pass_begin;
        if (goal != Goal::out) return Aim(goal, nullptr, trace::none, node).reached(trace, static_cast<trace::Id>(i));
        const bool left = event.kind == Kind::backward && !is_inside(*trace.modules, event.module, last.module);
        return left || event.kind == Kind::pass_begin;
    };
    for (std::size_t i = position - 1; i-- > 0;)
        if (ends_at(i)) return trace::past_notes(trace, i + 1);
    // What never happened before is nothing to go back to.
    return goal == Goal::this_node || goal == Goal::accumulation ? trace::past_notes(trace, position) : 0;
}

} // namespace hs::session
