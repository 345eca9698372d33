#pragma once

#include "engine/session/past.h"
#include "engine/trace/saved_state.h"
#include "ui/window/status_line.h"

#include <cstddef>

namespace hs::ui {

class SessionModel;

/// What the status line says that the session does not know.
struct StatusFacts {
    double framesPerSecond = 0;
    std::size_t memory = 0;
    std::size_t memoryLimit = 0;
    trace::SavedBytes saved; ///< by the nodes of the moment that is shown
    QString device;
    session::Reach reach;
    std::int64_t pastStep = -1; ///< that is shown instead of the newest
};

QList<StatusItem> leftStatus(const SessionModel& session, const StatusFacts& facts);
QList<StatusItem> rightStatus(const SessionModel& session, const StatusFacts& facts);

} // namespace hs::ui
