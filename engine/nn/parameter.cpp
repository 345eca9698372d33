#include "engine/nn/parameter.h"

namespace hs::nn {

Tensor parameter(const Tensor& data, bool requires_grad) {
    if (requires_grad && !is_floating_point(data.dtype()))
        throw Error("Only Tensors of floating point and complex dtype can require gradients");
    Tensor result = data.detach();
    result.set_requires_grad(requires_grad);
    result.impl()->is_parameter = true;
    return result;
}

} // namespace hs::nn
