#include "tests/conformance/case_value.h"

#include "engine/ops/functional.h"
#include "tests/conformance/report.h"

#include <cmath>
#include <limits>

namespace hs::conformance {

namespace {

constexpr int depth_limit = 16;

bool all_of_kind(const nlohmann::json& items, std::string_view kind) {
    return std::ranges::all_of(items, [&](const nlohmann::json& item) { return item.at("t") == kind; });
}

/// The elements that `strides` reach: how long the storage has to be.
std::int64_t extent(const Shape& shape, const Strides& strides) {
    std::int64_t last = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (strides[i] < 0) throw Error("a stride is negative");
        if (shape[i] == 0) return 0;
        if (__builtin_add_overflow(last, (shape[i] - 1) * strides[i], &last) || last > (std::int64_t{1} << 32))
            throw Error("its strides reach too far");
    }
    return last + 1;
}

} // namespace

double floating(const nlohmann::json& value) {
    if (value.is_number()) return value.get<double>();
    const std::string text = value.get<std::string>();
    if (text == "nan") return std::numeric_limits<double>::quiet_NaN();
    if (text == "inf") return std::numeric_limits<double>::infinity();
    if (text == "-inf") return -std::numeric_limits<double>::infinity();
    throw Error("'" + text + "' is no number");
}

const Tensor& CaseValues::tensor(const std::string& key) const {
    const auto found = tensors_->find(key);
    if (found == tensors_->end()) throw Error("the file of tensors has no '" + key + "'");
    return found->second;
}

Tensor CaseValues::input(const nlohmann::json& value) {
    const std::string key = value.at("k").get<std::string>();
    if (const auto known = inputs_.find(key); known != inputs_.end()) return known->second;
    const Tensor& stored = tensor(key);
    Tensor made;
    if (const auto given = value.find("stride"); given != value.end()) {
        const Strides strides(given->get<std::vector<std::int64_t>>());
        if (strides.size() != stored.shape().size()) throw Error("'" + key + "' has strides of another rank");
        const Tensor base = zeros({extent(stored.shape(), strides)}, stored.options());
        made = make_tensor(base.impl()->storage, stored.shape(), strides, 0, stored.dtype());
        // An expanded dimension is one element in memory, and is written once.
        Shape once = stored.shape();
        Tensor values = stored;
        for (std::size_t i = 0; i < once.size(); ++i) {
            if (strides[i] != 0 || once[i] < 2) continue;
            once[i] = 1;
            values = narrow(values, static_cast<std::int64_t>(i), 0, 1);
        }
        make_tensor(base.impl()->storage, once, strides, 0, stored.dtype()).copy_(values);
    } else {
        made = stored.clone();
    }
    if (value.value("rg", false)) made.set_requires_grad();
    inputs_.emplace(key, made);
    return made;
}

Index CaseValues::index(const nlohmann::json& value, int depth) {
    const std::string type = value.at("t").get<std::string>();
    if (type == "int") return value.at("v").get<std::int64_t>();
    if (type == "bool") return value.at("v").get<bool>();
    if (type == "none") return NewAxis{};
    if (type == "ellipsis") return Ellipsis{};
    if (type == "slice") {
        const nlohmann::json& parts = value.at("v");
        const auto part = [&](std::size_t i) -> std::optional<std::int64_t> {
            if (parts.at(i).at("t") == "none") return std::nullopt;
            return parts.at(i).at("v").get<std::int64_t>();
        };
        return Slice{part(0), part(1), part(2)};
    }
    const Argument argument_of = argument(value, depth + 1);
    if (const auto* found = std::get_if<Tensor>(&argument_of.value())) return *found;
    if (const auto* numbers = std::get_if<Dims>(&argument_of.value()))
        return from_data(numbers->data(), {static_cast<std::int64_t>(numbers->size())}, {.dtype = Dtype::int64});
    throw Error("'" + type + "' is no index");
}

Argument CaseValues::list(const nlohmann::json& items, int depth) {
    if (all_of_kind(items, "int")) {
        Dims numbers;
        for (const nlohmann::json& item : items)
            numbers.push_back(item.at("v").get<std::int64_t>());
        return numbers;
    }
    if (all_of_kind(items, "tensor")) {
        Tensors list;
        for (const nlohmann::json& item : items)
            list.push_back(input(item));
        return list;
    }
    const auto is_number = [](const nlohmann::json& item) { return item.at("t") == "float" || item.at("t") == "int"; };
    if (std::ranges::all_of(items, is_number)) {
        std::vector<double> numbers;
        for (const nlohmann::json& item : items)
            numbers.push_back(floating(item.at("v")));
        return numbers;
    }
    Indices indices;
    for (const nlohmann::json& item : items)
        indices.push_back(index(item, depth));
    return indices;
}

/// Integers as an index expression: `x[1, 2]` is not `x[[1, 2]]`. Where a list of integers is wanted both will do.
Argument CaseValues::tuple(const nlohmann::json& items, int depth) {
    if (!all_of_kind(items, "int")) return list(items, depth);
    Indices indices;
    for (const nlohmann::json& item : items)
        indices.push_back(index(item, depth));
    return indices;
}

Argument CaseValues::argument(const nlohmann::json& value, int depth) {
    if (depth > depth_limit) throw Error("a value is nested too deeply");
    const std::string type = value.at("t").get<std::string>();
    if (type == "none") return {};
    if (type == "complex") throw Skip{"complex numbers"};
    if (type == "ellipsis" || type == "slice") return Indices{index(value, depth)};
    if (type == "tensor") return input(value);
    const nlohmann::json& content = value.at("v");
    if (type == "int") return Scalar(content.get<std::int64_t>());
    if (type == "float") return Scalar(floating(content));
    if (type == "bool") return Scalar(content.get<bool>());
    if (type == "str") return content.get<std::string>();
    if (type == "dtype") {
        const std::string text = content.get<std::string>();
        if (text.starts_with("complex")) throw Skip{"complex numbers"};
        return dtype_from_name(text);
    }
    if (type == "list") return list(content, depth + 1);
    if (type == "tuple") return tuple(content, depth + 1);
    throw Error("a value has the unknown type '" + type + "'");
}

void compare(const Tensor& actual, const Tensor& expected, double rtol, double atol, const std::string& what) {
    if (!actual.defined()) throw Error(what + " is None");
    if (actual.shape() != expected.shape())
        throw Error(what + " has shape " + to_string(actual.shape()) + ", expected " + to_string(expected.shape()));
    if (actual.dtype() != expected.dtype())
        throw Error(what + " has dtype " + std::string(name(actual.dtype())) + ", expected " +
                    std::string(name(expected.dtype())));
    const bool exact = !is_floating_point(expected.dtype());
    if (exact && actual.to_vector<std::int64_t>() == expected.to_vector<std::int64_t>()) return;
    const std::vector<double> left = actual.to_vector<double>();
    const std::vector<double> right = expected.to_vector<double>();
    std::size_t wrong = 0, first = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        const bool same = left[i] == right[i] || (std::isnan(left[i]) && std::isnan(right[i]));
        if (same || (!exact && std::fabs(left[i] - right[i]) <= atol + rtol * std::fabs(right[i]))) continue;
        if (wrong++ == 0) first = i;
    }
    if (wrong == 0) return;
    char text[160];
    std::snprintf(text, sizeof text, ": %zu of %zu elements differ, element %zu is %.17g, expected %.17g", wrong,
                  left.size(), first, left[first], right[first]);
    throw Error(what + text);
}

} // namespace hs::conformance
