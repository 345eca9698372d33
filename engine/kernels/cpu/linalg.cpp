#include "engine/kernels/linalg.h"

#include "engine/tensor/visit_dtype.h"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <cmath>
#include <limits>

namespace hs::cpu {

namespace {

template <class T>
using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Matrix i of a batch.
template <class T>
Eigen::Map<const Matrix<T>> matrix(const Tensor& batch, std::int64_t i) {
    return {batch.data<T>() + i * batch.size(1) * batch.size(2), batch.size(1), batch.size(2)};
}
template <class T>
Eigen::Map<Matrix<T>> writable_matrix(T* data, const Tensor& batch, std::int64_t i) {
    return {data + i * batch.size(1) * batch.size(2), batch.size(1), batch.size(2)};
}

void determinant(const Tensor& a, const Tensor& det, const Tensor& sign, const Tensor& logabsdet) {
    visit_floating(a.dtype(), "linalg.det", [&]<class T>(T) {
        T* dets = det.mutable_data<T>();
        T* signs = sign.mutable_data<T>();
        T* logs = logabsdet.mutable_data<T>();
        for (std::int64_t i = 0; i < a.size(0); ++i) {
            T value = 1, direction = 1, logarithm = 0;
            if (a.size(1) > 0) {
                const Eigen::PartialPivLU<Matrix<T>> lu(matrix<T>(a, i));
                const auto pivots = lu.matrixLU().diagonal();
                value = lu.determinant();
                direction = static_cast<T>(lu.permutationP().determinant());
                for (Eigen::Index k = 0; k < pivots.size(); ++k) {
                    direction *= pivots[k] == T(0) ? T(0) : std::copysign(T(1), pivots[k]);
                    logarithm += std::log(std::fabs(pivots[k]));
                }
            }
            dets[i] = value;
            signs[i] = direction;
            logs[i] = logarithm;
        }
    });
}

/// By the singular values, which may be zero: det(u) det(v) u diag(products of the others) v^T.
template <class T>
Matrix<T> cofactors_by_svd(const Matrix<T>& a) {
    const Eigen::JacobiSVD<Matrix<T>, Eigen::FullPivHouseholderQRPreconditioner> svd(a, Eigen::ComputeFullU |
                                                                                            Eigen::ComputeFullV);
    const auto& s = svd.singularValues();
    Eigen::Matrix<T, Eigen::Dynamic, 1> others = Eigen::Matrix<T, Eigen::Dynamic, 1>::Ones(s.size());
    for (Eigen::Index i = 0; i < s.size(); ++i)
        for (Eigen::Index k = 0; k < s.size(); ++k)
            if (k != i) others[i] *= s[k];
    const T orientation = svd.matrixU().determinant() * svd.matrixV().determinant();
    return orientation * svd.matrixU() * others.asDiagonal() * svd.matrixV().transpose();
}

void cofactors(const Tensor& a, const Tensor& result) {
    visit_floating(a.dtype(), "linalg.det", [&]<class T>(T) {
        T* to = result.mutable_data<T>();
        for (std::int64_t i = 0; i < a.size(0) && a.numel() > 0; ++i) {
            if (!matrix<T>(a, i).allFinite()) {
                writable_matrix<T>(to, result, i).setConstant(std::numeric_limits<T>::quiet_NaN());
                continue;
            }
            const Eigen::PartialPivLU<Matrix<T>> lu(matrix<T>(a, i));
            const auto pivots = lu.matrixLU().diagonal().cwiseAbs().eval();
            const bool invertible =
                pivots.minCoeff() > pivots.maxCoeff() * std::sqrt(std::numeric_limits<T>::epsilon());
            if (invertible)
                writable_matrix<T>(to, result, i) = lu.determinant() * lu.inverse().transpose();
            else
                writable_matrix<T>(to, result, i) = cofactors_by_svd<T>(matrix<T>(a, i));
        }
    });
}

void solve(const Tensor& a, const Tensor& b, const Tensor& x, const Tensor& info) {
    visit_floating(a.dtype(), "linalg.solve", [&]<class T>(T) {
        T* to = x.mutable_data<T>();
        auto* numbers = info.mutable_data<std::int64_t>();
        for (std::int64_t i = 0; i < a.size(0); ++i) {
            numbers[i] = 0;
            if (a.size(1) == 0) continue;
            const Eigen::PartialPivLU<Matrix<T>> lu(matrix<T>(a, i));
            const auto pivots = lu.matrixLU().diagonal();
            for (Eigen::Index k = pivots.size(); k-- > 0;)
                if (pivots[k] == T(0)) numbers[i] = k + 1;
            if (numbers[i] == 0) writable_matrix<T>(to, x, i) = lu.solve(matrix<T>(b, i));
        }
    });
}

void svd(const Tensor& a, const Tensor& u, const Tensor& s, const Tensor& vh) {
    visit_floating(a.dtype(), "linalg.svd", [&]<class T>(T) {
        T* left = u.mutable_data<T>();
        T* values = s.mutable_data<T>();
        T* right = vh.mutable_data<T>();
        const std::int64_t count = s.size(1);
        const auto options = static_cast<unsigned>(u.size(2) == count ? Eigen::ComputeThinU : Eigen::ComputeFullU) |
                             static_cast<unsigned>(vh.size(1) == count ? Eigen::ComputeThinV : Eigen::ComputeFullV);
        for (std::int64_t i = 0; i < a.size(0); ++i) {
            if (count == 0) {
                writable_matrix<T>(left, u, i).setIdentity();
                writable_matrix<T>(right, vh, i).setIdentity();
                continue;
            }
            const auto given = matrix<T>(a, i);
            if (!given.allFinite())
                throw Error("linalg.svd: The algorithm failed to converge because the input matrix contained "
                            "non-finite values.");
            const Eigen::BDCSVD<Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>> found(given, options);
            writable_matrix<T>(left, u, i) = found.matrixU();
            writable_matrix<T>(right, vh, i) = found.matrixV().transpose();
            std::copy_n(found.singularValues().data(), count, values + i * count);
        }
    });
}

void cholesky(const Tensor& a, const Tensor& l, const Tensor& info) {
    visit_floating(a.dtype(), "linalg.cholesky", [&]<class T>(T) {
        T* to = l.mutable_data<T>();
        auto* numbers = info.mutable_data<std::int64_t>();
        for (std::int64_t i = 0; i < a.size(0); ++i) {
            const auto from = matrix<T>(a, i);
            auto result = writable_matrix<T>(to, l, i);
            result.setZero();
            numbers[i] = 0;
            for (Eigen::Index k = 0; k < from.rows() && numbers[i] == 0; ++k) {
                const T rest = from(k, k) - result.row(k).head(k).squaredNorm();
                if (!(rest > T(0))) {
                    numbers[i] = k + 1;
                    break;
                }
                result(k, k) = std::sqrt(rest);
                for (Eigen::Index row = k + 1; row < from.rows(); ++row)
                    result(row, k) = (from(row, k) - result.row(row).head(k).dot(result.row(k).head(k))) / result(k, k);
            }
        }
    });
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
