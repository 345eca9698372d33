#include "ui/render/frame_clock.h"

#include <algorithm>

namespace hs::ui {

void FrameClock::addPause(double ms) {
    m_stats.lastUiMs = ms;
    m_stats.longestUiMs = std::max(m_stats.longestUiMs, ms);
}

void FrameClock::addFrame(double startedAt) {
    const double time = now();
    ++m_stats.frames;
    m_stats.lastFrameMs = time - startedAt;
    m_shown.push_back(time);
    while (m_shown.front() < time - 1000)
        m_shown.pop_front();
}

FrameStats FrameClock::stats() const {
    FrameStats stats = m_stats;
    const double since = now() - 1000;
    stats.framesPerSecond =
        double(std::count_if(m_shown.begin(), m_shown.end(), [since](double time) { return time > since; }));
    return stats;
}

void FrameClock::reset() {
    m_stats = {};
    m_shown.clear();
}

} // namespace hs::ui
