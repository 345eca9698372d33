#pragma once

#include "engine/session/event_text.h"
#include "engine/trace/moment.h"
#include "engine/trace/trace.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <string>
#include <vector>

/// Tells apart what was put in, in its order.
class Digest {
  public:
    void add(std::uint64_t number) {
        value_ = (value_ ^ number) * 0x9e3779b97f4a7c15;
        value_ ^= value_ >> 32;
    }
    void add(double number) { add(std::bit_cast<std::uint64_t>(number)); }
    void add(const std::string& text) {
        add(std::uint64_t{text.size()});
        for (const char byte : text)
            add(std::uint64_t{static_cast<unsigned char>(byte)});
    }
    std::uint64_t value() const { return value_; }

  private:
    std::uint64_t value_ = 0xcbf29ce484222325;
};

inline void add_bytes(Digest& digest, const hs::trace::Snapshot& bytes) {
    if (bytes.dtype() == hs::Dtype::float32) {
        std::vector<float> values(static_cast<std::size_t>(bytes.count()));
        bytes.read(0, values);
        for (const float value : values)
            digest.add(std::uint64_t{std::bit_cast<std::uint32_t>(value)});
        return;
    }
    for (std::int64_t i = 0; i < bytes.count(); ++i)
        digest.add(bytes.at(i));
}

/// All that a Value says, its bytes where it has them.
inline std::uint64_t digest_of(const hs::trace::Value& value, bool with_bytes = true) {
    Digest digest;
    digest.add(hs::trace::to_string(value.key));
    digest.add(hs::to_string(value.shape));
    digest.add(std::uint64_t{static_cast<std::uint8_t>(value.dtype)});
    digest.add(std::uint64_t{value.requires_grad} << 2 | std::uint64_t{value.is_leaf} << 1 |
               std::uint64_t{value.has_grad});
    digest.add(std::uint64_t{value.version});
    digest.add(value.grad_fn.str());
    digest.add(std::uint64_t{value.producer});
    if (with_bytes && value.snapshot) add_bytes(digest, value.snapshot);
    return digest.value();
}

/// What a moment shows, but for times and the numbers of nodes.
inline std::uint64_t digest_of(const hs::trace::Trace& trace) {
    Digest digest;
    for (std::size_t i = 0; i < trace.events.size(); ++i) {
        const hs::trace::Event& event = trace.events[i];
        digest.add(static_cast<std::uint64_t>(event.kind));
        digest.add(std::uint64_t{event.module} << 32 | event.node);
        digest.add(std::uint64_t{event.value});
    }
    for (std::size_t i = 0; i < trace.values.size(); ++i)
        digest.add(digest_of(trace.values[i]));
    return digest.value();
}

/// In a sentence, where `again` is not `live`; empty where it is. `compared` counts the values whose bytes both have.
inline std::string difference(const hs::trace::Trace& live, const hs::trace::Trace& again, int& compared) {
    using hs::trace::none;
    if (live.step != again.step) return "another step";
    for (std::size_t i = 0; i < std::min(live.events.size(), again.events.size()); ++i) {
        const hs::trace::Event& a = live.events[i];
        const hs::trace::Event& b = again.events[i];
        if (a.kind != b.kind || a.module != b.module || a.node != b.node || a.value != b.value)
            return "event " + std::to_string(i) + " is '" +
                   hs::session::event_text(again, static_cast<hs::trace::Id>(i)) + "' instead of '" +
                   hs::session::event_text(live, static_cast<hs::trace::Id>(i)) + "'";
    }
    if (live.events.size() != again.events.size())
        return std::to_string(again.events.size()) + " events instead of " + std::to_string(live.events.size());
    if (live.values.size() != again.values.size()) return "another number of values";
    for (std::size_t i = 0; i < live.values.size(); ++i) {
        const bool both = live.values[i].snapshot && again.values[i].snapshot;
        compared += both;
        // Without its bytes an update is named after the parameter, with its flags.
        if (!both && live.values[i].key.role == hs::trace::Role::update) continue;
        if (digest_of(live.values[i], both) != digest_of(again.values[i], both))
            return "value " + std::to_string(i) + " (" + hs::trace::to_string(live.values[i].key) + ") is another one";
    }
    if (live.edges.size() != again.edges.size() || live.edge_gradients.size() != again.edge_gradients.size())
        return "another graph";
    for (std::size_t i = 0; i < live.edge_gradients.size(); ++i) {
        const auto& a = live.edge_gradients[i];
        const auto& b = again.edge_gradients[i];
        if (a.edge != b.edge || live.summaries[a.summary].summary.norm != again.summaries[b.summary].summary.norm)
            return "edge gradient " + std::to_string(i) + " is another one";
    }
    if (std::bit_cast<std::uint64_t>(live.result().loss) != std::bit_cast<std::uint64_t>(again.result().loss))
        return "another loss";
    return {};
}

/// Whether two moments of Traces without a difference() show the same: as many of their events, values and summaries.
inline bool same_moment(const hs::trace::Trace& live, const hs::trace::Trace& again) {
    return live.events.size() == again.events.size() && live.values.size() == again.values.size() &&
           live.summaries.size() == again.summaries.size();
}
