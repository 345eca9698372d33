#pragma once

#include "engine/hooks/removable_handle.h"

#include <cstdint>

namespace hs::session {

/// A hook that the scope puts on for itself, for as long as this lives: the HookBench does not list it among the
/// program's. Hooks belong to a thread, and so does what is known of this one.
class OwnHook {
  public:
    OwnHook() = default;
    explicit OwnHook(RemovableHandle handle);
    OwnHook(OwnHook&& other) noexcept;
    OwnHook& operator=(OwnHook&& other) noexcept;
    ~OwnHook();

  private:
    RemovableHandle handle_;
};

/// Whether a hook of this thread is one of these.
bool is_own_hook(std::uint64_t id);

} // namespace hs::session
