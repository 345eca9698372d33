#include "engine/ops/creation.h"

#include "engine/ops/functional.h"
#include "engine/tensor/warning.h"

namespace hs {

namespace {

/// The shape of nested lists, and their numbers in order.
struct Flattened {
    explicit Flattened(const Data& data) {
        const Data* inner = &data;
        while (!inner->number()) {
            shape.push_back(static_cast<std::int64_t>(inner->items().size()));
            if (inner->items().empty()) break;
            inner = &inner->items().front();
        }
        collect(data, 0);
    }

    void collect(const Data& data, std::size_t dim) {
        if (dim == shape.size()) {
            if (!data.number()) throw TypeError("only number and bool items are supported in a list of numbers");
            numbers.push_back(*data.number());
            return;
        }
        if (data.number()) throw TypeError("not a sequence");
        const auto size = static_cast<std::int64_t>(data.items().size());
        if (size != shape[dim])
            throw ValueError("expected sequence of length " + std::to_string(shape[dim]) + " at dim " +
                             std::to_string(dim) + " (got " + std::to_string(size) + ")");
        for (const Data& item : data.items())
            collect(item, dim + 1);
    }

    Dtype dtype() const {
        if (numbers.empty()) return Dtype::float32;
        Dtype widest = Dtype::bool_;
        for (const Scalar& number : numbers)
            widest = promote(widest, number.dtype());
        return widest;
    }

    Shape shape;
    std::vector<Scalar> numbers;
};

Tensor filled(const Flattened& data, Dtype dtype) {
    const TensorOptions options{.dtype = dtype};
    if (is_floating_point(data.dtype())) {
        std::vector<double> values;
        for (const Scalar& number : data.numbers)
            values.push_back(number.to_double());
        return from_data(values.data(), data.shape, options);
    }
    std::vector<std::int64_t> values;
    for (const Scalar& number : data.numbers)
        values.push_back(dtype == Dtype::bool_ ? number.to_bool() : number.to_int());
    return from_data(values.data(), data.shape, options);
}

Tensor requiring(Tensor tensor, bool requires_grad) {
    if (!requires_grad) return tensor;
    if (!is_floating_point(tensor.dtype()))
        throw Error("Only Tensors of floating point and complex dtype can require gradients");
    return tensor.set_requires_grad();
}

} // namespace

Tensor tensor_of(const Data& data, std::optional<Dtype> dtype, bool requires_grad) {
    const Flattened flat(data);
    return requiring(filled(flat, dtype.value_or(flat.dtype())), requires_grad);
}

Tensor tensor_of(const Tensor& source, std::optional<Dtype> dtype, bool requires_grad) {
    warn("To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
         "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).");
    const Tensor copy = source.detach().clone();
    return requiring(copy.to(dtype.value_or(source.dtype())), requires_grad);
}

Tensor legacy_tensor(const Shape& sizes) {
    return empty(sizes, {.dtype = Dtype::float32});
}

Tensor legacy_tensor_of(const Data& data) {
    if (const Scalar* number = data.number())
        throw TypeError(std::string("new(): data must be a sequence (got ") +
                        (number->is_floating()                     ? "float"
                         : number->kind() == Scalar::Kind::integer ? "int"
                                                                   : "bool") +
                        ")");
    return filled(Flattened(data), Dtype::float32);
}

Tensor legacy_tensor_of(const Tensor& source) {
    return source.detach();
}

Tensor full_by_kind(const Shape& shape, const Scalar& value) {
    return full(shape, value, {.dtype = value.dtype()});
}

Tensor arange_by_kind(const Scalar& start, const Scalar& end, const Scalar& step) {
    const bool floating = start.is_floating() || end.is_floating() || step.is_floating();
    return arange(start, end, step, {.dtype = floating ? Dtype::float32 : Dtype::int64});
}

Dtype dtype_of_legacy_type(std::string_view name) {
    constexpr std::string_view begin = "torch.", end = "Tensor";
    if (name.starts_with(begin) && name.ends_with(end) && name.size() > begin.size() + end.size()) {
        const std::string_view kind = name.substr(begin.size(), name.size() - begin.size() - end.size());
        for (int i = 0; i < dtype_count; ++i)
            if (scalar_type_name(static_cast<Dtype>(i)) == kind) return static_cast<Dtype>(i);
    }
    throw ValueError("invalid type: '" + std::string(name) + "'");
}

Tensor to_type(const Tensor& tensor, std::string_view legacy_name) {
    return tensor.to(dtype_of_legacy_type(legacy_name));
}

Tensor type_as(const Tensor& tensor, const Tensor& other) {
    return tensor.to(other.dtype());
}

} // namespace hs
