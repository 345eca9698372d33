#include "engine/nn/activation.h"

#include "engine/ops/functional.h"
#include "engine/ops/in_place.h"
#include "engine/tensor/generator.h"
#include "engine/tensor/number_text.h"
#include "engine/tensor/warning.h"

namespace hs::nn {

namespace {

using OfDim = Tensor (*)(const Tensor&, std::int64_t, std::optional<Dtype>);

std::function<Tensor(const Tensor&)> along(OfDim function, const char* name, std::optional<std::int64_t> dim) {
    return [function, name, dim](const Tensor& x) {
        if (dim) return function(x, *dim, std::nullopt);
        warn("Implicit dimension choice for " + std::string(name) +
             " has been deprecated. Change the call to include dim=X as an argument.");
        return function(x, x.dim() == 0 || x.dim() == 1 || x.dim() == 3 ? 0 : 1, std::nullopt);
    };
}

std::string dim_text(std::optional<std::int64_t> dim) {
    return "dim=" + (dim ? std::to_string(*dim) : "None");
}

/// Throws Error with PyTorch's text for another name than `none` and `tanh`.
const std::string& known_approximation(const std::string& name) {
    if (name != "none" && name != "tanh") throw Error("approximate argument must be either none or tanh.");
    return name;
}

} // namespace

Activation::Activation(Function function, std::string text, bool inplace)
    : function_(std::move(function)), text_(std::move(text)), inplace_(inplace) {
    if (inplace) text_ += text_.empty() ? "inplace=True" : ", inplace=True";
}

Tensor Activation::forward(const Tensor& input) {
    if (!inplace_) return function_(input);
    Tensor self = input;
    return in_place(self, function_);
}

ReLU::ReLU(bool inplace) : Activation(relu, {}, inplace) {}
ReLU6::ReLU6(bool inplace) : Activation(relu6, {}, inplace) {}
LeakyReLU::LeakyReLU(Scalar negative_slope, bool inplace)
    : Activation([=](const Tensor& x) { return leaky_relu(x, negative_slope); },
                 "negative_slope=" + number_text(negative_slope), inplace) {}
ELU::ELU(Scalar alpha, bool inplace)
    : Activation([=](const Tensor& x) { return elu(x, alpha); }, "alpha=" + number_text(alpha), inplace) {}
SELU::SELU(bool inplace) : Activation(selu, {}, inplace) {}
CELU::CELU(Scalar alpha, bool inplace)
    : Activation([=](const Tensor& x) { return celu(x, alpha); }, "alpha=" + number_text(alpha), inplace) {}
GELU::GELU(const std::string& approximate)
    : Activation([=](const Tensor& x) { return gelu(x, approximate); },
                 "approximate='" + known_approximation(approximate) + "'") {}
SiLU::SiLU(bool inplace) : Activation(silu, {}, inplace) {}
Mish::Mish(bool inplace) : Activation(mish, {}, inplace) {}
Tanh::Tanh() : Activation(tanh) {}
Sigmoid::Sigmoid() : Activation(sigmoid) {}
Hardtanh::Hardtanh(Scalar min_val, Scalar max_val, bool inplace)
    : Activation([=](const Tensor& x) { return hardtanh(x, min_val, max_val); },
                 "min_val=" + number_text(min_val) + ", max_val=" + number_text(max_val), inplace) {
    if (max_val.to_double() <= min_val.to_double()) throw ValueError("max_val must be larger than min_val");
}
Softplus::Softplus(Scalar beta, Scalar threshold)
    : Activation([=](const Tensor& x) { return softplus(x, beta, threshold); },
                 "beta=" + number_text(beta) + ", threshold=" + number_text(threshold)) {}
Softsign::Softsign() : Activation(softsign) {}
LogSigmoid::LogSigmoid() : Activation(logsigmoid) {}
Tanhshrink::Tanhshrink() : Activation(tanhshrink) {}
Hardshrink::Hardshrink(Scalar lambd)
    : Activation([=](const Tensor& x) { return hardshrink(x, lambd); }, number_text(lambd)) {}
Softshrink::Softshrink(Scalar lambd)
    : Activation([=](const Tensor& x) { return softshrink(x, lambd); }, number_text(lambd)) {}
Threshold::Threshold(Scalar limit, Scalar value, bool inplace)
    : Activation([=](const Tensor& x) { return threshold(x, limit, value); },
                 "threshold=" + number_text(limit) + ", value=" + number_text(value), inplace) {}
GLU::GLU(std::int64_t dim) : Activation([=](const Tensor& x) { return glu(x, dim); }, "dim=" + std::to_string(dim)) {}
Softmax::Softmax(std::optional<std::int64_t> dim) : Activation(along(softmax, "softmax", dim), dim_text(dim)) {}
LogSoftmax::LogSoftmax(std::optional<std::int64_t> dim)
    : Activation(along(log_softmax, "log_softmax", dim), dim_text(dim)) {}
Softmin::Softmin(std::optional<std::int64_t> dim) : Activation(along(softmin, "softmin", dim), dim_text(dim)) {}
Softmax2d::Softmax2d()
    : Activation([](const Tensor& x) {
          if (x.dim() != 3 && x.dim() != 4)
              throw ValueError("Softmax2d: expected input to be 3D or 4D, got " + std::to_string(x.dim()) +
                               "D instead");
          return softmax(x, -3);
      }) {}

// PyTorch prints nothing of these two, in place or not.
Hardswish::Hardswish(bool inplace)
    : Activation(inplace ? Function([](const Tensor& x) {
          Tensor self = x;
          return in_place(self, hardswish);
      })
                         : Function(hardswish)) {}
Hardsigmoid::Hardsigmoid(bool inplace)
    : Activation(inplace ? Function([](const Tensor& x) {
          Tensor self = x;
          return in_place(self, hardsigmoid);
      })
                         : Function(hardsigmoid)) {}

PReLU::PReLU(std::int64_t num_parameters, double init)
    : weight(add_parameter("weight", full({num_parameters}, init))) {}

Tensor PReLU::forward(const Tensor& input) {
    return prelu(input, weight);
}

std::string PReLU::extra_repr() const {
    return "num_parameters=" + std::to_string(weight.numel());
}

RReLU::RReLU(double lower, double upper, bool inplace) : lower_(lower), upper_(upper), inplace_(inplace) {}

Tensor RReLU::forward(const Tensor& input) {
    if (lower_ > upper_) throw Error("Lower bound should be less than or equal to the upper bound");
    const auto function = [this](const Tensor& x) {
        if (!is_training()) return leaky_relu(x, (lower_ + upper_) / 2);
        std::vector<double> slopes = x.to_vector<double>();
        for (double& slope : slopes)
            slope = slope <= 0 ? lower_ + (upper_ - lower_) * default_generator().uniform_double() : 1;
        return x * from_data(slopes.data(), x.shape(), x.options());
    };
    if (!inplace_) return function(input);
    Tensor self = input;
    return in_place(self, function);
}

std::string RReLU::extra_repr() const {
    return "lower=" + float_text(lower_) + ", upper=" + float_text(upper_) + (inplace_ ? ", inplace=True" : "");
}

} // namespace hs::nn
