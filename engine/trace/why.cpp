#include "engine/trace/why.h"

#include "engine/trace/wavefront.h"

#include <algorithm>

namespace hs::trace {

namespace {

/// The event of the operation that made a value, or none.
Id made_by(const Trace& trace, const Value& value) {
    if (value.producer == none || value.producer >= trace.events.size()) return none;
    return trace.events[value.producer].kind == EventKind::forward ? value.producer : none;
}

Why asked_about(const Trace& trace, Id id) {
    const Value& value = trace.values[id];
    Why why;
    why.value = id;
    why.name = to_string(value.key);
    why.grad_fn = value.grad_fn;
    why.event = made_by(trace, value);
    if (why.event == none) return why;
    const Event& event = trace.events[why.event];
    why.node = event.node;
    if (event.value != none) why.operation = trace.values[event.value].key.member;
    return why;
}

/// What requires grad and is at hand where the operation ran: a parameter of the module, or its input.
std::string needs_gradient(const Trace& trace, const Event& event) {
    if (event.module == none) return {};
    const Module& module = (*trace.modules)[event.module];
    for (const Member& member : module.members)
        if (member.requires_grad) return to_string({Role::parameter, module.path, member.name});
    const std::size_t end = std::min<std::size_t>(event.value, trace.values.size());
    for (std::size_t i = end; i-- > 0;) {
        const Value& value = trace.values[i];
        if (value.key.role == Role::input && value.key.module == Name(module.path))
            return value.requires_grad ? to_string(value.key) : std::string();
    }
    return {};
}

/// An earlier value with the same bytes that requires grad, or none.
Id attached_twin(const Trace& trace, Id id) {
    const std::uint64_t storage = trace.values[id].storage;
    for (Id i = id; storage != 0 && i-- > 0;)
        if (trace.values[i].storage == storage && trace.values[i].requires_grad) return i;
    return none;
}

/// Why something that requires no grad does not.
Reason why_no_grad(const Trace& trace, Why& why) {
    const Value& value = trace.values[why.value];
    if (!is_floating_point(value.dtype)) return Reason::integer;
    // detach() is no operation that is recorded, but its result shows the same bytes.
    if (const Id twin = attached_twin(trace, why.value); twin != none && trace.values[twin].key != value.key) {
        why.evidence = to_string(trace.values[twin].key);
        return Reason::detached;
    }
    if (why.event == none) return Reason::not_wanted;
    why.evidence = needs_gradient(trace, trace.events[why.event]);
    return why.evidence.empty() ? Reason::no_need : Reason::no_grad;
}

Id leaf_node_of(const Trace& trace, const Value& value) {
    const std::string name = to_string(value.key);
    const std::size_t nodes = trace.nodes.size();
    for (std::size_t i = 0; i < nodes; ++i)
        if (trace.nodes[i].is_accumulate_grad && trace.nodes[i].name.str() == name) return static_cast<Id>(i);
    return none;
}

/// Where the gradient of a non-leaf goes on to.
void follow_edges(const Trace& trace, Why& why) {
    const std::size_t edges = trace.edges.size();
    for (std::size_t i = 0; i < edges; ++i) {
        if (trace.edges[i].from != why.node) continue;
        const Node& to = trace.nodes[trace.edges[i].to];
        std::string name = to.is_accumulate_grad || to.operation.empty() ? to.name.str() : to.operation.str();
        if (!to.is_accumulate_grad && to.module != none && !(*trace.modules)[to.module].path.empty())
            name = (*trace.modules)[to.module].path;
        if (std::find(why.made_from.begin(), why.made_from.end(), name) == why.made_from.end())
            why.made_from.push_back(std::move(name));
    }
}

void find_passed(const Trace& trace, std::size_t position, Why& why) {
    for (std::size_t i = position; i-- > 0;) {
        const Event& event = trace.events[i];
        if (event.kind != EventKind::backward || event.node != why.node || why.node == none) continue;
        why.passed = true;
        if (event.summary != none) {
            why.norm = trace.summaries[event.summary].summary.norm;
            return;
        }
        // Without a summary of its own: what came along the one edge to it.
        const std::size_t sent = trace.edge_gradients.size();
        for (std::size_t g = sent; g-- > 0;) {
            const EdgeGradient& gradient = trace.edge_gradients[g];
            if (gradient.event >= i || trace.edges[gradient.edge].to != why.node || gradient.summary == none) continue;
            why.norm = trace.summaries[gradient.summary].summary.norm;
            return;
        }
        return;
    }
}

void explain_non_leaf(const Trace& trace, std::size_t position, const Value& value, Why& why) {
    why.reason = value.retains_grad ? Reason::retained : Reason::not_a_leaf;
    why.can_retain = !value.retains_grad;
    follow_edges(trace, why);
    find_passed(trace, position, why);
}

/// The last pass of the first `position` events that has begun, and whether the optimizer or a later forward pass has
/// ended it.
void explain_leaf(const std::shared_ptr<const Trace>& trace, std::size_t position, const Value& value, Why& why) {
    why.node = leaf_node_of(*trace, value);
    Id pass = none;
    for (std::size_t i = position; i-- > 0;) {
        const Event& event = trace->events[i];
        if (event.kind == EventKind::pass_begin && pass == none) pass = static_cast<Id>(i);
        if (event.kind == EventKind::accumulate_grad && event.node == why.node && why.node != none) {
            why.reason = Reason::undefined;
            why.event = static_cast<Id>(i);
            why.passed = true;
            return;
        }
        if (event.kind == EventKind::zero_grad && event.value != none && trace->values[event.value].key == value.key) {
            if (pass != none) break; // and a pass since did not bring it
            why.reason = Reason::set_to_none;
            why.event = static_cast<Id>(i);
            return;
        }
    }
    why.event = pass;
    if (pass == none) {
        why.reason = Reason::before_pass;
        return;
    }
    why.reason = Reason::not_reached;
    if (why.node == none) return;
    Wavefront wave(trace);
    wave.move_to(position);
    const NodeState state = wave.state(why.node);
    if (state != NodeState::waiting && state != NodeState::ready) return;
    why.reason = Reason::on_its_way;
    why.arrived = wave.arrived(why.node);
    why.expected = wave.expected(why.node);
}

} // namespace

int rule_number(Reason reason) {
    switch (reason) {
    case Reason::nothing:
        return 0;
    case Reason::not_wanted:
    case Reason::made_by_hand:
        return 1;
    case Reason::no_need:
        return 2;
    case Reason::integer:
        return 3;
    case Reason::detached:
        return 5;
    case Reason::not_a_leaf:
        return 6;
    case Reason::no_grad:
        return 30;
    case Reason::on_its_way:
        return 36;
    case Reason::undefined:
        return 39;
    case Reason::not_reached:
        return 43;
    case Reason::before_pass:
        return 46;
    case Reason::set_to_none:
        return 50;
    case Reason::retained:
        return 61;
    }
    return 0;
}

Why why_grad_is_none(const std::shared_ptr<const Trace>& trace, std::size_t position, Id id) {
    position = std::min(position, trace->events.size());
    const Value& value = trace->values[id];
    Why why = asked_about(*trace, id);
    if (value.has_grad) return why;
    if (!value.is_leaf)
        explain_non_leaf(*trace, position, value, why);
    else if (!value.requires_grad)
        why.reason = why_no_grad(*trace, why);
    else
        explain_leaf(trace, position, value, why);
    return why;
}

Why why_leaf(const std::shared_ptr<const Trace>& trace, Id id) {
    const Value& value = trace->values[id];
    Why why = asked_about(*trace, id);
    if (!value.is_leaf) return why;
    if (!value.requires_grad) why.reason = why_no_grad(*trace, why);
    const bool cut_off = why.reason == Reason::detached;
    if (value.requires_grad || (why.event == none && !cut_off)) why.reason = Reason::made_by_hand;
    return why;
}

} // namespace hs::trace
