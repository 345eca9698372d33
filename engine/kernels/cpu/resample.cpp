#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

constexpr std::int64_t resample_grain = 16'384; ///< elements worth a second thread

/// A contiguous tensor as [outer, size, inner], with `size` along the mapped dimension: `from` of the input and `to` of
/// the result.
struct Lines {
    std::int64_t outer = 1, from, to, inner = 1;

    Lines(const Shape& x, const Shape& y, std::size_t dim) : from(x[dim]), to(y[dim]) {
        for (std::size_t i = 0; i < x.size(); ++i)
            (i < dim ? outer : inner) *= i == dim ? 1 : x[i];
    }

    /// Calls body(line) for each of the outer lines.
    template <class Body>
    void each(Body body) const {
        const std::int64_t grain = 1 + resample_grain / std::max<std::int64_t>((from + to) * inner, 1);
        parallel_for(outer, grain, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t line = begin; line < end; ++line)
                body(line);
        });
    }
};

template <class T>
std::vector<T> weights_of(const Taps& taps) {
    return {taps.weight.begin(), taps.weight.end()};
}

/// One line of single elements. Weights of 0 stand for elements that take no part, which may be NaN.
template <class T>
void map_elements(const T* x, const Taps& taps, const T* weights, std::int64_t size, T* y) {
    const std::int64_t* index = taps.index.data();
    for (std::int64_t i = 0; i < size; ++i, index += taps.count, weights += taps.count) {
        T sum = 0;
        for (std::int64_t k = 0; k < taps.count; ++k)
            if (weights[k] != T(0)) sum += weights[k] * x[index[k]];
        y[i] = sum;
    }
}

/// One line of blocks of `inner` elements each.
template <class T>
void map_blocks(const T* x, const Taps& taps, const T* weights, const Lines& lines, T* y) {
    const std::int64_t* index = taps.index.data();
    for (std::int64_t i = 0; i < lines.to; ++i, index += taps.count, weights += taps.count, y += lines.inner) {
        bool written = false;
        for (std::int64_t k = 0; k < taps.count; ++k) {
            const T weight = weights[k];
            if (weight == T(0)) continue;
            const T* block = x + index[k] * lines.inner;
            if (written)
                for (std::int64_t j = 0; j < lines.inner; ++j)
                    y[j] += weight * block[j];
            else
                for (std::int64_t j = 0; j < lines.inner; ++j)
                    y[j] = weight * block[j];
            written = true;
        }
        if (!written) std::fill_n(y, lines.inner, T(0));
    }
}

/// The transpose of both.
template <class T>
void add_blocks(const T* grad, const Taps& taps, const T* weights, const Lines& lines, T* dx) {
    std::fill_n(dx, lines.from * lines.inner, T(0));
    const std::int64_t* index = taps.index.data();
    for (std::int64_t i = 0; i < lines.to; ++i, index += taps.count, weights += taps.count, grad += lines.inner) {
        for (std::int64_t k = 0; k < taps.count; ++k) {
            if (weights[k] == T(0)) continue;
            T* block = dx + index[k] * lines.inner;
            for (std::int64_t j = 0; j < lines.inner; ++j)
                block[j] += weights[k] * grad[j];
        }
    }
}

} // namespace

void resample(const Tensor& x, std::size_t dim, const Taps& taps, const Tensor& y) {
    visit_floating(x.dtype(), "resample", [&]<class T>(T) {
        const Lines lines(x.shape(), y.shape(), dim);
        const std::vector<T> weights = weights_of<T>(taps);
        const T* from = x.data<T>();
        T* to = y.mutable_data<T>();
        lines.each([&](std::int64_t line) {
            const T* source = from + line * lines.from * lines.inner;
            T* target = to + line * lines.to * lines.inner;
            if (lines.inner == 1)
                map_elements(source, taps, weights.data(), lines.to, target);
            else
                map_blocks(source, taps, weights.data(), lines, target);
        });
    });
}

void resample_backward(const Tensor& grad, std::size_t dim, const Taps& taps, const Tensor& dx) {
    visit_floating(grad.dtype(), "resample", [&]<class T>(T) {
        const Lines lines(dx.shape(), grad.shape(), dim);
        const std::vector<T> weights = weights_of<T>(taps);
        const T* from = grad.data<T>();
        T* to = dx.mutable_data<T>();
        lines.each([&](std::int64_t line) {
            add_blocks(from + line * lines.to * lines.inner, taps, weights.data(), lines,
                       to + line * lines.from * lines.inner);
        });
    });
}

} // namespace hs::cpu
