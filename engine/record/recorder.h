#pragma once

#include "engine/record/trace_writer.h"
#include "engine/tensor/tensor.h"
#include "engine/trace/history.h"
#include "engine/trace/trace.h"
#include "engine/trace/watch.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>

namespace hs::nn {
class Module;
}
namespace hs::optim {
class Optimizer;
}

namespace hs::record {

/// Watches a model while it trains and writes a Trace of each step, through the engine's public hooks alone: those of
/// modules, operations, autograd nodes and the optimizer. All members are called on the thread that trains, since
/// hooks belong to a thread.
///
/// With everything off no hook is registered at all. Statistics are exact; the bins of tensors above
/// Watch::exact_bins_up_to come from one run of 16 elements in 2 to 128, in the range of the step before. An `update`
/// is the parameter after the optimizer's step minus before; of a parameter above that size it is measured on one block
/// in so many that about that number of elements is left, and norm and count are those of the whole, estimated.
class Recorder {
  public:
    /// Called after each event that was recorded; it may block (a Gate), or throw to end the step.
    using OnEvent = std::function<void(trace::Id event)>;
    /// Called before an autograd node runs (none: it is not in the Trace), with the gradients that it takes; it may
    /// block or throw likewise.
    using OnNode = std::function<void(trace::Id node, std::span<const Tensor> gradients)>;

    /// `model` and `optimizer` outlive the Recorder. Its modules must stay the ones it has now.
    Recorder(nn::Module& model, optim::Optimizer& optimizer, trace::History& history);
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    ~Recorder();

    /// Between two steps, as all up to begin_step().
    void set_watch(const trace::Watch& watch);
    /// Records events also of what the Watch leaves off, so that there is something to step along.
    void set_event_stepping(bool stepping);
    void set_on_event(OnEvent on_event);
    void set_on_node(OnNode on_node);
    /// Whether the function that set_on_node() gave is called; also inside a step.
    void tell_nodes(bool tell);
    /// Bytes that a step with Keep::all keeps, instead of keep_all_limit.
    void set_keep_limit(std::size_t bytes);

    void begin_step(std::int64_t step, Keep keep);
    /// Closes the Trace and adds its summaries to the History (which the caller publishes). Null when nothing is
    /// watched.
    std::shared_ptr<const trace::Trace> finish_step(const trace::StepResult& result);
    void abandon_step();
    /// The Trace under way, or null.
    std::shared_ptr<const trace::Trace> trace() const;
    /// During a call of OnEvent: the tensor that the event is about; null where it names none.
    const Tensor* told() const;
    /// A value of the root that no hook sees: Role::target or Role::picture.
    void add(trace::Role role, const Tensor& tensor);
    /// Takes waiting time out of the events' times.
    void exclude(std::int64_t nanoseconds);

    /// A closed Trace of step -1 with the modules and their parameters as they are, for views that open before the
    /// first step.
    std::shared_ptr<const trace::Trace> describe();

    /// What a hook that somebody put on has done; it goes through the OnEvent like any event.
    struct HookRun {
        trace::ValueKey key;              ///< of what it was given
        const Tensor* replaced = nullptr; ///< what it handed on in its place, or null
        std::int64_t begin_ns = 0;        ///< as now()
    };
    void hook_ran(const HookRun& run);
    /// Nanoseconds since the step began, waiting left out.
    std::int64_t now() const;
    /// Ids of the hooks that are its own.
    const std::set<std::uint64_t>& own_hooks() const;
    /// Registers its hooks anew, so that they come after all others.
    void move_behind();

    /// Whether it hears of operations; what edits and hooks compute for themselves is no part of a step.
    void set_deaf(bool deaf);
    /// What `tensor` is now, as a note behind the last event.
    void note(const trace::ValueKey& key, const Tensor& tensor);
    /// The same for a step that is over: a copy of it with the note at its end.
    std::shared_ptr<const trace::Trace> noted(const trace::Trace& finished, const trace::ValueKey& key,
                                              const Tensor& tensor);
    /// The modules as they are now.
    std::shared_ptr<const trace::ModuleTable> modules_now();

    /// Of the last step: what was not finite first, and whether there was a NaN.
    const std::optional<FirstNonFinite>& first_non_finite() const;
    bool saw_nan() const;
    /// Nanoseconds spent inside the Recorder's hooks since begin_step(). What they push out of the caches is not in it.
    std::int64_t cost() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace hs::record
