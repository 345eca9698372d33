#include "engine/trace/moment.h"

#include <algorithm>

namespace hs::trace {

namespace {

/// How many values had been written: those that no event names were written when the step began, or after its last one.
std::size_t values_until(const Trace& trace, std::size_t position) {
    std::size_t count = 0;
    bool any = false;
    const std::size_t end = trace.events.size();
    for (std::size_t i = 0; i < end && (i < position || !any); ++i) {
        const Id value = trace.events[i].value;
        if (value == none) continue;
        count = std::max<std::size_t>(count, i < position ? value + std::size_t{1} : value);
        any = true;
    }
    return any ? count : trace.values.size();
}

} // namespace

std::shared_ptr<const Trace> at_moment(const std::shared_ptr<const Trace>& trace, std::size_t position) {
    if (position >= trace->events.size()) return trace;
    auto moment = std::make_shared<Trace>(trace->step, trace->modules, trace->keeps_all);
    const std::size_t values = values_until(*trace, position);
    for (std::size_t i = 0; i < values; ++i)
        moment->values.append(trace->values[i]);
    const std::size_t summaries = trace->summaries.size();
    for (std::size_t i = 0; i < summaries; ++i) {
        const SummaryRecord& record = trace->summaries[i];
        if (record.value != none && record.value >= values) break;
        moment->summaries.append(record);
    }
    const std::size_t nodes = trace->nodes.size();
    for (std::size_t i = 0; i < nodes; ++i)
        moment->nodes.append(trace->nodes[i]);
    for (std::size_t i = 0; i < position; ++i)
        moment->events.append(trace->events[i]);
    return moment;
}

std::size_t past_notes(const Trace& trace, std::size_t position) {
    const std::size_t end = trace.events.size();
    while (position < end && trace.events[position].kind == EventKind::summary)
        ++position;
    return position;
}

Id last_event(const Trace& trace, std::size_t position) {
    position = std::min(position, trace.events.size());
    while (position > 0 && trace.events[position - 1].kind == EventKind::summary)
        --position;
    return position == 0 ? none : static_cast<Id>(position - 1);
}

} // namespace hs::trace
