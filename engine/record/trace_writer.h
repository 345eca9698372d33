#pragma once

#include "engine/record/step_clock.h"
#include "engine/tensor/tensor.h"
#include "engine/trace/history.h"
#include "engine/trace/trace.h"
#include "engine/trace/watch.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace hs::record {

/// One quantity that is recorded step after step: its name, its place in the History, and where its bins lie.
struct Tracked {
    Tracked() = default;
    explicit Tracked(const trace::ValueKey& of) : key(of) {}

    trace::ValueKey key;
    std::optional<std::size_t> series;     ///< index in the History, once it has one
    std::optional<trace::BinRange> range;  ///< from the step before
    std::optional<std::size_t> unreported; ///< place in this step's list for the History
    bool keep = false;                     ///< its bytes are asked for
};

/// Whose bytes a step keeps.
enum class Keep : std::uint8_t {
    nothing,
    watched, ///< what Watch::values names
    all,     ///< and everything else, until that makes `keep_all_limit` bytes (or what was set instead)
};
inline constexpr std::size_t keep_all_limit = std::size_t{64} << 20;

/// The first value of a step that was not finite.
struct FirstNonFinite {
    std::string module;
    std::string what; ///< `output`, `gradient of weight`
};

/// Writes the Trace of one step after another, and what it summarised into the History when a step ends.
class TraceWriter {
  public:
    struct Ids {
        trace::Id value = trace::none;
        trace::Id summary = trace::none;
    };

    using Clock = StepClock;

    explicit TraceWriter(trace::History& history) : history_(history) {}

    void begin(std::int64_t step, std::shared_ptr<const trace::ModuleTable> modules, Keep keep);
    /// Goes on with a copy of a finished Trace, in which nothing is lost.
    void reopen(const trace::Trace& finished);
    bool open() const { return trace_ != nullptr; }
    const std::shared_ptr<trace::Trace>& trace() const { return trace_; }
    /// Closes the Trace; adds its summaries to the History if `to_history`.
    std::shared_ptr<const trace::Trace> finish(const trace::StepResult& result, bool to_history = true);
    /// Drops the Trace and what it found.
    void abandon();

    /// Nanoseconds since the step began, without the time that exclude() was told of.
    std::int64_t since_begin(Clock::time_point time) const { return (time - origin_) / std::chrono::nanoseconds(1); }
    void exclude(std::int64_t nanoseconds) { origin_ += std::chrono::nanoseconds(nanoseconds); }

    /// Appends a Value of `tensor`, with its bytes if they are asked for and this step keeps values.
    Ids write(Tracked& tracked, const Tensor& tensor, bool with_summary);
    /// The same for a quantity that is only an intermediate result.
    trace::Id write_intermediate(trace::Name module, trace::Name operation, const Tensor& tensor);
    /// A Value that no series of the History follows, with its bytes, and its summary.
    Ids write_aside(const trace::ValueKey& key, const Tensor& tensor, bool keep);
    /// Another name for what `like` was written for: the same tensor, not summarised again.
    Ids write_alias(Tracked& tracked, const Tensor& tensor, Ids like, bool with_summary);
    /// A Value with a summary that the caller made of something of `tensor`'s shape; the bytes only if `keep`.
    Ids write_summary(Tracked& tracked, const Tensor& tensor, const trace::Summary& summary, bool keep);
    trace::Id event(const trace::Event& event) { return static_cast<trace::Id>(trace_->events.append(event)); }
    /// What an event sent along an edge, with its summary.
    void edge_gradient(trace::Id edge, trace::Id event, const Tensor& gradient);
    /// The values whose gradient `node` has just put into their `.grad` (retain_grad), written anew.
    std::vector<trace::Id> write_retained(const Node& node);
    /// A tensor that a node keeps; only where everything is kept. Nothing for an undefined one.
    void saved(trace::Id node, trace::Name name, const Tensor& tensor);
    /// Values of what nodes keep and somebody has written into since it was written last: no hook tells of that. Of
    /// very many only at the end of a forward pass, `thorough`.
    std::vector<trace::Id> write_changed_saved(bool thorough);
    trace::Id edge(const trace::GraphEdge& edge) { return static_cast<trace::Id>(trace_->edges.append(edge)); }
    trace::Id node(const trace::Node& node) { return static_cast<trace::Id>(trace_->nodes.append(node)); }

    /// Elements above which bins are sampled; see trace::Watch.
    void set_exact_bins_up_to(std::int64_t count) { exact_bins_up_to_ = count; }
    /// One run of elements in how many is put in the bins of a tensor of `count` elements.
    std::uint32_t bin_every(std::int64_t count) const;
    void set_keep_limit(std::size_t bytes) { kept_.limit = bytes; }
    bool keeps_all() const { return keep_ == Keep::all; }
    bool keeps(const Tracked& tracked, const Tensor& tensor) const;

    const std::optional<FirstNonFinite>& first_non_finite() const { return first_non_finite_; }
    bool saw_nan() const { return saw_nan_; }

  private:
    bool keeps_unasked(const Tensor& tensor) const;
    /// The event that made what is written now.
    trace::Id producer_of(trace::Role role, const TensorImpl& impl);
    trace::Id append_value(const trace::ValueKey& key, const Tensor& tensor, bool keep);
    void tell_apart(trace::Value& value, const Tensor& tensor, bool keep, trace::Id id);
    std::uint64_t storage_number(const Tensor& tensor, bool hold);
    trace::Id value_of(const Tensor& tensor) const;
    trace::Id append_summary(Tracked& tracked, trace::Id value, const trace::Summary& summary);
    void look_for_non_finite(const trace::ValueKey& key, const trace::Summary& summary);
    void report_to_history(Tracked& tracked, trace::Id record);

    struct Report {
        std::size_t series;
        trace::Id record;
        Tracked* tracked;
    };

    trace::History& history_;
    std::shared_ptr<trace::Trace> trace_;
    std::vector<Report> reports_;
    /// Which event made a tensor of this step, newest last. A tensor that is gone leaves its place in memory to one
    /// that is entered anew.
    std::vector<std::pair<const TensorImpl*, trace::Id>> producers_;
    Clock::time_point origin_ = Clock::now(); // measures the clock before the first step
    std::int64_t exact_bins_up_to_ = 2'048;
    Keep keep_ = Keep::nothing;
    /// What of a step with Keep::all fits into a number of bytes.
    struct Room {
        std::size_t limit = keep_all_limit;
        std::size_t bytes = 0;
        std::unordered_set<const Block*> blocks; ///< that are counted in it

        bool has(const Tensor& tensor) const;
        void take(const Tensor& tensor);
        void clear();
    };
    Room kept_;
    Room marked_; ///< where changes are noted: the same in each run of a step, however much is kept
    /// What a storage's address stood for last, while everything is kept.
    struct StorageSeen {
        std::uint64_t number = 0;
        const Block* block = nullptr; ///< held by a snapshot, so no other has its address
        std::uint32_t version = 0;
        bool is_marked = false;
        /// So that no other storage has the address. Null for gradients: accumulating takes over the storage of one
        /// that nobody holds.
        Ref<Storage> held;

        bool is(const Storage& storage) const {
            return number != 0 && (block == storage.raw_block().get() || (held && storage.version() > version));
        }
    };
    std::unordered_map<const Storage*, StorageSeen> storages_;
    std::unordered_map<const TensorImpl*, trace::Id> values_of_;
    std::uint64_t last_storage_ = 0;
    struct KeptBySome {
        Tensor tensor; ///< without history, so that no graph is kept
        trace::Id value;
    };
    std::vector<KeptBySome> kept_by_nodes_;                    ///< whose bytes a snapshot holds anyway
    std::vector<std::pair<const Node*, trace::Id>> retaining_; ///< values that retain, by their grad_fn
    bool saw_nan_ = false;
    std::optional<FirstNonFinite> first_non_finite_;
};

} // namespace hs::record
