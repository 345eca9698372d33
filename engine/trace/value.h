#pragma once

#include "engine/tensor/block.h"
#include "engine/tensor/device.h"
#include "engine/tensor/dtype.h"
#include "engine/tensor/shape.h"
#include "engine/trace/name.h"

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace hs::trace {

using Id = std::uint32_t;
inline constexpr Id none = 0xffffffffu;

/// What a value is to the module that it belongs to.
enum class Role : std::uint8_t {
    input,           ///< first input of the module
    output,          ///< its output
    output_gradient, ///< dL/d output
    parameter,
    gradient, ///< `.grad` of a parameter
    update,   ///< what the optimizer added to a parameter in this step: after minus before
    buffer,
    target,       ///< of the root: the batch's targets
    picture,      ///< of the root: what the demo draws, such as a decision boundary
    intermediate, ///< result of an operation inside the module; `member` is the operation's name
};

/// Names one quantity of a model across steps: a role, the module's path (`stage1.conv1`; empty for the root) and, for
/// parameters and buffers, the member's name (`weight`).
struct ValueKey {
    Role role = Role::output;
    Name module;
    Name member;

    auto operator<=>(const ValueKey&) const = default;
};

/// `stage1.conv1.weight`, `stage1.conv1.weight.grad`, `stage1.conv1 output`: how the key is shown.
std::string to_string(const ValueKey& key);

/// A tensor's bytes as they were when they were read. Holds the Block, so a writer clones it first; copying is cheap.
class Snapshot {
  public:
    Snapshot() = default;
    /// `strides` and `offset` are in elements and say where the elements are in memory, which for convolution outputs
    /// is often channels-last although the tensor's visible strides are row-major. Throws Error if that reaches beyond
    /// the block.
    Snapshot(Ref<Block> block, Dtype dtype, Shape shape, Strides strides, std::int64_t offset);

    explicit operator bool() const { return static_cast<bool>(kept_); }
    Dtype dtype() const { return kept_ ? kept_->dtype : Dtype::float32; }
    const Shape& shape() const;
    std::int64_t count() const { return kept_ ? kept_->count : 0; }
    std::size_t bytes() const { return static_cast<std::size_t>(count()) * size_of(dtype()); }

    /// Element at a row-major position (0 to count-1), whatever the layout in memory. Integers come back as doubles.
    /// Throws IndexError out of range.
    double at(std::int64_t position) const;
    /// Copies `out.size()` elements from row-major position `first` on, converted to float. Throws IndexError when not
    /// all of them exist. Quickest where the innermost dimension is dense in memory.
    void read(std::int64_t first, std::span<float> out) const;

  private:
    struct Kept {
        Ref<Block> block;
        Shape shape;
        Shape sizes; ///< shape and strides with dimensions joined where memory allows
        Strides strides;
        std::int64_t offset = 0;
        std::int64_t count = 0;
        Dtype dtype = Dtype::float32;

        std::int64_t memory_index(std::int64_t position) const;
    };
    const Kept& checked(std::int64_t first, std::size_t count) const;

    std::shared_ptr<const Kept> kept_; // most values keep nothing, and then cost one pointer
};

/// A tensor that took part in a step: PyTorch's eight attributes, and its bytes where a Watch asked for them.
struct Value {
    ValueKey key; ///< module paths are empty for values that no module is known for
    Shape shape;
    Dtype dtype = Dtype::float32;
    Device device;
    bool requires_grad = false;
    bool is_leaf = true;
    bool has_grad = false;
    bool retains_grad = false;
    std::uint32_t version = 0;
    Id base = none;            ///< of a view: the Value that it looks into, where that is known
    std::uint64_t storage = 0; ///< the same number means the same bytes; 0 where it was not asked for
    Name grad_fn;              ///< `ConvolutionBackward0`, or empty
    Id producer = none;        ///< the Event that made it
    Snapshot snapshot;         ///< empty unless watched at level `values`
};

} // namespace hs::trace
