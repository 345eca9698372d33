#pragma once

#include "app/command_line.h"
#include "app/demos/demo.h"

#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace hs::session {
class Session;
}

namespace hs::app {

/// Remembers that a training could not be made because of what the person gave it (a damaged data set), and not by a
/// mistake of the program: the two end with different exit codes. Written on the Session's thread.
class BadInput {
  public:
    void set(const std::string& text);
    std::optional<std::string> text() const;

  private:
    mutable std::mutex mutex_;
    std::optional<std::string> text_;
};

/// How many threads the engine gets: what was asked for, or a thread a core, 16 at most. A window keeps one core for
/// itself: threads of the engine that wait for each other would otherwise wait for its drawing too.
int engine_threads(const Options& options);

/// Starts the Session of a demo; it stops after Options::steps, and measures the test accuracy after the last of them.
std::unique_ptr<session::Session> open_session(const MakeTraining& make, const Options& options, std::uint64_t seed,
                                               const std::shared_ptr<BadInput>& bad_input);

} // namespace hs::app
