#pragma once

#include "engine/trace/value.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hs::trace {

enum class EventKind : std::uint8_t {
    module_enter,
    module_exit,
    forward,         ///< one operation
    backward,        ///< one autograd node
    grad_sum,        ///< a second gradient arrived where one was waiting
    accumulate_grad, ///< a leaf's `.grad` was written
    parameter_update,
    buffer_update,
    summary,         ///< a note to the event before it: index `summary` of Trace::summaries is that of `value`
    pass_begin,      ///< a backward pass begins at `node`, none of whose nodes has run yet
    optimizer_begin, ///< the optimizer's step begins; nothing is written yet
    zero_grad,       ///< a leaf's `.grad` was set to None or to zeros; `value` is the gradient then
    hook,            ///< a hook has run; `value` is what it handed on where that was another tensor
};

/// One thing that happened. Indices are into the tables of the same Trace; `none` where there is nothing to name.
struct Event {
    EventKind kind = EventKind::forward;
    Id module = none; ///< the module that was running
    Id node = none;   ///< forward: the node it made; backward: the node that ran
    Id value = none;  ///< what was written: the output, the gradient, the parameter
    Id summary = none;
    std::int64_t begin_ns = 0; ///< since the step began, on the steady clock
    std::int64_t end_ns = 0;
};

/// An autograd node.
struct Node {
    Name name;      ///< `ConvolutionBackward0`; AccumulateGrad has its leaf's key instead of a module
    Name operation; ///< catalogue name of the forward operation, empty for nodes without one
    std::uint64_t sequence_nr = 0;
    Id module = none;
    bool is_accumulate_grad = false;
};

/// The edge of `from` along which it sends the gradient of its forward operation's input number `output_nr`.
struct GraphEdge {
    Id from = none;
    Id to = none;
    std::uint32_t output_nr = 0;
    std::uint32_t input_nr = 0; ///< which of the gradients that `to` takes: an output of its forward operation
};

/// A gradient on its way: what the node's event `event` sent along `edge`.
struct EdgeGradient {
    Id edge = none;
    Id event = none;
    Id summary = none; ///< index of Trace::summaries, whose record names no value
    Shape shape;
};

/// A tensor that a node keeps for its gradient.
struct SavedTensor {
    Id node = none;
    Name name;                 ///< as the operation names it: `self`, `weight`, `result`
    Id value = none;           ///< none: a tensor that is no Value of the step
    std::uint64_t storage = 0; ///< as Value::storage
    std::size_t bytes = 0;     ///< of the storage; views that share one hold it once
    std::uint32_t version = 0; ///< of the tensor when it was saved
    Shape shape;
};

/// A parameter or buffer as the module tree lists it.
struct Member {
    std::string name;
    Shape shape;
    Dtype dtype = Dtype::float32;
    bool is_buffer = false;
    bool requires_grad = false;
    std::int64_t count = 0;
};

/// A module. Parents come before their children; index 0 is the root.
struct Module {
    std::string path;  ///< `stage1.conv1`, empty for the root
    std::string name;  ///< `conv1`; for the root its class name
    std::string type;  ///< `Conv2d`
    std::string extra; ///< what its printed text shows between the brackets
    Id parent = none;
    bool training = true;
    std::int64_t parameter_count = 0; ///< with all descendants, each tensor once
    int hook_count = 0;               ///< hooks of people, not the Recorder's own
    std::vector<Member> members;
};

} // namespace hs::trace
