#include "engine/nn/init.h"

#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"

#include <cmath>
#include <numbers>

namespace hs::nn::init {

namespace {

thread_local bool skipping = false;

void check_rank(bool fits, const char* what) {
    if (!fits) throw ValueError(std::string("Only tensors with ") + what + " are supported");
}

double fan_of(const Tensor& tensor, std::string_view mode) {
    if (mode != "fan_in" && mode != "fan_out")
        throw ValueError("Mode " + std::string(mode) + " not supported, please use one of ['fan_in', 'fan_out']");
    const auto [in, out] = fan_in_and_fan_out(tensor);
    return static_cast<double>(mode == "fan_in" ? in : out);
}

double normal_distribution(double x) {
    return (1 + std::erf(x / std::numbers::sqrt2)) / 2;
}

/// The x with erf(x) = y, by Newton's method from a start that is off by at most 0.002 (Winitzki 2008).
double inverse_erf(double y) {
    if (std::fabs(y) >= 1) return std::copysign(6.0, y);
    constexpr double a = 0.147;
    const double log_part = std::log1p(-y * y);
    const double first = 2 / (std::numbers::pi * a) + log_part / 2;
    double x = std::copysign(std::sqrt(std::sqrt(first * first - log_part / a) - first), y);
    for (int i = 0; i < 3; ++i)
        x -= (std::erf(x) - y) * std::sqrt(std::numbers::pi) / 2 * std::exp(x * x);
    return x;
}

/// Makes the columns [column][row], of which there are not more than rows, orthonormal (Gram and Schmidt, twice for
/// accuracy): the Q of QR with a positive diagonal.
void orthonormalise(std::vector<std::vector<double>>& columns) {
    const auto product = [](const std::vector<double>& a, const std::vector<double>& b) {
        double sum = 0;
        for (std::size_t i = 0; i < a.size(); ++i)
            sum += a[i] * b[i];
        return sum;
    };
    for (std::size_t j = 0; j < columns.size(); ++j) {
        for (int pass = 0; pass < 2; ++pass) {
            for (std::size_t k = 0; k < j; ++k) {
                const double along = product(columns[j], columns[k]);
                for (std::size_t i = 0; i < columns[j].size(); ++i)
                    columns[j][i] -= along * columns[k][i];
            }
        }
        const double length = std::sqrt(product(columns[j], columns[j]));
        for (double& value : columns[j])
            value /= length;
    }
}

void set(const Tensor& tensor, const std::vector<double>& values) {
    if (skipping) return;
    const NoGrad scope;
    Tensor(tensor).copy_(from_data(values.data(), tensor.shape(), {.dtype = Dtype::float64}));
}

} // namespace

Skip::Skip() : before_(std::exchange(skipping, true)) {}
Skip::~Skip() {
    skipping = before_;
}

std::pair<std::int64_t, std::int64_t> fan_in_and_fan_out(const Tensor& tensor) {
    if (tensor.dim() < 2)
        throw ValueError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
    std::int64_t kernel = 1;
    for (std::size_t i = 2; i < tensor.shape().size(); ++i)
        kernel *= tensor.shape()[i];
    return {tensor.shape()[1] * kernel, tensor.shape()[0] * kernel};
}

double calculate_gain(std::string_view nonlinearity, double slope) {
    if (nonlinearity == "linear" || nonlinearity == "sigmoid" || nonlinearity.starts_with("conv")) return 1;
    if (nonlinearity == "tanh") return 5.0 / 3;
    if (nonlinearity == "relu") return std::numbers::sqrt2;
    if (nonlinearity == "leaky_relu") return std::sqrt(2 / (1 + slope * slope));
    if (nonlinearity == "selu") return 0.75;
    throw ValueError("Unsupported nonlinearity " + std::string(nonlinearity));
}

void uniform_(const Tensor& tensor, double low, double high, Generator& generator) {
    if (skipping) return;
    const NoGrad scope;
    Tensor(tensor).uniform_(low, high, generator);
}

void normal_(const Tensor& tensor, double mean, double std, Generator& generator) {
    if (skipping) return;
    const NoGrad scope;
    Tensor(tensor).normal_(mean, std, generator);
}

void trunc_normal_(const Tensor& tensor, double mean, double std, double low, double high, Generator& generator) {
    if (skipping) return;
    const double first = normal_distribution((low - mean) / std), last = normal_distribution((high - mean) / std);
    uniform_(tensor, 2 * first - 1, 2 * last - 1, generator);
    std::vector<double> values = tensor.to_vector<double>();
    for (double& value : values)
        value = std::clamp(mean + std * std::numbers::sqrt2 * inverse_erf(value), low, high);
    set(tensor, values);
}

void constant_(const Tensor& tensor, const Scalar& value) {
    if (skipping) return;
    const NoGrad scope;
    Tensor(tensor).fill_(value);
}

void ones_(const Tensor& tensor) {
    constant_(tensor, 1);
}

void zeros_(const Tensor& tensor) {
    constant_(tensor, 0);
}

void eye_(const Tensor& tensor) {
    check_rank(tensor.dim() == 2, "2 dimensions");
    std::vector<double> values(static_cast<std::size_t>(tensor.numel()));
    const std::int64_t columns = tensor.size(1);
    for (std::int64_t i = 0; i < std::min(tensor.size(0), columns); ++i)
        values[static_cast<std::size_t>(i * columns + i)] = 1;
    set(tensor, values);
}

void dirac_(const Tensor& tensor, std::int64_t groups) {
    check_rank(tensor.dim() >= 3 && tensor.dim() <= 5, "3, 4, or 5 dimensions");
    const Shape& shape = tensor.shape();
    if (groups <= 0 || shape[0] % groups != 0) throw ValueError("dim 0 must be divisible by groups");
    if (tensor.numel() == 0) return;
    const Strides strides = contiguous_strides(shape);
    std::int64_t middle = 0;
    for (std::size_t i = 2; i < shape.size(); ++i)
        middle += shape[i] / 2 * strides[i];
    const std::int64_t outputs = shape[0] / groups;
    std::vector<double> values(static_cast<std::size_t>(tensor.numel()));
    for (std::int64_t group = 0; group < groups; ++group)
        for (std::int64_t i = 0; i < std::min(outputs, shape[1]); ++i)
            values[static_cast<std::size_t>((group * outputs + i) * strides[0] + i * strides[1] + middle)] = 1;
    set(tensor, values);
}

void kaiming_uniform_(const Tensor& tensor, const KaimingOptions& options, Generator& generator) {
    const double fan = fan_of(tensor, options.mode);
    const double bound = std::sqrt(3.0) * calculate_gain(options.nonlinearity, options.a) / std::sqrt(fan);
    uniform_(tensor, -bound, bound, generator);
}

void kaiming_normal_(const Tensor& tensor, const KaimingOptions& options, Generator& generator) {
    const double fan = fan_of(tensor, options.mode);
    normal_(tensor, 0, calculate_gain(options.nonlinearity, options.a) / std::sqrt(fan), generator);
}

void xavier_uniform_(const Tensor& tensor, double gain, Generator& generator) {
    const auto [in, out] = fan_in_and_fan_out(tensor);
    const double bound = gain * std::sqrt(6.0 / static_cast<double>(in + out));
    uniform_(tensor, -bound, bound, generator);
}

void xavier_normal_(const Tensor& tensor, double gain, Generator& generator) {
    const auto [in, out] = fan_in_and_fan_out(tensor);
    normal_(tensor, 0, gain * std::sqrt(2.0 / static_cast<double>(in + out)), generator);
}

void orthogonal_(const Tensor& tensor, double gain, Generator& generator) {
    check_rank(tensor.dim() >= 2, "2 or more dimensions");
    if (tensor.numel() == 0) return;
    const auto rows = static_cast<std::size_t>(tensor.size(0));
    const std::size_t width = static_cast<std::size_t>(tensor.numel()) / rows;
    const Tensor drawn = empty({tensor.size(0), static_cast<std::int64_t>(width)}, tensor.options());
    normal_(drawn, 0, 1, generator);
    const std::vector<double> numbers = drawn.to_vector<double>();
    const bool tall = rows >= width; // the columns are orthogonal, else the rows
    std::vector<std::vector<double>> columns(std::min(rows, width), std::vector<double>(std::max(rows, width)));
    const auto at = [&](std::size_t row, std::size_t column) -> double& {
        return tall ? columns[column][row] : columns[row][column];
    };
    for (std::size_t i = 0; i < numbers.size(); ++i)
        at(i / width, i % width) = numbers[i];
    orthonormalise(columns);
    std::vector<double> values(numbers.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = gain * at(i / width, i % width);
    set(tensor, values);
}

void sparse_(const Tensor& tensor, double sparsity, double std, Generator& generator) {
    check_rank(tensor.dim() == 2, "2 dimensions");
    const std::int64_t rows = tensor.size(0), columns = tensor.size(1);
    if (std::isnan(sparsity)) throw ValueError("cannot convert float NaN to integer");
    const double share = std::clamp(sparsity, 0.0, 1.0);
    const auto zeros_a_column = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(rows)));
    normal_(tensor, 0, std, generator);
    std::vector<double> values = tensor.to_vector<double>();
    for (std::int64_t column = 0; column < columns; ++column) {
        const std::vector<std::int64_t> order = randperm(rows, generator).to_vector<std::int64_t>();
        for (std::int64_t i = 0; i < zeros_a_column; ++i)
            values[static_cast<std::size_t>(order[static_cast<std::size_t>(i)] * columns + column)] = 0;
    }
    set(tensor, values);
}

} // namespace hs::nn::init
