#include "engine/session/event_text.h"

namespace hs::session {

namespace {

std::string module_name(const trace::Trace& trace, trace::Id module) {
    const trace::Module& entry = (*trace.modules)[module];
    return entry.path.empty() ? entry.type : entry.path;
}

std::string value_name(const trace::Trace& trace, const trace::Event& event) {
    return event.value == trace::none ? std::string() : to_string(trace.values[event.value].key);
}

std::string what(const trace::Trace& trace, const trace::Event& event) {
    using Kind = trace::EventKind;
    switch (event.kind) {
    case Kind::module_enter:
        return "enter";
    case Kind::module_exit:
        return "leave";
    case Kind::forward:
        return "forward " + (event.value == trace::none ? "" : trace.values[event.value].key.member.str());
    case Kind::backward:
        return "backward " + (event.node == trace::none ? "" : trace.nodes[event.node].name.str());
    case Kind::grad_sum:
        return "sum of gradients";
    case Kind::accumulate_grad:
        return "accumulate " + value_name(trace, event);
    case Kind::parameter_update:
        return "update " + value_name(trace, event);
    case Kind::buffer_update:
        return "buffer " + value_name(trace, event);
    case Kind::summary:
        return "summary " + value_name(trace, event);
    case Kind::pass_begin:
        return "begin of the backward pass";
    case Kind::optimizer_begin:
        return "begin of the optimizer's step";
    case Kind::zero_grad:
        return "zero_grad " + value_name(trace, event);
    case Kind::hook:
        return "hook on";
    }
    return {};
}

} // namespace

std::string event_text(const trace::Trace& trace, trace::Id id) {
    using Kind = trace::EventKind;
    const trace::Event& event = trace.events[id];
    const std::string text = what(trace, event);
    if (event.module == trace::none) return text;
    if (event.kind == Kind::module_enter || event.kind == Kind::module_exit || event.kind == Kind::hook)
        return text + " " + module_name(trace, event.module);
    if (event.kind == Kind::forward || event.kind == Kind::backward || event.kind == Kind::grad_sum)
        return text + " in " + module_name(trace, event.module);
    return text;
}

} // namespace hs::session
