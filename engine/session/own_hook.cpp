#include "engine/session/own_hook.h"

#include <set>
#include <utility>

namespace hs::session {

namespace {

std::set<std::uint64_t>& own_hook_ids() {
    thread_local std::set<std::uint64_t> ids;
    return ids;
}

} // namespace

OwnHook::OwnHook(RemovableHandle handle) : handle_(std::move(handle)) {
    own_hook_ids().insert(handle_.id());
}

OwnHook::OwnHook(OwnHook&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}

OwnHook& OwnHook::operator=(OwnHook&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
}

OwnHook::~OwnHook() {
    handle_.remove();
    own_hook_ids().erase(handle_.id());
}

bool is_own_hook(std::uint64_t id) {
    return own_hook_ids().contains(id);
}

} // namespace hs::session
