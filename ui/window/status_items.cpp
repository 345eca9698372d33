#include "ui/window/status_items.h"

#include "ui/models/session_model.h"
#include "ui/theme/numbers.h"

#include <QCoreApplication>

#include <algorithm>

namespace hs::ui {

namespace {

struct ItemText {
    Q_DECLARE_TR_FUNCTIONS(StatusLine)
};

StatusItem stateItem(const SessionModel& session) {
    const session::Status& status = session.figures();
    if (!session.hasSource()) return {.label = ItemText::tr("Nothing open"), .color = Token::text2};
    if (status.state == session::State::failed)
        return {.label = ItemText::tr("Failed"), .icon = QStringLiteral("error"), .color = Token::error};
    if (!session.isReady()) return {.label = ItemText::tr("Loading"), .color = Token::text2};
    if (status.has_non_finite)
        return {.label = ItemText::tr("NaN"),
                .toolTip = ItemText::tr("NaN or Inf appeared in step %1").arg(formatCount(status.non_finite.step)),
                .icon = QStringLiteral("nan"),
                .color = Token::nan};
    switch (status.state) {
    case session::State::running:
        return {.label = ItemText::tr("Running"), .icon = QStringLiteral("run")};
    case session::State::finished:
        return {.label = ItemText::tr("Finished"), .icon = QStringLiteral("check")};
    default:
        return {.label = status.event.empty() ? ItemText::tr("Paused")
                                              : ItemText::tr("Paused in %1").arg(QString::fromStdString(status.event)),
                .icon = QStringLiteral("pause")};
    }
}

} // namespace

QList<StatusItem> leftStatus(const SessionModel& session, const StatusFacts& facts) {
    QList<StatusItem> items{stateItem(session)};
    const session::Status& status = session.figures();
    if (facts.pastStep >= 0)
        items.append({.label = ItemText::tr("Showing step"),
                      .value = formatCount(facts.pastStep),
                      .toolTip = ItemText::tr("An earlier step, run again. The engine stands where it was paused; "
                                              "Ctrl+Alt+End shows that")});
    // First of what there may be no room for: in a pause it says most.
    if (facts.saved.held + facts.saved.freed > 0)
        items.append(
            {.label = ItemText::tr("Saved tensors"),
             .value =
                 ItemText::tr("%1 held, %2 freed").arg(formatBytes(facts.saved.held), formatBytes(facts.saved.freed)),
             .toolTip = ItemText::tr("Bytes that nodes keep for backward at this moment, each storage once")});
    if (session.isReady()) {
        const bool running = status.state == session::State::running;
        if (running)
            items.append({.label = ItemText::tr("Training"),
                          .value = ItemText::tr("%1 steps/s").arg(formatNumber(status.steps_per_second)),
                          .toolTip = ItemText::tr("Training steps that are finished in a second")});
        if (running)
            items.append({.label = ItemText::tr("Drawing"),
                          .value = ItemText::tr("%1 frames/s").arg(qRound(facts.framesPerSecond)),
                          .toolTip = ItemText::tr("Frames that the fastest canvas has shown in the last second")});
        items.append({.label = ItemText::tr("Observing"),
                      .value = formatPercent(std::max(status.observe_ratio - 1, 0.0)),
                      .toolTip = ItemText::tr("Time that recording adds to a training step, measured")});
    }
    if (facts.memory)
        items.append(
            {.label = ItemText::tr("Memory"),
             .value = facts.memoryLimit
                          ? ItemText::tr("%1 of %2").arg(formatBytes(facts.memory), formatBytes(facts.memoryLimit))
                          : formatBytes(facts.memory),
             .toolTip = ItemText::tr("Memory that the program occupies")});
    return items;
}

QList<StatusItem> rightStatus(const SessionModel& session, const StatusFacts& facts) {
    QList<StatusItem> items;
    const session::Reach& reach = facts.reach;
    if (reach.first >= 0)
        items.append(
            {.label = ItemText::tr("History reaches back to step"),
             .value = formatCount(reach.first) + QStringLiteral(" · ") +
                      ItemText::tr("%1 of %2").arg(formatBytes(reach.bytes), formatBytes(reach.budget)),
             .toolTip = ItemText::tr("The first training step that can be gone back to, and the memory that is "
                                     "held for it. A step starts from what was kept every %1 steps")
                            .arg(reach.every)});
    else if (session.history())
        items.append({.label = ItemText::tr("History"),
                      .value = ItemText::tr("%1 steps").arg(formatCount(session.history()->steps())) +
                               QStringLiteral(" · ") + formatBytes(session.history()->bytes()),
                      .toolTip = ItemText::tr("Summaries over steps that are kept")});
    if (session.isReady())
        items.append({.label = ItemText::tr("Seed"),
                      .value = formatCount(static_cast<std::int64_t>(session.figures().seed)),
                      .toolTip = ItemText::tr("Seed of the generator")});
    if (!facts.device.isEmpty()) items.append({.label = facts.device, .toolTip = facts.device, .color = Token::text2});
    return items;
}

} // namespace hs::ui
