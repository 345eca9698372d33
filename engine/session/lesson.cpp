#include "engine/session/lesson.h"

#include "engine/script/parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace hs::session {

namespace {

constexpr std::size_t step_limit = 40;
constexpr std::size_t choice_limit = 8;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string quoted(std::string_view text) {
    constexpr std::size_t longest = 40;
    return "'" + std::string(text.substr(0, longest)) + (text.size() > longest ? "...'" : "'");
}

class LessonReader {
  public:
    explicit LessonReader(std::string_view text) : text_(text) {}

    Lesson all() {
        if (text_.size() > lesson_limit) fail("the file is longer than " + std::to_string(lesson_limit) + " bytes");
        while (!text_.empty()) {
            ++line_;
            const std::size_t end = text_.find('\n');
            one(text_.substr(0, end));
            text_.remove_prefix(end == std::string_view::npos ? text_.size() : end + 1);
        }
        end_step();
        if (lesson_.title.empty()) fail("a lesson begins with 'title: ...'");
        if (lesson_.script.empty()) fail("there is no line for the scratch pad (| w = tensor([1.]))");
        check_script();
        const auto is_prediction = [](const LessonStep& step) { return step.kind == LessonStep::Kind::predict; };
        if (std::ranges::none_of(lesson_.steps, is_prediction))
            fail("there is nothing to predict: [predict] is missing");
        return std::move(lesson_);
    }

  private:
    [[noreturn]] void fail(const std::string& reason) const { throw LessonError(std::max(line_, 1), reason); }

    void one(std::string_view raw) {
        for (const char c : raw)
            if (static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r')
                fail("there is a control character in the line");
        const std::string_view line = trimmed(raw);
        if (line.starts_with('[') && line.ends_with(']')) return begin_step(line.substr(1, line.size() - 2));
        if (line.starts_with('#')) return;
        if (!step_) return head(line);
        if (line.starts_with('|')) return scene(raw.substr(raw.find('|') + 1));
        if (step_->kind == LessonStep::Kind::predict) return attribute(line);
        prose_ += line.empty() ? "\n\n" : (prose_.empty() || prose_.ends_with('\n') ? "" : " ") + std::string(line);
        if (line_of_prose_ == 0) line_of_prose_ = line_;
    }

    void head(std::string_view line) {
        if (line.empty()) return;
        if (!line.starts_with("title:")) fail(quoted(line) + " stands before the first step; only 'title: ...' does");
        if (!lesson_.title.empty()) fail("the title is there twice");
        lesson_.title = trimmed(line.substr(6));
        if (lesson_.title.empty()) fail("the title is empty");
    }

    void begin_step(std::string_view name) {
        end_step();
        if (lesson_.steps.size() >= step_limit) fail("a lesson has at most " + std::to_string(step_limit) + " steps");
        step_.emplace();
        begun_at_ = line_;
        if (name == "build")
            step_->kind = LessonStep::Kind::build;
        else if (name == "predict")
            step_->kind = LessonStep::Kind::predict;
        else if (name == "explain")
            step_->kind = LessonStep::Kind::explain;
        else
            fail("there is no step [" + std::string(name.substr(0, 40)) +
                 "]; there are [build], [predict] and [explain]");
        answer_.clear();
        ask_.clear();
        says_.clear();
        prose_.clear();
        kind_given_ = false;
        line_of_prose_ = 0;
    }

    void scene(std::string_view code) {
        if (step_->kind != LessonStep::Kind::build) fail("lines for the scratch pad stand in [build]");
        if (code.starts_with(' ')) code.remove_prefix(1);
        lesson_.script += std::string(code) + "\n";
        scene_lines_.push_back(line_);
    }

    void attribute(std::string_view line) {
        if (line.empty()) return;
        const std::size_t colon = line.find(':');
        const std::string_view key = line.substr(0, colon);
        const std::string_view value = colon == std::string_view::npos ? "" : trimmed(line.substr(colon + 1));
        const auto once = [&](std::string& into) {
            if (!into.empty()) fail("'" + std::string(key) + ":' is there twice");
            if (value.empty()) fail("'" + std::string(key) + ":' is empty");
            into = value;
        };
        if (key == "ask")
            once(ask_), ask_line_ = line_;
        else if (key == "answer")
            once(answer_), answer_line_ = line_;
        else if (key == "says")
            once(says_), says_line_ = line_;
        else if (key == "hide")
            once(step_->hidden);
        else if (key == "kind")
            kind(value);
        else if (key == "choices")
            choices(value);
        else
            fail(quoted(line) + " is none of ask:, kind:, answer:, choices:, hide: and says:");
    }

    void kind(std::string_view value) {
        static constexpr std::array<std::pair<std::string_view, PredictionKind>, 5> kinds{
            {{"number", PredictionKind::number},
             {"sign", PredictionKind::sign},
             {"shape", PredictionKind::shape},
             {"leaf", PredictionKind::leaf},
             {"choice", PredictionKind::choice}}};
        const auto found = std::ranges::find(kinds, value, [](const auto& entry) { return entry.first; });
        if (found == kinds.end())
            fail("there is no kind " + quoted(value) + "; there are number, sign, shape, leaf and choice");
        step_->prediction = found->second;
        kind_given_ = true;
    }

    void choices(std::string_view value) {
        while (true) {
            const std::size_t end = value.find(';');
            const std::string_view one = trimmed(value.substr(0, end));
            if (one.empty()) fail("a choice is empty");
            const std::size_t equals = one.find(" = ");
            LessonChoice choice{std::string(trimmed(one.substr(0, equals))), std::string(one)};
            if (equals != std::string_view::npos) choice.value = trimmed(one.substr(equals + 3));
            const auto is_same = [&](const LessonChoice& other) { return other.label == choice.label; };
            if (std::ranges::any_of(step_->choices, is_same))
                fail("the choice " + quoted(choice.label) + " is there twice");
            step_->choices.push_back(std::move(choice));
            if (end == std::string_view::npos) break;
            value.remove_prefix(end + 1);
        }
        if (step_->choices.size() > choice_limit)
            fail("there are more than " + std::to_string(choice_limit) + " choices");
    }

    std::size_t question(std::string_view expression, int at) {
        try {
            script::parse_expression(expression);
        } catch (const script::ScriptError& error) {
            throw LessonError(at, quoted(expression) + ", column " + std::to_string(error.place.column) + ": " +
                                      error.what());
        }
        lesson_.questions.push_back(ScratchQuestion{static_cast<int>(scene_lines_.size()), std::string(expression)});
        return lesson_.questions.size() - 1;
    }

    LessonText text_of(std::string_view text, int at) {
        LessonText result;
        while (!text.empty()) {
            const std::size_t open = text.find('{');
            if (open != 0) result.pieces.push_back(LessonText::Piece{std::string(text.substr(0, open)), std::nullopt});
            if (open == std::string_view::npos) break;
            const std::size_t close = text.find('}', open);
            if (close == std::string_view::npos) throw LessonError(at, "a '{' has no '}'");
            result.pieces.push_back(LessonText::Piece{"", question(text.substr(open + 1, close - open - 1), at)});
            text.remove_prefix(close + 1);
        }
        return result;
    }

    void end_step() {
        if (!step_) return;
        step_->lines = static_cast<int>(scene_lines_.size());
        const auto missing = [&](const std::string& what) { throw LessonError(begun_at_, what); };
        if (step_->kind != LessonStep::Kind::predict) {
            while (prose_.ends_with('\n'))
                prose_.pop_back();
            if (prose_.empty()) missing("this step has no text");
            step_->text = text_of(prose_, line_of_prose_);
        } else {
            if (ask_.empty()) missing("'ask:' is missing in this [predict]");
            if (answer_.empty()) missing("'answer:' is missing in this [predict]");
            if (!kind_given_) missing("'kind:' is missing in this [predict]");
            if (scene_lines_.empty()) missing("nothing has been built before this [predict]");
            if (step_->prediction == PredictionKind::choice && step_->choices.size() < 2)
                missing("a choice needs 'choices:', two at least");
            if (step_->prediction != PredictionKind::choice && step_->prediction != PredictionKind::number &&
                !step_->choices.empty())
                missing("this kind has its own choices");
            if (step_->prediction == PredictionKind::sign)
                step_->choices = {{"negative", ""}, {"zero", ""}, {"positive", ""}};
            if (step_->prediction == PredictionKind::leaf)
                step_->choices = {{"a leaf", "True"}, {"not a leaf", "False"}};
            step_->text = text_of(ask_, ask_line_);
            step_->answer = question(answer_, answer_line_);
            step_->says = text_of(says_, says_line_);
        }
        lesson_.steps.push_back(std::move(*step_));
        step_.reset();
    }

    /// Whether the lines can be read; whether they run is seen when they do.
    void check_script() const {
        try {
            script::parse(lesson_.script);
        } catch (const script::ScriptError& error) {
            const auto index = static_cast<std::size_t>(std::max(error.place.line, 1) - 1);
            const int at = index < scene_lines_.size() ? scene_lines_[index] : line_;
            throw LessonError(at, "column " + std::to_string(error.place.column) + " of the script: " + error.what());
        }
    }

    std::string_view text_;
    int line_ = 0;
    Lesson lesson_;
    std::optional<LessonStep> step_;
    int begun_at_ = 0;
    std::vector<int> scene_lines_; ///< where in the file each line of the script is
    std::string prose_, ask_, answer_, says_;
    int line_of_prose_ = 0, ask_line_ = 0, answer_line_ = 0, says_line_ = 0;
    bool kind_given_ = false;
};

std::string four_digits(double value) {
    std::array<char, 32> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::general, 4);
    return {buffer.data(), end.ptr};
}

/// `[2, 3]` of `torch.Size([2, 3])`, without blanks.
std::string dense(std::string_view text) {
    std::string result;
    for (const char c : text)
        if (c != ' ') result += c;
    return result;
}

std::string shape_text(const std::string& text) {
    const std::size_t open = text.find('['), close = text.rfind(']');
    return open == std::string::npos || close == std::string::npos ? text : text.substr(open, close - open + 1);
}

} // namespace

Lesson parse_lesson(std::string_view text) {
    return LessonReader(text).all();
}

std::string right_answer(const LessonStep& step, const ScratchAnswer& answer) {
    if (!answer.error.empty()) return answer.error;
    switch (step.prediction) {
    case PredictionKind::number:
        return answer.number ? four_digits(*answer.number) : answer.text;
    case PredictionKind::sign:
        if (!answer.number) return answer.text;
        return *answer.number < 0 ? "negative" : *answer.number > 0 ? "positive" : "zero";
    case PredictionKind::shape:
        return shape_text(answer.text);
    case PredictionKind::leaf:
    case PredictionKind::choice:
        break;
    }
    for (const LessonChoice& choice : step.choices) {
        if (choice.value == answer.text || "'" + choice.value + "'" == answer.text) return choice.label;
        if (answer.number && four_digits(*answer.number) == choice.value) return choice.label;
    }
    return answer.text;
}

bool is_right(const LessonStep& step, const ScratchAnswer& answer, std::string_view said) {
    const std::string right = right_answer(step, answer);
    said = trimmed(said);
    if (step.prediction == PredictionKind::shape) return dense(said) == dense(right);
    if (step.prediction != PredictionKind::number || !answer.number) return said == right;
    double number = 0;
    const auto [end, code] = std::from_chars(said.data(), said.data() + said.size(), number);
    if (code != std::errc() || end != said.data() + said.size()) return said == right;
    return std::fabs(number - *answer.number) <= 5e-4 * std::max(1.0, std::fabs(*answer.number));
}

std::string filled(const LessonText& text, const ScratchRun& run) {
    std::string result;
    for (const LessonText::Piece& piece : text.pieces) {
        if (!piece.question) {
            result += piece.text;
            continue;
        }
        if (*piece.question >= run.answers.size()) continue;
        const ScratchAnswer& answer = run.answers[*piece.question];
        result += !answer.error.empty() ? answer.error : answer.number ? four_digits(*answer.number) : answer.text;
    }
    return result;
}

} // namespace hs::session
