#pragma once

#include "engine/trace/value.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace hs::nn {
class Module;
}
namespace hs::optim {
class Optimizer;
}

namespace hs::session {

/// What the optimizer did to one element in the steps `first_step` to `last_step`; more than one where a long history
/// was thinned: then `before` is of the first and the rest of the last.
struct ElementWrite {
    std::int64_t first_step = 0;
    std::int64_t last_step = 0;
    double before = 0;
    /// With `maximize` it is taken with the other sign.
    double gradient = 0; ///< NaN: its `.grad` was None, so that nothing was written
    double decay = 0;    ///< weight_decay times the value: it goes with the gradient
    /// SGD: what momentum added to these two, 0 without; NaN where it cannot be told: with a learning rate of 0, and
    /// for other optimizers, which scale the gradient too.
    double momentum = 0;
    double learning_rate = 0;
    double after = 0;
};

/// Two neighbours of a long history as one.
ElementWrite combine(const ElementWrite& a, const ElementWrite& b);

/// Follows one element of a parameter through every step, also while training runs. Any thread, but for what is marked.
/// While no element is named, a step costs one test of a flag.
class ElementHistory {
  public:
    struct Target {
        trace::ValueKey parameter;
        std::int64_t position = 0; ///< row-major

        bool operator==(const Target&) const = default;
    };

    ElementHistory();
    ElementHistory(const ElementHistory&) = delete;
    ElementHistory& operator=(const ElementHistory&) = delete;
    ~ElementHistory();

    /// From the next step on; what was known of another element is forgotten.
    void follow(const std::optional<Target>& target);
    std::optional<Target> target() const;
    /// Oldest first; empty until a step has ended.
    std::vector<ElementWrite> writes() const;

    // The engine's thread.
    void begin_step(const nn::Module& model, optim::Optimizer& optimizer, std::int64_t step);
    /// The training goes: takes the hooks off and forgets what was written.
    void stop();

  private:
    struct Follower;
    struct Writes;
    static std::unique_ptr<Follower> follower_of(const Target& target, const nn::Module& model,
                                                 optim::Optimizer& optimizer);

    mutable std::mutex mutex_; ///< of the next two, held only to copy them
    std::optional<Target> target_;
    std::shared_ptr<const Writes> shown_;
    std::atomic<bool> changed_{false};
    std::unique_ptr<Follower> follower_; ///< the engine's thread's
};

} // namespace hs::session
