#pragma once

#include "engine/tensor/dtype.h"

#include <concepts>
#include <cstdint>

namespace hs {

/// A number as a person writes it: bool, integer or floating point. Its category takes part in promotion (rule 17).
class Scalar {
  public:
    enum class Kind : std::uint8_t { boolean, integer, floating };

    Scalar() : Scalar(0) {}
    // No constructor of a plain bool: pointers, and so texts, would convert to it.
    template <std::integral T>
    Scalar(T value)
        : kind_(std::same_as<T, bool> ? Kind::boolean : Kind::integer), integer_(static_cast<std::int64_t>(value)) {}
    template <std::floating_point T>
    Scalar(T value) : kind_(Kind::floating), floating_(static_cast<double>(value)) {}

    Kind kind() const { return kind_; }
    bool is_floating() const { return kind_ == Kind::floating; }
    double to_double() const { return is_floating() ? floating_ : static_cast<double>(integer_); }
    std::int64_t to_int() const { return is_floating() ? static_cast<std::int64_t>(floating_) : integer_; }
    bool to_bool() const { return is_floating() ? floating_ != 0 : integer_ != 0; }
    template <class T>
    T to() const {
        return is_floating() ? static_cast<T>(floating_) : static_cast<T>(integer_);
    }
    /// float32, int64 or bool: the dtype that the number has by itself.
    Dtype dtype() const {
        return is_floating() ? Dtype::float32 : kind_ == Kind::integer ? Dtype::int64 : Dtype::bool_;
    }
    bool operator==(const Scalar& other) const {
        return kind_ == other.kind_ && (is_floating() ? floating_ == other.floating_ : integer_ == other.integer_);
    }

  private:
    Kind kind_;
    union {
        double floating_;
        std::int64_t integer_;
    };
};

} // namespace hs
