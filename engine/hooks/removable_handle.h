#pragma once

#include <cstdint>
#include <memory>

namespace hs {

/// A table of hooks as its handles see it.
class HookTable {
  public:
    virtual void remove(std::uint64_t id) = 0;

  protected:
    ~HookTable() = default;
};

/// Takes a hook away again (rule 68): ids come from one counter for the process, remove() may be repeated or come
/// after the owner of the hooks is gone. Dropping the handle leaves the hook in place.
class RemovableHandle {
  public:
    RemovableHandle() = default;
    RemovableHandle(std::weak_ptr<HookTable> table, std::uint64_t id) : table_(std::move(table)), id_(id) {}

    void remove() {
        if (const auto table = table_.lock()) table->remove(id_);
        table_.reset();
    }
    std::uint64_t id() const { return id_; }

  private:
    std::weak_ptr<HookTable> table_;
    std::uint64_t id_ = 0;
};

/// Removes a hook at the end of a scope, as Python's `with handle:` does.
class ScopedHook {
  public:
    ScopedHook() = default;
    explicit ScopedHook(RemovableHandle handle) : handle_(std::move(handle)) {}
    ScopedHook(ScopedHook&& other) noexcept = default;
    ScopedHook& operator=(ScopedHook&& other) noexcept {
        handle_.remove();
        handle_ = std::move(other.handle_);
        return *this;
    }
    ScopedHook(const ScopedHook&) = delete;
    ScopedHook& operator=(const ScopedHook&) = delete;
    ~ScopedHook() { handle_.remove(); }

  private:
    RemovableHandle handle_;
};

std::uint64_t next_hook_id();

} // namespace hs
