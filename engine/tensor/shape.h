#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <span>
#include <string>
#include <vector>

namespace hs {

/// A short list of integers: the sizes or strides of a tensor, outermost dimension first. Up to six entries are kept
/// inside, longer ones on the heap.
class Dims {
  public:
    Dims() = default;
    Dims(std::initializer_list<std::int64_t> values) { assign(values.begin(), values.size()); }
    Dims(std::span<const std::int64_t> values) { assign(values.data(), values.size()); }
    Dims(const std::vector<std::int64_t>& values) { assign(values.data(), values.size()); }
    Dims(std::size_t count, std::int64_t value) {
        resize(count);
        std::fill(begin(), end(), value);
    }
    Dims(const Dims& other) { assign(other.data(), other.size()); }
    Dims(Dims&& other) noexcept { steal(other); }
    Dims& operator=(const Dims& other) {
        if (this != &other) assign(other.data(), other.size());
        return *this;
    }
    Dims& operator=(Dims&& other) noexcept {
        if (this != &other) {
            release();
            steal(other);
        }
        return *this;
    }
    ~Dims() { release(); }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    std::int64_t* data() { return on_heap() ? heap_ : inline_; }
    const std::int64_t* data() const { return on_heap() ? heap_ : inline_; }
    std::int64_t* begin() { return data(); }
    std::int64_t* end() { return data() + size_; }
    const std::int64_t* begin() const { return data(); }
    const std::int64_t* end() const { return data() + size_; }
    std::int64_t& operator[](std::size_t i) { return data()[i]; }
    std::int64_t operator[](std::size_t i) const { return data()[i]; }
    std::int64_t& front() { return data()[0]; }
    std::int64_t front() const { return data()[0]; }
    std::int64_t& back() { return data()[size_ - 1]; }
    std::int64_t back() const { return data()[size_ - 1]; }
    std::vector<std::int64_t> to_vector() const { return {begin(), end()}; }

    void resize(std::size_t count); ///< New entries are zero.
    void push_back(std::int64_t value) {
        resize(size_ + 1);
        back() = value;
    }
    void insert(std::size_t position, std::int64_t value);
    void erase(std::size_t position);

    bool operator==(const Dims& other) const {
        return size_ == other.size_ && std::equal(begin(), end(), other.begin());
    }

  private:
    static constexpr std::uint32_t inline_capacity = 6;

    bool on_heap() const { return capacity_ > inline_capacity; }
    void assign(const std::int64_t* values, std::size_t count) {
        if (count > capacity_) grow(count);
        size_ = static_cast<std::uint32_t>(count);
        std::copy_n(values, count, data());
    }
    void steal(Dims& other) noexcept {
        size_ = other.size_;
        capacity_ = other.capacity_;
        if (other.on_heap()) {
            heap_ = other.heap_;
            other.capacity_ = inline_capacity;
            other.size_ = 0;
        } else {
            std::copy_n(other.inline_, inline_capacity, inline_);
        }
    }
    void release() {
        if (on_heap()) delete[] heap_;
        capacity_ = inline_capacity;
    }
    void grow(std::size_t capacity);

    union {
        std::int64_t inline_[inline_capacity] = {};
        std::int64_t* heap_;
    };
    std::uint32_t size_ = 0;
    std::uint32_t capacity_ = inline_capacity;
};

/// Sizes of a tensor. A 0-dim tensor (a scalar) has an empty shape and one element.
using Shape = Dims;
/// Distance in elements between neighbours of each dimension.
using Strides = Dims;

/// Number of elements: the product of the sizes. Throws Error when it does not fit in 63 bits or a size is negative.
std::int64_t element_count(std::span<const std::int64_t> shape);

/// Row-major strides of `shape`; as in PyTorch a size of 0 counts as 1.
Strides contiguous_strides(std::span<const std::int64_t> shape);

/// Whether `strides` lay `shape` out row-major without gaps (dimensions of size 1 may have any stride).
bool is_contiguous(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides);

/// The common shape of two shapes by broadcasting; throws Error with PyTorch's text (rule 25) where there is none.
Shape broadcast_shapes(std::span<const std::int64_t> a, std::span<const std::int64_t> b);

/// Strides that view `shape`/`strides` as `to`, or nothing where that needs a copy (the rule of `Tensor.view`).
bool view_strides(std::span<const std::int64_t> shape, std::span<const std::int64_t> strides,
                  std::span<const std::int64_t> to, Strides& result);

/// Turns a possibly negative dimension into 0 ... rank-1; throws IndexError with PyTorch's text. A 0-dim tensor
/// accepts -1 and 0.
std::size_t wrap_dim(std::int64_t dim, std::size_t rank);

/// `[64, 6, 28, 28]`, as PyTorch prints sizes in error texts.
std::string to_string(std::span<const std::int64_t> shape);

} // namespace hs
