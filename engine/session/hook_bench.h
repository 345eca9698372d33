#pragma once

#include "engine/trace/summary.h"
#include "engine/trace/value.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hs::session {

class CommandQueue;

/// What a hook is registered with, in PyTorch's terms.
enum class HookKind : std::uint8_t {
    forward_pre,     ///< of a module: its inputs
    forward,         ///< of a module: its outputs
    backward_pre,    ///< of a module, full: the gradients of its outputs
    backward,        ///< of a module, full: the gradients of its inputs
    tensor,          ///< of a parameter, or of a node's output: the gradient, before it goes on
    post_accumulate, ///< of a parameter: `.grad`, when it was written
    node_pre,        ///< of an autograd node: the gradients that it takes
    node_post,       ///< of an autograd node: the gradients that it gives
    step_pre,        ///< of the optimizer, which is only listed
    step_post,
};

/// What a hook from the bench does to the first tensor that it is given.
enum class HookAction : std::uint8_t {
    statistics,      ///< looks only
    scale,           ///< times `amount`
    clip_norm,       ///< scaled so that its L2 norm is at most `amount`
    clip_value,      ///< between -`amount` and `amount`
    zero,            ///< zeros in its place
    noise,           ///< plus normal noise of standard deviation `amount`, from a generator seeded with `seed`
    stop_non_finite, ///< stops the training where NaN or Inf comes by
    stop_norm_above, ///< stops it where the L2 norm is above `amount`
};

struct HookPlace {
    HookKind kind = HookKind::forward;
    std::string module = {};      ///< path; of a node: where it is shown
    std::string member = {};      ///< of HookKind::tensor and post_accumulate: the parameter, `weight`
    std::string node = {};        ///< of the node kinds and a node's output: `ConvolutionBackward0`
    std::uint32_t occurrence = 0; ///< which of the nodes of that name, counted over a training step from 0

    bool operator==(const HookPlace&) const = default;
};

struct HookSpec {
    HookPlace place = {};
    HookAction action = HookAction::statistics;
    double amount = 1;
    std::uint64_t seed = 0;
    bool prepend = false; ///< before the hooks that the program registered; modules only, as in PyTorch
    bool muted = false;   ///< stays in its place and does nothing
};

/// A hook as the bench lists it.
struct HookRow {
    std::uint64_t id = 0;     ///< as add() gave it; 0 for a hook that the program registered
    HookSpec spec = {};       ///< of the program's, only the place
    std::string problem = {}; ///< why it is registered nowhere; else empty
    bool can_rise = false;    ///< whether raise() would change its place
    bool can_sink = false;
    std::int64_t fired = 0;
    std::int64_t cost_ns = 0; ///< of the last time
    std::int64_t step = -1;   ///< of the last time
    Shape shape = {};
    std::optional<trace::Summary> before = {}; ///< of the tensor that it was given the last time
    std::optional<trace::Summary> after = {};  ///< of what it handed on instead, if it did
    trace::Snapshot bytes_before = {};         ///< where the step kept everything
    trace::Snapshot bytes_after = {};
};

/// All hooks on modules, parameters, nodes and the optimizer, in the order in which they fire in a training step. The
/// scope's own are left out, and so are those that the program puts on tensors and nodes of one step's graph.
struct HookTable {
    std::vector<HookRow> rows;
};

/// Puts hooks on the model of a Session and takes them off while it runs. They are the engine's own hooks, registered
/// on its thread between two events, stay when the training is made anew, and act inside training steps only. May be
/// used from any thread; what it did is seen in table() soon after.
///
/// A hook that throws ends the training step: the model is put back to what it was when the step began, the Session
/// is paused, and its status says which hook it was and why.
class HookBench {
  public:
    explicit HookBench(CommandQueue& commands);
    HookBench(const HookBench&) = delete;
    HookBench& operator=(const HookBench&) = delete;
    ~HookBench();

    /// Gives the hook's id. Where it cannot be registered its row says why.
    std::uint64_t add(const HookSpec& spec);
    void remove(std::uint64_t id);
    /// Puts back what remove() took, in its old place.
    void restore(std::uint64_t id);
    void set_muted(std::uint64_t id, bool muted);
    void raise(std::uint64_t id); ///< to fire one place earlier among the hooks of its kind and place
    void sink(std::uint64_t id);

    /// Newest; never null.
    std::shared_ptr<const HookTable> table() const;

    struct Impl;
    Impl& impl() { return *impl_; } ///< the engine's side

  private:
    std::unique_ptr<Impl> impl_;
};

/// `forward pre-hook`, `scale by 0.5`: as the window and messages call them.
std::string kind_text(HookKind kind);
std::string action_text(const HookSpec& spec);
/// `conv1`, `conv1.weight`, `ConvolutionBackward0 #2`; the root is `model`.
std::string place_text(const HookPlace& place);

} // namespace hs::session
