#pragma once

#include "engine/ops/index.h"

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace hs {

/// A list of integers that may be given as one number, or not at all.
using IntList = std::span<const std::int64_t>;

/// One argument of a call, by reference: lives no longer than the call. 16 bytes, so that calling an operation
/// allocates nothing.
class ArgumentRef {
  public:
    enum class Kind : std::uint8_t {
        none,
        tensor,
        tensors,
        boolean,
        integer,
        floating,
        integers,
        floats,
        text,
        dtype,
        indices
    };

    ArgumentRef() = default;
    ArgumentRef(std::nullopt_t) {}
    ArgumentRef(const Tensor& value) : kind_(value.defined() ? Kind::tensor : Kind::none), tensor_(&value) {}
    ArgumentRef(const Tensors& value)
        : kind_(Kind::tensors), size_(static_cast<std::uint32_t>(value.size())), tensor_(value.data()) {}
    ArgumentRef(std::span<const Tensor> value)
        : kind_(Kind::tensors), size_(static_cast<std::uint32_t>(value.size())), tensor_(value.data()) {}
    ArgumentRef(const Scalar& value) {
        kind_ = static_cast<Kind>(static_cast<int>(Kind::boolean) + static_cast<int>(value.kind()));
        if (value.is_floating())
            floating_ = value.to_double();
        else
            integer_ = value.to_int();
    }
    ArgumentRef(bool value) : kind_(Kind::boolean), integer_(value) {}
    template <std::integral T>
    ArgumentRef(T value) : kind_(Kind::integer), integer_(static_cast<std::int64_t>(value)) {}
    template <std::floating_point T>
    ArgumentRef(T value) : kind_(Kind::floating), floating_(static_cast<double>(value)) {}
    ArgumentRef(const Dims& value) : ArgumentRef(IntList(value)) {}
    ArgumentRef(IntList value)
        : kind_(Kind::integers), size_(static_cast<std::uint32_t>(value.size())), integers_(value.data()) {}
    ArgumentRef(std::span<const double> value)
        : kind_(Kind::floats), size_(static_cast<std::uint32_t>(value.size())), floats_(value.data()) {}
    ArgumentRef(const std::vector<double>& value) : ArgumentRef(std::span<const double>(value)) {}
    ArgumentRef(std::string_view value)
        : kind_(Kind::text), size_(static_cast<std::uint32_t>(value.size())), text_(value.data()) {}
    ArgumentRef(const char* value) : ArgumentRef(std::string_view(value)) {}
    ArgumentRef(const Indices& value) : kind_(Kind::indices), indices_(&value) {}
    ArgumentRef(Dtype value) : kind_(Kind::dtype), integer_(static_cast<std::int64_t>(value)) {}
    template <class T>
    ArgumentRef(const std::optional<T>& value) : ArgumentRef(value ? ArgumentRef(*value) : ArgumentRef()) {}

    Kind kind() const { return kind_; }
    bool is_none() const { return kind_ == Kind::none; }
    bool is_tensor() const { return kind_ == Kind::tensor; }
    bool is_number() const { return kind_ >= Kind::boolean && kind_ <= Kind::floating; }

    // Unchecked: the schema was checked before.
    const Tensor& tensor() const { return *tensor_; }
    std::span<const Tensor> tensors() const { return {tensor_, size_}; }
    Scalar scalar() const {
        return kind_ == Kind::floating  ? Scalar(floating_)
               : kind_ == Kind::boolean ? Scalar(integer_ != 0)
                                        : Scalar(integer_);
    }
    bool boolean() const { return integer_ != 0; }
    std::int64_t integer() const { return kind_ == Kind::floating ? static_cast<std::int64_t>(floating_) : integer_; }
    double floating() const { return kind_ == Kind::floating ? floating_ : static_cast<double>(integer_); }
    /// A single number counts as a list of one.
    IntList integers() const { return kind_ == Kind::integers ? IntList(integers_, size_) : IntList(&integer_, 1); }
    /// The same for floats; integers, given one by one or as a list, are converted.
    std::vector<double> floats() const;
    std::string_view text() const { return {text_, size_}; }
    const Indices& indices() const { return *indices_; }
    Dtype dtype() const { return static_cast<Dtype>(integer_); }

  private:
    Kind kind_ = Kind::none;
    std::uint32_t size_ = 0;
    union {
        const Tensor* tensor_;
        std::int64_t integer_ = 0;
        double floating_;
        const std::int64_t* integers_;
        const double* floats_;
        const char* text_;
        const Indices* indices_;
    };
};

/// One argument by value: defaults of a schema, what a node keeps, what a conformance case says.
class Argument {
  public:
    using Value =
        std::variant<std::monostate, Tensor, Tensors, Scalar, Dims, std::vector<double>, std::string, Dtype, Indices>;

    Argument() = default;
    template <class T>
    requires std::constructible_from<Value, T> Argument(T value) : value_(std::move(value)) {}
    /// A copy of what `ref` refers to; tensors are shared.
    static Argument copy_of(const ArgumentRef& ref);

    ArgumentRef ref() const;
    const Value& value() const { return value_; }

  private:
    Value value_;
};

} // namespace hs
