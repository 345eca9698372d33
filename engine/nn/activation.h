#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// max(x, 0).
class ReLU final : public Module {
  public:
    Tensor forward(const Tensor& input) override;
};

class Tanh final : public Module {
  public:
    Tensor forward(const Tensor& input) override;
};

/// 1 / (1 + exp(-x)).
class Sigmoid final : public Module {
  public:
    Tensor forward(const Tensor& input) override;
};

/// x * sigmoid(x).
class SiLU final : public Module {
  public:
    Tensor forward(const Tensor& input) override;
};

/// x * Phi(x) with the exact error function.
class GELU final : public Module {
  public:
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override { return "approximate='none'"; }
};

/// x where x > 0, else negative_slope * x.
class LeakyReLU final : public Module {
  public:
    explicit LeakyReLU(double negative_slope = 0.01) : negative_slope_(negative_slope) {}
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    double negative_slope_;
};

/// x where x > 0, else alpha (exp(x) - 1).
class ELU final : public Module {
  public:
    explicit ELU(double alpha = 1) : alpha_(alpha) {}
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  private:
    double alpha_;
};

/// x min(max(x + 3, 0), 6) / 6.
class Hardswish final : public Module {
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
