#pragma once

#include "engine/trace/event.h"
#include "engine/trace/log.h"
#include "engine/trace/summary.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace hs::trace {

/// The modules of a model, in `named_modules` order. Shared by all Traces until the model changes.
using ModuleTable = std::vector<Module>;

struct SummaryRecord {
    Id value = none;
    Summary summary;
};

/// What a step was about, known when it ends.
struct StepResult {
    std::int64_t step = 0; ///< counted from 0
    double loss = 0;
    double batch_accuracy = 0; ///< 0 to 1; NaN where it has no meaning
    double seconds = 0;
};

/// One training step as append-only tables. One thread writes; any thread reads, while it is written too.
class Trace {
  public:
    Trace(std::int64_t of_step, std::shared_ptr<const ModuleTable> of_modules, bool with_everything = false)
        : step(of_step), modules(std::move(of_modules)), keeps_all(with_everything) {}

    const std::int64_t step;
    const std::shared_ptr<const ModuleTable> modules;
    const bool keeps_all; ///< the bytes of all values (up to a limit) and the graph: any moment of it can be shown
    Log<Event> events;
    Log<Node> nodes;
    /// The graph between the nodes and what went along it: only where `keeps_all`.
    /// The edges of a node lie one behind the other, those to inputs without gradient left out.
    Log<GraphEdge> edges;
    Log<EdgeGradient> edge_gradients;
    Log<SavedTensor> saved; ///< in the order of the nodes
    Log<Value> values;
    Log<SummaryRecord> summaries;

    /// The last value with this key, or `none`.
    Id find(const ValueKey& key) const;
    /// The last summary of a value with this key, or null.
    const Summary* find_summary(const ValueKey& key) const;

    /// The first event whose summary holds NaN or Inf, or `none`.
    Id first_non_finite() const;

    bool finished() const { return finished_.load(std::memory_order_acquire); }
    /// Valid once finished() is true.
    const StepResult& result() const { return result_; }
    /// Writer only: publishes the result and closes the Trace.
    void finish(const StepResult& result);

  private:
    StepResult result_;
    std::atomic<bool> finished_{false};
};

} // namespace hs::trace
