#include "engine/ops/argument.h"

namespace hs {

std::vector<double> ArgumentRef::floats() const {
    if (kind_ == Kind::floats) return {floats_, floats_ + size_};
    if (kind_ == Kind::floating) return {floating_};
    const IntList list = integers();
    return {list.begin(), list.end()};
}

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
    case ArgumentRef::Kind::floats:
        return ref.floats();
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
