#include "engine/nn/dropout.h"

#include "engine/ops/functional.h"

#include <cstdio>

namespace hs::nn {

namespace {

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.12g", value);
    return text;
}

} // namespace

Dropout::Dropout(double p) : p_(p) {
    if (!(p >= 0 && p <= 1)) throw ValueError("dropout probability has to be between 0 and 1, but got " + number(p));
}

Tensor Dropout::forward(const Tensor& input) {
    return is_training() ? dropout(input, p_, true, default_generator()) : input;
}

std::string Dropout::extra_repr() const {
    return "p=" + number(p_) + ", inplace=False";
}

} // namespace hs::nn
