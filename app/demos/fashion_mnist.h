#pragma once

#include "engine/tensor/tensor.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace hs::app {

/// Pictures with labels, as bytes: 784 bytes a picture instead of 3 KiB as floats.
struct LabelledImages {
    std::vector<std::uint8_t> pixels; ///< [count, 28, 28]
    std::vector<std::uint8_t> labels; ///< [count], 0 to 9
    std::int64_t count() const { return static_cast<std::int64_t>(labels.size()); }
};

struct Batch {
    Tensor images; ///< [n, 1, 28, 28] float32: pixels / 255, minus the training set's mean, over its std
    Tensor labels; ///< [n] int64
};

/// Fashion-MNIST as Debian's package `dataset-fashion-mnist` has it: four gzipped IDX files, read as they are.
class FashionMnist {
  public:
    static constexpr std::int64_t side = 28;
    static constexpr int classes = 10;

    /// Reads 55 MB in some 0.3 s. Throws InputError: which file, where in it, why, and what to do.
    explicit FashionMnist(const std::filesystem::path& folder);

    /// What can be checked in a millisecond: that the files are there, are of the right shape, and were not cut short.
    /// Throws InputError as the constructor does.
    static void check(const std::filesystem::path& folder);

    static const std::vector<std::string>& class_names();

    const LabelledImages& train() const { return train_; }
    const LabelledImages& test() const { return test_; }

    static Batch batch(const LabelledImages& from, std::span<const std::int64_t> indices);

  private:
    LabelledImages train_;
    LabelledImages test_;
};

} // namespace hs::app
