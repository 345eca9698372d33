#include "engine/nn/init.h"

#include "engine/graph/grad_mode.h"

#include <cmath>

namespace hs::nn::init {

std::pair<std::int64_t, std::int64_t> fan_in_and_fan_out(const Tensor& tensor) {
    if (tensor.dim() < 2)
        throw ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
    std::int64_t kernel = 1;
    for (std::size_t i = 2; i < tensor.shape().size(); ++i)
        kernel *= tensor.shape()[i];
    return {tensor.shape()[1] * kernel, tensor.shape()[0] * kernel};
}

void uniform_(const Tensor& tensor, double low, double high, Generator& generator) {
    const NoGrad scope;
    Tensor(tensor).uniform_(low, high, generator);
}

void normal_(const Tensor& tensor, double mean, double std, Generator& generator) {
    const NoGrad scope;
    Tensor(tensor).normal_(mean, std, generator);
}

void constant_(const Tensor& tensor, const Scalar& value) {
    const NoGrad scope;
    Tensor(tensor).fill_(value);
}

void kaiming_uniform_(const Tensor& tensor, double a, Generator& generator) {
    const double gain = std::sqrt(2 / (1 + a * a));
    const double bound = std::sqrt(3.0) * gain / std::sqrt(static_cast<double>(fan_in_and_fan_out(tensor).first));
    uniform_(tensor, -bound, bound, generator);
}

void kaiming_normal_(const Tensor& tensor, double a, bool fan_out, Generator& generator) {
    const auto [in, out] = fan_in_and_fan_out(tensor);
    const double gain = std::sqrt(2 / (1 + a * a));
    normal_(tensor, 0, gain / std::sqrt(static_cast<double>(fan_out ? out : in)), generator);
}

void xavier_uniform_(const Tensor& tensor, double gain, Generator& generator) {
    const auto [in, out] = fan_in_and_fan_out(tensor);
    const double bound = gain * std::sqrt(6.0 / static_cast<double>(in + out));
    uniform_(tensor, -bound, bound, generator);
}

} // namespace hs::nn::init
