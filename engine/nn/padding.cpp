#include "engine/nn/padding.h"

#include "engine/ops/functional.h"
#include "engine/tensor/number_text.h"

namespace hs::nn {

template <std::size_t N>
Tensor PadNd<N>::forward(const Tensor& input) {
    if (mode_ == "circular" && input.dim() != static_cast<std::int64_t>(N) + 1 &&
        input.dim() != static_cast<std::int64_t>(N) + 2)
        throw ValueError("expected " + std::to_string(N + 1) + "D or " + std::to_string(N + 2) + "D input (got " +
                         std::to_string(input.dim()) + "D input)");
    return pad(input, padding_.dims(), mode_, value_.to_double());
}

template <std::size_t N>
std::string PadNd<N>::extra_repr() const {
    if (prints_value()) return "padding=" + padding_.tuple() + ", value=" + number_text(value_);
    return padding_.tuple();
}

template class PadNd<1>;
template class PadNd<2>;
template class PadNd<3>;

} // namespace hs::nn
