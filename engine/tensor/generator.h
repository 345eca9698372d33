#pragma once

#include <cstdint>
#include <optional>
#include <random>

namespace hs {

/// PyTorch's CPU generator: mt19937 and its ways of drawing from it (rules 133 to 135).
class Generator {
  public:
    explicit Generator(std::uint64_t seed = 0) { manual_seed(seed); }

    void manual_seed(std::uint64_t seed) {
        seed_ = seed;
        engine_.seed(static_cast<std::uint32_t>(seed));
        cached_normal_.reset();
    }
    std::uint64_t seed() const { return seed_; }

    std::uint32_t random() { return static_cast<std::uint32_t>(engine_()); }
    /// Two draws, the first one high.
    std::uint64_t random64() {
        const std::uint64_t high = random();
        return high << 32 | random();
    }
    /// [0, 1): the low 24 bits of a draw.
    float uniform_float() { return static_cast<float>(random() & 0xffffffu) * 0x1p-24f; }
    /// [0, 1): the low 53 bits of two draws.
    double uniform_double() { return static_cast<double>(random64() & ((std::uint64_t{1} << 53) - 1)) * 0x1p-53; }
    /// Standard normal by Box-Muller in double; the sine half is kept for the next call.
    double normal();

  private:
    std::mt19937 engine_;
    std::uint64_t seed_ = 0;
    std::optional<double> cached_normal_;
};

/// The generator of this thread, from which modules draw their initial values and dropout its masks unless they are
/// given another one. Each thread has its own, so two sessions never draw from one by surprise.
Generator& default_generator();

/// Seeds this thread's default generator, as `torch.manual_seed` does.
void manual_seed(std::uint64_t seed);

} // namespace hs
