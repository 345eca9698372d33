#include "engine/ops/argument.h"

namespace hs {

Argument Argument::copy_of(const ArgumentRef& ref) {
    switch (ref.kind()) {
    case ArgumentRef::Kind::none:
        return {};
    case ArgumentRef::Kind::tensor:
        return ref.tensor();
    case ArgumentRef::Kind::tensors:
        return Tensors(ref.tensors().begin(), ref.tensors().end());
    case ArgumentRef::Kind::integers:
        return Dims(ref.integers());
    case ArgumentRef::Kind::text:
        return std::string(ref.text());
    case ArgumentRef::Kind::dtype:
        return ref.dtype();
    case ArgumentRef::Kind::indices:
        return ref.indices();
    default:
        return ref.scalar();
    }
}

ArgumentRef Argument::ref() const {
    return std::visit(
        []<class T>(const T& value) -> ArgumentRef {
            if constexpr (std::is_same_v<T, std::monostate>)
                return {};
            else if constexpr (std::is_same_v<T, std::string>)
                return std::string_view(value);
            else
                return value;
        },
        value_);
}

} // namespace hs
