#pragma once

#include "engine/trace/trace.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hs::session {

class CommandQueue;

enum class EditKind : std::uint8_t {
    element,       ///< one element becomes `number`
    fill,          ///< all elements become `number`
    scale,         ///< all elements times `number`
    assign,        ///< all elements become `values`, which have the shape `shape`
    training,      ///< a module and those inside it into train mode, or eval mode: `flag`
    requires_grad, ///< of a parameter: `flag`
};

/// A change of what stands still. Tensors are written as through `.data`: their version counter stays, so that a
/// backward pass under way goes on, with the new numbers.
struct Edit {
    EditKind kind = EditKind::element;
    /// A parameter, buffer or gradient; or what the event is about at which the engine stands: the input of a module,
    /// an output, the result of an operation. Of EditKind::training the module counts.
    trace::ValueKey key = {};
    std::int64_t position = 0; ///< of the element, row-major
    double number = 0;
    bool flag = false;
    std::vector<double> values = {};
    Shape shape = {};
};

enum class EditState : std::uint8_t { applied, undone, refused };

struct EditRecord {
    std::uint64_t id = 0;
    Edit edit = {};
    EditState state = EditState::refused;
    std::string text = {};         ///< `conv1.weight[0, 0, 2, 1] = 0.5`
    std::string problem = {};      ///< why it, or its undoing, was refused; else empty
    std::int64_t step = 0;         ///< whose Trace shows it
    trace::Id event = trace::none; ///< of the step under way, behind which it was made; none between two steps
};

struct EditTable {
    std::vector<EditRecord> records; ///< in the order in which they were made
    /// As edits of modules and requires_grad left them; null where there was none in this training.
    std::shared_ptr<const trace::ModuleTable> modules;
};

/// Changes of a Session's model while it is paused, and their undoing, which puts the old bytes back. Edits are made on
/// the engine's thread between two events. May be used from any thread; what became of an edit is in table() soon
/// after.
class Edits {
  public:
    explicit Edits(CommandQueue& commands);
    Edits(const Edits&) = delete;
    Edits& operator=(const Edits&) = delete;
    ~Edits();

    /// Gives the edit's id. One that does not fit is refused with PyTorch's text, and nothing is changed.
    std::uint64_t apply(const Edit& edit);
    /// Refused where the tensor was written since, and where the training was made anew.
    void undo(std::uint64_t id);
    void redo(std::uint64_t id);

    /// Newest; never null.
    std::shared_ptr<const EditTable> table() const;

    struct Impl;
    Impl& impl() { return *impl_; } ///< the engine's side

  private:
    std::unique_ptr<Impl> impl_;
};

} // namespace hs::session
