#pragma once

#include <charconv>
#include <string>

namespace hs::ops {

/// The shortest text of a number, for error texts: `1.5`, `2`.
inline std::string number_text(double value) {
    char buffer[32];
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

} // namespace hs::ops
