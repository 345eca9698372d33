#include "engine/ops/method.h"

#include "engine/graph/grad_mode.h"
#include "engine/graph/node.h"
#include "engine/ops/in_place.h"

#include <algorithm>

namespace hs {

namespace {

/// What torch.Tensor and torch.nn.functional have in place, of elements.
constexpr std::string_view written[] = {
    "abs",         "absolute",    "acos",          "add",          "addbmm",      "addcdiv",
    "addcmul",     "addmm",       "addmv",         "addr",         "asin",        "atan",
    "atan2",       "baddbmm",     "bitwise_and",   "bitwise_or",   "bitwise_xor", "ceil",
    "celu",        "clamp",       "clamp_max",     "clamp_min",    "clip",        "copysign",
    "cos",         "cosh",        "cumprod",       "cumsum",       "div",         "divide",
    "elu",         "eq",          "erf",           "erfc",         "exp",         "exp2",
    "expm1",       "fix",         "floor",         "floor_divide", "fmod",        "frac",
    "ge",          "greater",     "greater_equal", "gt",           "hardtanh",    "hypot",
    "index_add",   "index_copy",  "index_fill",    "index_put",    "le",          "leaky_relu",
    "lerp",        "less",        "less_equal",    "log",          "log10",       "log1p",
    "log2",        "logical_and", "logical_not",   "logical_or",   "logical_xor", "lt",
    "masked_fill", "mul",         "multiply",      "ne",           "neg",         "negative",
    "not_equal",   "pow",         "reciprocal",    "relu",         "remainder",   "round",
    "rsqrt",       "scatter",     "scatter_add",   "selu",         "sgn",         "sigmoid",
    "sign",        "sin",         "sinh",          "sqrt",         "square",      "sub",
    "subtract",    "tan",         "tanh",          "threshold",    "tril",        "triu",
    "true_divide", "trunc",       "xlogy"};
/// The same, of geometry.
constexpr std::string_view turned[] = {"as_strided", "squeeze", "swapaxes", "swapdims", "t", "transpose", "unsqueeze"};

template <std::size_t count>
bool is_one_of(const std::string_view (&names)[count], std::string_view name) {
    return std::ranges::find(names, name) != std::end(names);
}

/// Gives `self` the geometry and the history of a view of it.
void take_geometry(Tensor& self, const Tensor& view) {
    check_in_place(self);
    TensorImpl& impl = *self.impl();
    impl.shape = view.shape();
    impl.strides = view.strides();
    impl.offset = view.storage_offset();
    impl.count = view.numel();
    impl.contiguous = view.is_contiguous();
    if (view.grad_fn()) set_history(self, view.grad_fn(), view.impl()->output_nr);
    self.bump_version();
}

} // namespace

bool has_in_place_form(std::string_view name) {
    return (is_one_of(written, name) || is_one_of(turned, name)) && !find_ops(name).empty();
}

Tensors call_method(Tensor self, std::string_view name, const std::vector<Argument>& positional,
                    const std::map<std::string, Argument>& keywords) {
    const auto call = [&](std::string_view operation, const Tensor& first) {
        std::vector<Argument> arguments{first};
        arguments.insert(arguments.end(), positional.begin(), positional.end());
        return call_by_name(operation, arguments, keywords);
    };
    if (!name.ends_with('_')) return call(name, self);
    const std::string_view operation = name.substr(0, name.size() - 1);
    if (!has_in_place_form(operation)) throw TypeError("a tensor has no method '" + std::string(name) + "'");
    if (is_one_of(turned, operation))
        take_geometry(self, call(operation, self)[0]);
    else
        in_place(self, [&](const Tensor& x) { return call(operation, x)[0]; });
    return {self};
}

} // namespace hs
