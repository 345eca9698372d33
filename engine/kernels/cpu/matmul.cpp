#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/onednn/gemm.h"
#include "engine/kernels/cpu/onednn/transposed_product.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/slots.h"
#include "engine/tensor/visit_dtype.h"

#include <array>
#include <numeric>
#include <optional>

namespace hs::cpu {

namespace {

/// The last two dimensions of a tensor.
struct Matrix {
    std::int64_t rows, cols, row_step, col_step;

    explicit Matrix(const Tensor& x)
        : rows(x.size(-2)), cols(x.size(-1)), row_step(x.strides()[x.strides().size() - 2]),
          col_step(x.strides().back()) {}
};

/// A matrix as gemm reads it: rows, or those of its transpose, `distance` elements apart.
struct Stored {
    bool transposed;
    std::int64_t distance;
};

std::optional<Stored> stored(const Matrix& m) {
    const std::int64_t row_length = std::max<std::int64_t>(m.cols, 1);
    const std::int64_t col_length = std::max<std::int64_t>(m.rows, 1);
    if ((m.col_step == 1 || m.cols <= 1) && (m.row_step >= row_length || m.rows <= 1))
        return Stored{false, m.rows <= 1 ? row_length : m.row_step};
    if ((m.row_step == 1 || m.rows <= 1) && (m.col_step >= col_length || m.cols <= 1))
        return Stored{true, m.cols <= 1 ? col_length : m.col_step};
    return std::nullopt;
}

/// The tensor itself, or a row-major copy where gemm cannot read it.
Tensor readable(const Tensor& x) {
    if (stored(Matrix(x))) return x;
    const Tensor copied = empty(x.shape(), x.options());
    copy(x, copied);
    return copied;
}

/// Multiplications below which a second thread costs more than it brings.
constexpr std::int64_t product_grain = 65'536;

template <class T>
void with_gemm(const Tensor& a, const Tensor& b, T alpha, T beta, const Tensor& y) {
    const Matrix of_a(a), of_b(b);
    const Stored left = *stored(of_a), right = *stored(of_b);
    const T* from_a = a.data<T>();
    const T* from_b = b.data<T>();
    T* to = y.mutable_data<T>();
    const auto multiply = [&](std::int64_t i) {
        gemm(left.transposed, right.transposed, of_a.rows, of_b.cols, of_a.cols, alpha,
             from_a + (a.dim() == 3 ? i * a.strides()[0] : 0), left.distance,
             from_b + (b.dim() == 3 ? i * b.strides()[0] : 0), right.distance, beta, to + i * of_a.rows * of_b.cols,
             std::max<std::int64_t>(of_b.cols, 1));
    };
    if constexpr (std::is_same_v<T, float>) {
        const bool dense = left.distance == of_a.cols && right.distance == of_b.rows;
        if (a.dim() == 2 && !left.transposed && right.transposed && dense && alpha == 1 && (beta == 0 || beta == 1) &&
            transposed_product(of_a.rows, of_b.cols, of_a.cols, from_a, from_b, beta == 1, to))
            return;
    }
    if (a.dim() == 2) return multiply(0);
    const std::int64_t work = std::max<std::int64_t>(of_a.rows * of_a.cols * of_b.cols, 1);
    parallel_for(a.size(0), 1 + product_grain / work, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            multiply(i);
    });
}

/// A row times a column in fixed pieces: gemm would split the sum by the number of threads, and its bits with it.
template <class T>
T inner_product(const T* a, std::int64_t a_step, const T* b, std::int64_t b_step, std::int64_t count) {
    constexpr std::int64_t piece = 16'384, lanes = 16;
    std::vector<double> parts(static_cast<std::size_t>((count + piece - 1) / piece));
    parallel_pieces(count, piece, [&](std::int64_t index, std::int64_t begin, std::int64_t end) {
        std::array<T, lanes> sums{};
        std::int64_t i = begin;
        for (; i + lanes <= end; i += lanes)
            for (std::int64_t lane = 0; lane < lanes; ++lane)
                sums[static_cast<std::size_t>(lane)] += a[(i + lane) * a_step] * b[(i + lane) * b_step];
        double total = 0;
        for (; i < end; ++i)
            total += static_cast<double>(a[i * a_step]) * static_cast<double>(b[i * b_step]);
        for (const T sum : sums)
            total += static_cast<double>(sum);
        parts[static_cast<std::size_t>(index)] = total;
    });
    return static_cast<T>(std::accumulate(parts.begin(), parts.end(), 0.0));
}

template <class T>
void as_inner_product(const Tensor& a, const Tensor& b, T alpha, T beta, const Tensor& y) {
    const Matrix row(a), column(b);
    T* to = y.mutable_data<T>();
    const T sum = inner_product(a.data<T>(), row.col_step, b.data<T>(), column.row_step, row.cols);
    *to = alpha * sum + (beta == T(0) ? T(0) : beta * *to);
}

/// Integers: they wrap, and need no speed.
template <class T>
void with_loops(const Tensor& a, const Tensor& b, T alpha, T beta, const Tensor& y) {
    const Matrix of_a(a), of_b(b);
    const T* from_a = a.data<T>();
    const T* from_b = b.data<T>();
    T* to = y.mutable_data<T>();
    const std::int64_t batch = a.dim() == 3 ? a.size(0) : 1;
    for (std::int64_t i = 0; i < batch; ++i) {
        const T* left = from_a + (a.dim() == 3 ? i * a.strides()[0] : 0);
        const T* right = from_b + (b.dim() == 3 ? i * b.strides()[0] : 0);
        for (std::int64_t r = 0; r < of_a.rows; ++r) {
            for (std::int64_t c = 0; c < of_b.cols; ++c, ++to) {
                T sum = 0;
                for (std::int64_t k = 0; k < of_a.cols; ++k)
                    sum = static_cast<T>(sum + left[r * of_a.row_step + k * of_a.col_step] *
                                                   right[k * of_b.row_step + c * of_b.col_step]);
                *to = static_cast<T>(alpha * sum + (beta == T(0) ? T(0) : static_cast<T>(beta * *to)));
            }
        }
    }
}

} // namespace

void matmul(const Tensor& a, const Tensor& b, const Scalar& alpha, const Scalar& beta, const Tensor& y) {
    visit_dtype(y.dtype(), [&]<class T>(T) {
        if constexpr (!std::is_floating_point_v<T>)
            with_loops<T>(a, b, alpha.to<T>(), beta.to<T>(), y);
        else if (a.dim() == 2 && y.numel() == 1)
            as_inner_product<T>(a, b, alpha.to<T>(), beta.to<T>(), y);
        else
            with_gemm<T>(readable(a), readable(b), alpha.to<T>(), beta.to<T>(), y);
    });
}

} // namespace hs::cpu
