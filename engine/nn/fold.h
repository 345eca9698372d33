#pragma once

#include "engine/nn/module.h"
#include "engine/nn/sizes.h"

namespace hs::nn {

struct FoldOptions {
    Pair kernel_size;
    Pair dilation = 1;
    Pair padding = 0;
    Pair stride = 1;
};

/// The windows of images [n, c, h, w] as columns: [n, c * kernel height * kernel width, windows].
class Unfold final : public Module {
  public:
    explicit Unfold(FoldOptions options) : options_(options) {}
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    FoldOptions options_;
};

/// The other way round, into images of output_size; overlapping windows are added.
class Fold final : public Module {
  public:
    Fold(Pair output_size, FoldOptions options) : output_size_(output_size), options_(options) {}
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    Pair output_size_;
    FoldOptions options_;
};

} // namespace hs::nn
