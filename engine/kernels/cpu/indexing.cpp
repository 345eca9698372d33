#include "engine/kernels/cpu/lines.h"
#include "engine/kernels/cpu/slots.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

[[noreturn]] void refuse(std::int64_t index, std::int64_t size, std::size_t dim) {
    throw IndexError("index " + std::to_string(index) + " is out of bounds for dimension " + std::to_string(dim) +
                     " with size " + std::to_string(size));
}

/// A negative index counts from the end.
std::int64_t checked(std::int64_t index, std::int64_t size, std::size_t dim) {
    if (index < -size || index >= size) refuse(index, size, dim);
    return index < 0 ? index + size : index;
}

/// gather and scatter take no negative indices.
std::int64_t checked_plain(std::int64_t index, std::int64_t size, std::size_t dim) {
    if (index < 0 || index >= size) refuse(index, size, dim);
    return index;
}

/// Where the rows that the indices name begin: one offset into `tensor` for each place of the indices.
std::vector<std::int64_t> row_offsets(const Tensor& tensor, const Tensors& indices) {
    std::vector<std::int64_t> offsets(static_cast<std::size_t>(indices.front().numel()), 0);
    for (std::size_t dim = 0; dim < indices.size(); ++dim) {
        const Tensor& index = indices[dim];
        const auto* from = index.data<std::int64_t>();
        const StridedLoop<1> loop(index.shape(), {&index.strides()});
        auto at = offsets.begin();
        loop.rows(0, index.numel(), [&](const auto& offset, const auto& step, std::int64_t length) {
            for (std::int64_t i = 0; i < length; ++i)
                *at++ += tensor.strides()[dim] * checked(from[offset[0] + i * step[0]], tensor.shape()[dim], dim);
        });
    }
    return offsets;
}

/// The part of a shape that the indices leave alone.
Dims rest_of(const Dims& dims, std::size_t first) {
    return std::span(dims.begin() + first, dims.end());
}

} // namespace

void where(const Tensor& condition, const Operand& a, const Operand& b, const Tensor& y) {
    const Strides still(y.shape().size(), 0);
    const auto strides_of = [&](const Operand& operand) {
        const Tensor* tensor = std::get_if<Tensor>(&operand);
        return tensor ? &tensor->strides() : &still;
    };
    visit_dtype(y.dtype(), [&]<class T>(T) {
        const auto number_of = [&](const Operand& operand) {
            const Scalar* number = std::get_if<Scalar>(&operand);
            if (!number) return T{};
            return y.dtype() == Dtype::bool_ ? static_cast<T>(number->to_bool()) : number->to<T>();
        };
        const T number_a = number_of(a);
        const T number_b = number_of(b);
        const T* from_a = std::holds_alternative<Tensor>(a) ? std::get<Tensor>(a).data<T>() : &number_a;
        const T* from_b = std::holds_alternative<Tensor>(b) ? std::get<Tensor>(b).data<T>() : &number_b;
        const auto* chosen = condition.data<std::uint8_t>();
        T* to = y.mutable_data<T>();
        const StridedLoop<4> loop(y.shape(), {&condition.strides(), strides_of(a), strides_of(b), &y.strides()});
        parallel_for(y.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
            loop.rows(begin, end, [&](const auto& offset, const auto& step, std::int64_t length) {
                for (std::int64_t i = 0; i < length; ++i) {
                    const T left = from_a[offset[1] + i * step[1]];
                    const T right = from_b[offset[2] + i * step[2]];
                    to[offset[3] + i * step[3]] = chosen[offset[0] + i * step[0]] ? left : right;
                }
            });
        });
    });
}

void gather(const Tensor& x, std::size_t dim, const Tensor& index, const Tensor& y) {
    const std::int64_t size = size_along(x, dim);
    const std::int64_t length = size_along(index, dim);
    const std::int64_t step_x = step_along(x, dim), step_i = step_along(index, dim), step_y = step_along(y, dim);
    const auto* places = index.data<std::int64_t>();
    visit_dtype(x.dtype(), [&]<class T>(T) {
        const T* from = x.data<T>();
        T* to = y.mutable_data<T>();
        for_lines<3>(index.shape(), dim, {&index, &x, &y}, [&](const auto& offsets) {
            for (std::int64_t i = 0; i < length; ++i) {
                const std::int64_t place = checked_plain(places[offsets[0] + i * step_i], size, dim);
                to[offsets[2] + i * step_y] = from[offsets[1] + place * step_x];
            }
        });
    });
}

void scatter(Write mode, const Tensor& y, std::size_t dim, const Tensor& index, const Operand& source) {
    const Tensor* tensor = std::get_if<Tensor>(&source);
    const std::int64_t size = size_along(y, dim);
    const std::int64_t length = size_along(index, dim);
    const std::int64_t step_y = step_along(y, dim), step_i = step_along(index, dim);
    const std::int64_t step_s = tensor ? step_along(*tensor, dim) : 0;
    const bool is_bool = y.dtype() == Dtype::bool_;
    const auto* places = index.data<std::int64_t>();
    visit_dtype(y.dtype(), [&]<class T>(T) {
        const T number = tensor    ? T{}
                         : is_bool ? T(std::get<Scalar>(source).to_bool())
                                   : std::get<Scalar>(source).to<T>();
        const T* from = tensor ? tensor->data<T>() : &number;
        T* to = y.mutable_data<T>();
        for_lines<3>(index.shape(), dim, {&index, tensor ? tensor : &index, &y}, [&](const auto& offsets) {
            const T* values = tensor ? from + offsets[1] : from;
            for (std::int64_t i = 0; i < length; ++i) {
                const std::int64_t place = checked_plain(places[offsets[0] + i * step_i], size, dim);
                T& target = to[offsets[2] + place * step_y];
                const T value = values[i * step_s];
                target = mode == Write::assign ? value
                         : is_bool             ? functors::BitwiseOr{}(target, value)
                                               : functors::Add{}(target, value);
            }
        });
    });
}

void index(const Tensor& x, const Tensors& indices, const Tensor& y) {
    if (y.numel() == 0) {
        row_offsets(x, indices);
        return;
    }
    const std::vector<std::int64_t> offsets = row_offsets(x, indices);
    const Shape rest = rest_of(x.shape(), indices.size());
    const Strides strides_x = rest_of(x.strides(), indices.size());
    const Strides strides_y = contiguous_strides(rest);
    const std::int64_t row = element_count(rest);
    const StridedLoop<2> loop(rest, {&strides_x, &strides_y});
    visit_dtype(x.dtype(), [&]<class T>(T) {
        const T* from = x.data<T>();
        T* to = y.mutable_data<T>();
        parallel_for(static_cast<std::int64_t>(offsets.size()), std::max<std::int64_t>(1, elementwise_grain / row),
                     [&](std::int64_t begin, std::int64_t end) {
                         for (std::int64_t i = begin; i < end; ++i) {
                             const T* in = from + offsets[static_cast<std::size_t>(i)];
                             T* out = to + i * row;
                             loop.rows(0, row, [&](const auto& at, const auto& by, std::int64_t length) {
                                 for (std::int64_t k = 0; k < length; ++k)
                                     out[at[1] + k * by[1]] = in[at[0] + k * by[0]];
                             });
                         }
                     });
    });
}

void index_put(Write mode, const Tensor& y, const Tensors& indices, const Tensor& source) {
    const std::vector<std::int64_t> offsets = row_offsets(y, indices);
    if (source.numel() == 0) return;
    const std::size_t index_rank = indices.front().shape().size();
    const Shape rest = rest_of(y.shape(), indices.size());
    const Strides strides_y = rest_of(y.strides(), indices.size());
    const Strides strides_s = rest_of(source.strides(), index_rank);
    const Shape places = indices.front().shape();
    const Strides outer_s(std::span(source.strides().begin(), source.strides().begin() + index_rank));
    const std::int64_t row = element_count(rest);
    const StridedLoop<1> outer(places, {&outer_s});
    const StridedLoop<2> inner(rest, {&strides_y, &strides_s});
    const bool is_bool = y.dtype() == Dtype::bool_;
    // In order and on one thread: indices may repeat.
    visit_dtype(y.dtype(), [&]<class T>(T) {
        const T* from = source.data<T>();
        T* to = y.mutable_data<T>();
        auto offset = offsets.begin();
        outer.rows(0, element_count(places), [&](const auto& start, const auto& step, std::int64_t count) {
            for (std::int64_t i = 0; i < count; ++i) {
                const T* in = from + start[0] + i * step[0];
                T* out = to + *offset++;
                inner.rows(0, row, [&](const auto& at, const auto& by, std::int64_t length) {
                    for (std::int64_t k = 0; k < length; ++k) {
                        T& target = out[at[0] + k * by[0]];
                        const T value = in[at[1] + k * by[1]];
                        target = mode == Write::assign ? value
                                 : is_bool             ? functors::BitwiseOr{}(target, value)
                                                       : functors::Add{}(target, value);
                    }
                });
            }
        });
    });
}

Tensor nonzero(const Tensor& x) {
    const std::int64_t rank = x.dim();
    std::vector<std::int64_t> found;
    visit_dtype(x.dtype(), [&]<class T>(T) {
        const T* from = x.data<T>();
        const StridedLoop<1> loop(x.shape(), {&x.strides()});
        std::int64_t position = 0;
        loop.rows(0, x.numel(), [&](const auto& offset, const auto& step, std::int64_t length) {
            for (std::int64_t i = 0; i < length; ++i, ++position)
                if (from[offset[0] + i * step[0]] != T(0)) found.push_back(position);
        });
    });
    const Tensor result = empty({static_cast<std::int64_t>(found.size()), rank}, {.dtype = Dtype::int64});
    auto* to = result.mutable_data<std::int64_t>();
    for (std::size_t i = 0; i < found.size(); ++i) {
        std::int64_t rest = found[i];
        for (std::int64_t dim = rank; dim-- > 0;) {
            const std::int64_t size = x.shape()[static_cast<std::size_t>(dim)];
            to[static_cast<std::int64_t>(i) * rank + dim] = rest % size;
            rest /= size;
        }
    }
    return result;
}

} // namespace hs::cpu
