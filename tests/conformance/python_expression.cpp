#include "tests/conformance/python_expression.h"

#include "tests/conformance/python_call.h"

#include <cctype>
#include <charconv>

namespace hs::conformance {

namespace {

using Sequence = PythonValue::Sequence;

/// Of brackets in brackets.
constexpr int nesting_limit = 128;

/// One level of an expression within others, which are levels of the stack here.
class Nesting {
  public:
    explicit Nesting(int& depth) : depth_(depth) {
        if (depth_ >= nesting_limit) throw Error("an expression is nested too deeply");
        ++depth_;
    }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    ~Nesting() { --depth_; }

  private:
    int& depth_;
};

/// Reads an expression from left to right, and computes while it reads. One function a level of precedence.
class ExpressionReader {
  public:
    ExpressionReader(const std::string& text, const std::map<std::string, Tensor>& variables)
        : text_(text), variables_(variables) {}

    PythonValue all() {
        PythonValue value = comparison();
        skip_spaces();
        if (at_ != text_.size()) fail();
        return value;
    }

  private:
    [[noreturn]] void fail() const { throw Error("cannot read '" + text_ + "' from '" + text_.substr(at_) + "' on"); }
    void skip_spaces() {
        while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])))
            ++at_;
    }
    /// Whether `word` comes next; takes it then.
    bool take(std::string_view word) {
        skip_spaces();
        if (text_.compare(at_, word.size(), word) != 0) return false;
        at_ += word.size();
        return true;
    }
    void expect(std::string_view word) {
        if (!take(word)) fail();
    }
    /// The first of `words` that comes next, or nothing; longer ones stand first.
    std::string_view take_one_of(std::initializer_list<std::string_view> words) {
        for (const std::string_view word : words)
            if (take(word)) return word;
        return {};
    }

    PythonValue comparison() {
        const Nesting nesting(depth_);
        PythonValue left = sum();
        if (const std::string_view op = take_one_of({"==", "!=", "<=", ">=", "<", ">"}); !op.empty())
            left = apply_operator(op, left, sum());
        return left;
    }
    PythonValue sum() {
        PythonValue left = product();
        for (std::string_view op; !(op = take_one_of({"+", "-"})).empty();)
            left = apply_operator(op, left, product());
        return left;
    }
    PythonValue product() {
        PythonValue left = signed_value();
        while (true) {
            skip_spaces();
            if (text_.compare(at_, 2, "**") == 0) return left;
            const std::string_view op = take_one_of({"*", "//", "/", "%", "@"});
            if (op.empty()) return left;
            left = apply_operator(op, left, signed_value());
        }
    }
    PythonValue signed_value() {
        const Nesting nesting(depth_);
        if (take("-")) return negate(signed_value());
        PythonValue base = with_tail(atom());
        if (take("**")) return apply_operator("**", base, signed_value());
        return base;
    }

    PythonValue with_tail(PythonValue value) {
        while (true) {
            if (take("."))
                value = attribute(value, name());
            else if (take("["))
                value = index_into(value, subscript());
            else if (take("("))
                value = call_value(value, arguments());
            else
                return value;
        }
    }
    CallArguments arguments() {
        CallArguments result;
        while (!take(")")) {
            const std::size_t before = at_;
            skip_spaces();
            if (at_ < text_.size() && is_letter(text_[at_])) {
                const std::string keyword = name();
                if (take("=") && !take("=")) {
                    result.keywords.emplace_back(keyword, comparison());
                    take(",");
                    continue;
                }
                at_ = before;
            }
            result.positional.push_back(comparison());
            if (!take(",")) {
                expect(")");
                break;
            }
        }
        return result;
    }
    /// What stands between the brackets of `x[...]`.
    Indices subscript() {
        Indices indices;
        do
            indices.push_back(index());
        while (take(","));
        expect("]");
        return indices;
    }
    Index index() {
        if (take("...")) return Ellipsis{};
        Slice slice;
        if (!take(":")) {
            const PythonValue first = comparison();
            if (!take(":")) return index_of(first);
            slice.start = integer_of(first);
        }
        if (!ends_index()) slice.stop = integer_of(comparison());
        if (take(":") && !ends_index()) slice.step = integer_of(comparison());
        return slice;
    }
    bool ends_index() {
        skip_spaces();
        return at_ < text_.size() && std::string_view(":,]").find(text_[at_]) != std::string_view::npos;
    }

    PythonValue atom() {
        skip_spaces();
        if (at_ == text_.size()) fail();
        const char c = text_[at_];
        if (c == '\'' || c == '"') return {Argument(string())};
        if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') return {Argument(number())};
        if (take("(")) return parenthesis();
        if (take("[")) return {items("]")};
        if (take("{")) return {dict()};
        if (!is_letter(c)) fail();
        const std::string word = name();
        if (word == "True" || word == "False") return {Argument(Scalar(word == "True"))};
        if (word == "None") return {Argument()};
        if (const auto variable = variables_.find(word); variable != variables_.end())
            return {Argument(variable->second)};
        return {PythonValue::Name{word}};
    }
    PythonValue parenthesis() {
        const std::size_t before = at_;
        Sequence sequence = items(")");
        const bool grouped =
            sequence.items.size() == 1 && text_.substr(before, at_ - before).find(",)") == std::string::npos;
        if (grouped) return std::move(sequence.items[0]);
        sequence.is_tuple = true;
        return {std::move(sequence)};
    }
    Sequence items(std::string_view end) {
        Sequence sequence;
        while (!take(end)) {
            sequence.items.push_back(comparison());
            if (!take(",")) {
                expect(end);
                break;
            }
        }
        return sequence;
    }
    PythonValue::Items dict() {
        PythonValue::Items pairs;
        while (!take("}")) {
            skip_spaces();
            std::string key = string();
            expect(":");
            pairs.push_back({std::move(key), comparison()});
            if (!take(",")) {
                expect("}");
                break;
            }
        }
        return pairs;
    }
    std::string string() {
        const char quote = at_ < text_.size() ? text_[at_] : ' ';
        const std::size_t end = quote == '\'' || quote == '"' ? text_.find(quote, at_ + 1) : std::string::npos;
        if (end == std::string::npos) fail();
        std::string result = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return result;
    }
    Scalar number() {
        const char* begin = text_.data() + at_;
        const char* end = text_.data() + text_.size();
        double value = 0;
        const auto [rest, error] = std::from_chars(begin, end, value);
        if (error == std::errc::invalid_argument) fail();
        const std::string_view digits(begin, static_cast<std::size_t>(rest - begin));
        at_ += digits.size();
        if (error == std::errc::result_out_of_range) throw Error("the number " + std::string(digits) + " does not fit");
        if (digits.find_first_of(".eE") != std::string_view::npos) return value;
        std::int64_t whole = 0;
        if (std::from_chars(begin, rest, whole).ec != std::errc())
            throw Error("the integer " + std::string(digits) + " does not fit 64 bits");
        return whole;
    }
    static bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
    std::string name() {
        skip_spaces();
        const std::size_t begin = at_;
        while (at_ < text_.size() && (is_letter(text_[at_]) || std::isdigit(static_cast<unsigned char>(text_[at_]))))
            ++at_;
        if (begin == at_) fail();
        return text_.substr(begin, at_ - begin);
    }

    const std::string& text_;
    const std::map<std::string, Tensor>& variables_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

} // namespace

PythonValue evaluate(const std::string& expression, const std::map<std::string, Tensor>& variables) {
    return ExpressionReader(expression, variables).all();
}

} // namespace hs::conformance
