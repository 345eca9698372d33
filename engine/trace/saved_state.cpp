#include "engine/trace/saved_state.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace hs::trace {

std::vector<SavedState> saved_at(const Trace& trace, std::size_t position) {
    const std::size_t events = trace.events.size();
    position = std::min(position, events);
    const std::size_t count = trace.saved.size();
    std::vector<SavedState> states(count);
    std::unordered_map<Id, std::vector<std::size_t>> kept_by; // by node
    std::unordered_map<std::uint64_t, std::vector<std::size_t>> of_storage;
    for (std::size_t i = 0; i < count; ++i) {
        const SavedTensor& saved = trace.saved[i];
        states[i].version = saved.version;
        kept_by[saved.node].push_back(i);
        if (saved.storage != 0) of_storage[saved.storage].push_back(i);
    }
    const auto for_node = [&](Id node, auto body) {
        const auto kept = kept_by.find(node);
        if (kept == kept_by.end()) return;
        for (std::size_t i : kept->second)
            body(states[i]);
    };
    for (std::size_t at = 0; at < events; ++at) {
        const Event& event = trace.events[at];
        const auto id = static_cast<Id>(at);
        if (event.kind == EventKind::forward)
            for_node(event.node, [&](SavedState& state) {
                state.made = id;
                state.is_there = state.is_held = at < position;
            });
        if (event.kind == EventKind::backward) for_node(event.node, [&](SavedState& state) { state.freed = id; });
        if (at >= position || event.value == none || event.value >= trace.values.size()) continue;
        const Value& written = trace.values[event.value];
        const auto same = of_storage.find(written.storage);
        if (written.storage == 0 || same == of_storage.end()) continue;
        for (std::size_t i : same->second) {
            SavedState& state = states[i];
            if (!state.is_there || written.version <= state.version) continue;
            // What is written once the node has run is no longer its concern.
            if (state.freed != none) continue;
            state.version = written.version;
            if (state.changed_by == none) state.changed_by = id;
        }
    }
    for (SavedState& state : states)
        if (state.freed != none && state.freed < position) state.is_held = false;
    return states;
}

SavedBytes saved_bytes(const Trace& trace, const std::vector<SavedState>& states) {
    SavedBytes bytes;
    std::unordered_map<std::uint64_t, std::pair<bool, std::size_t>> storages; // held by one of its nodes; bytes
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (!states[i].is_there) continue;
        const SavedTensor& saved = trace.saved[i];
        if (saved.storage == 0) {
            (states[i].is_held ? bytes.held : bytes.freed) += saved.bytes;
            continue;
        }
        auto& [held, size] = storages.try_emplace(saved.storage, false, saved.bytes).first->second;
        held = held || states[i].is_held;
    }
    for (const auto& entry : storages)
        (entry.second.first ? bytes.held : bytes.freed) += entry.second.second;
    return bytes;
}

} // namespace hs::trace
