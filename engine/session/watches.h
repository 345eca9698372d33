#pragma once

#include "engine/trace/published.h"
#include "engine/trace/trace.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace hs::session {

/// What an expression was worth at the end of a training step.
struct WatchPoint {
    std::int64_t step = 0;
    double value = 0;
    bool jump = false; ///< it is NaN or Inf first here, or went much further than in the steps before
};

/// An expression over tensors by name, and what it is worth at the moment that is shown.
struct WatchedExpression {
    int id = 0; ///< from 1; given by Watches
    /// `fc.weight.grad.norm()`, `conv1.output.mean()`, `loss`: parameters and buffers by their paths and, of modules,
    /// `.input`, `.output` and `.output.grad`, in the language of engine/script.
    std::string text;

    // What list() says.
    std::string value;               ///< as Python prints it, at most one line; empty before it was evaluated
    std::optional<double> number;    ///< where it is one number
    std::string error;               ///< why there is no value
    int column = 0;                  ///< of `text`, from 1, where the error is; 0: nowhere in particular
    std::int64_t step = -1;          ///< of the moment to which all this belongs
    std::vector<WatchPoint> history; ///< the newest `Watches::history_limit` steps that were evaluated, oldest first
};

/// Expressions that are evaluated from the bytes that Traces keep: at the end of each step while training runs, and at
/// the moment that is shown while it is paused. That happens on a thread of its own, which the training never waits
/// for: where steps end faster than they can be evaluated, the history leaves some out. All members may be called from
/// any thread.
///
/// While there is a watch, each step keeps the bytes of what they name, which costs a copy of those that are written
/// in place.
class Watches {
  public:
    static constexpr std::size_t history_limit = 512;
    static constexpr std::size_t text_limit = 1000; ///< bytes of an expression

    /// `newest` says which modules there are.
    explicit Watches(const trace::Published<std::shared_ptr<const trace::Trace>>& newest);
    ~Watches();
    Watches(const Watches&) = delete;
    Watches& operator=(const Watches&) = delete;

    /// Returns its id. An expression that cannot be read or evaluated is taken, and says so in its row: it may be about
    /// to be corrected, or name something in another model.
    int add(const std::string& text);
    /// Its history begins anew. False where there is none of that id.
    bool change(int id, const std::string& text);
    bool remove(int id);
    /// These instead of those before, with their ids; where id and text are the same, with their histories.
    void replace(const std::vector<WatchedExpression>& expressions);

    std::vector<WatchedExpression> list() const;
    /// Grows with each change and each evaluation.
    std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
    /// Evaluates them at a moment (trace::at_moment), soon. A newer one replaces one that waits.
    void look_at(std::shared_ptr<const trace::Trace> moment);
    /// Blocks until everything asked for is evaluated, or the time is over. True: it is.
    bool wait_until_idle(double seconds);

    // The engine's side.
    /// Grows when what keys() says may be another.
    std::uint64_t revision() const { return revision_.load(std::memory_order_acquire); }
    /// Whose bytes are needed.
    std::set<trace::ValueKey> keys() const;
    void step_finished(std::shared_ptr<const trace::Trace> step);
    /// Another training: nothing was evaluated.
    void forget();

  private:
    struct Entry;

    void work();
    void take(std::vector<WatchedExpression> results, bool is_point);
    Entry* find(int id);
    void changed();

    const trace::Published<std::shared_ptr<const trace::Trace>>& newest_;
    mutable std::mutex mutex_; // never held while something is evaluated
    std::condition_variable work_;
    std::vector<Entry> entries_;
    std::deque<std::shared_ptr<const trace::Trace>> steps_;
    std::shared_ptr<const trace::Trace> moment_;
    int last_id_ = 0;
    bool busy_ = false;
    bool quit_ = false;
    std::atomic<std::uint64_t> version_{0};
    std::atomic<std::uint64_t> revision_{0};
    std::thread thread_;
};

} // namespace hs::session
