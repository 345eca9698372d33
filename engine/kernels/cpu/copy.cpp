#include "engine/kernels/cpu/elementwise.h"
#include "engine/kernels/cpu/flat.h"
#include "engine/kernels/cpu/slots.h"
#include "engine/tensor/visit_dtype.h"

#include <cstring>

namespace hs::cpu {

void fill(const Tensor& to, const Scalar& value) {
    visit_any_dtype(to.dtype(), [&]<class T>(T) {
        const T number = to.dtype() == Dtype::bool_ ? static_cast<T>(value.to_bool()) : value.to<T>();
        T* data = to.mutable_data<T>();
        const StridedLoop<1> loop(to.shape(), {&to.strides()});
        parallel_for(to.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
            loop.rows(begin, end, [&](const auto& offset, const auto& step, std::int64_t length) {
                T* out = data + offset[0];
                for (std::int64_t i = 0; i < length; ++i)
                    out[i * step[0]] = number;
            });
        });
    });
}

namespace {

/// Of one dtype: rows that lie in one piece are moved as bytes.
void copy_rows(const Tensor& from, const Tensor& to) {
    visit_any_dtype(to.dtype(), [&]<class T>(T) {
        const T* source = from.data<T>();
        T* target = to.mutable_data<T>();
        const StridedLoop<2> loop(to.shape(), {&from.strides(), &to.strides()});
        parallel_for(to.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
            loop.rows(begin, end, [&](const auto& offset, const auto& step, std::int64_t length) {
                const T* in = source + offset[0];
                T* out = target + offset[1];
                if (step[0] == 1 && step[1] == 1)
                    std::memmove(out, in, static_cast<std::size_t>(length) * sizeof(T));
                else
                    for (std::int64_t i = 0; i < length; ++i)
                        out[i * step[1]] = in[i * step[0]];
            });
        });
    });
}

} // namespace

void copy(const Tensor& from, const Tensor& to) {
    if (from.numel() == 0) return;
    if (from.dtype() == to.dtype() && flat_layout({&from}, to)) { // images stay channels-last
        const auto offset = [](const Tensor& x) {
            return x.storage_offset() * static_cast<std::int64_t>(size_of(x.dtype()) - 1);
        };
        const std::byte* source = from.raw_data<std::byte>() + offset(from);
        std::memcpy(to.mutable_raw_data<std::byte>() + offset(to), source,
                    static_cast<std::size_t>(from.numel()) * size_of(from.dtype()));
        return;
    }
    if (from.dtype() == to.dtype()) return copy_rows(from, to);
    visit_any_dtype(from.dtype(), [&]<class From>(From) {
        if (to.dtype() == Dtype::bool_)
            return map_unary<From, std::uint8_t>(from, to, [](From x) { return x != From(0); });
        visit_any_dtype(to.dtype(), [&]<class To>(To) {
            map_unary<From, To>(from, to, [](From x) { return static_cast<To>(x); });
        });
    });
}

} // namespace hs::cpu
