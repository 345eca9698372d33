#pragma once

#include "engine/tensor/error.h"
#include "engine/tensor/number_text.h"

namespace hs::optim {

/// PyTorch's text for an option out of its range: `Invalid learning rate: -1.0`.
inline void check_range(bool fits, double value, const std::string& what) {
    if (fits) return;
    throw ValueError("Invalid " + what + ": " + float_text(value));
}

inline void check_not_negative(double value, const char* what) {
    check_range(value >= 0, value, what);
}

inline void check_beta(double value, int index) {
    check_range(value >= 0 && value < 1, value, "beta parameter at index " + std::to_string(index));
}

/// What all but SGD have.
template <class Options>
void check_common(const Options& options) {
    check_not_negative(options.lr, "learning rate");
    check_not_negative(options.eps, "epsilon value");
    if constexpr (requires { options.beta2; }) {
        check_beta(options.beta1, 0);
        check_beta(options.beta2, 1);
    }
    check_not_negative(options.weight_decay, "weight_decay value");
}

} // namespace hs::optim
