#include "engine/kernels/cpu/elementwise.h"
#include "engine/kernels/cpu/slots.h"
#include "engine/kernels/cpu/vector/vector.h"
#include "engine/tensor/visit_dtype.h"

namespace hs::cpu {

namespace {

/// Elements that one partial sum covers: the same whatever the number of threads, and so the same bits.
constexpr std::int64_t piece = 65'536;

float sum_all(const float* x, std::int64_t count) {
    const auto kernel = vector_kernels().reduce.sum;
    if (count <= piece) return static_cast<float>(kernel(x, count));
    std::vector<double> partial(static_cast<std::size_t>((count + piece - 1) / piece));
    parallel_pieces(count, piece, [&](std::int64_t index, std::int64_t begin, std::int64_t end) {
        partial[static_cast<std::size_t>(index)] = kernel(x + begin, end - begin);
    });
    double total = 0;
    for (const double part : partial)
        total += part;
    return static_cast<float>(total);
}

/// x viewed as [rows, cols] contiguous with y = column sums: the gradient of a bias, the undoing of a broadcast.
bool is_leading_reduction(const Tensor& x, const Tensor& y) {
    if (!x.is_contiguous() || !y.is_contiguous()) return false;
    std::size_t i = 0;
    while (i < x.shape().size() && y.shape()[i] == 1)
        ++i;
    for (; i < x.shape().size(); ++i)
        if (y.shape()[i] != x.shape()[i]) return false;
    return true;
}

template <class T>
void general(const Tensor& x, const Tensor& y) {
    using Wide = std::conditional_t<std::is_floating_point_v<T>, double, std::int64_t>;
    // Split the dimensions into kept and reduced ones, and walk the reduced ones for each kept element.
    Shape kept, reduced;
    Strides kept_x, kept_y, reduced_x;
    for (std::size_t i = 0; i < x.shape().size(); ++i) {
        const bool is_reduced = y.shape()[i] == 1 && x.shape()[i] != 1;
        (is_reduced ? reduced : kept).push_back(x.shape()[i]);
        (is_reduced ? reduced_x : kept_x).push_back(x.strides()[i]);
        if (!is_reduced) kept_y.push_back(y.strides()[i]);
    }
    const T* from = x.data<T>();
    T* to = y.mutable_data<T>();
    const StridedLoop<2> outer(kept, {&kept_x, &kept_y});
    const StridedLoop<1> inner(reduced, {&reduced_x});
    const std::int64_t inner_count = element_count(reduced);
    parallel_for(y.numel(), std::max<std::int64_t>(1, elementwise_grain / std::max<std::int64_t>(inner_count, 1)),
                 [&](std::int64_t begin, std::int64_t end) {
                     outer.rows(begin, end, [&](const auto& offset, const auto& step, std::int64_t length) {
                         for (std::int64_t i = 0; i < length; ++i) {
                             const T* start = from + offset[0] + i * step[0];
                             Wide total = 0;
                             inner.rows(0, inner_count, [&](const auto& at, const auto& by, std::int64_t count) {
                                 for (std::int64_t k = 0; k < count; ++k)
                                     total += static_cast<Wide>(start[at[0] + k * by[0]]);
                             });
                             to[offset[1] + i * step[1]] = static_cast<T>(total);
                         }
                     });
                 });
}

} // namespace

void sum(const Tensor& x, const Tensor& y) {
    if (x.dtype() == Dtype::float32 && x.numel() > 0) {
        if (y.numel() == 1 && x.is_contiguous()) {
            *y.mutable_data<float>() = sum_all(x.data<float>(), x.numel());
            return;
        }
        if (is_leading_reduction(x, y)) {
            const std::int64_t columns = y.numel();
            vector_kernels().reduce.column_sums(x.data<float>(), x.numel() / columns, columns, columns,
                                                y.mutable_data<float>());
            return;
        }
    }
    visit_dtype(x.dtype(), [&]<class T>(T) { general<T>(x, y); });
}

} // namespace hs::cpu
