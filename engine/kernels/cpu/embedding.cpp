#include "engine/kernels/cpu/neural_slots.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

void embedding(const Tensor& weight, const Tensor& index, const Tensor& y) {
    visit_dtype(weight.dtype(), [&]<class T>(T) {
        const T* rows = weight.data<T>();
        const auto* chosen = index.data<std::int64_t>();
        T* to = y.mutable_data<T>();
        const std::int64_t count = weight.shape()[0], width = weight.shape()[1];
        for (std::int64_t i = 0; i < index.numel(); ++i, to += width) {
            if (chosen[i] < 0 || chosen[i] >= count) throw IndexError("index out of range in self");
            std::copy_n(rows + chosen[i] * width, width, to);
        }
    });
}

void embedding_backward(const Tensor& grad, const Tensor& index, std::int64_t padding, const Tensor& dweight) {
    visit_floating(grad.dtype(), "embedding_backward", [&]<class T>(T) {
        const T* from = grad.data<T>();
        const auto* chosen = index.data<std::int64_t>();
        T* to = dweight.mutable_data<T>();
        const std::int64_t width = dweight.shape()[1];
        std::fill_n(to, dweight.numel(), T(0));
        for (std::int64_t i = 0; i < index.numel(); ++i) {
            if (chosen[i] == padding) continue;
            T* row = to + chosen[i] * width;
            const T* part = from + i * width;
            for (std::int64_t k = 0; k < width; ++k)
                row[k] += part[k];
        }
    });
}

} // namespace hs::cpu
