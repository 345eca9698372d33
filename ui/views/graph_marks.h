#pragma once

#include "engine/trace/saved_state.h"

#include <QString>

#include <vector>

namespace hs::ui {

/// What a node keeps, as the note between it and its forward operation says it.
struct SavedNote {
    QString text;        ///< `input +1`; empty where it keeps nothing
    QString description; ///< a line a tensor
    bool isHeld = false;
    bool willBreak = false; ///< something that it keeps was changed in place
};

/// What is said of the tensor that a node's forward operation made.
struct TensorMarks {
    bool retainsGrad = false;
    bool isView = false;
    bool isChanged = false; ///< in place: by this operation, or since

    bool any() const { return retainsGrad || isView || isChanged; }
};

/// Notes and marks by node of a Trace, at a moment. Only a step that kept everything has any.
class GraphMarks {
  public:
    void read(const trace::Trace& trace, std::size_t nodes, std::size_t position);

    const SavedNote& note(trace::Id node) const;
    const TensorMarks& marks(trace::Id node) const;
    /// What the marks of a node say, a line each.
    QString describe(trace::Id node) const;

  private:
    void readSaved(const trace::Trace& trace, std::size_t position);
    void readTensors(const trace::Trace& trace, std::size_t position);

    std::vector<SavedNote> m_notes;
    std::vector<TensorMarks> m_marks;
};

} // namespace hs::ui
