#pragma once

#include <QString>
#include <QUndoCommand>

#include <optional>

namespace hs::ui {

class SessionModel;

inline constexpr double largestLearningRate = 1000;

/// A number from 0 to largestLearningRate, with a point or a comma, `1e-3` or `1e−3`; nothing for anything else.
std::optional<double> parseLearningRate(const QString& text);
/// `0.0200`, `0.00015`, `1e-06`: what parseLearningRate() reads back as the same number.
QString writeLearningRate(double value);

/// Setting the learning rate, so that it can be undone.
class SetLearningRate : public QUndoCommand {
  public:
    SetLearningRate(SessionModel& session, double before, double after);

    void undo() override;
    void redo() override;

  private:
    SessionModel& m_session;
    double m_before;
    double m_after;
};

} // namespace hs::ui
