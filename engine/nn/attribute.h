#pragma once

#include "engine/tensor/tensor.h"

#include <any>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace hs::nn {

class Module;

using None = std::monostate;

/// `torch.nn.Buffer`: assigning one registers a buffer.
struct Buffer {
    Tensor tensor;
    bool persistent = true;
};

/// A value of a kind that the engine knows nothing of, such as a `list`.
struct PlainObject {
    std::string type_name;
    std::any value;
};

/// What an attribute of a module, or an entry of a state_dict, can be. A Tensor that is undefined and a module that is
/// null stand for None as well; a Tensor may be a parameter (Tensor::is_parameter()).
using Attribute =
    std::variant<None, bool, std::int64_t, double, std::string, Tensor, Buffer, std::shared_ptr<Module>, PlainObject>;

bool is_none(const Attribute& value);

/// As PyTorch's messages name the kind of a value: `int`, `torch.FloatTensor`, `Linear`.
std::string type_name(const Attribute& value);

} // namespace hs::nn
