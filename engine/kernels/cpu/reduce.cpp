#include "engine/kernels/cpu/lines.h"
#include "engine/kernels/cpu/slots.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

/// The dimensions of x split into those that y keeps and those it reduces.
struct Split {
    Split(const Tensor& x, const Tensor& y) {
        for (std::size_t i = 0; i < x.shape().size(); ++i) {
            const bool is_reduced = y.shape()[i] == 1 && x.shape()[i] != 1;
            (is_reduced ? reduced : kept).push_back(x.shape()[i]);
            (is_reduced ? reduced_x : kept_x).push_back(x.strides()[i]);
            if (!is_reduced) kept_y.push_back(y.strides()[i]);
        }
    }
    Shape kept, reduced;
    Strides kept_x, kept_y, reduced_x;
};

/// y = fold of `step` over the reduced elements, beginning at `first`.
template <class X, class Y, class State, class Step>
void fold(const Tensor& x, const Tensor& y, State first, Step step_of) {
    const Split split(x, y);
    const X* from = x.data<X>();
    Y* to = y.mutable_data<Y>();
    const StridedLoop<2> outer(split.kept, {&split.kept_x, &split.kept_y});
    const StridedLoop<1> inner(split.reduced, {&split.reduced_x});
    const std::int64_t inner_count = element_count(split.reduced);
    const std::int64_t grain = std::max<std::int64_t>(1, elementwise_grain / std::max<std::int64_t>(inner_count, 1));
    parallel_for(y.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
        outer.rows(begin, end, [&](const auto& offset, const auto& step, std::int64_t length) {
            for (std::int64_t i = 0; i < length; ++i) {
                const X* start = from + offset[0] + i * step[0];
                State state = first;
                inner.rows(0, inner_count, [&](const auto& at, const auto& by, std::int64_t count) {
                    for (std::int64_t k = 0; k < count; ++k)
                        state = step_of(state, start[at[0] + k * by[0]]);
                });
                to[offset[1] + i * step[1]] = static_cast<Y>(state);
            }
        });
    });
}

template <class T>
constexpr T lowest() {
    if constexpr (std::is_floating_point_v<T>)
        return -std::numeric_limits<T>::infinity();
    else
        return std::numeric_limits<T>::lowest();
}
template <class T>
constexpr T highest() {
    if constexpr (std::is_floating_point_v<T>)
        return std::numeric_limits<T>::infinity();
    else
        return std::numeric_limits<T>::max();
}

} // namespace

void reduce(Fold function, const Tensor& x, const Tensor& y) {
    visit_dtype(x.dtype(), [&]<class T>(T) {
        switch (function) {
        case Fold::prod:
            return fold<T, T>(x, y, T(1), functors::Mul{});
        case Fold::amax:
            return fold<T, T>(x, y, lowest<T>(), functors::Maximum{});
        case Fold::amin:
            return fold<T, T>(x, y, highest<T>(), functors::Minimum{});
        case Fold::all:
            return fold<T, std::uint8_t>(x, y, true, [](bool so_far, T value) { return so_far && value != T(0); });
        case Fold::any:
            return fold<T, std::uint8_t>(x, y, false, [](bool so_far, T value) { return so_far || value != T(0); });
        }
    });
}

void extreme(bool largest, const Tensor& x, std::size_t dim, const Tensor& values, const Tensor& indices) {
    const std::int64_t length = size_along(x, dim);
    const std::int64_t step = step_along(x, dim);
    visit_dtype(x.dtype(), [&]<class T>(T) {
        const T* from = x.data<T>();
        T* to_values = values.mutable_data<T>();
        auto* to_indices = indices.mutable_data<std::int64_t>();
        for_lines<3>(x.shape(), dim, {&x, &values, &indices}, [&](const auto& offsets) {
            const T* line = from + offsets[0];
            T best = line[0];
            std::int64_t place = 0;
            for (std::int64_t i = 1; i < length && !functors::is_nan(best); ++i) {
                const T value = line[i * step];
                if (functors::is_nan(value) || (largest ? value > best : value < best)) {
                    best = value;
                    place = i;
                }
            }
            to_values[offsets[1]] = best;
            to_indices[offsets[2]] = place;
        });
    });
}

void scan(Scan function, const Tensor& x, std::size_t dim, const Tensor& y) {
    const std::int64_t length = size_along(x, dim);
    const std::int64_t step_x = step_along(x, dim);
    const std::int64_t step_y = step_along(y, dim);
    visit_dtype(x.dtype(), [&]<class T>(T) {
        using Wide = std::conditional_t<std::is_floating_point_v<T>, double, T>;
        const T* from = x.data<T>();
        T* to = y.mutable_data<T>();
        const auto run = [&](Wide first, auto combine) {
            for_lines<2>(x.shape(), dim, {&x, &y}, [&](const auto& offsets) {
                Wide state = first;
                for (std::int64_t i = 0; i < length; ++i) {
                    state = combine(state, static_cast<Wide>(from[offsets[0] + i * step_x]));
                    to[offsets[1] + i * step_y] = static_cast<T>(state);
                }
            });
        };
        if (function == Scan::sum)
            run(Wide(0), functors::Add{});
        else
            run(Wide(1), functors::Mul{});
    });
}

} // namespace hs::cpu
