#pragma once

#include "engine/tensor/tensor.h"

#include <optional>

namespace hs {

/// `torch.FloatTensor`, `torch.LongTensor` (rule 16).
std::string legacy_type_name(const Tensor& tensor);

/// What `torch.set_printoptions` sets.
struct PrintOptions {
    int precision = 4;             ///< digits behind the point
    std::int64_t threshold = 1000; ///< more elements are shown in part
    std::int64_t edge_items = 3;   ///< at each end of a dimension that is shown in part
    int line_width = 80;
    std::optional<bool> sci_mode = std::nullopt; ///< `1.0000e+00`; by the numbers unless given
};
/// The profiles `default`, `short` and `full`; throws ValueError for another name.
PrintOptions print_profile(std::string_view name);

/// PyTorch's printed text (rules 111 to 114).
std::string to_string(const Tensor& tensor, const PrintOptions& options);

} // namespace hs
