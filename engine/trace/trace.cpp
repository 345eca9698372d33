#include "engine/trace/trace.h"

namespace hs::trace {

Id Trace::find(const ValueKey& key) const {
    for (std::size_t i = values.size(); i-- > 0;)
        if (values[i].key == key) return static_cast<Id>(i);
    return none;
}

const Summary* Trace::find_summary(const ValueKey& key) const {
    for (std::size_t i = summaries.size(); i-- > 0;) {
        const SummaryRecord& record = summaries[i];
        // A summary is written after its value, so whoever sees the one sees the other.
        if (record.value != none && values[record.value].key == key) return &record.summary;
    }
    return nullptr;
}

Id Trace::first_non_finite() const {
    const std::size_t count = events.size();
    for (std::size_t i = 0; i < count; ++i) {
        const Id summary = events[i].summary;
        if (summary != none && !summaries[summary].summary.finite()) return static_cast<Id>(i);
    }
    return none;
}

void Trace::finish(const StepResult& result) {
    result_ = result;
    finished_.store(true, std::memory_order_release);
}

} // namespace hs::trace
