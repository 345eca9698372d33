#pragma once

#include "engine/script/lexer.h"
#include "engine/tensor/scalar.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hs::script {

struct Expression;
using ExpressionPointer = std::shared_ptr<const Expression>;

/// How deep an expression may be nested, chains of operators counted too.
inline constexpr int nesting_limit = 150;

struct Expression {
    enum class Kind : std::uint8_t {
        number,
        text,
        boolean,
        none,
        ellipsis,
        name,
        list,
        tuple,
        attribute, ///< parts[0] . text
        subscript, ///< parts[0] [ the others ]
        slice,     ///< start, stop, step; null where left out
        call,      ///< parts[0] ( the others ); names: the keyword of each of the others, or empty
        negative,
        logical_not,
        logical, ///< text: and, or
        binary,  ///< text: the operator, `is` and `is not` too
        lambda,  ///< names: parameters; parts[0]: body
    };

    Kind kind = Kind::none;
    Place place;
    std::string text;
    Scalar number;
    std::vector<ExpressionPointer> parts;
    std::vector<std::string> names;
    int depth = 1;
};

/// One line: an expression, an assignment, or `with no_grad(): ...`.
struct Statement {
    enum class Kind : std::uint8_t { expression, assign, augmented, with };

    Kind kind = Kind::expression;
    Place place;
    ExpressionPointer target;    ///< a name, attribute, subscript, or tuple of them
    std::string operation;       ///< of `x += 1`: `+`
    ExpressionPointer value;     ///< of `with`: what stands behind it
    std::vector<Statement> body; ///< of `with`: on its own line, or the lines behind it that are further in
    int last_line = 1;
};

/// Both throw ScriptError.
std::vector<Statement> parse(std::string_view text);
ExpressionPointer parse_expression(std::string_view text);

} // namespace hs::script
