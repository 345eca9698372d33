#include "engine/nn/dropout.h"

#include "engine/nn/float_text.h"
#include "engine/ops/functional.h"

namespace hs::nn {

Dropout::Dropout(double p) : p_(p) {
    if (!(p >= 0 && p <= 1))
        throw ValueError("dropout probability has to be between 0 and 1, but got " + float_text(p));
}

Tensor Dropout::forward(const Tensor& input) {
    return is_training() ? dropout(input, p_, true, default_generator()) : input;
}

std::string Dropout::extra_repr() const {
    return "p=" + float_text(p_) + ", inplace=False";
}

} // namespace hs::nn
