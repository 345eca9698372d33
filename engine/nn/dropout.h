#pragma once

#include "engine/nn/module.h"

namespace hs::nn {

/// What the dropout layers have in common. In training they change the input at random, in evaluation they return the
/// input itself (rule 120). They draw from the default generator of the thread that runs them.
class DropoutLayer : public Module {
  public:
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  protected:
    using Function = Tensor (*)(const Tensor& input, double p, bool training, Generator& generator);
    DropoutLayer(Scalar p, bool inplace, Function function);

  private:
    Scalar p_;
    bool inplace_;
    Function function_;
};

/// Zeroes each element with probability p and scales the others by 1 / (1 - p).
class Dropout final : public DropoutLayer {
  public:
    explicit Dropout(Scalar p = 0.5, bool inplace = false);
};
/// The same by whole channels of [n, c, length] (or without n).
class Dropout1d final : public DropoutLayer {
  public:
    explicit Dropout1d(Scalar p = 0.5, bool inplace = false);
};
/// The same of [n, c, h, w].
class Dropout2d final : public DropoutLayer {
  public:
    explicit Dropout2d(Scalar p = 0.5, bool inplace = false);
};
/// The same of [n, c, depth, h, w] (or without n).
class Dropout3d final : public DropoutLayer {
  public:
    explicit Dropout3d(Scalar p = 0.5, bool inplace = false);
};
/// Sets elements to SELU's lower bound instead of zero, then scales and shifts so that mean 0 and variance 1 stay
/// (Klambauer et al. 2017).
class AlphaDropout final : public DropoutLayer {
  public:
    explicit AlphaDropout(Scalar p = 0.5, bool inplace = false);
};
/// The same by whole channels.
class FeatureAlphaDropout final : public DropoutLayer {
  public:
    explicit FeatureAlphaDropout(Scalar p = 0.5, bool inplace = false);
};

} // namespace hs::nn
