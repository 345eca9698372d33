#pragma once

#include "engine/ops/neural.h"
#include "engine/ops/op.h"

/// The operations as functions, under PyTorch's names. Each is declared in the catalogue (engine/ops/catalogue.cpp),
/// which holds its documentation, formulas and samples. All broadcast and promote as PyTorch does, throw Error with
/// PyTorch's texts, and record a graph where a gradient will be needed.
namespace hs {

// Arithmetic (ops/arithmetic.cpp).
Tensor add(const Tensor& self, const Tensor& other, const Scalar& alpha = 1);
Tensor add(const Tensor& self, const Scalar& other, const Scalar& alpha = 1);
Tensor sub(const Tensor& self, const Tensor& other, const Scalar& alpha = 1);
Tensor sub(const Tensor& self, const Scalar& other, const Scalar& alpha = 1);
Tensor rsub(const Tensor& self, const Scalar& other);
Tensor mul(const Tensor& self, const Tensor& other);
Tensor mul(const Tensor& self, const Scalar& other);
Tensor div(const Tensor& self, const Tensor& other);
Tensor div(const Tensor& self, const Scalar& other);
/// Rounded: `floor` or `trunc`.
Tensor div(const Tensor& self, const Tensor& other, std::string_view rounding_mode);
Tensor neg(const Tensor& self);
Tensor reciprocal(const Tensor& self);

inline Tensor operator+(const Tensor& a, const Tensor& b) {
    return add(a, b);
}
inline Tensor operator+(const Tensor& a, const Scalar& b) {
    return add(a, b);
}
inline Tensor operator+(const Scalar& a, const Tensor& b) {
    return add(b, a);
}
inline Tensor operator-(const Tensor& a, const Tensor& b) {
    return sub(a, b);
}
inline Tensor operator-(const Tensor& a, const Scalar& b) {
    return sub(a, b);
}
inline Tensor operator-(const Scalar& a, const Tensor& b) {
    return rsub(b, a);
}
inline Tensor operator*(const Tensor& a, const Tensor& b) {
    return mul(a, b);
}
inline Tensor operator*(const Tensor& a, const Scalar& b) {
    return mul(a, b);
}
inline Tensor operator*(const Scalar& a, const Tensor& b) {
    return mul(b, a);
}
inline Tensor operator/(const Tensor& a, const Tensor& b) {
    return div(a, b);
}
inline Tensor operator/(const Tensor& a, const Scalar& b) {
    return div(a, b);
}
inline Tensor operator/(const Scalar& a, const Tensor& b) {
    return mul(reciprocal(b), a);
}
inline Tensor operator-(const Tensor& a) {
    return neg(a);
}

// Exponentials, logarithms, trigonometry (ops/transcendental.cpp).
Tensor exp(const Tensor& self);
Tensor exp2(const Tensor& self);
Tensor expm1(const Tensor& self);
Tensor log(const Tensor& self);
Tensor log2(const Tensor& self);
Tensor log10(const Tensor& self);
Tensor log1p(const Tensor& self);
Tensor sin(const Tensor& self);
Tensor cos(const Tensor& self);
Tensor tan(const Tensor& self);
Tensor asin(const Tensor& self);
Tensor acos(const Tensor& self);
Tensor atan(const Tensor& self);
Tensor sinh(const Tensor& self);
Tensor cosh(const Tensor& self);
Tensor erf(const Tensor& self);
Tensor erfc(const Tensor& self);

// Powers (ops/power.cpp).
Tensor pow(const Tensor& self, const Scalar& exponent);
Tensor pow(const Tensor& self, const Tensor& exponent);
Tensor pow(const Scalar& self, const Tensor& exponent);
Tensor square(const Tensor& self);
Tensor sqrt(const Tensor& self);
Tensor rsqrt(const Tensor& self);

// Rounding and division (ops/rounding.cpp).
Tensor abs(const Tensor& self);
Tensor sign(const Tensor& self);
Tensor floor(const Tensor& self);
Tensor ceil(const Tensor& self);
Tensor trunc(const Tensor& self);
Tensor round(const Tensor& self);
Tensor remainder(const Tensor& self, const Tensor& other);
Tensor remainder(const Tensor& self, const Scalar& other);
Tensor fmod(const Tensor& self, const Tensor& other);
Tensor fmod(const Tensor& self, const Scalar& other);
Tensor floor_divide(const Tensor& self, const Tensor& other);
Tensor floor_divide(const Tensor& self, const Scalar& other);

// Comparisons and logic (ops/comparison.cpp): bool results.
Tensor eq(const Tensor& self, const Tensor& other);
Tensor eq(const Tensor& self, const Scalar& other);
Tensor ne(const Tensor& self, const Tensor& other);
Tensor ne(const Tensor& self, const Scalar& other);
Tensor lt(const Tensor& self, const Tensor& other);
Tensor lt(const Tensor& self, const Scalar& other);
Tensor le(const Tensor& self, const Tensor& other);
Tensor le(const Tensor& self, const Scalar& other);
Tensor gt(const Tensor& self, const Tensor& other);
Tensor gt(const Tensor& self, const Scalar& other);
Tensor ge(const Tensor& self, const Tensor& other);
Tensor ge(const Tensor& self, const Scalar& other);
Tensor logical_not(const Tensor& self);
Tensor logical_and(const Tensor& self, const Tensor& other);
Tensor logical_or(const Tensor& self, const Tensor& other);
Tensor logical_xor(const Tensor& self, const Tensor& other);
Tensor isnan(const Tensor& self);
Tensor isinf(const Tensor& self);
Tensor isfinite(const Tensor& self);

// Of three tensors, and filled like another (ops/ternary.cpp).
Tensor addcmul(const Tensor& self, const Tensor& tensor1, const Tensor& tensor2, const Scalar& value = 1);
Tensor addcdiv(const Tensor& self, const Tensor& tensor1, const Tensor& tensor2, const Scalar& value = 1);
Tensor lerp(const Tensor& self, const Tensor& end, const Scalar& weight);
Tensor lerp(const Tensor& self, const Tensor& end, const Tensor& weight);
Tensor zeros_like(const Tensor& self);
Tensor ones_like(const Tensor& self);
Tensor full_like(const Tensor& self, const Scalar& value);

// Extremes (ops/extremes.cpp, ops/clamp.cpp, ops/sorting.cpp).
struct Extremes {
    Tensor values;
    Tensor indices; ///< int64
};
Tensor maximum(const Tensor& self, const Tensor& other);
Tensor minimum(const Tensor& self, const Tensor& other);
Tensor max(const Tensor& self);
Tensor min(const Tensor& self);
Extremes max(const Tensor& self, std::int64_t dim, bool keepdim = false);
Extremes min(const Tensor& self, std::int64_t dim, bool keepdim = false);
Tensor amax(const Tensor& self, IntList dim = {}, bool keepdim = false);
Tensor amin(const Tensor& self, IntList dim = {}, bool keepdim = false);
Tensor argmax(const Tensor& self, std::optional<std::int64_t> dim = std::nullopt, bool keepdim = false);
Tensor argmin(const Tensor& self, std::optional<std::int64_t> dim = std::nullopt, bool keepdim = false);
Tensor clamp(const Tensor& self, const std::optional<Scalar>& min, const std::optional<Scalar>& max = std::nullopt);
Tensor clamp(const Tensor& self, const Tensor& min, const Tensor& max);
Tensor clamp_min(const Tensor& self, const Scalar& min);
Tensor clamp_max(const Tensor& self, const Scalar& max);
Extremes sort(const Tensor& self, std::int64_t dim = -1, bool descending = false);
Extremes topk(const Tensor& self, std::int64_t k, std::int64_t dim = -1, bool largest = true);

// Reductions (ops/reduction.cpp, ops/statistics.cpp, ops/product.cpp, ops/norm.cpp). Without dimensions: over all.
Tensor sum(const Tensor& self);
Tensor sum(const Tensor& self, IntList dim, bool keepdim = false);
/// Sums `self` to `shape`, which broadcasting would have expanded to self's shape.
Tensor sum_to_size(const Tensor& self, const Shape& shape);
Tensor mean(const Tensor& self);
Tensor mean(const Tensor& self, IntList dim, bool keepdim = false);
/// The divisor is n - correction.
Tensor var(const Tensor& self, IntList dim = {}, const Scalar& correction = 1, bool keepdim = false);
/// torch.std
Tensor std_deviation(const Tensor& self, IntList dim = {}, const Scalar& correction = 1, bool keepdim = false);
Tensor prod(const Tensor& self);
Tensor prod(const Tensor& self, std::int64_t dim, bool keepdim = false);
Tensor cumsum(const Tensor& self, std::int64_t dim);
Tensor cumprod(const Tensor& self, std::int64_t dim);
Tensor norm(const Tensor& self, const Scalar& p = 2, IntList dim = {}, bool keepdim = false);
Tensor logsumexp(const Tensor& self, IntList dim, bool keepdim = false);
Tensor any(const Tensor& self);
Tensor all(const Tensor& self);

// Shape (ops/shape.cpp).
Tensor view(const Tensor& self, const Shape& shape);
Tensor reshape(const Tensor& self, const Shape& shape);
Tensor flatten(const Tensor& self, std::int64_t start_dim = 0, std::int64_t end_dim = -1);
/// Splits a dimension into `sizes`, of which one may be -1.
Tensor unflatten(const Tensor& self, std::int64_t dim, const Dims& sizes);
Tensor expand(const Tensor& self, const Shape& shape);
Tensor transpose(const Tensor& self, std::int64_t dim0, std::int64_t dim1);
Tensor t(const Tensor& self);
Tensor unsqueeze(const Tensor& self, std::int64_t dim);
Tensor squeeze(const Tensor& self, std::int64_t dim);
Tensor clone(const Tensor& self);
Tensor contiguous(const Tensor& self);
Tensor to(const Tensor& self, Dtype dtype);

// Order of dimensions, repetition (ops/layout.cpp), triangles (ops/triangular.cpp).
Tensor permute(const Tensor& self, IntList dims);
Tensor movedim(const Tensor& self, IntList source, IntList destination);
Tensor squeeze(const Tensor& self);
Tensor repeat(const Tensor& self, IntList repeats);
Tensor flip(const Tensor& self, IntList dims);
Tensor roll(const Tensor& self, IntList shifts, IntList dims = {});
Tensor tril(const Tensor& self, std::int64_t diagonal = 0);
Tensor triu(const Tensor& self, std::int64_t diagonal = 0);

// Together and apart (ops/joining.cpp).
Tensor cat(const Tensors& tensors, std::int64_t dim = 0);
Tensor stack(const Tensors& tensors, std::int64_t dim = 0);
Tensors split(const Tensor& self, std::int64_t split_size, std::int64_t dim = 0);
Tensors split(const Tensor& self, IntList split_sizes, std::int64_t dim = 0);
Tensors chunk(const Tensor& self, std::int64_t chunks, std::int64_t dim = 0);
Tensors unbind(const Tensor& self, std::int64_t dim = 0);
// The same, made of others (ops/stacking.cpp).
Tensor hstack(const Tensors& tensors);
Tensor vstack(const Tensors& tensors);
Tensors tensor_split(const Tensor& self, std::int64_t sections, std::int64_t dim = 0);
Tensors tensor_split(const Tensor& self, IntList indices, std::int64_t dim = 0);
/// indexing: "ij" (the first vector runs along dimension 0) or "xy" (along dimension 1).
Tensors meshgrid(const Tensors& tensors, std::string_view indexing = "ij");
Tensor repeat_interleave(const Tensor& self, std::int64_t repeats, std::optional<std::int64_t> dim = std::nullopt);
Tensor repeat_interleave(const Tensor& self, const Tensor& repeats, std::optional<std::int64_t> dim = std::nullopt);

// Parts (ops/slicing.cpp). The *_backward functions put a part's gradient into zeros.
Tensor select(const Tensor& self, std::int64_t dim, std::int64_t index);
Tensor slice(const Tensor& self, std::int64_t dim = 0, std::optional<std::int64_t> start = std::nullopt,
             std::optional<std::int64_t> end = std::nullopt, std::int64_t step = 1);
Tensor narrow(const Tensor& self, std::int64_t dim, std::int64_t start, std::int64_t length);
Tensor diagonal(const Tensor& self, std::int64_t offset = 0, std::int64_t dim1 = 0, std::int64_t dim2 = 1);
Tensor select_backward(const Tensor& grad, const Shape& sizes, std::int64_t dim, std::int64_t index);
Tensor slice_backward(const Tensor& grad, const Shape& sizes, std::int64_t dim, std::optional<std::int64_t> start,
                      std::optional<std::int64_t> end, std::int64_t step);
Tensor diagonal_backward(const Tensor& grad, const Shape& sizes, std::int64_t offset, std::int64_t dim1,
                         std::int64_t dim2);

// Indexing (ops/indexing.cpp, ops/gathering.cpp, ops/masking.cpp).
/// What Python writes x[...]: `at(x, {Slice{1}, Ellipsis{}, std::int64_t{0}})`.
Tensor at(const Tensor& self, const Indices& items);
/// By tensors of integers, one for each dimension (undefined: the whole dimension), or masks.
Tensor index(const Tensor& self, const Tensors& indices);
Tensor index_put(const Tensor& self, const Tensors& indices, const Tensor& values, bool accumulate = false);
Tensor gather(const Tensor& self, std::int64_t dim, const Tensor& index);
Tensor scatter(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src);
Tensor scatter(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value);
Tensor scatter_add(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src);
Tensor index_select(const Tensor& self, std::int64_t dim, const Tensor& index);
Tensor index_add(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& source);
Tensor index_fill(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value);
Tensor take(const Tensor& self, const Tensor& index);
Tensor where(const Tensor& condition, const Tensor& self, const Tensor& other);
Tensor where(const Tensor& condition, const Tensor& self, const Scalar& other);
Tensor where(const Tensor& condition, const Scalar& self, const Tensor& other);
Tensor masked_fill(const Tensor& self, const Tensor& mask, const Scalar& value);
Tensor masked_fill(const Tensor& self, const Tensor& mask, const Tensor& value);
Tensor masked_select(const Tensor& self, const Tensor& mask);
Tensor nonzero(const Tensor& self);

} // namespace hs
