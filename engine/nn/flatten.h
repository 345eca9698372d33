#pragma once

#include "engine/nn/module.h"

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

/// Returns its input.
class Identity final : public Module {
  public:
    Tensor forward(const Tensor& input) override { return input; }
};

} // namespace hs::nn
