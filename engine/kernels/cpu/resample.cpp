#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

constexpr std::int64_t resample_grain = 16'384; ///< elements worth a second thread

/// A contiguous tensor as [outer, size, inner], with `size` along the mapped dimension.
struct Lines {
    std::int64_t outer = 1, from, to, inner = 1;

    Lines(const Shape& x, const Shape& y, std::size_t dim) : from(x[dim]), to(y[dim]) {
        for (std::size_t i = 0; i < x.size(); ++i)
            (i < dim ? outer : inner) *= i == dim ? 1 : x[i];
    }
    std::int64_t grain() const { return 1 + resample_grain / std::max<std::int64_t>((from + to) * inner, 1); }
};

} // namespace

void resample(const Tensor& x, std::size_t dim, const Taps& taps, const Tensor& y) {
    visit_floating(x.dtype(), "resample", [&]<class T>(T) {
        const Lines lines(x.shape(), y.shape(), dim);
        const T* from = x.data<T>();
        T* to = y.mutable_data<T>();
        parallel_for(lines.outer, lines.grain(), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin * lines.to; row < end * lines.to; ++row) {
                const T* block = from + row / lines.to * lines.from * lines.inner;
                T* out = to + row * lines.inner;
                std::fill_n(out, lines.inner, T(0));
                for (std::int64_t k = 0; k < taps.count; ++k) {
                    const auto tap = static_cast<std::size_t>(row % lines.to * taps.count + k);
                    const T weight = static_cast<T>(taps.weight[tap]);
                    const T* source = block + taps.index[tap] * lines.inner;
                    for (std::int64_t i = 0; i < lines.inner; ++i)
                        out[i] += weight * source[i];
                }
            }
        });
    });
}

void resample_backward(const Tensor& grad, std::size_t dim, const Taps& taps, const Tensor& dx) {
    visit_floating(grad.dtype(), "resample", [&]<class T>(T) {
        const Lines lines(dx.shape(), grad.shape(), dim);
        const T* from = grad.data<T>();
        T* to = dx.mutable_data<T>();
        parallel_for(lines.outer, lines.grain(), [&](std::int64_t begin, std::int64_t end) {
            std::fill(to + begin * lines.from * lines.inner, to + end * lines.from * lines.inner, T(0));
            for (std::int64_t row = begin * lines.to; row < end * lines.to; ++row) {
                T* block = to + row / lines.to * lines.from * lines.inner;
                const T* in = from + row * lines.inner;
                for (std::int64_t k = 0; k < taps.count; ++k) {
                    const auto tap = static_cast<std::size_t>(row % lines.to * taps.count + k);
                    const T weight = static_cast<T>(taps.weight[tap]);
                    T* target = block + taps.index[tap] * lines.inner;
                    for (std::int64_t i = 0; i < lines.inner; ++i)
                        target[i] += weight * in[i];
                }
            }
        });
    });
}

} // namespace hs::cpu
