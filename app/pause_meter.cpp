#include "app/pause_meter.h"

#include <algorithm>

namespace hs::app {

PauseMeter::PauseMeter(QObject* parent) : QObject(parent) {
    timer_.setTimerType(Qt::PreciseTimer);
    timer_.setInterval(interval_ms);
    connect(&timer_, &QTimer::timeout, this, &PauseMeter::tick);
}

void PauseMeter::start() {
    longest_ms_ = 0;
    since_tick_.start();
    timer_.start();
}

void PauseMeter::tick() {
    const double late = static_cast<double>(since_tick_.nsecsElapsed()) / 1e6 - interval_ms;
    longest_ms_ = std::max(longest_ms_, late);
    since_tick_.start();
}

} // namespace hs::app
