#include "engine/session/past.h"

#include "engine/kernels/cpu/onednn/convolution.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/session/engine.h"
#include "engine/session/past_inside.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace hs::session {

namespace {

/// Of a step's time that checkpoints may take.
constexpr double affordable_share = 0.02;
/// The longest that going back to the begin of a step may take, as far as checkpoints can be dropped.
constexpr double longest_replay_seconds = 5;
/// Going back this long is not noticed, so checkpoints need not be closer: they would only take memory.
constexpr double unnoticed_replay_seconds = 0.15;
constexpr std::int64_t most_unnoticed_steps = 50;
/// Copying, where nothing better is known.
constexpr double seconds_a_byte = 1.5e-10;

std::string in_mebibytes(std::size_t bytes) {
    return std::to_string((bytes + (std::size_t{1} << 20) - 1) >> 20) + " MiB";
}

} // namespace

Past::Inside::Inside(Make make, std::function<void()> tell)
    : make_(std::move(make)), replayer_([this](std::uint64_t seed) { return this->make(seed); }, std::move(tell)) {}

std::unique_ptr<Training> Past::Inside::make(std::uint64_t seed) {
    const std::lock_guard lock(making_);
    return make_(seed);
}

void Past::Inside::begin(Training* training, std::uint64_t seed) {
    replayer_.forget();
    training_ = training;
    taken_at_ = -1;
    is_due_ = true;
    usual_seconds_ = cost_ = 0;
    const std::lock_guard lock(mutex_);
    kept_.clear();
    losses_.clear();
    disturbed_.clear();
    every_ = 1;
    last_ = -1;
    too_large_ = 0;
    can_replay_ = training && training->position().has_value();
    ++next_.life;
    next_.seed = seed;
    next_.threads = get_num_threads();
    next_.winograd = winograd_allowed();
}

void Past::Inside::disturb(std::int64_t step, const std::string& what) {
    if (disturbed_.empty() || disturbed_.back().last + 1 < step || disturbed_.back().what != what) {
        disturbed_.push_back({step, step, what});
        return;
    }
    disturbed_.back().last = std::max(disturbed_.back().last, step);
}

/// The first run of such steps of which one is from `from` to `to`, or null.
const Past::Inside::Disturbed* Past::Inside::disturbed(std::int64_t from, std::int64_t to) const {
    const auto meets = [&](const Disturbed& one) { return one.last >= from && one.first <= to; };
    const auto found = std::find_if(disturbed_.begin(), disturbed_.end(), meets);
    return found == disturbed_.end() ? nullptr : &*found;
}

void Past::Inside::before_step(std::int64_t step, double usual_seconds, const trace::Watch& watch,
                               const std::string& disturbed) {
    if (!is_on_.load(std::memory_order_relaxed)) return;
    usual_seconds_ = usual_seconds;
    bool due = false;
    {
        const std::lock_guard lock(mutex_);
        last_ = step;
        if (next_.watch != watch) next_.watch = watch;
        if (losses_.empty()) first_loss_ = step;
        // A step that was given up begins once more, and what disturbed it then does not count.
        while (!disturbed_.empty() && disturbed_.back().first >= step)
            disturbed_.pop_back();
        if (!disturbed_.empty()) disturbed_.back().last = std::min(disturbed_.back().last, step - 1);
        if (!disturbed.empty()) {
            disturb(step, disturbed);
            is_due_ = true;
            return;
        }
        const bool fits = too_large_ == 0 || too_large_ <= kept_.budget();
        due = can_replay_ && fits && (is_due_ || kept_.size() == 0 || step - taken_at_ >= every_);
    }
    if (due) take(step);
}

void Past::Inside::take(std::int64_t step) {
    const auto begun = std::chrono::steady_clock::now();
    const auto taken = std::make_shared<const Checkpoint>(*training_, step);
    taken_at_ = step;
    const std::lock_guard lock(mutex_);
    const std::int64_t longest =
        usual_seconds_ > 0 ? std::max<std::int64_t>(every_, std::llround(longest_replay_seconds / usual_seconds_))
                           : 1'000;
    kept_.add(taken, std::exchange(is_due_, false), longest);
    too_large_ = kept_.size() == 0 ? taken->bytes() : 0;
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    const double cost = took + static_cast<double>(taken->held_bytes()) * seconds_a_byte;
    cost_ += (cost - cost_) * (cost_ == 0 ? 1 : 0.2);
    if (usual_seconds_ <= 0) return;
    const auto affordable = std::llround(std::ceil(cost_ / (affordable_share * usual_seconds_)));
    const auto unnoticed = std::llround(unnoticed_replay_seconds / usual_seconds_);
    every_ = std::clamp<std::int64_t>(affordable, std::clamp<std::int64_t>(unnoticed, 1, most_unnoticed_steps), 1'000);
}

void Past::Inside::after_step(double loss) {
    if (!is_on_.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock(mutex_);
    if (first_loss_ + static_cast<std::int64_t>(losses_.size()) == last_) losses_.push_back(loss);
}

void Past::Inside::note_change(bool inside_step, const std::string& what) {
    is_due_ = true;
    if (!inside_step) return;
    const std::lock_guard lock(mutex_);
    disturb(last_, what);
}

void Past::Inside::set_budget(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    kept_.set_budget(bytes);
    next_.keep_limit = bytes;
    if (bytes == 0) losses_.clear();
    is_on_ = bytes > 0;
}

std::string Past::Inside::none_reached() const {
    if (kept_.budget() == 0) return "No memory is set aside for earlier steps.";
    if (!can_replay_ && next_.life > 0)
        return "This training does not say where it stands in its data, so its steps cannot be run again.";
    if (too_large_ > kept_.budget())
        return "What a step starts from takes " + in_mebibytes(too_large_) + ", more than the " +
               in_mebibytes(kept_.budget()) + " that are set aside for it.";
    return kept_.size() == 0 ? "No step was run yet." : "";
}

Reach Past::Inside::reach() const {
    const std::lock_guard lock(mutex_);
    Reach reach;
    reach.why_not = none_reached();
    reach.bytes = kept_.bytes();
    reach.budget = kept_.budget();
    reach.every = every_;
    if (!reach.why_not.empty()) return reach;
    reach.first = kept_.first();
    reach.last = last_;
    return reach;
}

std::string Past::Inside::refusal(std::int64_t step) const {
    if (std::string none = none_reached(); !none.empty()) return none;
    const std::string name = "Step " + std::to_string(step);
    if (step > last_) return name + " has not run yet.";
    if (step < kept_.first()) return name + " is out of reach: the first one is " + std::to_string(kept_.first()) + ".";
    const Disturbed* there = disturbed(step, step);
    return there ? name + " cannot be run again: while it ran, " + there->what + "." : std::string();
}

std::uint64_t Past::Inside::go_to(std::int64_t step) {
    Replayer::Job job;
    std::string why_not;
    {
        const std::lock_guard lock(mutex_);
        next_.request = ++requests_;
        why_not = refusal(step);
        job = next_;
        job.step = step;
        job.from = kept_.before(step);
        if (why_not.empty() && job.from->step >= first_loss_) {
            const auto from = std::min(static_cast<std::size_t>(job.from->step - first_loss_), losses_.size());
            const auto end = std::min(static_cast<std::size_t>(step + 1 - first_loss_), losses_.size());
            job.losses.assign(losses_.begin() + static_cast<std::ptrdiff_t>(from),
                              losses_.begin() + static_cast<std::ptrdiff_t>(end));
        }
        // Between a change inside a step and the next one there is no way.
        if (const Disturbed* there = why_not.empty() ? disturbed(job.from->step, step) : nullptr)
            why_not = "Step " + std::to_string(step) + " is out of reach: while step " + std::to_string(there->first) +
                      " ran, " + there->what + ".";
    }
    const std::uint64_t request = job.request;
    const std::uint64_t life = job.life;
    if (!why_not.empty()) {
        replayer_.refuse(request, step, why_not);
        return request;
    }
    replayer_.start(std::move(job));
    const std::lock_guard lock(mutex_);
    if (next_.life != life) replayer_.forget(); // the training was made anew meanwhile
    return request;
}

Past::Past(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Past::~Past() = default;

void Past::set_budget(std::size_t bytes) {
    inside_->set_budget(bytes);
}

Reach Past::reach() const {
    return inside_->reach();
}

std::uint64_t Past::go_to(std::int64_t step) {
    return inside_->go_to(step);
}

void Past::cancel() {
    inside_->replayer().cancel();
}

PastStep Past::newest() const {
    return inside_->replayer().newest();
}

Past& Session::past() const {
    return *engine_->past;
}

} // namespace hs::session
