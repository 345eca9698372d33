#pragma once

#include "engine/nn/module.h"
#include "engine/nn/sizes.h"
#include "engine/ops/functional.h"

namespace hs::nn {

/// Joins the dimensions from start_dim to end_dim.
class Flatten final : public Module {
  public:
    explicit Flatten(std::int64_t start_dim = 1, std::int64_t end_dim = -1)
        : start_dim_(start_dim), end_dim_(end_dim) {}
    Tensor forward(const Tensor& input) override { return input.flatten(start_dim_, end_dim_); }
    std::string extra_repr() const override {
        return "start_dim=" + std::to_string(start_dim_) + ", end_dim=" + std::to_string(end_dim_);
    }

  private:
    std::int64_t start_dim_, end_dim_;
};

/// Splits one dimension into several; one of the sizes may be -1.
class Unflatten final : public Module {
  public:
    Unflatten(std::int64_t dim, Dims unflattened_size) : dim_(dim), sizes_(std::move(unflattened_size)) {}
    Tensor forward(const Tensor& input) override { return unflatten(input, dim_, sizes_); }
    std::string extra_repr() const override {
        return "dim=" + std::to_string(dim_) + ", unflattened_size=" + tuple_text(sizes_);
    }

  private:
    std::int64_t dim_;
    Dims sizes_;
};

/// Returns its input.
class Identity final : public Module {
  public:
    Tensor forward(const Tensor& input) override { return input; }
};

} // namespace hs::nn
