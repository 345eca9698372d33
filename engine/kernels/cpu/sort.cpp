#include "engine/kernels/cpu/lines.h"
#include "engine/kernels/cpu/slots.h"
#include "engine/tensor/visit_dtype.h"

#include <numeric>

namespace hs::cpu {

void sort(const Tensor& x, std::size_t dim, bool descending, const Tensor& values, const Tensor& indices) {
    const std::int64_t length = size_along(x, dim);
    const std::int64_t step = step_along(x, dim);
    const std::int64_t step_values = step_along(values, dim);
    const std::int64_t step_indices = step_along(indices, dim);
    visit_dtype(x.dtype(), [&]<class T>(T) {
        const T* from = x.data<T>();
        T* to_values = values.mutable_data<T>();
        auto* to_indices = indices.mutable_data<std::int64_t>();
        for_lines<3>(x.shape(), dim, {&x, &values, &indices}, [&](const auto& offsets) {
            const T* line = from + offsets[0];
            std::vector<std::int64_t> order(static_cast<std::size_t>(length));
            std::iota(order.begin(), order.end(), 0);
            // NaN counts as larger than everything.
            const auto before = [&](std::int64_t a, std::int64_t b) {
                const T left = line[(descending ? b : a) * step];
                const T right = line[(descending ? a : b) * step];
                return left < right || (functors::is_nan(right) && !functors::is_nan(left));
            };
            std::stable_sort(order.begin(), order.end(), before);
            for (std::int64_t i = 0; i < length; ++i) {
                const std::int64_t place = order[static_cast<std::size_t>(i)];
                to_values[offsets[1] + i * step_values] = line[place * step];
                to_indices[offsets[2] + i * step_indices] = place;
            }
        });
    });
}

} // namespace hs::cpu
