#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hs::session {

/// retain_grad() from outside: results of operations that are to keep their gradient, each step anew since each step
/// makes them anew. Any thread, but for what is marked. While nothing is asked for, a step costs one test of a flag.
class Retention {
  public:
    /// The result of the `nth` operation (from 0) of a step's forward events, which must be `operation`.
    struct Target {
        std::size_t nth = 0;
        std::string operation;

        bool operator==(const Target&) const = default;
    };

    Retention();
    Retention(const Retention&) = delete;
    Retention& operator=(const Retention&) = delete;
    ~Retention();

    /// From the next step on, since the tensor of this one is made already. Twice is as good as once.
    void retain(const Target& target);
    void release(const Target& target);
    bool retains(const Target& target) const;

    // The engine's thread.
    /// A step begins: what is asked for now counts in it.
    void begin_step();
    /// Takes the hook off.
    void stop();

  private:
    struct Listener;

    mutable std::mutex mutex_;
    std::vector<Target> targets_;
    std::atomic<bool> wanted_{false};
    std::unique_ptr<Listener> listener_; ///< the engine's thread's
};

} // namespace hs::session
