#include "engine/session/replay.h"

#include "engine/hooks/removable_handle.h"
#include "engine/kernels/cpu/onednn/convolution.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/ops/op.h"
#include "engine/record/recorder.h"
#include "engine/session/training.h"
#include "engine/tensor/number_text.h"
#include "engine/tensor/warning.h"

#include <bit>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

namespace hs::session {

namespace {

/// Leaves no hook behind.
void stop_recording(record::Recorder& recorder) {
    trace::Watch nothing;
    nothing.level = trace::Level::off;
    recorder.set_event_stepping(false);
    recorder.set_watch(nothing);
}

} // namespace

/// The second Training and where it stands.
struct Replayer::Scratch {
    std::uint64_t life = 0;
    std::unique_ptr<Training> training;
    trace::History history; // nobody reads it
    std::unique_ptr<record::Recorder> recorder;
    std::int64_t step = -1; ///< the one that comes; -1: it was left in the middle of one
};

Replayer::Replayer(Make make, std::function<void()> tell) : make_(std::move(make)), tell_(std::move(tell)) {}

Replayer::~Replayer() {
    wanted_ = 0;
    {
        const std::lock_guard lock(mutex_);
        quit_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Replayer::start(Job job) {
    const std::lock_guard lock(mutex_);
    newest_ = {};
    newest_.state = PastStep::State::working;
    newest_.request = job.request;
    newest_.step = job.step;
    wanted_ = job.request;
    waiting_ = std::move(job);
    if (!thread_.joinable()) thread_ = std::thread([this] { main(); });
    changed_.notify_all();
}

void Replayer::refuse(std::uint64_t request, std::int64_t step, const std::string& why) {
    {
        const std::lock_guard lock(mutex_);
        wanted_ = 0;
        waiting_.reset();
        newest_ = {};
        newest_.state = PastStep::State::failed;
        newest_.request = request;
        newest_.step = step;
        newest_.message = why;
    }
    tell_();
}

void Replayer::cancel() {
    {
        const std::lock_guard lock(mutex_);
        wanted_ = 0;
        waiting_.reset();
        newest_.trace.reset();
        if (newest_.state != PastStep::State::working) return;
        newest_.state = PastStep::State::cancelled;
    }
    tell_();
}

void Replayer::forget() {
    cancel();
    const std::lock_guard lock(mutex_);
    newest_ = {};
    letting_go_ = true;
    changed_.notify_all();
}

PastStep Replayer::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

void Replayer::report(const Job& job, PastStep::State state, const std::string& message,
                      std::shared_ptr<const trace::Trace> trace) {
    {
        const std::lock_guard lock(mutex_);
        if (newest_.request != job.request || newest_.state != PastStep::State::working) return;
        newest_.state = state;
        newest_.message = message;
        newest_.trace = std::move(trace);
    }
    tell_();
}

void Replayer::main() {
    std::unique_ptr<Scratch> scratch;
    for (;;) {
        std::optional<Job> job;
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return quit_ || letting_go_ || waiting_; });
            if (quit_) break;
            job = std::exchange(waiting_, std::nullopt);
            letting_go_ = false;
        }
        if (!job || (scratch && scratch->life != job->life)) scratch.reset();
        if (!job) continue;
        try {
            work(scratch, *job);
        } catch (const GivenUp&) {
            if (scratch) scratch->step = -1;
        } catch (const std::exception& error) {
            if (scratch) scratch->step = -1;
            report(*job, PastStep::State::failed, error.what());
        }
    }
    // Hooks belong to this thread.
    scratch.reset();
}

void Replayer::work(std::unique_ptr<Scratch>& scratch, const Job& job) {
    set_warning_handler([](const std::string&) {}); // the live run has given them
    set_num_threads(job.threads);
    allow_winograd(job.winograd);
    if (!scratch) {
        auto made = std::make_unique<Scratch>();
        made->life = job.life;
        made->training = make_(job.seed);
        if (!made->training) throw std::runtime_error("no training was made");
        made->recorder =
            std::make_unique<record::Recorder>(made->training->model(), made->training->optimizer(), made->history);
        scratch = std::move(made);
    }
    // Further back than where it stands, or on past a change that only the checkpoint knows: from the checkpoint.
    if (scratch->step > job.step || scratch->step <= job.from->step) {
        scratch->step = -1;
        job.from->restore(*scratch->training);
        scratch->step = job.from->step;
    }
    {
        const std::lock_guard lock(mutex_);
        if (newest_.request == job.request) newest_.steps_needed = job.step - scratch->step + 1;
    }
    const ScopedHook look(op_hooks().before.add([this, &job](const OpCall&) {
        if (given_up(job)) throw GivenUp();
    }));
    run_on(*scratch, job);
    report(job, PastStep::State::done, {}, record(*scratch, job));
}

void Replayer::run_on(Scratch& scratch, const Job& job) {
    while (scratch.step < job.step) {
        if (given_up(job)) throw GivenUp();
        const std::int64_t step = std::exchange(scratch.step, -1);
        check(job, step, scratch.training->step().loss);
        scratch.step = step + 1;
        {
            const std::lock_guard lock(mutex_);
            if (newest_.request == job.request) ++newest_.steps_done;
        }
        tell_();
    }
}

std::shared_ptr<const trace::Trace> Replayer::record(Scratch& scratch, const Job& job) {
    record::Recorder& recorder = *scratch.recorder;
    recorder.set_watch(job.watch);
    recorder.set_event_stepping(true);
    recorder.set_keep_limit(job.keep_limit);
    const std::int64_t step = std::exchange(scratch.step, -1);
    std::shared_ptr<const trace::Trace> trace;
    try {
        trace = record_step(*scratch.training, recorder, job);
        scratch.step = step + 1;
    } catch (...) {
        recorder.abandon_step();
        stop_recording(recorder);
        throw;
    }
    stop_recording(recorder);
    return trace;
}

std::shared_ptr<const trace::Trace> Replayer::record_step(Training& training, record::Recorder& recorder,
                                                          const Job& job) const {
    // As the Session does it: what a demo draws does not belong to the step.
    std::optional<Tensor> picture;
    if (job.watch.values.contains({trace::Role::picture, "", ""})) picture = training.picture();
    recorder.begin_step(job.step, record::Keep::all);
    const auto begun = std::chrono::steady_clock::now();
    const StepOutcome outcome = training.step();
    trace::StepResult result;
    result.step = job.step;
    result.loss = outcome.loss;
    result.batch_accuracy = outcome.accuracy;
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    check(job, job.step, outcome.loss);
    if (const Tensor target = training.last_target(); target.defined()) recorder.add(trace::Role::target, target);
    if (picture) recorder.add(trace::Role::picture, *picture);
    return recorder.finish_step(result);
}

/// A run that is not the same is not shown as if it were.
void Replayer::check(const Job& job, std::int64_t step, double loss) const {
    const auto place = static_cast<std::size_t>(step - job.from->step);
    if (place >= job.losses.size()) return;
    const double live = job.losses[place];
    if (std::bit_cast<std::uint64_t>(live) == std::bit_cast<std::uint64_t>(loss)) return;
    throw std::runtime_error("step " + std::to_string(step) + " has another loss when it is run again (" +
                             float_text(loss) + " instead of " + float_text(live) +
                             "): it depends on something that its training does not put back");
}

} // namespace hs::session
