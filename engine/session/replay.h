#pragma once

#include "engine/session/checkpoint.h"
#include "engine/session/past.h"
#include "engine/trace/watch.h"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace hs::record {
class Recorder;
}

namespace hs::session {

/// Runs training steps again, on a thread of its own: makes a second Training by the same make, puts a checkpoint into
/// it, runs on to the wanted step, and records that one with all its values. The Training stays, so that the next step
/// or one a little later is only run on to.
class Replayer {
  public:
    using Make = std::function<std::unique_ptr<Training>(std::uint64_t seed)>;

    struct Job {
        std::uint64_t request = 0;
        std::uint64_t life = 0; ///< which of the live Trainings it is about: another one after each reset
        std::uint64_t seed = 0;
        int threads = 1; ///< as the live one's, for sums depend on it
        bool winograd = false;
        trace::Watch watch;
        std::size_t keep_limit = 0;
        std::shared_ptr<const Checkpoint> from;
        std::int64_t step = 0;
        std::vector<double> losses; ///< of the live steps from `from` on; fewer where the last is not over
    };

    /// `make` is called on the Replayer's thread. `tell` is called, on any thread, when newest() has changed.
    Replayer(Make make, std::function<void()> tell);
    Replayer(const Replayer&) = delete;
    Replayer& operator=(const Replayer&) = delete;
    ~Replayer();

    /// In place of the job before, which is given up.
    void start(Job job);
    /// The same, with a step that cannot be run.
    void refuse(std::uint64_t request, std::int64_t step, const std::string& why);
    void cancel();
    /// Gives up what is under way and lets the Training go: another live one comes.
    void forget();
    PastStep newest() const;

  private:
    struct GivenUp {}; // not a std::exception, so that no training swallows it
    struct Scratch;

    void main();
    void work(std::unique_ptr<Scratch>& scratch, const Job& job);
    void run_on(Scratch& scratch, const Job& job);
    std::shared_ptr<const trace::Trace> record(Scratch& scratch, const Job& job);
    std::shared_ptr<const trace::Trace> record_step(Training& training, record::Recorder& recorder,
                                                    const Job& job) const;
    void check(const Job& job, std::int64_t step, double loss) const;
    bool given_up(const Job& job) const { return wanted_.load(std::memory_order_relaxed) != job.request; }
    void report(const Job& job, PastStep::State state, const std::string& message = {},
                std::shared_ptr<const trace::Trace> trace = nullptr);

    const Make make_;
    const std::function<void()> tell_;
    std::atomic<std::uint64_t> wanted_{0}; ///< the request that is not given up; 0: none

    mutable std::mutex mutex_; // of the next four
    std::condition_variable changed_;
    std::optional<Job> waiting_;
    PastStep newest_;
    bool letting_go_ = false;
    bool quit_ = false;
    std::thread thread_; // started by the first job
};

} // namespace hs::session
