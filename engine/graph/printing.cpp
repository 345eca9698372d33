#include "engine/tensor/printing.h"

#include "engine/graph/node.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace hs {

namespace {

std::string printf_number(const char* format, int digits, double value) {
    char text[400];
    std::snprintf(text, sizeof text, format, digits, value);
    return text;
}

/// How the numbers of one tensor are written (rule 112): decided by all finite, non-zero values.
class Format {
  public:
    Format(const std::vector<double>& values, Dtype dtype, const PrintOptions& options)
        : floating_(is_floating_point(dtype)), bool_(dtype == Dtype::bool_), precision_(options.precision) {
        if (!floating_) {
            for (const double value : values)
                widen(value);
            return;
        }
        std::vector<double> magnitudes;
        for (const double value : values)
            if (std::isfinite(value) && value != 0) magnitudes.push_back(std::fabs(value));
        if (magnitudes.empty()) {
            scientific_ = options.sci_mode.value_or(false);
            return;
        }
        const auto [least, greatest] = std::ranges::minmax(magnitudes);
        whole_ = std::ranges::all_of(magnitudes, [](double value) { return value == std::ceil(value); });
        scientific_ = greatest / least > 1000 || greatest > 1e8 || (!whole_ && least < 1e-4);
        for (const double value : values)
            if (std::isfinite(value) && value != 0) widen(value);
        // As in PyTorch, the width stays what the numbers asked for.
        scientific_ = options.sci_mode.value_or(scientific_);
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
        if (scientific_) return printf_number("%.*e", precision_, value);
        if (whole_) return printf_number("%.*f", 0, value) + ".";
        return printf_number("%.*f", precision_, value);
    }

    bool floating_;
    bool bool_;
    int precision_;
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

/// How much of each dimension is shown: all, or `edge_items` at both ends.
struct Extent {
    std::optional<std::int64_t> edge_items;

    /// The positions that are shown; -1 stands for the dots.
    std::vector<std::int64_t> positions(std::int64_t size) const {
        std::vector<std::int64_t> result;
        for (std::int64_t i = 0; i < size; ++i) {
            if (edge_items && size > 2 * *edge_items && i == *edge_items) {
                result.push_back(-1);
                i = size - *edge_items;
                if (i == size) break;
            }
            result.push_back(i);
        }
        return result;
    }
};

void collect(const Elements& elements, std::size_t dim, std::int64_t offset, const Extent& extent,
             std::vector<double>& values) {
    if (dim == elements.shape().size()) {
        values.push_back(elements.number(offset));
        return;
    }
    for (const std::int64_t i : extent.positions(elements.shape()[dim]))
        if (i >= 0) collect(elements, dim + 1, offset + i * elements.stride(dim), extent, values);
}

/// The elements between brackets.
class Body {
  public:
    Body(const Elements& elements, const Format& format, const Extent& extent, int line_width)
        : elements_(elements), format_(format), extent_(extent), line_width_(static_cast<std::size_t>(line_width)) {}

    std::string text(std::size_t dim, std::int64_t offset, std::size_t indent) const {
        const std::size_t rank = elements_.shape().size();
        if (rank == 0) return elements_.text(format_, 0);
        if (dim + 1 == rank) return line(offset, indent);
        std::string text = "[";
        bool first = true;
        for (const std::int64_t i : extent_.positions(elements_.shape()[dim])) {
            if (!first) text += "," + std::string(rank - dim - 1, '\n') + std::string(indent + 1, ' ');
            first = false;
            text += i < 0 ? "..." : this->text(dim + 1, offset + i * elements_.stride(dim), indent + 1);
        }
        return text + "]";
    }

  private:
    std::string line(std::int64_t offset, std::size_t indent) const {
        const std::size_t room = line_width_ > indent ? line_width_ - indent : 0;
        const std::size_t per_line = std::max<std::size_t>(1, room / (format_.width() + 2));
        std::vector<std::string> words;
        for (const std::int64_t i : extent_.positions(elements_.shape().back()))
            words.push_back(i < 0 ? " ..." : elements_.text(format_, offset + i));
        std::string text = "[";
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (i > 0) text += i % per_line == 0 ? ",\n" + std::string(indent + 1, ' ') : ", ";
            text += words[i];
        }
        return text + "]";
    }

    const Elements& elements_;
    const Format& format_;
    const Extent& extent_;
    std::size_t line_width_;
};

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

PrintOptions print_profile(std::string_view name) {
    if (name == "default") return {};
    if (name == "short") return {.precision = 2, .edge_items = 2};
    if (name == "full") return {.threshold = std::numeric_limits<std::int64_t>::max()};
    throw ValueError("there is no profile '" + std::string(name) + "': use default, short or full");
}

std::string to_string(const Tensor& tensor) {
    return to_string(tensor, PrintOptions{});
}

std::string to_string(const Tensor& tensor, const PrintOptions& options) {
    if (!tensor.defined()) return "None";
    const std::string prefix = "tensor(";
    std::string body = "[]";
    if (tensor.numel() > 0) {
        const Elements elements(tensor);
        Extent extent;
        if (tensor.numel() > options.threshold) extent.edge_items = options.edge_items;
        std::vector<double> values;
        collect(elements, 0, 0, extent, values);
        const Format format(values, tensor.dtype(), options);
        body = Body(elements, format, extent, options.line_width).text(0, 0, prefix.size());
    }
    std::string text = prefix + body;
    const std::size_t last_line = text.rfind('\n');
    std::size_t column = text.size() - (last_line == std::string::npos ? 0 : last_line + 1) + 2; // as PyTorch counts
    for (const std::string& suffix : suffixes(tensor)) {
        const bool wraps = column + suffix.size() + 2 > static_cast<std::size_t>(options.line_width);
        text += wraps ? ",\n" + std::string(prefix.size(), ' ') + suffix : ", " + suffix;
        column = wraps ? prefix.size() + suffix.size() : column + suffix.size() + 2;
    }
    return (tensor.is_parameter() ? "Parameter containing:\n" : "") + text + ")";
}

} // namespace hs
