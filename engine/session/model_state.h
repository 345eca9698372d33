#pragma once

#include "engine/nn/module.h"
#include "engine/tensor/generator.h"

#include <vector>

namespace hs::session {

/// Parameters, buffers, gradients and this thread's generator, as they were. Holds the bytes without copying
/// them: whoever writes to one next clones it first.
class ModelState {
  public:
    explicit ModelState(nn::Module& model);

    void restore() const;

  private:
    struct Kept {
        Tensor tensor;
        Ref<Block> bytes;
        Tensor gradient;
        Ref<Block> gradient_bytes;
    };

    std::vector<Kept> tensors_;
    Generator generator_;
};

} // namespace hs::session
