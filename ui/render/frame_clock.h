#pragma once

#include "ui/render/frame_stats.h"

#include <QElapsedTimer>

#include <deque>

namespace hs::ui {

/// Measures what a canvas shows and what it costs the UI thread.
class FrameClock {
  public:
    FrameClock() { m_time.start(); }

    /// Milliseconds since this object was made.
    double now() const { return double(m_time.nsecsElapsed()) * 1e-6; }

    /// The UI thread was held up for `ms` by drawing.
    void addPause(double ms);
    /// A frame that was begun at `startedAt` can be painted.
    void addFrame(double startedAt);

    FrameStats stats() const;
    void reset();

  private:
    QElapsedTimer m_time;
    FrameStats m_stats;
    std::deque<double> m_shown; // times of the last second's frames
};

} // namespace hs::ui
