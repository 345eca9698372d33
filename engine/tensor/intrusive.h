#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hs {

/// Base of objects that count their own references. The count is one word and needs no second allocation, which is
/// why tensors and graph nodes do not use std::shared_ptr.
class Counted {
  public:
    Counted() = default;
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

    void retain() const noexcept { count_.fetch_add(1, std::memory_order_relaxed); }
    /// Returns true when this was the last reference; the caller destroys the object then.
    bool release_reference() const noexcept {
        // A sole owner needs no read-modify-write: nobody else can be counting.
        if (count_.load(std::memory_order_acquire) == 1) return true;
        return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    }
    /// Acquire-loaded, so that a caller who sees 1 also sees everything that former holders wrote.
    std::uint32_t use_count() const noexcept { return count_.load(std::memory_order_acquire); }

  protected:
    ~Counted() = default;

  private:
    mutable std::atomic<std::uint32_t> count_{0};
};

/// Owning pointer to a Counted object. `destroy(const T*)`, found by argument-dependent lookup, ends the object when
/// the last reference goes.
template <class T>
class Ref {
  public:
    Ref() = default;
    Ref(std::nullptr_t) {}
    explicit Ref(T* object) : object_(object) {
        if (object_) object_->retain();
    }
    Ref(const Ref& other) : Ref(other.object_) {}
    Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    template <class U>
    requires std::is_convertible_v<U*, T*> Ref(const Ref<U>& other) : Ref(static_cast<T*>(other.get())) {}
    template <class U>
    requires std::is_convertible_v<U*, T*> Ref(Ref<U>&& other)
    noexcept : object_(other.detach()) {}
    Ref& operator=(Ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Ref() { reset(); }

    void reset() noexcept {
        T* object = std::exchange(object_, nullptr);
        if (object && object->release_reference()) destroy(object);
    }
    /// Gives the reference away without releasing it.
    T* detach() noexcept { return std::exchange(object_, nullptr); }
    /// Takes over a reference that was given away by detach().
    static Ref adopt(T* object) noexcept {
        Ref ref;
        ref.object_ = object;
        return ref;
    }

    T* get() const { return object_; }
    T& operator*() const { return *object_; }
    T* operator->() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }
    bool operator==(const Ref& other) const { return object_ == other.object_; }

  private:
    T* object_ = nullptr;
};

} // namespace hs
