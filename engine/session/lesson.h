#pragma once

#include "engine/session/scratch.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hs::session {

/// Why a lesson's file cannot be read, and the line of it.
struct LessonError : std::runtime_error {
    LessonError(int at, const std::string& reason) : std::runtime_error(reason), line(at) {}
    int line;
};

/// A text with the values of expressions in it: `{w.grad}`.
struct LessonText {
    struct Piece {
        std::string text;
        std::optional<std::size_t> question; ///< whose answer stands here, instead of text
    };
    std::vector<Piece> pieces;
};

/// What the learner is asked to predict.
enum class PredictionKind : std::uint8_t { number, sign, shape, leaf, choice };

struct LessonChoice {
    std::string label;
    std::string value; ///< what the answer prints when this one is right
};

struct LessonStep {
    enum class Kind : std::uint8_t { build, predict, explain };

    Kind kind = Kind::build;
    int lines = 0;   ///< of the lesson's script that have run by now
    LessonText text; ///< of a prediction: the question
    // Of a prediction:
    PredictionKind prediction = PredictionKind::choice;
    std::size_t answer = 0;            ///< index of the question whose answer is right
    std::vector<LessonChoice> choices; ///< empty: it is typed
    std::string hidden;                ///< name of the tensor whose `.grad` the graph hides until then
    LessonText says;                   ///< when it is revealed
};

/// A lesson: lines for a scratch pad, in parts, with what to predict between them. What is right is never written down:
/// it is an expression that the engine evaluates.
struct Lesson {
    std::string title;
    std::string script;
    std::vector<LessonStep> steps;
    std::vector<ScratchQuestion> questions; ///< for the ScratchPad
};

inline constexpr std::size_t lesson_limit = std::size_t{1} << 16; ///< bytes of a file

/// Reads a lesson:
///
///     title: Where is y.grad?
///     [build]
///     Two leaves and a product.
///     | w = tensor([1.], requires_grad=True)
///     [predict]
///     ask: What is `w.grad`?
///     kind: number                     (or sign, shape, leaf, choice)
///     answer: w.grad
///     choices: 1 ; 6 ; nothing = None  (for kind choice: the text that Python prints, or label = text)
///     hide: w
///     says: It is {w.grad.item()}.
///     [explain]
///     Text, with `code` and {values}.
///
/// An answer may ask for `error`, the text of what stopped the lines, or None. Throws LessonError.
Lesson parse_lesson(std::string_view text);

/// The answer as a learner would write it: `5`, `negative`, `[2, 3]`, `a leaf`, the label of a choice.
std::string right_answer(const LessonStep& step, const ScratchAnswer& answer);
/// Whether what the learner said is right. Numbers may differ in the last of four digits.
bool is_right(const LessonStep& step, const ScratchAnswer& answer, std::string_view said);
/// With the values of the run in it.
std::string filled(const LessonText& text, const ScratchRun& run);

} // namespace hs::session
