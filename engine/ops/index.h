#pragma once

#include "engine/tensor/tensor.h"

#include <optional>
#include <variant>
#include <vector>

namespace hs {

/// `start:stop:step` between the brackets of `x[...]`; what is left out has Python's meaning.
struct Slice {
    std::optional<std::int64_t> start = std::nullopt;
    std::optional<std::int64_t> stop = std::nullopt;
    std::optional<std::int64_t> step = std::nullopt;
};
/// `...`: as many whole dimensions as are left.
struct Ellipsis {};
/// `None`: a new dimension of size 1.
struct NewAxis {};

/// One item between the brackets of `x[...]`. A tensor of integers picks elements, one of bools those that are true.
using Index = std::variant<std::int64_t, Slice, Ellipsis, NewAxis, bool, Tensor>;
using Indices = std::vector<Index>;

} // namespace hs
