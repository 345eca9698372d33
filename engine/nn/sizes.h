#pragma once

#include "engine/tensor/number_text.h"
#include "engine/tensor/shape.h"

#include <array>
#include <concepts>
#include <limits>
#include <span>
#include <string>
#include <string_view>

namespace hs::nn {

/// Stands for the input's own size where a size is wanted of adaptive pooling; printed as None.
inline constexpr std::int64_t same_size = std::numeric_limits<std::int64_t>::min();

/// `(3, 5)`, where a size may be same_size.
inline std::string sizes_text(std::span<const std::int64_t> sizes) {
    return tuple_text(sizes, [](std::int64_t size) { return size == same_size ? "None" : std::to_string(size); });
}

/// One number for each of N spatial dimensions, or one for all of them, which is how it is printed then.
template <std::size_t N>
struct Sizes {
    Sizes(std::int64_t all) : is_one_number(true) { values.fill(all); }
    template <std::integral... More>
    Sizes(std::int64_t first, std::int64_t second, More... more) requires(sizeof...(More) + 2 == N)
        : values{first, second, static_cast<std::int64_t>(more)...} {}

    Dims dims() const { return Dims(std::span<const std::int64_t>(values)); }
    bool operator==(const Sizes& other) const { return values == other.values; }
    std::string tuple() const { return sizes_text(values); }
    /// As it was given: `2` or `(3, 2)`.
    std::string as_given() const { return is_one_number ? std::to_string(values[0]) : tuple(); }

    std::array<std::int64_t, N> values;
    bool is_one_number = false;
};

/// {height, width}.
using Pair = Sizes<2>;

/// Of a convolution: sizes, or "same" (the output is as large as the input) or "valid" (none).
template <std::size_t N>
struct Padding {
    Padding(std::int64_t all) : sizes(all) {}
    Padding(Sizes<N> given) : sizes(given) {}
    template <std::integral... More>
    Padding(std::int64_t first, std::int64_t second, More... more) requires(sizeof...(More) + 2 == N)
        : sizes(first, second, more...) {}
    template <std::size_t Length>
    Padding(const char (&rule)[Length]) : sizes(0), word(rule) {}

    Sizes<N> sizes;
    std::string_view word; ///< empty where sizes are given
};

} // namespace hs::nn
