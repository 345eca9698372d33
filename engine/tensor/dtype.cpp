#include "engine/tensor/dtype.h"

#include "engine/tensor/device.h"
#include "engine/tensor/error.h"

#include <array>

namespace hs {

namespace {

struct DtypeNames {
    std::string_view name;
    std::string_view scalar_type;
    std::string_view cpp_type;
};

constexpr std::array<DtypeNames, dtype_count> names{{{"float32", "Float", "float"},
                                                     {"float64", "Double", "double"},
                                                     {"float16", "Half", "c10::Half"},
                                                     {"bfloat16", "BFloat16", "c10::BFloat16"},
                                                     {"int64", "Long", "long int"},
                                                     {"int32", "Int", "int"},
                                                     {"int16", "Short", "short int"},
                                                     {"int8", "Char", "signed char"},
                                                     {"uint8", "Byte", "unsigned char"},
                                                     {"bool", "Bool", "bool"}}};

int category(Dtype dtype) {
    return dtype == Dtype::bool_ ? 0 : is_floating_point(dtype) ? 2 : 1;
}

} // namespace

std::string_view name(Dtype dtype) {
    return names[static_cast<std::size_t>(dtype)].name;
}

std::string_view scalar_type_name(Dtype dtype) {
    return names[static_cast<std::size_t>(dtype)].scalar_type;
}

std::string_view cpp_type_name(Dtype dtype) {
    return names[static_cast<std::size_t>(dtype)].cpp_type;
}

Dtype dtype_from_name(std::string_view wanted) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i].name == wanted) return static_cast<Dtype>(i);
    throw TypeError("unknown dtype '" + std::string(wanted) + "'");
}

Dtype promote(Dtype a, Dtype b) {
    if (a == b) return a;
    if (category(a) != category(b)) return category(a) > category(b) ? a : b;
    if (category(a) == 2) {
        if (a == Dtype::float64 || b == Dtype::float64) return Dtype::float64;
        return Dtype::float32; // float32 with a half type, or float16 with bfloat16
    }
    // Integers: the wider wins; uint8 with int8 needs int16.
    if (size_of(a) != size_of(b)) return size_of(a) > size_of(b) ? a : b;
    return Dtype::int16;
}

bool can_cast(Dtype from, Dtype to) {
    return category(from) <= category(to);
}

std::string to_string(Device device) {
    return device.type == DeviceType::cpu ? "cpu" : "cuda:" + std::to_string(device.index);
}

} // namespace hs
