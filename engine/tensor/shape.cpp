#include "engine/tensor/shape.h"

#include "engine/tensor/error.h"

#include <limits>

namespace hs {

void Dims::grow(std::size_t capacity) {
    if (capacity > std::numeric_limits<std::uint32_t>::max())
        throw Error("a list of " + std::to_string(capacity) + " sizes is too long");
    const auto wanted = static_cast<std::uint32_t>(std::max<std::size_t>(capacity, 2 * inline_capacity));
    auto* values = new std::int64_t[wanted]{};
    std::copy_n(data(), size_, values);
    release();
    heap_ = values;
    capacity_ = wanted;
}

void Dims::resize(std::size_t count) {
    if (count > capacity_) grow(count);
    if (count > size_) std::fill(data() + size_, data() + count, 0);
    size_ = static_cast<std::uint32_t>(count);
}

void Dims::insert(std::size_t position, std::int64_t value) {
    resize(size_ + 1);
    std::copy_backward(begin() + position, end() - 1, end());
    data()[position] = value;
}

void Dims::erase(std::size_t position) {
    std::copy(begin() + position + 1, end(), begin() + position);
    resize(size_ - 1);
}

std::int64_t element_count(std::span<const std::int64_t> shape) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) {
        if (size < 0)
            throw Error("Trying to create tensor with negative dimension " + std::to_string(size) + ": " +
                        to_string(shape));
        if (__builtin_mul_overflow(count, size, &count))
            throw Error("the number of elements of shape " + to_string(shape) + " does not fit in 63 bits");
    }
    return count;
}

Strides contiguous_strides(std::span<const std::int64_t> shape) {
    Strides strides(shape.size(), 1);
    for (std::size_t i = shape.size(); i-- > 1;)
        strides[i - 1] = strides[i] * std::max<std::int64_t>(shape[i], 1);
    return strides;
}

bool is_contiguous(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides) {
    std::int64_t expected = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        if (shape[i] == 0) return true;
        if (shape[i] == 1) continue;
        if (strides[i] != expected) {
            // A zero size further out still makes the tensor empty and so contiguous.
            return std::find(shape.begin(), shape.end(), 0) != shape.end();
        }
        expected *= shape[i];
    }
    return true;
}

Shape broadcast_shapes(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
    const std::size_t rank = std::max(a.size(), b.size());
    Shape result(rank, 1);
    for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t size_a = i + a.size() < rank ? 1 : a[i + a.size() - rank];
        const std::int64_t size_b = i + b.size() < rank ? 1 : b[i + b.size() - rank];
        if (size_a != size_b && size_a != 1 && size_b != 1) {
            throw Error("The size of tensor a (" + std::to_string(size_a) + ") must match the size of tensor b (" +
                        std::to_string(size_b) + ") at non-singleton dimension " + std::to_string(i));
        }
        result[i] = size_a == 1 ? size_b : size_a;
    }
    return result;
}

bool view_strides(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides,
                  std::span<const std::int64_t> to, Strides& result) {
    result = contiguous_strides(to);
    if (element_count(shape) == 0 || shape.empty()) return true;
    // Walk both shapes from the inside; each run of dimensions that lies in memory as one must be cut exactly.
    auto target = static_cast<std::int64_t>(to.size()) - 1;
    std::int64_t base = strides.back();
    std::int64_t run = 1;
    std::int64_t covered = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        run *= shape[i];
        const bool ends = i == 0 || (shape[i - 1] != 1 && strides[i - 1] != run * base);
        if (!ends) continue;
        while (target >= 0 && (covered < run || to[static_cast<std::size_t>(target)] == 1)) {
            result[static_cast<std::size_t>(target)] = covered * base;
            covered *= to[static_cast<std::size_t>(target)];
            --target;
        }
        if (covered != run) return false;
        if (i > 0) {
            base = strides[i - 1];
            run = covered = 1;
        }
    }
    return target == -1;
}

std::size_t wrap_dim(std::int64_t dim, std::size_t rank) {
    const auto range = static_cast<std::int64_t>(std::max<std::size_t>(rank, 1));
    if (dim < -range || dim >= range) {
        throw IndexError("Dimension out of range (expected to be in range of [" + std::to_string(-range) + ", " +
                         std::to_string(range - 1) + "], but got " + std::to_string(dim) + ")");
    }
    return static_cast<std::size_t>(dim < 0 ? dim + range : dim);
}

std::string to_string(std::span<const std::int64_t> shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

} // namespace hs
