#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

/// Plane [height, width] of x divided into the windows of a plane [out_height, out_width] of y.
struct Division {
    std::int64_t planes, height, width, out_height, out_width;

    Division(const Tensor& x, const Tensor& y)
        : planes(x.shape()[0] * x.shape()[1]), height(x.shape()[2]), width(x.shape()[3]), out_height(y.shape()[2]),
          out_width(y.shape()[3]) {}

    static std::int64_t first(std::int64_t i, std::int64_t size, std::int64_t parts) { return i * size / parts; }
    static std::int64_t last(std::int64_t i, std::int64_t size, std::int64_t parts) {
        return ((i + 1) * size + parts - 1) / parts;
    }

    /// Calls body(place of the window in y, plane's place in x, rows, columns of the window) for all windows.
    template <class Body>
    void for_windows(Body body) const {
        const std::int64_t work = std::max<std::int64_t>(height * width, 1);
        parallel_for(planes, 1 + 16'384 / work, [&](std::int64_t begin, std::int64_t end) {
            std::int64_t out = begin * out_height * out_width;
            for (std::int64_t plane = begin; plane < end; ++plane)
                for (std::int64_t i = 0; i < out_height; ++i)
                    for (std::int64_t j = 0; j < out_width; ++j, ++out)
                        body(out, plane * height * width,
                             Window{first(i, height, out_height), last(i, height, out_height),
                                    first(j, width, out_width), last(j, width, out_width)});
        });
    }

    struct Window {
        std::int64_t top, bottom, left, right;
        std::int64_t size() const { return (bottom - top) * (right - left); }
    };

    /// Calls body(place in the plane) for the elements of a window.
    template <class Body>
    void for_elements(const Window& window, Body body) const {
        for (std::int64_t row = window.top; row < window.bottom; ++row)
            for (std::int64_t col = window.left; col < window.right; ++col)
                body(row * width + col);
    }
};

} // namespace

void adaptive_average_pool(const Tensor& x, const Tensor& y) {
    visit_floating(x.dtype(), "adaptive_avg_pool2d", [&]<class T>(T) {
        const Division division(x, y);
        const T* from = x.data<T>();
        T* to = y.mutable_data<T>();
        division.for_windows([&](std::int64_t out, std::int64_t plane, const Division::Window& window) {
            double sum = 0;
            division.for_elements(window, [&](std::int64_t at) { sum += static_cast<double>(from[plane + at]); });
            to[out] = static_cast<T>(sum / static_cast<double>(window.size()));
        });
    });
}

void adaptive_average_pool_backward(const Tensor& grad, const Tensor& dx) {
    visit_floating(dx.dtype(), "adaptive_avg_pool2d", [&]<class T>(T) {
        const Division division(dx, grad);
        const T* from = grad.data<T>();
        T* to = dx.mutable_data<T>();
        std::fill_n(to, dx.numel(), T(0));
        division.for_windows([&](std::int64_t out, std::int64_t plane, const Division::Window& window) {
            const T part = from[out] / static_cast<T>(window.size());
            division.for_elements(window, [&](std::int64_t at) { to[plane + at] += part; });
        });
    });
}

void adaptive_max_pool(const Tensor& x, const Tensor& y, const Tensor& index) {
    visit_floating(x.dtype(), "adaptive_max_pool2d", [&]<class T>(T) {
        const Division division(x, y);
        const T* from = x.data<T>();
        T* to = y.mutable_data<T>();
        auto* places = index.mutable_data<std::int32_t>();
        division.for_windows([&](std::int64_t out, std::int64_t plane, const Division::Window& window) {
            std::int64_t best = window.top * division.width + window.left;
            division.for_elements(window, [&](std::int64_t at) {
                const T value = from[plane + at];
                if (value > from[plane + best] || value != value) best = at;
            });
            to[out] = from[plane + best];
            places[out] = static_cast<std::int32_t>(best);
        });
    });
}

} // namespace hs::cpu
