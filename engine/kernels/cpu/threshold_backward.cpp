#include "engine/kernels/cpu/elementwise.h"
#include "engine/kernels/cpu/flat.h"
#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/vector/vector.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

void threshold_backward(const Tensor& grad, const Tensor& x, const Scalar& threshold, const Tensor& dx) {
    if (dx.dtype() == Dtype::float32 && flat_layout({&grad, &x}, dx)) {
        const float* from = grad.raw_data<float>();
        const float* where = x.raw_data<float>();
        float* to = dx.mutable_raw_data<float>();
        const float limit = threshold.to<float>();
        parallel_for(dx.numel(), elementwise_grain, [&](std::int64_t begin, std::int64_t end) {
            vector_kernels().elementwise.threshold_backward(from + begin, where + begin, limit, to + begin,
                                                            end - begin);
        });
        return;
    }
    visit_dtype(dx.dtype(), [&]<class T>(T) {
        const T limit = threshold.to<T>();
        map_binary<T, T>(grad, x, dx, [limit](T g, T value) { return value <= limit ? T(0) : g; });
    });
}

} // namespace hs::cpu
