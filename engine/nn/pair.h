#pragma once

#include "engine/tensor/shape.h"

namespace hs::nn {

/// {height, width}, or one number for both, which is how it is printed then.
struct Pair {
    Pair(std::int64_t both) : height(both), width(both), is_one_number(true) {}
    Pair(std::int64_t h, std::int64_t w) : height(h), width(w) {}

    Dims dims() const { return {height, width}; }
    bool operator==(const Pair& other) const { return height == other.height && width == other.width; }
    /// `(3, 5)`.
    std::string tuple() const { return "(" + std::to_string(height) + ", " + std::to_string(width) + ")"; }
    /// As it was given: `2` or `(3, 2)`.
    std::string as_given() const { return is_one_number ? std::to_string(height) : tuple(); }

    std::int64_t height;
    std::int64_t width;
    bool is_one_number = false;
};

} // namespace hs::nn
