#pragma once

#include <charconv>
#include <cmath>
#include <string>

namespace hs::nn {

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

} // namespace hs::nn
