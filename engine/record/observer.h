#pragma once

#include "engine/autograd/backward.h"
#include "engine/nn/module.h"
#include "engine/ops/op.h"
#include "engine/optim/optimizer.h"
#include "engine/record/recorder.h"
#include "engine/record/update_probe.h"

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace hs::record {

/// A parameter or buffer of the model.
struct MemberSlot {
    trace::Id module = trace::none;
    Tensor tensor;
    trace::Name name; ///< `stage1.conv1.weight`
    Tracked value;
    Tracked gradient;
    Tracked update;
    UpdateProbe probe;
    std::uint32_t version = 0; ///< when the step began
    bool had_grad = false;     ///< when that was looked at last
    std::uint32_t grad_version = 0;
    trace::Id leaf = trace::none; ///< its AccumulateGrad in this step's nodes
    bool written = false;         ///< in this step
};

struct ModuleSlot {
    nn::Module* module = nullptr;
    trace::Level level = trace::Level::off;
    Tracked input;
    Tracked output;
    Tracked output_gradient;
    ScopedHook enter;
    ScopedHook leave;
};

/// The Recorder's inside: the hooks and what they have to remember within a step.
struct Recorder::Impl {
    using Clock = TraceWriter::Clock;

    /// "The gradient of output `output_nr` of this node is that of the module's output."
    struct Binding {
        trace::Id module;
        std::uint32_t output_nr;
        std::uint32_t next;
    };

    Impl(nn::Module& model, optim::Optimizer& optimizer, trace::History& history);

    // Between steps.
    void set_watch(const trace::Watch& watch);
    void attach();
    void detach();
    bool modules_changed() const;
    std::shared_ptr<const trace::ModuleTable> describe_now();
    ScopedHook own(RemovableHandle handle);
    trace::Id module_of(trace::Name path) const;
    void begin_step();
    void write_begin();
    void write_changed_grads();
    static void note_grad(MemberSlot& slot);
    void write_grad_event(const MemberSlot& slot, trace::EventKind kind, TraceWriter::Ids written);
    void finish_members();
    std::shared_ptr<const trace::Trace> describe();

    // Hooks.
    void on_enter(trace::Id module, const Tensors& inputs);
    void on_leave(trace::Id module, const Tensors& outputs);
    void before_op(const OpCall& call);
    void after_op(const OpCall& call);
    void before_node(const Node& node, std::span<const Tensor> gradients);
    void after_node(const Node& node, std::span<const Tensor> sent, std::span<const Tensor> gradients);
    void on_grad_sum(const Node& node);
    void begin_pass(const Node& root);
    void before_optimizer();
    void after_optimizer();

    // Parts of them.
    bool listening() const { return writer.open() && !in_optimizer && !deaf; }
    trace::Level level_of(trace::Id module) const {
        return module == trace::none ? outer_level : modules[module].level;
    }
    bool at_least(trace::Id module, trace::Level level) const { return level_of(module) >= level; }
    trace::Id running() const { return stack.empty() ? trace::none : stack.back(); }
    trace::Id add_node(const Node& node, trace::Name operation, trace::Id module);
    trace::Id record_node(const Node& node, trace::Name operation, trace::Id module);
    trace::Id known_node(const Node& node) const;
    trace::Id member_leaf(MemberSlot& slot);
    trace::Id leaf_node(const Node& node);
    void record_edges(const Node& node, trace::Id from);
    void record_saved(const OpCall& call, trace::Id node);
    void write_changed_saved(bool thorough);
    void record_sent(trace::Id from, trace::Id event, std::span<const Tensor> sent);
    void bind_output(const Tensor& output, trace::Id module);
    TraceWriter::Ids write_output(ModuleSlot& slot, const Tensor& output);
    std::uint32_t first_binding(const Node& node) const;
    TraceWriter::Ids write_output_gradient(const Binding& binding, std::span<const Tensor> gradients);
    void write_member(MemberSlot& slot, trace::EventKind kind);
    void write_update(MemberSlot& slot);
    void record_retained(const Node& node, trace::Id module, trace::Id id, std::int64_t at);
    void record_accumulated(const Node& node);
    void tell(trace::Id event, const Tensor* about = nullptr);
    void tell_node(const Node& node, std::span<const Tensor> gradients);

    /// Adds the time of a hook to the cost, the caller's included; `tell` comes after it.
    class Timed {
      public:
        explicit Timed(Impl& impl) : begin(Clock::now()), impl_(impl) {}
        Timed(const Timed&) = delete;
        Timed& operator=(const Timed&) = delete;
        ~Timed() {
            if (!ended_) end();
        }
        /// Once.
        Clock::time_point end() {
            const auto now = Clock::now();
            impl_.cost += (now - begin) / std::chrono::nanoseconds(1);
            ended_ = true;
            return now;
        }
        const Clock::time_point begin;

      private:
        Impl& impl_;
        bool ended_ = false;
    };

    nn::Module& model;
    optim::Optimizer& optimizer;
    TraceWriter writer;
    OnEvent on_event;
    OnNode on_node;
    bool tells_nodes = false;
    const Tensor* told = nullptr;
    trace::Watch watch;
    bool stepping = false;
    trace::Level outer_level = trace::Level::off; ///< of what happens outside all modules
    bool attached = false;
    bool in_optimizer = false;
    bool in_pass = false; ///< a backward pass
    std::shared_ptr<const trace::ModuleTable> table;
    std::vector<ModuleSlot> modules;
    std::vector<MemberSlot> members;
    std::unordered_map<const TensorImpl*, std::size_t> member_of;
    Tracked target{trace::ValueKey{trace::Role::target, "", ""}};
    Tracked picture{trace::ValueKey{trace::Role::picture, "", ""}};
    std::vector<ScopedHook> hooks;
    std::set<std::uint64_t> own_ids; ///< of all its hooks
    bool deaf = false;
    std::int64_t cost = 0;

    // Within a step.
    struct NodeEntry {
        trace::Id node = trace::none;
        std::uint32_t first_binding = trace::none;
    };
    std::vector<trace::Id> stack;
    std::vector<std::int64_t> enter_times; ///< nanoseconds since the step began
    std::vector<NodeEntry> nodes;          ///< by sequence number, from `first_sequence_nr` on
    std::uint64_t first_sequence_nr = 0;
    std::unordered_map<const TensorImpl*, trace::Id> other_leaves; ///< AccumulateGrad of what is no parameter
    std::unordered_map<trace::Id, trace::Id> first_edge;           ///< by node
    std::vector<Binding> bindings;
    std::int64_t ops_seen = 0;
    struct {
        const TensorImpl* tensor = nullptr;
        std::int64_t ops_seen = 0;
        TraceWriter::Ids ids;
    } last_output; ///< a container gives what its last child gave
    std::int64_t op_begin = 0;
    std::int64_t node_begin = 0;
    TraceWriter::Ids arrived; ///< the output gradient that the running node takes
    std::uint32_t arrived_nr = 0;
};

} // namespace hs::record
