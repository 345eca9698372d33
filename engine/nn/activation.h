#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// max(x, 0).
class ReLU final : public Module {
  public:
    Tensor forward(const Tensor& input) override;
};

class Softmax final : public Module {
  public:
    explicit Softmax(std::int64_t dim) : dim_(dim) {}
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override { return "dim=" + std::to_string(dim_); }

  private:
    std::int64_t dim_;
};

class LogSoftmax final : public Module {
  public:
    explicit LogSoftmax(std::int64_t dim) : dim_(dim) {}
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override { return "dim=" + std::to_string(dim_); }

  private:
    std::int64_t dim_;
};

} // namespace hs::nn
