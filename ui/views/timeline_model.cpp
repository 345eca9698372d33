#include "ui/views/timeline_model.h"

#include <algorithm>
#include <optional>

namespace hs::ui {

namespace {

using Kind = trace::EventKind;

constexpr double zeroShare = 0.15; ///< of the width that every other event has

std::optional<Lane> laneOf(Kind kind) {
    switch (kind) {
    case Kind::forward:
        return Lane::forward;
    case Kind::backward:
    case Kind::grad_sum:
        return Lane::backward;
    case Kind::accumulate_grad:
    case Kind::zero_grad:
        return Lane::accumulate;
    case Kind::parameter_update:
    case Kind::buffer_update:
        return Lane::update;
    default:
        return std::nullopt;
    }
}

} // namespace

void TimelineModel::take(const trace::Trace* trace) {
    m_marks.clear();
    m_phases.clear();
    if (!trace) return;
    int passes = 0;
    double total = 0;
    std::size_t zeros = 0;
    const std::size_t count = trace->events.size();
    for (std::size_t i = 0; i < count; ++i) {
        const trace::Event& event = trace->events[i];
        if (event.kind == Kind::pass_begin) m_phases.push_back({static_cast<double>(m_marks.size()), ++passes});
        if (event.kind == Kind::optimizer_begin) m_phases.push_back({static_cast<double>(m_marks.size()), 0});
        const auto lane = laneOf(event.kind);
        if (!lane) continue;
        TimelineMark mark{.lane = *lane, .event = static_cast<trace::Id>(i)};
        mark.isSum = event.kind == Kind::grad_sum;
        mark.isZero = event.kind == Kind::zero_grad;
        zeros += mark.isZero ? 1 : 0;
        mark.right = static_cast<double>(std::max<std::int64_t>(event.end_ns - event.begin_ns, 0));
        total += mark.right;
        m_marks.push_back(mark);
    }
    const double even = static_cast<double>(m_marks.size() - zeros) + zeroShare * static_cast<double>(zeros);
    const double least = total > 0 ? total / even : 1;
    const double whole = total + least * even;
    double at = 0;
    for (TimelineMark& mark : m_marks) {
        const double width = (mark.right + least * (mark.isZero ? zeroShare : 1)) / whole;
        mark.left = at;
        mark.right = at += width;
    }
    for (TimelinePhase& phase : m_phases) {
        const auto next = static_cast<std::size_t>(phase.at);
        phase.at = next < m_marks.size() ? m_marks[next].left : 1;
    }
}

double TimelineModel::shareAt(std::size_t position) const {
    const auto after = std::partition_point(m_marks.begin(), m_marks.end(),
                                            [&](const TimelineMark& mark) { return mark.event < position; });
    return after == m_marks.begin() ? 0 : std::prev(after)->right;
}

std::size_t TimelineModel::positionAt(double share) const {
    const auto after = std::partition_point(m_marks.begin(), m_marks.end(),
                                            [&](const TimelineMark& mark) { return mark.left <= share; });
    return share < 0 || after == m_marks.begin() ? 0 : std::prev(after)->event + std::size_t{1};
}

} // namespace hs::ui
