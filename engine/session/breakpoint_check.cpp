#include "engine/session/breakpoint_check.h"

#include "engine/record/snapshot.h"
#include "engine/session/module_path.h"
#include "engine/trace/moment.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

namespace hs::session {

using trace::EventKind;
using trace::Id;
using Check = Breakpoint::Check;
using Pass = Breakpoint::Pass;
using Place = Breakpoint::Place;
using Side = Breakpoint::Side;

/// A tensor that a breakpoint names, and whatever is known of it.
struct BreakpointCheck::Subject {
    std::string name;
    Shape shape;
    const trace::Summary* recorded = nullptr;
    const Tensor* live = nullptr;
    const trace::Snapshot* kept = nullptr;
    trace::Summary made = {};
    bool is_made = false;

    /// Null where its elements were not kept.
    const trace::Summary* summary();
};

namespace {

std::string sizes_text(const Shape& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

bool is_node_event(EventKind kind) {
    return kind == EventKind::backward || kind == EventKind::accumulate_grad;
}

/// What follows a backward pass when it is over.
bool ends_pass(EventKind kind) {
    return kind == EventKind::module_enter || kind == EventKind::forward || kind == EventKind::pass_begin ||
           kind == EventKind::optimizer_begin;
}

/// The event of the last node that ran before `position` in the backward pass under way, or none.
Id last_node_event(const trace::Trace& trace, std::size_t position) {
    for (std::size_t i = position; i-- > 0;) {
        const EventKind kind = trace.events[i].kind;
        if (is_node_event(kind)) return static_cast<Id>(i);
        if (ends_pass(kind) || kind == EventKind::module_exit) return trace::none;
    }
    return trace::none;
}

Id module_of_event(const trace::Trace& trace, Id event) {
    if (event == trace::none) return trace::none;
    const trace::Event& of = trace.events[event];
    return of.node == trace::none ? of.module : trace.nodes[of.node].module;
}

bool runs_in(const trace::Trace& trace, Id event, Id module) {
    return is_inside(*trace.modules, module_of_event(trace, event), module) && event != trace::none;
}

trace::Summary summary_of_kept(const trace::Snapshot& kept) {
    std::vector<float> values(static_cast<std::size_t>(kept.count()));
    kept.read(0, values);
    return record::summarise(std::span<const float>(values), {}, 0);
}

/// The first entry of Trace::edge_gradients that `event` or a later one sent.
std::size_t first_sent(const trace::Trace& trace, Id event) {
    std::size_t first = 0;
    std::size_t end = trace.edge_gradients.size(); // in the order of their events
    while (first < end) {
        const std::size_t middle = first + (end - first) / 2;
        if (trace.edge_gradients[middle].event < event)
            first = middle + 1;
        else
            end = middle;
    }
    return first;
}

std::string node_text(const trace::Trace& trace, Id node) {
    const trace::Node& of = trace.nodes[node];
    std::string text = of.is_accumulate_grad ? "AccumulateGrad of " + of.name.str() : of.name.str();
    if (of.is_accumulate_grad || of.module == trace::none) return text;
    const trace::Module& module = (*trace.modules)[of.module];
    return text + " in " + (module.path.empty() ? module.type : module.path);
}

std::string value_text(const trace::Trace& trace, const trace::ValueKey& key) {
    const std::string module = key.module.empty() ? trace.modules->front().type : key.module.str();
    switch (key.role) {
    case trace::Role::intermediate:
        return "result of " + key.member.str() + (key.module.empty() ? "" : " in " + module);
    case trace::Role::input:
        return module + " input";
    case trace::Role::output:
        return module + " output";
    default:
        return to_string(key);
    }
}

} // namespace

std::string number_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", value);
    return text;
}

const trace::Summary* BreakpointCheck::Subject::summary() {
    if (recorded) return recorded;
    if (is_made) return &made;
    if (live && live->defined()) made = record::summarise(*live, {}, 0);
    // Dtypes without a kernel of their own are read as floats.
    if (made.count == 0 && live && live->defined() && live->numel() > 0)
        made = summary_of_kept(record::snapshot(*live));
    if (!live && kept && *kept) made = summary_of_kept(*kept);
    is_made = live || (kept && *kept);
    return is_made ? &made : nullptr;
}

void BreakpointCheck::set(std::vector<Breakpoint> breakpoints) {
    std::vector<Item> items;
    for (Breakpoint& breakpoint : breakpoints) {
        Item item;
        item.name = breakpoint.name;
        if (breakpoint.check == Check::shape_is) item.sizes = parse_shape(breakpoint.shape);
        for (const Item& before : all_)
            if (before.breakpoint.id == breakpoint.id && before.breakpoint.name == breakpoint.name)
                item.last_mean = before.last_mean;
        item.breakpoint = std::move(breakpoint);
        items.push_back(std::move(item));
    }
    all_ = std::move(items);
    table_.reset();
    wants_nodes_ = std::any_of(all_.begin(), all_.end(), [](const Item& item) {
        const Breakpoint& it = item.breakpoint;
        return it.pass != Pass::forward &&
               (it.place == Place::module || (it.place == Place::node && it.side == Side::before));
    });
}

void BreakpointCheck::forget_signs() {
    for (Item& item : all_)
        item.last_mean = 0;
}

void BreakpointCheck::resolve(const trace::Trace& trace) {
    if (table_ == trace.modules) return;
    table_ = trace.modules;
    for (Item& item : all_) {
        const Breakpoint& of = item.breakpoint;
        item.module = module_at(*table_, of.place == Place::module ? of.name : of.inside);
    }
}

bool BreakpointCheck::names_node(const Item& item, const trace::Trace& trace, const trace::Node& node) const {
    const Breakpoint& of = item.breakpoint;
    if (!of.inside.empty() && !(node.module != trace::none && is_inside(*trace.modules, node.module, item.module)))
        return false;
    if (of.place == Place::operation) return node.operation == item.name;
    return of.name.empty() || node.name == item.name || (node.is_accumulate_grad && of.name == "AccumulateGrad");
}

void BreakpointCheck::after(const trace::Trace& trace, Id id, const Tensor* live, std::vector<Stop>& found) {
    const trace::Event& event = trace.events[id];
    if (event.kind == EventKind::summary) return;
    resolve(trace);
    const std::size_t position = trace::past_notes(trace, id + std::size_t{1});
    std::vector<Subject> subjects; // made once, for the first breakpoint that asks
    const auto value = [&]() -> std::span<Subject> {
        if (!subjects.empty() || event.value == trace::none) return subjects;
        const trace::Value& of = trace.values[event.value];
        Subject subject{.name = value_text(trace, of.key), .shape = of.shape, .live = live, .kept = &of.snapshot};
        if (event.summary != trace::none) subject.recorded = &trace.summaries[event.summary].summary;
        subjects.push_back(std::move(subject));
        return subjects;
    };
    const auto sent = [&]() -> std::span<Subject> {
        if (event.kind == EventKind::accumulate_grad) return value();
        if (!subjects.empty()) return subjects;
        for (std::size_t i = first_sent(trace, id); i < trace.edge_gradients.size(); ++i) {
            const trace::EdgeGradient& gradient = trace.edge_gradients[i];
            if (gradient.event != id) break;
            subjects.push_back({.name = "gradient out of " + node_text(trace, event.node),
                                .shape = gradient.shape,
                                .recorded = &trace.summaries[gradient.summary].summary});
        }
        return subjects;
    };
    for (Item& item : all_) {
        const Breakpoint& of = item.breakpoint;
        const bool forward = of.pass != Pass::backward;
        const bool backward = of.pass != Pass::forward;
        if (of.place == Place::module) {
            const EventKind wanted = of.side == Side::before ? EventKind::module_enter : EventKind::module_exit;
            if (forward && event.kind == wanted && event.module == item.module) judge(item, value(), position, found);
            if (!backward || of.side == Side::before || !ends_pass(event.kind)) continue;
            const Id last = last_node_event(trace, id);
            if (runs_in(trace, last, item.module)) {
                std::vector<Subject> left = leaving(trace, item.module, last);
                judge(item, left, position, found);
            }
        } else if (is_node_event(event.kind) && event.node != trace::none) {
            const bool wanted = of.place == Place::operation ? backward : of.side == Side::after;
            if (wanted && names_node(item, trace, trace.nodes[event.node])) judge(item, sent(), position, found);
        } else if (event.kind == EventKind::forward && of.place == Place::operation && forward) {
            const bool inside = of.inside.empty() ||
                                (event.module != trace::none && is_inside(*trace.modules, event.module, item.module));
            const bool named = event.value != trace::none && trace.values[event.value].key.member == item.name;
            if (inside && named) judge(item, value(), position, found);
        }
    }
}

/// The gradients that went out of a module since the backward pass came into it, `last` being its last node's event.
std::vector<BreakpointCheck::Subject> BreakpointCheck::leaving(const trace::Trace& trace, Id module, Id last) {
    Id first = last;
    for (Id event = last; event != trace::none && runs_in(trace, event, module); event = last_node_event(trace, event))
        first = event;
    std::vector<Subject> subjects;
    for (std::size_t i = first_sent(trace, first); i < trace.edge_gradients.size(); ++i) {
        const trace::EdgeGradient& gradient = trace.edge_gradients[i];
        const trace::GraphEdge& edge = trace.edges[gradient.edge];
        const trace::Node& to = trace.nodes[edge.to];
        if (gradient.event > last) break;
        if (to.is_accumulate_grad || is_inside(*trace.modules, to.module, module)) continue;
        subjects.push_back({.name = "gradient out of " + (*trace.modules)[module].path,
                            .shape = gradient.shape,
                            .recorded = &trace.summaries[gradient.summary].summary});
    }
    return subjects;
}

/// So that a search over a recorded step reads its gradients once.
void BreakpointCheck::index_arrivals(const trace::Trace& trace) {
    const std::size_t count = trace.edge_gradients.size();
    if (indexed_ == &trace && indexed_count_ == count) return;
    indexed_ = &trace;
    indexed_count_ = count;
    arrivals_.clear();
    for (std::size_t i = 0; i < count; ++i)
        arrivals_[trace.edges[trace.edge_gradients[i].edge].to].push_back(i);
}

/// The gradients that a node takes, as they were recorded: those that came alone. A sum of several is no longer known.
std::vector<BreakpointCheck::Subject> BreakpointCheck::arriving(const trace::Trace& trace, std::size_t position,
                                                                Id node, std::span<const Tensor> live) {
    std::vector<Subject> subjects;
    const std::string name = "gradient into " + node_text(trace, node);
    for (const Tensor& gradient : live)
        if (gradient.defined()) subjects.push_back({.name = name, .shape = gradient.shape(), .live = &gradient});
    if (!live.empty()) return subjects;
    index_arrivals(trace);
    std::map<std::uint32_t, std::pair<int, Subject>> by_input;
    const auto arrivals = arrivals_.find(node);
    if (arrivals == arrivals_.end()) return subjects;
    for (const std::size_t arrival : arrivals->second) {
        const trace::EdgeGradient& gradient = trace.edge_gradients[arrival];
        if (gradient.event >= position) continue;
        auto& [count, subject] = by_input[trace.edges[gradient.edge].input_nr];
        ++count;
        subject = {.name = name, .shape = gradient.shape, .recorded = &trace.summaries[gradient.summary].summary};
    }
    for (auto& [input, entry] : by_input)
        if (entry.first == 1) subjects.push_back(std::move(entry.second));
    return subjects;
}

void BreakpointCheck::before(const trace::Trace& trace, std::size_t position, Id node, std::span<const Tensor> live,
                             std::vector<Stop>& found) {
    if (node == trace::none) return;
    resolve(trace);
    const Id last = last_node_event(trace, position);
    const trace::Node& next = trace.nodes[node];
    for (Item& item : all_) {
        const Breakpoint& of = item.breakpoint;
        if (of.pass == Pass::forward || of.place == Place::operation) continue;
        std::vector<Subject> subjects;
        if (of.place == Place::node) {
            if (of.side == Side::after || !names_node(item, trace, next)) continue;
            subjects = arriving(trace, position, node, live);
        } else {
            const bool was_in = runs_in(trace, last, item.module);
            const bool is_in = next.module != trace::none && is_inside(*trace.modules, next.module, item.module);
            if (of.side == Side::before ? was_in || !is_in : !was_in || is_in) continue;
            subjects =
                of.side == Side::before ? arriving(trace, position, node, live) : leaving(trace, item.module, last);
        }
        judge(item, subjects, position, found);
    }
}

void BreakpointCheck::judge(Item& item, std::span<Subject> subjects, std::size_t position, std::vector<Stop>& found) {
    const std::string start = "breakpoint " + std::to_string(item.breakpoint.id) + ": ";
    if (item.breakpoint.check == Check::always) {
        found.push_back({position, item.breakpoint.id, start + place_text(item.breakpoint)});
        return;
    }
    for (Subject& subject : subjects) {
        const std::string text = verdict(item, subject);
        if (text.empty()) continue;
        found.push_back({position, item.breakpoint.id, start + text});
        return;
    }
}

/// Why the condition holds for `subject`, or nothing.
std::string BreakpointCheck::verdict(Item& item, Subject& subject) const {
    const Breakpoint& of = item.breakpoint;
    if (of.check == Check::shape_is) {
        bool same = subject.shape.size() == item.sizes.size();
        for (std::size_t i = 0; same && i < item.sizes.size(); ++i)
            same = item.sizes[i] < 0 || item.sizes[i] == subject.shape[i];
        return same ? "shape of " + subject.name + " is " + sizes_text(subject.shape) : "";
    }
    const trace::Summary* summary = subject.summary();
    if (!summary || summary->count == 0) return {};
    switch (of.check) {
    case Check::has_nan:
        return summary->nan ? subject.name + " has " + std::to_string(summary->nan) + " NaN" : "";
    case Check::has_inf: {
        const std::int64_t count = summary->positive_inf + summary->negative_inf;
        return count ? subject.name + " has " + std::to_string(count) + " Inf" : "";
    }
    case Check::norm_above:
    case Check::norm_below: {
        const bool above = of.check == Check::norm_above;
        if (above ? !(summary->norm > of.bound) : !(summary->norm < of.bound)) return {};
        return "norm of " + subject.name + " is " + number_text(summary->norm) + (above ? ", above " : ", below ") +
               number_text(of.bound);
    }
    case Check::zeros_above:
        if (!(summary->zero_fraction() > of.bound)) return {};
        return number_text(summary->zero_fraction() * 100) + " % of " + subject.name + " is 0, above " +
               number_text(of.bound * 100) + " %";
    case Check::sign_change: {
        if (summary->mean == 0) return {};
        const double before = std::exchange(item.last_mean, summary->mean);
        if (before == 0 || (before > 0) == (summary->mean > 0)) return {};
        return "mean of " + subject.name + " went from " + number_text(before) + " to " + number_text(summary->mean);
    }
    default:
        return {};
    }
}

} // namespace hs::session
