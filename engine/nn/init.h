#pragma once

#include "engine/tensor/generator.h"
#include "engine/tensor/tensor.h"

#include <string_view>
#include <utility>

/// `torch.nn.init`: fills a tensor in place, without recording.
namespace hs::nn::init {

/// While one lives, the functions below leave tensors as they are on this thread, and so do the constructors of modules
/// that call them: for a model whose weights are loaded anyway.
class Skip {
  public:
    Skip();
    ~Skip();
    Skip(const Skip&) = delete;
    Skip& operator=(const Skip&) = delete;

  private:
    bool before_;
};

/// Inputs and outputs of one unit: for [out, in, ...kernel] in * kernel and out * kernel. Needs two dimensions.
std::pair<std::int64_t, std::int64_t> fan_in_and_fan_out(const Tensor& tensor);
/// By how much the standard deviation has to grow before a function: 1 for `linear`, `conv2d` and its like and
/// `sigmoid`, 5/3 for `tanh`, sqrt(2) for `relu`, sqrt(2 / (1 + slope^2)) for `leaky_relu`, 3/4 for `selu`. Throws
/// ValueError for another name.
double calculate_gain(std::string_view nonlinearity, double slope = 0.01);

void uniform_(const Tensor& tensor, double low = 0, double high = 1, Generator& generator = default_generator());
void normal_(const Tensor& tensor, double mean = 0, double std = 1, Generator& generator = default_generator());
/// Normal within `low` and `high`: what lies outside is drawn anew, by the inverse of the distribution function.
void trunc_normal_(const Tensor& tensor, double mean = 0, double std = 1, double low = -2, double high = 2,
                   Generator& generator = default_generator());
void constant_(const Tensor& tensor, const Scalar& value);
void ones_(const Tensor& tensor);
void zeros_(const Tensor& tensor);
/// The identity, of two dimensions.
void eye_(const Tensor& tensor);
/// Kernels of three to five dimensions that pass their input channel on, in each of `groups` groups.
void dirac_(const Tensor& tensor, std::int64_t groups = 1);

struct KaimingOptions {
    double a = 0;                     ///< slope of leaky_relu
    std::string_view mode = "fan_in"; ///< or "fan_out"
    std::string_view nonlinearity = "leaky_relu";
};
/// Uniform in ±gain sqrt(3 / fan) (He et al. 2015).
void kaiming_uniform_(const Tensor& tensor, const KaimingOptions& options = {},
                      Generator& generator = default_generator());
/// Normal with standard deviation gain / sqrt(fan).
void kaiming_normal_(const Tensor& tensor, const KaimingOptions& options = {},
                     Generator& generator = default_generator());
/// Uniform in ±gain sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).
void xavier_uniform_(const Tensor& tensor, double gain = 1, Generator& generator = default_generator());
/// Normal with standard deviation gain sqrt(2 / (fan_in + fan_out)).
void xavier_normal_(const Tensor& tensor, double gain = 1, Generator& generator = default_generator());
/// Rows or columns, whichever are fewer, orthogonal and of length `gain` (Saxe et al. 2014); dimensions after the first
/// count as one.
void orthogonal_(const Tensor& tensor, double gain = 1, Generator& generator = default_generator());
/// Normal with a share `sparsity` of each column of a matrix at zero.
void sparse_(const Tensor& tensor, double sparsity, double std = 0.01, Generator& generator = default_generator());

} // namespace hs::nn::init
