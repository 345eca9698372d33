#include "engine/graph/saved_tensor_hooks.h"

#include <vector>

namespace hs {

namespace {
thread_local std::vector<std::shared_ptr<const SavedTensorHooks>> hooks_here;
thread_local std::string forbidden_here; ///< why no hooks may be set; empty when they may
} // namespace

SavedTensorHooksScope::SavedTensorHooksScope(SavedTensorHooks hooks) {
    if (!forbidden_here.empty()) throw Error(forbidden_here);
    hooks_here.push_back(std::make_shared<const SavedTensorHooks>(std::move(hooks)));
}
SavedTensorHooksScope::~SavedTensorHooksScope() {
    hooks_here.pop_back();
}

SavedTensorHooksDisabled::SavedTensorHooksDisabled(std::string message) {
    if (!hooks_here.empty()) throw Error(message);
    previous_ = std::exchange(forbidden_here, std::move(message));
}
SavedTensorHooksDisabled::~SavedTensorHooksDisabled() {
    forbidden_here = std::move(previous_);
}

const std::shared_ptr<const SavedTensorHooks>& saved_tensor_hooks() {
    static const std::shared_ptr<const SavedTensorHooks> none;
    return hooks_here.empty() ? none : hooks_here.back();
}

} // namespace hs
