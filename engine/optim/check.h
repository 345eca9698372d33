#pragma once

#include "engine/tensor/error.h"

#include <cstdio>

namespace hs::optim {

/// PyTorch's text for an option below zero: `Invalid learning rate: -1`.
inline void check_not_negative(double value, const char* what) {
    if (value >= 0) return;
    char number[32];
    std::snprintf(number, sizeof number, "%.12g", value);
    throw ValueError("Invalid " + std::string(what) + ": " + number);
}

} // namespace hs::optim
