#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/slots.h"
#include "engine/kernels/cpu/vector/vector.h"
#include "engine/tensor/visit_dtype.h"

#include <cmath>

namespace hs::cpu {

namespace {

constexpr std::int64_t softmax_grain = 8'192; ///< elements worth a second thread

/// A tensor as rows along one dimension: itself where that is the last one and it is contiguous, else a copy that is
/// turned so.
class Rows {
  public:
    Rows(const Tensor& x, std::size_t dim) : cols_(x.shape().empty() ? 1 : x.shape()[dim]) {
        count_ = cols_ == 0 ? 0 : x.numel() / cols_;
        if (x.shape().empty() || (dim + 1 == x.shape().size() && x.is_contiguous())) {
            rows_ = x;
            return;
        }
        rows_ = empty(turned(x, dim).shape(), x.options());
        is_copy_ = true;
    }
    /// Fills the copy.
    const Rows& read(const Tensor& x, std::size_t dim) const {
        if (is_copy_) copy(turned(x, dim), rows_);
        return *this;
    }
    /// Brings the copy back.
    void write(const Tensor& x, std::size_t dim) const {
        if (is_copy_) copy(rows_, turned(x, dim));
    }

    const Tensor& tensor() const { return rows_; }
    std::int64_t count() const { return count_; }
    std::int64_t cols() const { return cols_; }

    template <class Body>
    void parallel(Body body) const {
        parallel_for(count_, 1 + softmax_grain / std::max<std::int64_t>(cols_, 1),
                     [&](std::int64_t begin, std::int64_t end) { body(begin * cols_, end - begin); });
    }

  private:
    static Tensor turned(const Tensor& x, std::size_t dim) {
        Shape shape = x.shape();
        Strides strides = x.strides();
        shape.erase(dim);
        strides.erase(dim);
        shape.push_back(x.shape()[dim]);
        strides.push_back(x.strides()[dim]);
        return make_view(x, shape, strides, x.storage_offset());
    }

    Tensor rows_;
    std::int64_t count_;
    std::int64_t cols_;
    bool is_copy_ = false;
};

template <class T>
void softmax_rows(const T* x, T* y, std::int64_t rows, std::int64_t cols, bool logarithm) {
    for (std::int64_t r = 0; r < rows; ++r, x += cols, y += cols) {
        T top = x[0];
        for (std::int64_t c = 1; c < cols; ++c)
            if (x[c] > top || x[c] != x[c]) top = x[c];
        T sum = 0;
        for (std::int64_t c = 0; c < cols; ++c)
            sum += std::exp(x[c] - top);
        const T log_sum = std::log(sum);
        for (std::int64_t c = 0; c < cols; ++c)
            y[c] = logarithm ? x[c] - top - log_sum : std::exp(x[c] - top) / sum;
    }
}

template <class T>
void softmax_rows_backward(const T* grad, const T* result, T* dx, std::int64_t rows, std::int64_t cols,
                           bool logarithm) {
    for (std::int64_t r = 0; r < rows; ++r, grad += cols, result += cols, dx += cols) {
        T sum = 0;
        for (std::int64_t c = 0; c < cols; ++c)
            sum += logarithm ? grad[c] : grad[c] * result[c];
        for (std::int64_t c = 0; c < cols; ++c)
            dx[c] = logarithm ? grad[c] - std::exp(result[c]) * sum : result[c] * (grad[c] - sum);
    }
}

} // namespace

void softmax(const Tensor& x, std::size_t dim, bool logarithm, const Tensor& y) {
    const Rows from = Rows(x, dim).read(x, dim);
    const Rows to(y, dim);
    visit_floating(
        y.dtype(), logarithm ? "log_softmax_lastdim_kernel_impl" : "softmax_lastdim_kernel_impl", [&]<class T>(T) {
            const T* in = from.tensor().data<T>();
            T* out = to.tensor().mutable_data<T>();
            from.parallel([&](std::int64_t first, std::int64_t rows) {
                if constexpr (std::is_same_v<T, float>) {
                    const SoftmaxKernels& kernels = vector_kernels().softmax;
                    (logarithm ? kernels.log_softmax : kernels.softmax)(in + first, out + first, rows, from.cols());
                } else {
                    softmax_rows(in + first, out + first, rows, from.cols(), logarithm);
                }
            });
        });
    to.write(y, dim);
}

void softmax_backward(const Tensor& grad, const Tensor& result, std::size_t dim, bool logarithm, const Tensor& dx) {
    const Rows from = Rows(grad, dim).read(grad, dim);
    const Rows values = Rows(result, dim).read(result, dim);
    const Rows to(dx, dim);
    visit_floating(dx.dtype(), "softmax_backward", [&]<class T>(T) {
        const T* in = from.tensor().data<T>();
        const T* of = values.tensor().data<T>();
        T* out = to.tensor().mutable_data<T>();
        from.parallel([&](std::int64_t first, std::int64_t rows) {
            if constexpr (std::is_same_v<T, float>) {
                const SoftmaxKernels& kernels = vector_kernels().softmax;
                (logarithm ? kernels.log_softmax_backward : kernels.softmax_backward)(in + first, of + first,
                                                                                      out + first, rows, from.cols());
            } else {
                softmax_rows_backward(in + first, of + first, out + first, rows, from.cols(), logarithm);
            }
        });
    });
    to.write(dx, dim);
}

} // namespace hs::cpu
