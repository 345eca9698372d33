#pragma once

#include "engine/tensor/scalar.h"

#include <charconv>
#include <cmath>
#include <span>
#include <string>

namespace hs {

/// A float as Python prints it, and so as modules are printed: `0.5`, `1.0`, `1e-05`.
inline std::string float_text(double value) {
    const double size = std::fabs(value);
    const bool scientific = size != 0 && std::isfinite(size) && (size < 1e-4 || size >= 1e16);
    char buffer[40];
    const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
    std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
    if (!scientific && std::isfinite(value) && text.find('.') == std::string::npos) text += ".0";
    return text;
}

/// A number as it was given: `1` or `1.0`.
inline std::string number_text(const Scalar& value) {
    return value.is_floating() ? float_text(value.to_double()) : std::to_string(value.to_int());
}

/// A number as PyTorch's C++ texts have it, by a stream: six digits, `1.5`, `2`.
inline std::string stream_text(double value) {
    char buffer[32];
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::general, 6).ptr);
}

inline std::string flag_text(bool value) {
    return value ? "True" : "False";
}

/// A tuple as Python prints it, `(3, 5)` and `(3,)`, with `text` of each value.
template <class Values, class Text>
std::string tuple_text(const Values& values, Text text) {
    std::string result = "(";
    for (std::size_t i = 0; i < values.size(); ++i)
        result += (i > 0 ? ", " : "") + text(values[i]);
    return result + (values.size() == 1 ? ",)" : ")");
}
inline std::string tuple_text(std::span<const std::int64_t> sizes) {
    return tuple_text(sizes, [](std::int64_t size) { return std::to_string(size); });
}

} // namespace hs
