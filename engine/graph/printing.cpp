#include "engine/tensor/printing.h"

#include "engine/graph/node.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace hs {

namespace {

constexpr std::int64_t edge_items = 3;
constexpr std::int64_t summary_threshold = 1000;
constexpr int precision = 4;
constexpr int line_width = 80;

std::string printf_number(const char* format, int digits, double value) {
    char text[400];
    std::snprintf(text, sizeof text, format, digits, value);
    return text;
}

/// How the numbers of one tensor are written (rule 112): decided by all finite, non-zero values.
class Format {
  public:
    Format(const std::vector<double>& values, Dtype dtype)
        : floating_(is_floating_point(dtype)), bool_(dtype == Dtype::bool_) {
        if (!floating_) {
            for (const double value : values)
                widen(value);
            return;
        }
        std::vector<double> magnitudes;
        for (const double value : values)
            if (std::isfinite(value) && value != 0) magnitudes.push_back(std::fabs(value));
        if (magnitudes.empty()) return;
        const auto [least, greatest] = std::ranges::minmax(magnitudes);
        whole_ = std::ranges::all_of(magnitudes, [](double value) { return value == std::ceil(value); });
        scientific_ = greatest / least > 1000 || greatest > 1e8 || (!whole_ && least < 1e-4);
        for (const double value : values)
            if (std::isfinite(value) && value != 0) widen(value);
    }

    std::string operator()(double value) const {
        std::string text = plain(value);
        if (text.size() < width_) text.insert(0, width_ - text.size(), ' ');
        return text;
    }
    std::size_t width() const { return width_; }

  private:
    void widen(double value) { width_ = std::max(width_, plain(value).size()); }

    std::string plain(double value) const {
        if (bool_) return value != 0 ? "True" : "False";
        if (!floating_) return std::to_string(static_cast<std::int64_t>(value));
        if (std::isnan(value)) return "nan";
        if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
        if (scientific_) return printf_number("%.*e", precision, value);
        if (whole_) return printf_number("%.*f", 0, value) + ".";
        return printf_number("%.*f", precision, value);
    }

    bool floating_;
    bool bool_;
    bool whole_ = true;
    bool scientific_ = false;
    std::size_t width_ = 1;
};

/// Elements of a tensor by position, integers exactly.
class Elements {
  public:
    explicit Elements(const Tensor& tensor) : shape_(tensor.shape()), strides_(contiguous_strides(shape_)) {
        if (tensor.dtype() == Dtype::int64)
            integers_ = tensor.to_vector<std::int64_t>();
        else
            numbers_ = tensor.to_vector<double>();
    }
    const Shape& shape() const { return shape_; }
    std::int64_t stride(std::size_t dim) const { return strides_[dim]; }
    double number(std::int64_t i) const {
        return integers_.empty() ? numbers_[static_cast<std::size_t>(i)]
                                 : static_cast<double>(integers_[static_cast<std::size_t>(i)]);
    }
    std::string text(const Format& format, std::int64_t i) const {
        if (integers_.empty()) return format(numbers_[static_cast<std::size_t>(i)]);
        std::string text = std::to_string(integers_[static_cast<std::size_t>(i)]);
        if (text.size() < format.width()) text.insert(0, format.width() - text.size(), ' ');
        return text;
    }

  private:
    Shape shape_;
    Strides strides_;
    std::vector<double> numbers_;
    std::vector<std::int64_t> integers_;
};

/// Positions along a dimension that are shown; -1 stands for the dots.
std::vector<std::int64_t> shown(std::int64_t size, bool summarize) {
    std::vector<std::int64_t> positions;
    for (std::int64_t i = 0; i < size; ++i) {
        if (summarize && size > 2 * edge_items && i == edge_items) {
            positions.push_back(-1);
            i = size - edge_items;
        }
        positions.push_back(i);
    }
    return positions;
}

void collect(const Elements& elements, std::size_t dim, std::int64_t offset, bool summarize,
             std::vector<double>& values) {
    if (dim == elements.shape().size()) {
        values.push_back(elements.number(offset));
        return;
    }
    for (const std::int64_t i : shown(elements.shape()[dim], summarize))
        if (i >= 0) collect(elements, dim + 1, offset + i * elements.stride(dim), summarize, values);
}

std::string vector_text(const Elements& elements, const Format& format, std::int64_t offset, std::size_t indent,
                        bool summarize) {
    const std::size_t element_length = format.width() + 2;
    const std::size_t room = static_cast<std::size_t>(line_width) - indent;
    const std::size_t per_line = std::max<std::size_t>(1, room / element_length);
    const std::size_t dim = elements.shape().size() - 1;
    std::vector<std::string> words;
    for (const std::int64_t i : shown(elements.shape()[dim], summarize))
        words.push_back(i < 0 ? " ..." : elements.text(format, offset + i));
    std::string text = "[";
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i % per_line == 0 ? ",\n" + std::string(indent + 1, ' ') : ", ";
        text += words[i];
    }
    return text + "]";
}

std::string block_text(const Elements& elements, const Format& format, std::size_t dim, std::int64_t offset,
                       std::size_t indent, bool summarize) {
    const std::size_t rank = elements.shape().size();
    if (rank == 0) return elements.text(format, 0);
    if (dim + 1 == rank) return vector_text(elements, format, offset, indent, summarize);
    std::string text = "[";
    bool first = true;
    for (const std::int64_t i : shown(elements.shape()[dim], summarize)) {
        if (!first) text += "," + std::string(rank - dim - 1, '\n') + std::string(indent + 1, ' ');
        first = false;
        text += i < 0 ? "..."
                      : block_text(elements, format, dim + 1, offset + i * elements.stride(dim), indent + 1, summarize);
    }
    return text + "]";
}

/// Rule 113: what follows the elements.
std::vector<std::string> suffixes(const Tensor& tensor) {
    std::vector<std::string> result;
    if (tensor.device().type != DeviceType::cpu) result.push_back("device='" + to_string(tensor.device()) + "'");
    const bool empty = tensor.numel() == 0;
    const Dtype dtype = tensor.dtype();
    if (empty && tensor.dim() != 1) {
        std::string size;
        for (const std::int64_t n : tensor.shape())
            size += (size.empty() ? "" : ", ") + std::to_string(n);
        result.push_back("size=(" + size + ")");
    }
    const bool implied = dtype == Dtype::float32 || (!empty && (dtype == Dtype::int64 || dtype == Dtype::bool_));
    if (!implied) result.push_back("dtype=torch." + std::string(name(dtype)));
    if (tensor.grad_fn())
        result.push_back("grad_fn=<" + std::string(tensor.grad_fn()->name()) + ">");
    else if (tensor.requires_grad())
        result.push_back("requires_grad=True");
    return result;
}

} // namespace

std::string legacy_type_name(const Tensor& tensor) {
    const std::string device = tensor.device().type == DeviceType::cuda ? "cuda." : "";
    return "torch." + device + std::string(scalar_type_name(tensor.dtype())) + "Tensor";
}

std::string to_string(const Tensor& tensor) {
    if (!tensor.defined()) return "None";
    const std::string prefix = "tensor(";
    std::string body = "[]";
    if (tensor.numel() > 0) {
        const Elements elements(tensor);
        const bool summarize = tensor.numel() > summary_threshold;
        std::vector<double> values;
        collect(elements, 0, 0, summarize, values);
        body = block_text(elements, Format(values, tensor.dtype()), 0, 0, prefix.size(), summarize);
    }
    std::string text = prefix + body;
    const std::size_t last_line = text.rfind('\n');
    std::size_t column = text.size() - (last_line == std::string::npos ? 0 : last_line + 1) + 1;
    for (const std::string& suffix : suffixes(tensor)) {
        const bool wraps = column + suffix.size() + 2 > static_cast<std::size_t>(line_width);
        text += wraps ? ",\n" + std::string(prefix.size(), ' ') + suffix : ", " + suffix;
        column = wraps ? prefix.size() + suffix.size() : column + suffix.size() + 2;
    }
    return text + ")";
}

} // namespace hs
