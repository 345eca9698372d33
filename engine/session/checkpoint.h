#pragma once

#include "engine/optim/optimizer.h"
#include "engine/tensor/generator.h"
#include "engine/tensor/tensor.h"

#include <any>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace hs::session {

class Training;

/// What a training step starts from: parameters with their gradients, buffers, the optimizer's state and options, the
/// modules' modes, the thread's default generator, and what the Training itself remembers. Read-only once it is made,
/// so any thread may read it.
class Checkpoint {
  public:
    /// Takes it from a Training that stands before step `of_step`. The bytes of tensors are held, so that whoever
    /// writes to one next clones them; only the optimizer's state is copied (the hooks of state_dict() are called).
    Checkpoint(Training& training, std::int64_t of_step);

    /// Brings a Training of the same make to the same state. Bytes are held by both then, and copied by whoever
    /// writes. Throws ValueError when the model has other tensors than the one it was taken from.
    void restore(Training& training) const;

    const std::int64_t step;
    /// Every block that is held or copied, once. Blocks that no step writes to are in many checkpoints.
    const std::vector<const Block*>& blocks() const { return blocks_; }
    /// Bytes that the next step has to clone because they are held, and bytes that were copied at once.
    std::size_t held_bytes() const { return held_bytes_; }
    std::size_t copied_bytes() const { return copied_bytes_; }
    /// All that it takes.
    std::size_t bytes() const;
    /// What of it is not in blocks(), about: generators, shapes, names.
    std::size_t own_bytes() const { return 3 * sizeof(Generator) + tensors_.size() * std::size_t{1024}; }

  private:
    /// A tensor's bytes in a Storage of their own, with their layout.
    struct Bytes {
        explicit Bytes(const Tensor& tensor);

        Ref<Storage> storage;
        Shape shape;
        Strides strides;
        std::int64_t offset;
        Dtype dtype;
    };
    struct Held {
        Bytes value;
        std::uint32_t version;
        bool requires_grad;
        std::optional<Bytes> gradient;
        std::uint32_t gradient_version = 0;
    };

    void hold(const Tensor& tensor);
    static void restore(const Held& held, const Tensor& to);

    std::vector<Held> tensors_;
    std::vector<bool> modes_; ///< in the order of nn::Module::modules()
    optim::OptimizerState optimizer_;
    Generator generator_;
    std::any position_;
    std::vector<const Block*> blocks_;
    std::size_t held_bytes_ = 0;
    std::size_t copied_bytes_ = 0;
};

} // namespace hs::session
