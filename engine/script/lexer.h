#pragma once

#include "engine/tensor/error.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// A small language over the engine in PyTorch's names: `y = (x + w) * (w + 1)`, `y.backward()`, `w.grad`. Scratch
/// pads, lessons and watches are written in it. What a line may ask for is bounded (work_limit, depth_limit,
/// item_limit), so that it ends.
namespace hs::script {

/// A place in a text. Line and column count from 1; columns and length count bytes.
struct Place {
    int line = 1;
    int column = 1;
    int length = 1;
};

/// What cannot be read or run, and where. what() is the reason alone; what the engine threw keeps PyTorch's text.
struct ScriptError : Error {
    ScriptError(const Place& at, const std::string& reason) : Error(reason), place(at) {}
    Place place;
};
/// `line 2, column 5: ...`
std::string to_string(const ScriptError& error);

/// The longest text, in bytes.
inline constexpr std::size_t text_limit = std::size_t{1} << 16;

enum class TokenKind : std::uint8_t { name, integer, floating, text, symbol, line_end, end };

struct Token {
    TokenKind kind = TokenKind::end;
    std::string text; ///< of a string, what stands between its quotes
    Place place;
};

/// Takes a text apart; `#` begins a comment, and within brackets the end of a line means nothing. A number in a path
/// is a name: `layer1.0.conv1`. Ends with a token of kind `end`. Throws
/// ScriptError.
std::vector<Token> tokens_of(std::string_view text);

} // namespace hs::script
