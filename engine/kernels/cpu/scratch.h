#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace hs {

/// Floats for a kernel's own use, on whole cache lines: a vector that lies across two of them costs a kernel that reads
/// little else a fifth of its time, and where malloc puts a buffer is chance.
class Scratch {
  public:
    /// Uninitialised.
    explicit Scratch(std::int64_t count)
        : size_(static_cast<std::size_t>(count)),
          floats_(static_cast<float*>(::operator new(size_ * sizeof(float), line))) {}
    Scratch(std::int64_t count, float value) : Scratch(count) { std::fill_n(data(), size_, value); }

    float* data() { return floats_.get(); }
    float& operator[](std::int64_t i) { return floats_.get()[i]; }

  private:
    static constexpr std::align_val_t line{64};
    struct Free {
        void operator()(float* floats) const { ::operator delete(floats, line); }
    };
    std::size_t size_;
    std::unique_ptr<float, Free> floats_;
};

/// Scratch of whichever large kernel of this thread runs, kept for the next one: at least `count` floats, until the
/// next call. Freed each time, it would leave gaps between the tensors that are made meanwhile.
inline float* thread_scratch(std::int64_t count) {
    thread_local Scratch kept(0);
    thread_local std::int64_t size = 0;
    if (count > size) {
        kept = Scratch(0); // frees before it takes
        size = 0;
        kept = Scratch(count);
        size = count;
    }
    return kept.data();
}

} // namespace hs
