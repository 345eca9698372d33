#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace hs::app {

/// Measures how long its thread's event loop takes no event: a precise timer of 4 ms that looks at the clock. What
/// comes late by more than its interval was a pause, whoever caused it: drawing, a slow slot, or the machine.
class PauseMeter : public QObject {
  public:
    explicit PauseMeter(QObject* parent = nullptr);

    /// Forgets what was and measures from now on.
    void start();
    double longest_ms() const { return longest_ms_; }

  private:
    void tick();

    static constexpr int interval_ms = 4;
    QTimer timer_;
    QElapsedTimer since_tick_;
    double longest_ms_ = 0;
};

} // namespace hs::app
