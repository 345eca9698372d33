#pragma once

#include "engine/tensor/scalar.h"

#include <charconv>
#include <cmath>
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

inline std::string flag_text(bool value) {
    return value ? "True" : "False";
}

} // namespace hs
