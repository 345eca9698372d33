#include "engine/script/parser.h"

#include <algorithm>
#include <charconv>
#include <initializer_list>

namespace hs::script {

namespace {

using Kind = Expression::Kind;

/// One function a level of precedence, as in Python.
class Parser {
  public:
    explicit Parser(std::string_view text) : tokens_(tokens_of(text)) {}

    std::vector<Statement> statements() {
        std::vector<Statement> all;
        while (peek().kind != TokenKind::end) {
            if (peek().place.column != 1) fail(peek(), "the line is further in than the one before");
            all.push_back(statement());
        }
        return all;
    }
    ExpressionPointer only_expression() {
        ExpressionPointer value = tuple();
        if (peek().kind == TokenKind::line_end) ++at_;
        if (peek().kind != TokenKind::end) fail_at_token();
        return value;
    }

  private:
    /// One level of the stack.
    class Level {
      public:
        explicit Level(Parser& parser) : parser_(parser) {
            if (++parser_.level_ > nesting_limit) parser_.fail(parser_.peek(), too_deep());
        }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        ~Level() { --parser_.level_; }

      private:
        Parser& parser_;
    };
    static std::string too_deep() {
        return "the expression is nested more than " + std::to_string(nesting_limit) + " levels deep";
    }

    const Token& peek(std::size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
    [[noreturn]] static void fail(const Token& token, const std::string& reason) {
        throw ScriptError({token.place.line, token.place.column, std::max(token.place.length, 1)}, reason);
    }
    [[noreturn]] void fail_at_token() const {
        const Token& token = peek();
        if (token.kind == TokenKind::line_end || token.kind == TokenKind::end)
            fail(token, "the line ends too early: a value is missing, or a bracket");
        fail(token, "'" + token.text + "' does not fit here");
    }
    bool is(std::string_view symbol, std::size_t ahead = 0) const {
        return peek(ahead).kind == TokenKind::symbol && peek(ahead).text == symbol;
    }
    bool is_word(std::string_view word, std::size_t ahead = 0) const {
        return peek(ahead).kind == TokenKind::name && peek(ahead).text == word;
    }
    bool take(std::string_view symbol) {
        if (!is(symbol)) return false;
        ++at_;
        return true;
    }
    bool take_word(std::string_view word) {
        if (!is_word(word)) return false;
        ++at_;
        return true;
    }
    void expect(std::string_view symbol) {
        if (take(symbol)) return;
        const Token& token = peek();
        const bool ends = token.kind == TokenKind::line_end || token.kind == TokenKind::end;
        fail(token, "'" + std::string(symbol) + "' is missing" + (ends ? "" : " before '" + token.text + "'"));
    }

    static ExpressionPointer node(Kind kind, const Place& place, std::string text,
                                  std::vector<ExpressionPointer> parts = {}, std::vector<std::string> names = {}) {
        auto made = std::make_shared<Expression>();
        made->kind = kind;
        made->place = place;
        made->text = std::move(text);
        made->parts = std::move(parts);
        made->names = std::move(names);
        for (const ExpressionPointer& part : made->parts)
            if (part) made->depth = std::max(made->depth, part->depth + 1);
        if (made->depth > nesting_limit) throw ScriptError(place, too_deep());
        return made;
    }

    // Statements.
    Statement statement() {
        const Level level(*this);
        Statement made;
        made.place = peek().place;
        if (is_word("with"))
            with(made);
        else
            simple(made);
        made.last_line = tokens_[at_ - 1].place.line;
        return made;
    }
    void simple(Statement& made) {
        made.value = tuple();
        static constexpr std::string_view augmented[] = {"+=", "-=", "*=", "/=", "**=", "//=", "%=", "@="};
        const Token& token = peek();
        if (is("=")) {
            check_target(*made.value);
            ++at_;
            made.kind = Statement::Kind::assign;
            made.target = std::move(made.value);
            made.value = tuple();
        } else if (token.kind == TokenKind::symbol && std::ranges::find(augmented, token.text) != std::end(augmented)) {
            if (made.value->kind == Kind::tuple) fail(token, "'" + token.text + "' takes one target");
            check_target(*made.value);
            ++at_;
            made.kind = Statement::Kind::augmented;
            made.operation = token.text.substr(0, token.text.size() - 1);
            made.target = std::move(made.value);
            made.value = tuple();
        }
        if (take(";") && peek().kind != TokenKind::line_end) fail(peek(), "one line holds one statement");
        if (peek().kind != TokenKind::line_end) fail_at_token();
        ++at_;
    }
    static void check_target(const Expression& target) {
        if (target.kind == Kind::name || target.kind == Kind::attribute || target.kind == Kind::subscript) return;
        if (target.kind != Kind::tuple) throw ScriptError(target.place, "nothing can be assigned to this");
        for (const ExpressionPointer& part : target.parts)
            check_target(*part);
    }
    void with(Statement& made) {
        const int column = peek().place.column;
        ++at_;
        made.kind = Statement::Kind::with;
        made.value = value();
        expect(":");
        if (peek().kind != TokenKind::line_end) {
            made.body.push_back(statement());
            return;
        }
        ++at_;
        const int inner = peek().place.column;
        if (peek().kind == TokenKind::end || inner <= column)
            fail(peek(), "behind 'with' stands a line, or lines that are further in");
        while (peek().kind != TokenKind::end && peek().place.column == inner)
            made.body.push_back(statement());
        if (peek().kind != TokenKind::end && peek().place.column > inner)
            fail(peek(), "the line is further in than the one before");
    }

    // Expressions.
    ExpressionPointer tuple() {
        ExpressionPointer first = value();
        if (!is(",")) return first;
        const Place place = first->place;
        std::vector<ExpressionPointer> parts{std::move(first)};
        while (take(",") && peek().kind != TokenKind::line_end && !is("="))
            parts.push_back(value());
        return node(Kind::tuple, place, {}, std::move(parts));
    }
    ExpressionPointer value() {
        const Level level(*this);
        if (begins_lambda()) return lambda();
        return disjunction();
    }
    bool begins_lambda() const {
        if (is_word("lambda")) return true;
        if (peek().kind == TokenKind::name && is("->", 1)) return true;
        if (!is("(")) return false;
        std::size_t ahead = 1;
        while (peek(ahead).kind == TokenKind::name && is(",", ahead + 1))
            ahead += 2;
        if (peek(ahead).kind == TokenKind::name) ++ahead;
        return is(")", ahead) && is("->", ahead + 1);
    }
    ExpressionPointer lambda() {
        const Place place = peek().place;
        const bool pythons = take_word("lambda");
        const bool brackets = !pythons && take("(");
        std::vector<std::string> parameters;
        while (peek().kind == TokenKind::name) {
            if (std::ranges::find(parameters, peek().text) != parameters.end())
                fail(peek(), "the parameter '" + peek().text + "' is there twice");
            parameters.push_back(peek().text);
            ++at_;
            if (!take(",")) break;
        }
        if (brackets) expect(")");
        expect(pythons ? ":" : "->");
        return node(Kind::lambda, place, {}, {value()}, std::move(parameters));
    }
    ExpressionPointer disjunction() {
        ExpressionPointer left = conjunction();
        while (is_word("or")) {
            const Place place = peek().place;
            ++at_;
            left = node(Kind::logical, place, "or", {left, conjunction()});
        }
        return left;
    }
    ExpressionPointer conjunction() {
        ExpressionPointer left = negation();
        while (is_word("and")) {
            const Place place = peek().place;
            ++at_;
            left = node(Kind::logical, place, "and", {left, negation()});
        }
        return left;
    }
    ExpressionPointer negation() {
        const Level level(*this);
        if (!is_word("not")) return comparison();
        const Place place = peek().place;
        ++at_;
        return node(Kind::logical_not, place, "not", {negation()});
    }
    ExpressionPointer comparison() {
        ExpressionPointer left = sum();
        const Place place = peek().place;
        if (take_word("is")) {
            const std::string op = take_word("not") ? "is not" : "is";
            return node(Kind::binary, place, op, {left, sum()});
        }
        return left = operators(
                   left, {"==", "!=", "<=", ">=", "<", ">"}, [this] { return sum(); }, true);
    }
    template <class Next>
    ExpressionPointer operators(ExpressionPointer left, std::initializer_list<std::string_view> wanted, Next next,
                                bool once = false) {
        while (peek().kind == TokenKind::symbol && std::ranges::find(wanted, peek().text) != wanted.end()) {
            const Token token = peek();
            ++at_;
            left = node(Kind::binary, token.place, token.text, {left, next()});
            if (once) break;
        }
        return left;
    }
    ExpressionPointer sum() {
        return operators(product(), {"+", "-"}, [this] { return product(); });
    }
    ExpressionPointer product() {
        return operators(signed_value(), {"*", "//", "/", "%", "@"}, [this] { return signed_value(); });
    }
    ExpressionPointer signed_value() {
        const Level level(*this);
        const Place place = peek().place;
        if (take("+")) return signed_value();
        if (take("-")) return node(Kind::negative, place, "-", {signed_value()});
        ExpressionPointer base = with_tail(atom());
        const Place power = peek().place;
        if (take("**")) return node(Kind::binary, power, "**", {base, signed_value()});
        return base;
    }
    ExpressionPointer with_tail(ExpressionPointer left) {
        while (true) {
            const Place place = peek().place;
            if (take(".")) {
                const Token name = peek();
                if (name.kind != TokenKind::name) fail(name, "behind '.' stands a name");
                ++at_;
                left = node(Kind::attribute, name.place, name.text, {left});
            } else if (take("[")) {
                left = subscript(left, place);
            } else if (take("(")) {
                left = call(left, place);
            } else {
                return left;
            }
        }
    }
    ExpressionPointer subscript(const ExpressionPointer& left, const Place& place) {
        std::vector<ExpressionPointer> parts{left};
        do {
            if (is("]") && parts.size() > 1) break;
            parts.push_back(index());
        } while (take(","));
        expect("]");
        return node(Kind::subscript, place, {}, std::move(parts));
    }
    ExpressionPointer index() {
        const Place place = peek().place;
        const auto part = [this] { return is(":") || is(",") || is("]") ? nullptr : value(); };
        ExpressionPointer start = part();
        if (!is(":")) {
            if (!start) fail_at_token();
            return start;
        }
        ++at_;
        ExpressionPointer stop = part(), step = take(":") ? part() : nullptr;
        return node(Kind::slice, place, {}, {start, stop, step});
    }
    ExpressionPointer call(const ExpressionPointer& left, const Place& place) {
        std::vector<ExpressionPointer> parts{left};
        std::vector<std::string> names;
        while (!is(")")) {
            const Token name = peek();
            const bool keyword = name.kind == TokenKind::name && is("=", 1);
            if (keyword) {
                at_ += 2;
                if (std::ranges::find(names, name.text) != names.end())
                    fail(name, "keyword argument repeated: " + name.text);
            } else if (!names.empty() && !names.back().empty()) {
                fail(name, "positional argument follows keyword argument");
            }
            names.push_back(keyword ? name.text : "");
            parts.push_back(value());
            if (!take(",")) break;
        }
        expect(")");
        return node(Kind::call, left->kind == Kind::attribute || left->kind == Kind::name ? left->place : place, {},
                    std::move(parts), std::move(names));
    }
    ExpressionPointer atom() {
        const Token token = peek();
        if (token.kind == TokenKind::line_end || token.kind == TokenKind::end) fail_at_token();
        ++at_;
        switch (token.kind) {
        case TokenKind::integer:
        case TokenKind::floating:
            return number(token);
        case TokenKind::text:
            return node(Kind::text, token.place, token.text);
        case TokenKind::name:
            return word(token);
        default:
            break;
        }
        if (token.text == "...") return node(Kind::ellipsis, token.place, {});
        if (token.text == "(") return parenthesis(token);
        if (token.text == "[") {
            std::vector<ExpressionPointer> parts;
            while (!is("]")) {
                parts.push_back(value());
                if (!take(",")) break;
            }
            expect("]");
            return node(Kind::list, token.place, {}, std::move(parts));
        }
        --at_;
        fail_at_token();
    }
    ExpressionPointer parenthesis(const Token& token) {
        std::vector<ExpressionPointer> parts;
        bool comma = false;
        while (!is(")")) {
            parts.push_back(value());
            comma = take(",");
            if (!comma) break;
        }
        expect(")");
        if (parts.size() == 1 && !comma) return parts[0];
        return node(Kind::tuple, token.place, {}, std::move(parts));
    }
    static ExpressionPointer word(const Token& token) {
        const std::string& text = token.text;
        if (text == "True" || text == "true" || text == "False" || text == "false") {
            auto made = std::make_shared<Expression>(*node(Kind::boolean, token.place, text));
            made->number = Scalar(text == "True" || text == "true");
            return made;
        }
        if (text == "None") return node(Kind::none, token.place, text);
        static constexpr std::string_view reserved[] = {"and",    "or",    "not",    "is",   "with", "lambda",
                                                        "for",    "while", "if",     "def",  "del",  "else",
                                                        "import", "class", "return", "from", "try",  "in"};
        if (std::ranges::find(reserved, text) != std::end(reserved))
            fail(token, "'" + text + "' does not fit here, or is not part of this language");
        return node(Kind::name, token.place, text);
    }
    static ExpressionPointer number(const Token& token) {
        auto made = std::make_shared<Expression>(*node(Kind::number, token.place, token.text));
        const char* const end = token.text.data() + token.text.size();
        if (token.kind == TokenKind::integer) {
            std::int64_t whole = 0;
            if (std::from_chars(token.text.data(), end, whole).ec != std::errc())
                fail(token, "the integer does not fit 64 bits");
            made->number = Scalar(whole);
        } else {
            double number = 0;
            if (std::from_chars(token.text.data(), end, number).ec != std::errc())
                fail(token, "the number is too large or too small for a float");
            made->number = Scalar(number);
        }
        return made;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    int level_ = 0;
};

} // namespace

std::vector<Statement> parse(std::string_view text) {
    return Parser(text).statements();
}

ExpressionPointer parse_expression(std::string_view text) {
    return Parser(text).only_expression();
}

} // namespace hs::script
