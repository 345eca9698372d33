#include "engine/session/retention.h"

#include "engine/ops/op.h"

#include <algorithm>
#include <utility>

namespace hs::session {

/// Counts the operations of a step as the Recorder does, and asks the wanted ones' results to keep their gradient.
struct Retention::Listener {
    explicit Listener(std::vector<Target> wanted) : targets(std::move(wanted)) {
        // In front of who records the result, so that it is recorded as what it is.
        hook = ScopedHook(op_hooks().after.add([this](const OpCall& call) { after_op(call); }, true));
    }

    void after_op(const OpCall& call) {
        if (call.in_backward || call.op.declaration().composite) return;
        const std::size_t nth = made++;
        const auto is_it = [&](const Target& target) {
            return target.nth == nth && target.operation == call.op.name();
        };
        if (std::none_of(targets.begin(), targets.end(), is_it) || call.outputs.empty()) return;
        const Tensor& result = call.outputs.front();
        if (result.defined() && result.requires_grad() && !result.is_leaf()) result.retain_grad();
    }

    std::vector<Target> targets;
    std::size_t made = 0;
    ScopedHook hook;
};

Retention::Retention() = default;

Retention::~Retention() = default;

void Retention::retain(const Target& target) {
    const std::lock_guard lock(mutex_);
    if (std::find(targets_.begin(), targets_.end(), target) == targets_.end()) targets_.push_back(target);
    wanted_ = true;
}

void Retention::release(const Target& target) {
    const std::lock_guard lock(mutex_);
    targets_.erase(std::remove(targets_.begin(), targets_.end(), target), targets_.end());
    wanted_ = !targets_.empty();
}

bool Retention::retains(const Target& target) const {
    const std::lock_guard lock(mutex_);
    return std::find(targets_.begin(), targets_.end(), target) != targets_.end();
}

void Retention::begin_step() {
    listener_.reset();
    if (!wanted_) return;
    const std::lock_guard lock(mutex_);
    listener_ = std::make_unique<Listener>(targets_);
}

void Retention::stop() {
    listener_.reset();
}

} // namespace hs::session
