#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hs::trace {
class Trace;
}

namespace hs::session {

class Session;

/// A place among the events of a step: how many of the kinds that a scratch pad draws have happened.
struct ScratchMark {
    std::uint32_t forward = 0;
    std::uint32_t backward = 0;
    std::uint32_t accumulate = 0;
    std::uint32_t updates = 0; ///< steps of an optimizer that began

    /// Whether what happened by this mark has happened by `moment`.
    bool by(const ScratchMark& moment) const {
        return forward <= moment.forward && backward <= moment.backward && accumulate <= moment.accumulate &&
               updates <= moment.updates;
    }
};
/// The mark of the first `position` events of a step.
ScratchMark mark_at(const trace::Trace& trace, std::size_t position);

/// A text that is another one from a mark on.
struct ScratchChange {
    ScratchMark at;
    std::string text;
};

/// A tensor, or a number that takes part, as a card shows it.
struct ScratchTensor {
    enum class Kind : std::uint8_t { leaf, non_leaf, no_gradient, number };

    Kind kind = Kind::leaf;
    std::string operation; ///< `mul`; empty for what no operation made
    std::string grad_fn;   ///< `MulBackward0`, or empty
    std::string shape;     ///< `[2, 3]`
    ScratchMark made;
    std::vector<ScratchChange> names; ///< that the script gave it, or none
    std::vector<ScratchChange> values;
    std::vector<ScratchChange> grads;   ///< its `.grad`: `None` at first
    std::vector<ScratchChange> arrived; ///< the gradient that a backward pass brought to its node
};

/// `from` went into the operation that made `to`; the gradient comes back along it.
struct ScratchEdge {
    std::uint32_t from = 0;
    std::uint32_t to = 0;
    std::vector<ScratchChange> gradients;
};

/// What a statement gave.
struct ScratchLine {
    int first = 1; ///< lines of the text, counted from 1
    int last = 1;
    ScratchMark end;
    std::string shown;                 ///< `tensor([5.])`; empty for assignments
    bool is_gradient = false;          ///< what is shown is a `.grad`
    std::vector<std::string> printed;  ///< by print()
    std::vector<std::string> warnings; ///< PyTorch's texts
};

struct ScratchError {
    int line = 1;
    int column = 1;
    int length = 1;
    std::string text;
};

/// An expression whose value is asked for when the first `line` lines have run, or the lines have stopped before. It
/// may name `error`: the text of what stopped them, or None.
struct ScratchQuestion {
    int line = 0;
    std::string expression;
};
struct ScratchAnswer {
    std::string text;             ///< as Python prints it
    std::optional<double> number; ///< of one element, or a number, or a bool
    std::string error;            ///< why there is none; else empty
    bool asked = false;           ///< its lines have run
};

/// One run of a pad's text, as far as it has come. Plain values.
struct ScratchRun {
    std::string text;
    std::vector<ScratchLine> lines;
    std::optional<ScratchError> error;
    std::vector<ScratchTensor> tensors; ///< what was made before comes first
    std::vector<ScratchEdge> edges;
    bool too_large = false; ///< there are more tensors than are shown
    std::string formula;    ///< the line that the graph comes from
    std::vector<ScratchAnswer> answers;
    std::vector<std::string> names; ///< of its variables, for completion
};

/// The text of a scratch pad and what running it gave. Shared by the view, which sets the text, and the training, which
/// runs it; all members may be called from any thread. A new text takes effect with Session::reset().
class ScratchPad {
  public:
    void set(std::string text, std::vector<ScratchQuestion> questions = {});
    std::string text() const;
    std::vector<ScratchQuestion> questions() const;
    /// The newest run, or null.
    std::shared_ptr<const ScratchRun> run() const;
    void publish(std::shared_ptr<const ScratchRun> run);

  private:
    mutable std::mutex mutex_; // held for a copy only
    std::string text_;
    std::vector<ScratchQuestion> questions_;
    std::shared_ptr<const ScratchRun> run_;
};

/// A Session whose steps each run all lines of the pad anew, from the same seed. Its model has the tensors and modules
/// that the lines name, so that all views show them under these names.
std::unique_ptr<Session> open_scratch(const std::shared_ptr<ScratchPad>& pad, std::uint64_t seed = 7);

/// Names that can stand in a pad, sorted, for completion: behind a dot those of tensors and modules, else functions.
std::vector<std::string> scratch_names(bool behind_dot);

} // namespace hs::session
