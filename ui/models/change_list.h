#pragma once

#include <QUndoCommand>

#include <utility>

namespace hs::ui {

/// A change of a short list: it keeps the one before and the one after, and hands them to `model.apply(list)`.
template <class Model, class List>
class ChangeList final : public QUndoCommand {
  public:
    ChangeList(Model& model, const QString& text, List before, List after)
        : QUndoCommand(text), m_model(model), m_before(std::move(before)), m_after(std::move(after)) {}
    void undo() override { m_model.apply(m_before); }
    void redo() override { m_model.apply(m_after); }

  private:
    Model& m_model;
    List m_before;
    List m_after;
};

} // namespace hs::ui
