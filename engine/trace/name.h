#pragma once

#include <string>
#include <string_view>

namespace hs::trace {

/// The name of a module, a tensor, an operation or a node: a string that every step of a training repeats. Equal names
/// share one string that never changes or moves, so a Name is a pointer, and copying one costs nothing. The strings
/// stay until the process ends; there are as many as there are different names.
class Name {
  public:
    Name() = default;
    Name(std::string_view text) : text_(shared(text)) {}
    Name(const std::string& text) : text_(shared(text)) {}
    Name(const char* text) : text_(shared(text)) {}

    const std::string& str() const { return *text_; }
    operator const std::string&() const { return *text_; }
    bool empty() const { return text_->empty(); }

    friend bool operator==(Name a, Name b) { return a.text_ == b.text_; }
    /// Alphabetical.
    friend std::strong_ordering operator<=>(Name a, Name b) {
        return a.text_ == b.text_ ? std::strong_ordering::equal : *a.text_ <=> *b.text_;
    }

  private:
    static const std::string* shared(std::string_view text);
    static const std::string nameless;

    const std::string* text_ = &nameless;
};

} // namespace hs::trace
