#pragma once

#include <stdexcept>
#include <string>

namespace hs {

/// What the engine throws. The classes carry the names of Python's exceptions, because PyTorch's texts belong to them.
struct Error : std::runtime_error {
    using std::runtime_error::runtime_error;
};
struct IndexError : Error {
    using Error::Error;
};
struct TypeError : Error {
    using Error::Error;
};
struct ValueError : Error {
    using Error::Error;
};
struct KeyError : Error {
    using Error::Error;
};
struct AttributeError : Error {
    using Error::Error;
};
struct NotImplementedError : Error {
    using Error::Error;
};
struct AssertionError : Error {
    using Error::Error;
};

} // namespace hs
