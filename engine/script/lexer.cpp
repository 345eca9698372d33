#include "engine/script/lexer.h"

#include <array>

namespace hs::script {

namespace {

// By hand: what the C library thinks of a character depends on the locale.
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Longer ones stand before those that they begin with.
constexpr std::array<std::string_view, 34> symbols = {
    "...", "**=", "//=", "->", "**", "//", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "@=", "+",
    "-",   "*",   "/",   "%",  "@",  "<",  ">",  "=",  "(",  ")",  "[",  "]",  ",",  ":",  ".",  ";",  "!"};

class Lexer {
  public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<Token> all() {
        if (text_.size() > text_limit) fail("the text is longer than " + std::to_string(text_limit) + " bytes", 1);
        while (at_ < text_.size())
            one();
        end_line();
        add(TokenKind::end, at_, 0);
        return std::move(tokens_);
    }

  private:
    Place place(std::size_t begin, std::size_t length) const {
        return {line_, static_cast<int>(begin - line_begin_) + 1, static_cast<int>(length)};
    }
    [[noreturn]] void fail(const std::string& reason, std::size_t length) const {
        throw ScriptError(place(at_, length), reason);
    }
    void add(TokenKind kind, std::size_t begin, std::size_t length) {
        tokens_.push_back(Token{kind, std::string(text_.substr(begin, length)), place(begin, length)});
    }
    void end_line() {
        if (!tokens_.empty() && tokens_.back().kind != TokenKind::line_end) add(TokenKind::line_end, at_, 0);
    }
    bool digit_at(std::size_t i) const { return i < text_.size() && is_digit(text_[i]); }

    void one() {
        const char c = text_[at_];
        if (c == '\n') {
            if (brackets_ == 0) end_line();
            ++at_;
            ++line_;
            line_begin_ = at_;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            ++at_;
        } else if (c == '#') {
            while (at_ < text_.size() && text_[at_] != '\n')
                ++at_;
        } else if (c == '\'' || c == '"') {
            string(c);
        } else if (begins_name(c)) {
            name();
        } else if (is_digit(c) || (c == '.' && digit_at(at_ + 1) && !follows_value())) {
            number();
        } else {
            symbol();
        }
    }

    void string(char quote) {
        std::size_t end = at_ + 1;
        while (end < text_.size() && text_[end] != quote && text_[end] != '\n')
            ++end;
        if (end >= text_.size() || text_[end] != quote) fail("the string does not end on its line", end - at_);
        tokens_.push_back(
            Token{TokenKind::text, std::string(text_.substr(at_ + 1, end - at_ - 1)), place(at_, end + 1 - at_)});
        at_ = end + 1;
    }
    void name() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && (begins_name(text_[at_]) || is_digit(text_[at_])))
            ++at_;
        add(TokenKind::name, begin, at_ - begin);
    }
    /// Whether a path begins here, of a model whose children are numbered: `0.1.weight`.
    bool begins_path() const {
        std::size_t i = at_;
        while (digit_at(i)) {
            while (digit_at(i))
                ++i;
            if (i + 1 >= text_.size() || text_[i] != '.') return false;
            ++i;
        }
        if (i >= text_.size() || !begins_name(text_[i])) return false;
        const bool exponent = text_[i] == 'e' || text_[i] == 'E';
        return !(exponent && (digit_at(i + 1) || (digit_at(i + 2) && (text_[i + 1] == '-' || text_[i + 1] == '+'))));
    }
    void number() {
        const std::size_t begin = at_;
        if (begins_path()) {
            while (digit_at(at_))
                ++at_;
            return add(TokenKind::name, begin, at_ - begin);
        }
        bool floating = false;
        const auto digits = [&] {
            while (digit_at(at_))
                ++at_;
        };
        digits();
        if (at_ < text_.size() && text_[at_] == '.') {
            floating = true;
            ++at_;
            digits();
        }
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            const bool is_signed = at_ + 1 < text_.size() && (text_[at_ + 1] == '-' || text_[at_ + 1] == '+');
            if (digit_at(at_ + 1 + is_signed)) {
                floating = true;
                at_ += 1 + is_signed;
                digits();
            }
        }
        add(floating ? TokenKind::floating : TokenKind::integer, begin, at_ - begin);
    }
    /// Whether a dot here leads on from a value: `layer1.0`, `f(x).T`.
    bool follows_value() const {
        if (tokens_.empty()) return false;
        const Token& last = tokens_.back();
        const bool adjacent = last.place.line == line_ &&
                              static_cast<std::size_t>(last.place.column + last.place.length - 1) == at_ - line_begin_;
        return adjacent && (last.kind == TokenKind::name || last.text == ")" || last.text == "]");
    }
    void symbol() {
        const bool leads_on = text_[at_] == '.' && follows_value();
        for (const std::string_view symbol : symbols) {
            if (text_.substr(at_, symbol.size()) != symbol) continue;
            add(TokenKind::symbol, at_, symbol.size());
            at_ += symbol.size();
            if (symbol == "(" || symbol == "[") ++brackets_;
            if ((symbol == ")" || symbol == "]") && brackets_ > 0) --brackets_;
            if (leads_on && digit_at(at_)) {
                const std::size_t begin = at_;
                while (digit_at(at_))
                    ++at_;
                add(TokenKind::name, begin, at_ - begin);
            }
            return;
        }
        fail(std::string("the character '") + text_[at_] + "' means nothing here", 1);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_begin_ = 0;
    int line_ = 1;
    int brackets_ = 0;
    std::vector<Token> tokens_;
};

} // namespace

std::string to_string(const ScriptError& error) {
    return "line " + std::to_string(error.place.line) + ", column " + std::to_string(error.place.column) + ": " +
           error.what();
}

std::vector<Token> tokens_of(std::string_view text) {
    return Lexer(text).all();
}

} // namespace hs::script
