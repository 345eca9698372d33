#pragma once

#include "engine/ops/argument.h"

#include <string>

/// What an argument that comes from a file holds; each throws Error that names `what` when it holds something else.
namespace hs::script {

Scalar number_of(const Argument& argument, const std::string& what);
/// Not a floating point number.
std::int64_t integer_of(const Argument& argument, const std::string& what);
bool boolean_of(const Argument& argument, const std::string& what);
std::string text_of(const Argument& argument, const std::string& what);
Tensor tensor_of(const Argument& argument, const std::string& what);
Dtype dtype_of(const Argument& argument, const std::string& what);
/// Integers: one or a list.
Dims sizes_of(const Argument& argument, const std::string& what);

/// The most elements that a file may ask a factory or a list for.
inline constexpr std::int64_t element_limit = std::int64_t{1} << 24;
/// Throws Error when a tensor of this shape would have more, or when a size is negative.
void check_shape(const Dims& shape, const std::string& what);

} // namespace hs::script
