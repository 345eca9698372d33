#pragma once

#include "engine/hooks/removable_handle.h"
#include "engine/nn/module.h"
#include "engine/ops/op.h"
#include "engine/record/recorder.h"
#include "engine/session/command_queue.h"
#include "engine/session/hook_bench.h"
#include "engine/session/model_state.h"
#include "engine/session/training.h"
#include "engine/trace/published.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hs::session {

/// Thrown through a training step when a hook of the bench threw: not a std::exception, so that no training swallows
/// it.
struct HookFailed {
    std::string message;
};

/// The engine's side of the HookBench. All but the queue, the ids and the table belongs to the engine's thread.
struct HookBench::Impl {
    using Clock = std::chrono::steady_clock;

    struct Hook {
        std::uint64_t id = 0;
        HookSpec spec;
        bool removed = false; ///< it may still be in a backward pass under way
        std::string problem;
        std::vector<RemovableHandle> handles;
        Generator noise;
        HookRow last; ///< what it did the last time
    };
    using Shared = std::shared_ptr<Hook>;

    explicit Impl(CommandQueue& queue);

    /// The training is there, or another one; nothing for none.
    void attach(Training* of, record::Recorder* with);
    void begin_step(std::int64_t step);
    void end_step();
    /// Whether some hook may act.
    bool active() const { return any_active; }
    /// Puts the model back to the begin of the step.
    void restore_model();
    void publish();
    /// The same, at most ten times a second, and only if there are hooks of the bench.
    void publish_now_and_then();

    // Commands.
    void add(const HookSpec& spec, std::uint64_t id);
    void set_removed(std::uint64_t id, bool removed);
    void set_muted(std::uint64_t id, bool muted);
    void move(std::uint64_t id, bool up);

    // Registering.
    void register_all();
    void register_one(const Shared& hook);
    void register_on_module(const Shared& hook, nn::Module& module);
    void register_on_parameter(const Shared& hook, const Tensor& parameter);
    void register_on_node(const Shared& hook, Node& node, std::uint32_t output);
    void look_for_node(const Shared& hook);
    void before_node(const Node& node);
    void watch_nodes();
    void after_op(const OpCall& call);
    Shared find(std::uint64_t id) const;

    // Firing.
    std::optional<Tensors> fire_first(Hook& hook, std::span<const Tensor> tensors);
    Tensor fire(Hook& hook, const Tensor& tensor);
    Tensor act(Hook& hook, const Tensor& tensor, const trace::Summary& before);
    void fail(const Hook& hook, const std::string& why);

    CommandQueue& commands;
    std::atomic<std::uint64_t> next_id{1};
    trace::Published<std::shared_ptr<const HookTable>> table;

    Training* training = nullptr;
    record::Recorder* recorder = nullptr;
    std::function<void(const std::string& why)> stop;               ///< at the event that comes next
    std::function<std::shared_ptr<const trace::Trace>()> last_step; ///< from which modules take their order
    std::vector<Shared> hooks;                                      ///< removed ones too, until the Session ends
    bool any_active = false;
    bool in_step = false;
    std::int64_t step = -1;
    std::optional<ModelState> at_begin;
    std::vector<ScopedHook> op_watch;
    ScopedHook node_watch;
    std::vector<std::pair<std::uint64_t, Shared>> sought; ///< hooks on nodes that were there before them, by number
    bool counts_nodes = false;                            ///< from the begin of this step on
    std::map<std::string, std::uint32_t, std::less<>> nodes_seen; ///< in this step, by name
    Clock::time_point published_at;
};

/// The rows of a model's hooks, the bench's own among them.
std::shared_ptr<const HookTable> list_hooks(const HookBench::Impl& bench);

} // namespace hs::session
