#include "engine/kernels/linalg.h"

#include "engine/tensor/visit_dtype.h"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <cmath>
#include <limits>

/// All is computed in float64, whatever the dtype: that makes Eigen's large templates once, and float32 more exact.
namespace hs::cpu {

namespace {

using Matrix = Eigen::MatrixXd;
template <class T>
using Rows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Matrix i of a batch.
Matrix read(const Tensor& batch, std::int64_t i) {
    return visit_floating(batch.dtype(), "linalg", [&]<class T>(T) -> Matrix {
        const std::int64_t rows = batch.size(1), columns = batch.size(2);
        return Eigen::Map<const Rows<T>>(batch.data<T>() + i * rows * columns, rows, columns).template cast<double>();
    });
}

void write(const Tensor& batch, std::int64_t i, const Matrix& value) {
    visit_floating(batch.dtype(), "linalg", [&]<class T>(T) {
        Eigen::Map<Rows<T>>(batch.mutable_data<T>() + i * value.size(), value.rows(), value.cols()) =
            value.template cast<T>();
    });
}

void write(const Tensor& numbers, std::int64_t i, double value) {
    visit_floating(numbers.dtype(), "linalg",
                   [&]<class T>(T) { numbers.mutable_data<T>()[i] = static_cast<T>(value); });
}

void determinant(const Tensor& a, const Tensor& det, const Tensor& sign, const Tensor& logabsdet) {
    for (std::int64_t i = 0; i < a.size(0); ++i) {
        double value = 1, direction = 1, logarithm = 0;
        if (a.size(1) > 0) {
            const Eigen::PartialPivLU<Matrix> lu(read(a, i));
            const auto pivots = lu.matrixLU().diagonal();
            value = lu.determinant();
            direction = static_cast<double>(lu.permutationP().determinant());
            for (const double pivot : pivots) {
                direction *= pivot == 0 ? 0 : std::copysign(1, pivot);
                logarithm += std::log(std::fabs(pivot));
            }
        }
        write(det, i, value);
        write(sign, i, direction);
        write(logabsdet, i, logarithm);
    }
}

/// By the singular values, which may be zero: det(u) det(v) u diag(products of the others) v^T.
Matrix cofactors_by_svd(const Matrix& a) {
    const Eigen::BDCSVD<Matrix> svd(a, Eigen::ComputeFullU | Eigen::ComputeFullV);
    const auto& s = svd.singularValues();
    Eigen::VectorXd others = Eigen::VectorXd::Ones(s.size());
    for (Eigen::Index i = 0; i < s.size(); ++i)
        for (Eigen::Index k = 0; k < s.size(); ++k)
            if (k != i) others[i] *= s[k];
    const double orientation = svd.matrixU().determinant() * svd.matrixV().determinant();
    return orientation * svd.matrixU() * others.asDiagonal() * svd.matrixV().transpose();
}

void cofactors(const Tensor& a, const Tensor& result) {
    if (a.size(1) == 0) return;
    for (std::int64_t i = 0; i < a.size(0); ++i) {
        const Matrix matrix = read(a, i);
        if (!matrix.allFinite()) {
            write(result, i, Matrix::Constant(matrix.rows(), matrix.cols(), std::numeric_limits<double>::quiet_NaN()));
            continue;
        }
        const Eigen::PartialPivLU<Matrix> lu(matrix);
        const Eigen::VectorXd pivots = lu.matrixLU().diagonal().cwiseAbs();
        const bool invertible =
            pivots.minCoeff() > pivots.maxCoeff() * std::sqrt(std::numeric_limits<double>::epsilon());
        write(result, i, invertible ? Matrix(lu.determinant() * lu.inverse().transpose()) : cofactors_by_svd(matrix));
    }
}

void solve(const Tensor& a, const Tensor& b, const Tensor& x, const Tensor& info) {
    auto* numbers = info.mutable_data<std::int64_t>();
    for (std::int64_t i = 0; i < a.size(0); ++i) {
        numbers[i] = 0;
        if (x.numel() == 0) continue;
        const Eigen::PartialPivLU<Matrix> lu(read(a, i));
        const auto pivots = lu.matrixLU().diagonal();
        for (Eigen::Index k = pivots.size(); k-- > 0;)
            if (pivots[k] == 0) numbers[i] = k + 1;
        if (numbers[i] == 0) write(x, i, lu.solve(read(b, i)));
    }
}

void svd(const Tensor& a, const Tensor& u, const Tensor& s, const Tensor& vh) {
    const std::int64_t count = s.size(1);
    const auto options = static_cast<unsigned>(u.size(2) == count ? Eigen::ComputeThinU : Eigen::ComputeFullU) |
                         static_cast<unsigned>(vh.size(1) == count ? Eigen::ComputeThinV : Eigen::ComputeFullV);
    for (std::int64_t i = 0; i < a.size(0); ++i) {
        if (count == 0) {
            write(u, i, Matrix::Identity(u.size(1), u.size(2)));
            write(vh, i, Matrix::Identity(vh.size(1), vh.size(2)));
            continue;
        }
        const Matrix given = read(a, i);
        if (!given.allFinite())
            throw Error("linalg.svd: The algorithm failed to converge because the input matrix contained non-finite "
                        "values.");
        const Eigen::BDCSVD<Matrix> found(given, options);
        write(u, i, found.matrixU());
        write(vh, i, found.matrixV().transpose());
        for (std::int64_t k = 0; k < count; ++k)
            write(s, i * count + k, found.singularValues()[k]);
    }
}

/// The order of the first leading minor that is not positive, or 0.
std::int64_t factorise(const Matrix& a, Matrix& l) {
    for (Eigen::Index k = 0; k < a.rows(); ++k) {
        const double rest = a(k, k) - l.row(k).head(k).squaredNorm();
        if (!(rest > 0)) return k + 1;
        l(k, k) = std::sqrt(rest);
        for (Eigen::Index row = k + 1; row < a.rows(); ++row)
            l(row, k) = (a(row, k) - l.row(row).head(k).dot(l.row(k).head(k))) / l(k, k);
    }
    return 0;
}

void cholesky(const Tensor& a, const Tensor& l, const Tensor& info) {
    auto* numbers = info.mutable_data<std::int64_t>();
    for (std::int64_t i = 0; i < a.size(0); ++i) {
        const Matrix given = read(a, i);
        Matrix factor = Matrix::Zero(given.rows(), given.cols());
        numbers[i] = factorise(given, factor);
        write(l, i, factor);
    }
}

constexpr LinalgKernels kernels{
    .determinant = determinant, .cofactors = cofactors, .solve = solve, .svd = svd, .cholesky = cholesky};

} // namespace

} // namespace hs::cpu

namespace hs {

const LinalgKernels& linalg_kernels_of(const Tensor& tensor) {
    if (tensor.device().type != DeviceType::cpu)
        throw NotImplementedError("this build has kernels for the CPU only, not for " + to_string(tensor.device()));
    return cpu::kernels;
}

} // namespace hs
