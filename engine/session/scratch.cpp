#include "engine/session/scratch.h"

#include "engine/script/evaluate.h"
#include "engine/session/scratch_training.h"
#include "engine/session/session.h"
#include "engine/trace/trace.h"

#include <algorithm>

namespace hs::session {

ScratchMark mark_at(const trace::Trace& trace, std::size_t position) {
    ScratchMark mark;
    const std::size_t end = std::min(position, trace.events.size());
    for (std::size_t i = 0; i < end; ++i) {
        switch (trace.events[i].kind) {
        case trace::EventKind::forward:
            ++mark.forward;
            break;
        case trace::EventKind::backward:
            ++mark.backward;
            break;
        case trace::EventKind::accumulate_grad:
            ++mark.accumulate;
            break;
        case trace::EventKind::optimizer_begin:
            ++mark.updates;
            break;
        default:
            break;
        }
    }
    return mark;
}

void ScratchPad::set(std::string text, std::vector<ScratchQuestion> questions) {
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
    questions_ = std::move(questions);
}

std::string ScratchPad::text() const {
    const std::lock_guard lock(mutex_);
    return text_;
}

std::vector<ScratchQuestion> ScratchPad::questions() const {
    const std::lock_guard lock(mutex_);
    return questions_;
}

std::shared_ptr<const ScratchRun> ScratchPad::run() const {
    const std::lock_guard lock(mutex_);
    return run_;
}

void ScratchPad::publish(std::shared_ptr<const ScratchRun> run) {
    std::shared_ptr<const ScratchRun> before; // freed when the lock is
    const std::lock_guard lock(mutex_);
    before = std::exchange(run_, std::move(run));
}

std::unique_ptr<Session> open_scratch(const std::shared_ptr<ScratchPad>& pad, std::uint64_t seed) {
    Session::Options options;
    options.seed = seed;
    options.threads = 1;
    options.pause_on_non_finite = false;
    return std::make_unique<Session>(
        [pad](std::uint64_t with_seed) { return std::make_unique<ScratchTraining>(pad, with_seed); }, options);
}

std::vector<std::string> scratch_names(bool behind_dot) {
    if (!behind_dot) return script::builtin_names();
    std::vector<std::string> all = script::tensor_member_names();
    const std::vector<std::string> modules = script::module_member_names();
    all.insert(all.end(), modules.begin(), modules.end());
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

} // namespace hs::session
