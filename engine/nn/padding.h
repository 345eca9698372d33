#pragma once

#include "engine/nn/module.h"
#include "engine/nn/sizes.h"

namespace hs::nn {

/// Puts a border around the last N dimensions. The padding is one number, or two a dimension, the last dimension first:
/// {left, right, top, bottom, front, back}. Negative numbers cut off where the border is constant.
template <std::size_t N>
class PadNd : public Module {
  public:
    Tensor forward(const Tensor& input) override;
    std::string extra_repr() const override;

  protected:
    using Amounts = Sizes<2 * N>;
    PadNd(Amounts padding, std::string mode, Scalar value = 0.0)
        : padding_(padding), mode_(std::move(mode)), value_(value) {}
    virtual bool prints_value() const { return false; }

  private:
    Amounts padding_;
    std::string mode_;
    Scalar value_;
};

/// A border of one value.
template <std::size_t N>
class ConstantPadNd : public PadNd<N> {
  public:
    ConstantPadNd(Sizes<2 * N> padding, Scalar value) : PadNd<N>(padding, "constant", value) {}

  protected:
    bool prints_value() const override { return true; }
};
template <std::size_t N>
class ZeroPadNd : public PadNd<N> {
  public:
    explicit ZeroPadNd(Sizes<2 * N> padding) : PadNd<N>(padding, "constant") {}
};
/// A border that mirrors what is inside, without its edge.
template <std::size_t N>
class ReflectionPadNd : public PadNd<N> {
  public:
    explicit ReflectionPadNd(Sizes<2 * N> padding) : PadNd<N>(padding, "reflect") {}
};
/// A border of the edge.
template <std::size_t N>
class ReplicationPadNd : public PadNd<N> {
  public:
    explicit ReplicationPadNd(Sizes<2 * N> padding) : PadNd<N>(padding, "replicate") {}
};
/// A border of the opposite side.
template <std::size_t N>
class CircularPadNd : public PadNd<N> {
  public:
    explicit CircularPadNd(Sizes<2 * N> padding) : PadNd<N>(padding, "circular") {}
};

class ConstantPad1d final : public ConstantPadNd<1> {
  public:
    using ConstantPadNd::ConstantPadNd;
};
class ConstantPad2d final : public ConstantPadNd<2> {
  public:
    using ConstantPadNd::ConstantPadNd;
};
class ConstantPad3d final : public ConstantPadNd<3> {
  public:
    using ConstantPadNd::ConstantPadNd;
};
class ZeroPad1d final : public ZeroPadNd<1> {
  public:
    using ZeroPadNd::ZeroPadNd;
};
class ZeroPad2d final : public ZeroPadNd<2> {
  public:
    using ZeroPadNd::ZeroPadNd;
};
class ZeroPad3d final : public ZeroPadNd<3> {
  public:
    using ZeroPadNd::ZeroPadNd;
};
class ReflectionPad1d final : public ReflectionPadNd<1> {
  public:
    using ReflectionPadNd::ReflectionPadNd;
};
class ReflectionPad2d final : public ReflectionPadNd<2> {
  public:
    using ReflectionPadNd::ReflectionPadNd;
};
class ReflectionPad3d final : public ReflectionPadNd<3> {
  public:
    using ReflectionPadNd::ReflectionPadNd;
};
class ReplicationPad1d final : public ReplicationPadNd<1> {
  public:
    using ReplicationPadNd::ReplicationPadNd;
};
class ReplicationPad2d final : public ReplicationPadNd<2> {
  public:
    using ReplicationPadNd::ReplicationPadNd;
};
class ReplicationPad3d final : public ReplicationPadNd<3> {
  public:
    using ReplicationPadNd::ReplicationPadNd;
};
class CircularPad1d final : public CircularPadNd<1> {
  public:
    using CircularPadNd::CircularPadNd;
};
class CircularPad2d final : public CircularPadNd<2> {
  public:
    using CircularPadNd::CircularPadNd;
};
class CircularPad3d final : public CircularPadNd<3> {
  public:
    using CircularPadNd::CircularPadNd;
};

} // namespace hs::nn
