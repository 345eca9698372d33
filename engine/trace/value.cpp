#include "engine/trace/value.h"

#include "engine/tensor/error.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

namespace hs::trace {

namespace {

/// IEEE 754 binary16.
float float_from_half(std::uint16_t bits) {
    const int exponent = bits >> 10 & 0x1f;
    const int mantissa = bits & 0x3ff;
    const float sign = bits & 0x8000 ? -1.0f : 1.0f;
    if (exponent == 0) return sign * std::ldexp(static_cast<float>(mantissa), -24);
    if (exponent != 31) return sign * std::ldexp(static_cast<float>(mantissa + 1024), exponent - 25);
    return mantissa ? std::nanf("") : sign * HUGE_VALF;
}

float float_from_bfloat16(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

/// Calls `body` with a function that reads element `i` of `data`.
template <class Body>
auto with_reader(Dtype dtype, const std::byte* data, Body body) {
    const auto plain = [data]<class T>(T) {
        return [data](std::int64_t i) {
            T element;
            std::memcpy(&element, data + i * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
            return element;
        };
    };
    const auto bits = plain(std::uint16_t{});
    switch (dtype) {
    case Dtype::float64:
        return body(plain(double{}));
    case Dtype::float16:
        return body([bits](std::int64_t i) { return float_from_half(bits(i)); });
    case Dtype::bfloat16:
        return body([bits](std::int64_t i) { return float_from_bfloat16(bits(i)); });
    case Dtype::int64:
        return body(plain(std::int64_t{}));
    case Dtype::int32:
        return body(plain(std::int32_t{}));
    case Dtype::int16:
        return body(plain(std::int16_t{}));
    case Dtype::int8:
        return body(plain(std::int8_t{}));
    case Dtype::uint8:
    case Dtype::bool_:
        return body(plain(std::uint8_t{}));
    case Dtype::float32:
        break;
    }
    return body(plain(float{}));
}

/// Joins dimensions that lie in memory as one and drops those of size 1: the same row-major order, in fewer steps.
void collapse(Shape& shape, Strides& strides) {
    Shape sizes;
    Strides steps;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 1) continue;
        if (!sizes.empty() && steps.back() == strides[i] * shape[i]) {
            sizes.back() *= shape[i];
            steps.back() = strides[i];
        } else {
            sizes.push_back(shape[i]);
            steps.push_back(strides[i]);
        }
    }
    shape = std::move(sizes);
    strides = std::move(steps);
}

/// Throws unless every element lies within the block.
void check_bounds(std::int64_t available, const Shape& shape, const Strides& strides, std::int64_t offset) {
    std::int64_t lowest = offset;
    std::int64_t highest = offset;
    bool overflow = false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        std::int64_t reach = 0;
        overflow |= __builtin_mul_overflow(shape[i] - 1, strides[i], &reach);
        std::int64_t& end = reach < 0 ? lowest : highest;
        overflow |= __builtin_add_overflow(end, reach, &end);
    }
    if (overflow || lowest < 0 || highest >= available) {
        throw Error("a snapshot of shape " + to_string(shape) + ", strides " + to_string(strides) + " and offset " +
                    std::to_string(offset) + " does not fit in " + std::to_string(available) + " elements");
    }
}

} // namespace

std::string to_string(const ValueKey& key) {
    const auto join = [](const std::string& a, const std::string& b, const char* separator) {
        return a.empty() ? b : b.empty() ? a : a + separator + b;
    };
    const std::string member = join(key.module, key.member, ".");
    switch (key.role) {
    case Role::parameter:
    case Role::buffer:
    case Role::intermediate:
        return member;
    case Role::gradient:
        return member + ".grad";
    case Role::update:
        return member + " update";
    case Role::input:
        return join(key.module, "input", " ");
    case Role::output:
        return join(key.module, "output", " ");
    case Role::output_gradient:
        return join(key.module, "output gradient", " ");
    case Role::target:
        return join(key.module, "target", " ");
    case Role::picture:
        return join(key.module, "picture", " ");
    }
    return member;
}

Snapshot::Snapshot(Ref<Block> block, Dtype dtype, Shape shape, Strides strides, std::int64_t offset) {
    if (!block) throw Error("a snapshot needs a block");
    if (strides.size() != shape.size())
        throw Error("a snapshot of shape " + to_string(shape) + " cannot have the strides " + to_string(strides));
    auto kept = std::make_shared<Kept>();
    kept->count = element_count(shape);
    if (kept->count > 0) {
        check_bounds(static_cast<std::int64_t>(block->size() / size_of(dtype)), shape, strides, offset);
        kept->sizes = shape;
        kept->strides = std::move(strides);
        collapse(kept->sizes, kept->strides);
    }
    kept->block = std::move(block);
    kept->shape = std::move(shape);
    kept->offset = offset;
    kept->dtype = dtype;
    kept_ = std::move(kept);
}

const Shape& Snapshot::shape() const {
    static const Shape scalar{};
    return kept_ ? kept_->shape : scalar;
}

std::int64_t Snapshot::Kept::memory_index(std::int64_t position) const {
    std::int64_t index = offset;
    for (std::size_t i = sizes.size(); i-- > 0 && position > 0;) {
        index += position % sizes[i] * strides[i];
        position /= sizes[i];
    }
    return index;
}

const Snapshot::Kept& Snapshot::checked(std::int64_t first, std::size_t wanted) const {
    if (first < 0 || first > count() || wanted > static_cast<std::size_t>(count() - first)) {
        throw IndexError(std::to_string(wanted) + " elements from " + std::to_string(first) +
                         " on are out of range for a snapshot of " + std::to_string(count()));
    }
    static const Kept nothing{};
    return kept_ ? *kept_ : nothing;
}

double Snapshot::at(std::int64_t position) const {
    const Kept& kept = checked(position, 1);
    const std::int64_t index = kept.memory_index(position);
    return with_reader(kept.dtype, kept.block->data(),
                       [index](auto element) -> double { return static_cast<double>(element(index)); });
}

void Snapshot::read(std::int64_t first, std::span<float> out) const {
    const Kept& kept = checked(first, out.size());
    if (out.empty()) return;
    const std::int64_t row = kept.sizes.empty() ? 1 : kept.sizes.back();
    const std::int64_t stride = kept.strides.empty() ? 1 : kept.strides.back();
    with_reader(kept.dtype, static_cast<const Block&>(*kept.block).data(), [&](auto element) {
        const auto total = static_cast<std::int64_t>(out.size());
        for (std::int64_t done = 0; done < total;) {
            const std::int64_t position = first + done;
            const std::int64_t run = std::min(row - position % row, total - done);
            const std::int64_t start = kept.memory_index(position);
            float* to = out.data() + done;
            // The loop with a stride known to be 1 is the one that the compiler turns into wide copies.
            if (stride == 1) {
                for (std::int64_t i = 0; i < run; ++i)
                    to[i] = static_cast<float>(element(start + i));
            } else {
                for (std::int64_t i = 0; i < run; ++i)
                    to[i] = static_cast<float>(element(start + i * stride));
            }
            done += run;
        }
    });
}

} // namespace hs::trace
