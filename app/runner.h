#pragma once

#include "app/command_line.h"
#include "app/open_session.h"
#include "app/pause_meter.h"
#include "app/report.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include <memory>

namespace hs::ui {
class SessionModel;
}

namespace hs::app {

/// Follows a training to the end that was asked for: prints how it goes, notices its end, a failure or the time that is
/// over, and gathers what the report holds.
class Runner : public QObject {
    Q_OBJECT

  public:
    Runner(const Options& options, ui::SessionModel& model, std::shared_ptr<BadInput> bad_input);

    void start();
    /// The exit code so far: 0, 1 when the training failed, 2 when that was for bad input.
    int exit_code() const;
    /// Prints why it failed, if it did, as one line on the error output.
    void print_failure() const;
    /// What is known of the training; the parts of window and device are the caller's to fill in.
    Report report() const;
    /// The line that tells the result.
    std::string result_line() const;

  signals:
    /// Nothing more is to be waited for. Emitted once.
    void over();

  private:
    void look();
    void print_header() const;
    void print_progress();

    const Options options_;
    ui::SessionModel& model_;
    const std::shared_ptr<BadInput> bad_input_;
    QTimer timer_;
    QElapsedTimer since_start_;
    QElapsedTimer since_line_;
    std::int64_t printed_step_ = 0;
    double steps_per_second_ = 0; ///< the newest that was measured while it ran
    bool began_ = false;          ///< the model was made and its training told
    bool over_ = false;
};

} // namespace hs::app
