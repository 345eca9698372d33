#include "engine/script/checked_argument.h"

namespace hs::script {

namespace {

template <class T>
const T& held(const Argument& argument, const std::string& what, const char* wanted) {
    const T* value = std::get_if<T>(&argument.value());
    if (!value) throw Error(what + " is no " + wanted);
    return *value;
}

} // namespace

Scalar number_of(const Argument& argument, const std::string& what) {
    return held<Scalar>(argument, what, "number");
}

std::int64_t integer_of(const Argument& argument, const std::string& what) {
    const Scalar& number = held<Scalar>(argument, what, "integer");
    if (number.is_floating()) throw Error(what + " is no integer");
    return number.to_int();
}

bool boolean_of(const Argument& argument, const std::string& what) {
    return held<Scalar>(argument, what, "bool").to_bool();
}

std::string text_of(const Argument& argument, const std::string& what) {
    return held<std::string>(argument, what, "string");
}

Tensor tensor_of(const Argument& argument, const std::string& what) {
    return held<Tensor>(argument, what, "tensor");
}

Dtype dtype_of(const Argument& argument, const std::string& what) {
    return held<Dtype>(argument, what, "dtype");
}

Dims sizes_of(const Argument& argument, const std::string& what) {
    if (std::holds_alternative<Scalar>(argument.value())) return {integer_of(argument, what)};
    return held<Dims>(argument, what, "list of integers");
}

void check_shape(const Dims& shape, const std::string& what) {
    std::int64_t count = 1;
    bool empty = false;
    for (const std::int64_t size : shape) {
        if (size < 0) throw Error(what + " has the negative size " + std::to_string(size));
        empty = empty || size == 0;
        if (!empty && (__builtin_mul_overflow(count, size, &count) || count > element_limit))
            throw Error(what + " has more than " + std::to_string(element_limit) + " elements");
    }
}

} // namespace hs::script
