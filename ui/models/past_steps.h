#pragma once

#include "engine/session/past.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>

#include <cstddef>
#include <cstdint>

namespace hs::ui {

class SessionModel;
class TraceCursor;

/// The training steps that can be gone back to, and the way there: asks the session to run a step again and shows it by
/// the TraceCursor. One object, shared by the window and the strip of training steps.
class PastSteps : public QObject {
    Q_OBJECT

  public:
    PastSteps(SessionModel& session, TraceCursor& cursor, QObject* parent = nullptr);

    const session::Reach& reach() const { return m_reach; }
    bool isInReach(std::int64_t step) const { return m_reach.first >= 0 && step >= m_reach.first && step <= newest(); }
    /// The step that is shown, and the newest that is recorded; -1 where there is none.
    std::int64_t shown() const;
    std::int64_t newest() const;

    /// While a step is run again: which one, how many steps of how many are done, and for how long.
    bool isBusy() const { return m_answer.state == session::PastStep::State::working; }
    const session::PastStep& answer() const { return m_answer; }
    qint64 busyMs() const { return isBusy() ? m_sinceAsked.elapsed() : 0; }
    /// Why the last step that was asked for is not shown; empty where it is.
    QString problem() const { return m_problem; }

    /// Bytes for history, of this session and of those that are opened later; 0: none is kept.
    void setBudget(std::size_t bytes);
    std::size_t budget() const { return m_budget; }

  public slots:
    /// Shows a training step: its begin, or its end. The newest is shown as it was recorded, unless that was without
    /// its values. Does nothing while training runs.
    void goTo(qint64 step, bool atEnd = false);
    /// Runs the newest step again with its values, and shows the moment that is shown now.
    void recompute();
    /// To a later or an earlier step, not past the ends of what there is and what is in reach.
    void goBy(int steps);
    void goToNewest();
    /// To where NaN or Inf came up first, in whichever step that was. Pauses training.
    void goToNonFinite();
    void cancel();

  signals:
    void changed();

  private:
    void opened();
    void follow();
    void ask(std::int64_t step, std::size_t position);
    void take(const session::PastStep& answer);

    SessionModel& m_session;
    TraceCursor& m_cursor;
    session::Reach m_reach;
    session::PastStep m_answer;
    QString m_problem;
    QElapsedTimer m_sinceAsked;
    std::size_t m_budget = 0;
    std::size_t m_position = 0;   ///< where the wanted step is shown; it may end before
    std::uint64_t m_expected = 0; ///< the request that is waited for; 0: none
    bool m_waitsForPause = false; ///< to go to where NaN came up
};

} // namespace hs::ui
