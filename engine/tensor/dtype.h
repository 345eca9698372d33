#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hs {

/// Element types, under PyTorch's names (`torch.float32`, ...).
enum class Dtype : std::uint8_t { float32, float64, float16, bfloat16, int64, int32, int16, int8, uint8, bool_ };

inline constexpr int dtype_count = 10;

/// Bytes of one element.
constexpr std::size_t size_of(Dtype dtype) {
    switch (dtype) {
    case Dtype::float64:
    case Dtype::int64:
        return 8;
    case Dtype::float32:
    case Dtype::int32:
        return 4;
    case Dtype::float16:
    case Dtype::bfloat16:
    case Dtype::int16:
        return 2;
    default:
        return 1;
    }
}

constexpr bool is_floating_point(Dtype dtype) {
    return dtype == Dtype::float32 || dtype == Dtype::float64 || dtype == Dtype::float16 || dtype == Dtype::bfloat16;
}

/// PyTorch's short name: `float32`, `int64`, `bool`.
std::string_view name(Dtype dtype);

/// The name that error texts use: `Float`, `Double`, `Long`, `Bool`.
std::string_view scalar_type_name(Dtype dtype);

/// The name of the C++ type that PyTorch keeps it in, which some texts use: `float`, `c10::Half`, `long int`.
std::string_view cpp_type_name(Dtype dtype);

/// Looks a short name up; throws Error for an unknown one.
Dtype dtype_from_name(std::string_view name);

/// The smallest dtype that holds both (rule 18): `uint8 + int8 = int16`, `half + bfloat16 = float32`.
Dtype promote(Dtype a, Dtype b);

/// Whether a result of dtype `from` may be written in place into `to` (rule 22): its category must not be higher.
bool can_cast(Dtype from, Dtype to);

} // namespace hs
