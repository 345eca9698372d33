#pragma once

#include "engine/ops/argument.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hs {

/// The type of a parameter as a signature writes it. `operand` is a tensor or a number, `indices` what may
/// stand between the brackets of `x[...]`, `mask` a tensor of bools.
enum class ParameterType : std::uint8_t {
    tensor,
    operand,
    tensors,
    scalar,
    integer,
    floating,
    boolean,
    integers,
    floats,
    text,
    dtype,
    indices,
    mask
};

struct SchemaParameter {
    std::string name;
    ParameterType type = ParameterType::tensor;
    bool optional = false;     ///< may be None
    bool keyword_only = false; ///< stands behind `*`
    bool has_default = false;
    Argument default_value;
};

/// A parsed signature such as `conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1) -> Tensor`.
/// Types: Tensor, Operand (tensor or number), Tensor[], Scalar, int, float, bool, int[], int[N], float[], str, Dtype,
/// Index[], Mask; each may end in `?`. The name may carry an overload: `sum.dim`.
struct Schema {
    std::string name;     ///< `sum`
    std::string overload; ///< `dim`, or empty
    std::vector<SchemaParameter> parameters;
    int result_count = 1; ///< -1 for `Tensor[]`

    /// Throws Error with the place when the text is no signature.
    static Schema parse(std::string_view signature);

    std::size_t index_of(std::string_view parameter) const; ///< parameters.size() when there is none
    /// Fills positional and keyword arguments in, with defaults. In a list of integers None becomes -1. Throws
    /// TypeError that says what does not fit.
    std::vector<Argument> bind(std::vector<Argument> positional, std::map<std::string, Argument> keywords) const;
    bool accepts(const SchemaParameter& parameter, const Argument& argument) const;
};

} // namespace hs
