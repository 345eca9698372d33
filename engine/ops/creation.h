#pragma once

#include "engine/tensor/tensor.h"

#include <variant>

namespace hs {

/// Numbers in nested lists, as Python writes them: `{{1, 2}, {3, 4}}`.
class Data {
  public:
    Data(bool value) : value_(Scalar(value)) {}
    template <std::integral T>
    Data(T value) : value_(Scalar(value)) {}
    template <std::floating_point T>
    Data(T value) : value_(Scalar(value)) {}
    Data(const Scalar& value) : value_(value) {}
    Data(std::initializer_list<Data> items) : value_(std::vector<Data>(items)) {}
    Data(std::vector<Data> items) : value_(std::move(items)) {}

    /// Null for a list.
    const Scalar* number() const { return std::get_if<Scalar>(&value_); }
    const std::vector<Data>& items() const { return std::get<std::vector<Data>>(value_); }

  private:
    std::variant<Scalar, std::vector<Data>> value_;
};

/// What `torch.tensor(data)` gives (rule 12): integers give int64, any float float32, only bools bool, nothing float32
/// of shape (0,). Throws ValueError for lists of different lengths side by side.
Tensor tensor_of(const Data& data, std::optional<Dtype> dtype = std::nullopt, bool requires_grad = false);
/// A copy without history, and PyTorch's warning that there is a clearer way to say so.
Tensor tensor_of(const Tensor& source, std::optional<Dtype> dtype = std::nullopt, bool requires_grad = false);

/// What the legacy constructor `torch.Tensor` gives (rule 14): float32, always. Of sizes: not initialised.
Tensor legacy_tensor(const Shape& sizes = {0});
/// Of numbers in a list; throws TypeError for a number alone.
Tensor legacy_tensor_of(const Data& data);
/// Of a tensor: another name for the same memory, dtype unchanged.
Tensor legacy_tensor_of(const Tensor& source);

/// Rule 15: of the kind of its arguments, int64 or float32 (full: bool, too).
Tensor full_by_kind(const Shape& shape, const Scalar& value);
Tensor arange_by_kind(const Scalar& start, const Scalar& end, const Scalar& step = 1);

/// The dtype of `torch.LongTensor` (rule 16). Throws ValueError for what is no type of a tensor.
Dtype dtype_of_legacy_type(std::string_view name);
/// `tensor.type("torch.LongTensor")`; the same tensor when nothing changes.
Tensor to_type(const Tensor& tensor, std::string_view legacy_name);
/// `tensor.type_as(other)`.
Tensor type_as(const Tensor& tensor, const Tensor& other);

} // namespace hs
