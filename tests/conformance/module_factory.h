#pragma once

#include "engine/nn/module.h"
#include "engine/ops/argument.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace hs::conformance {

struct ConstructorArguments {
    std::vector<Argument> positional;
    std::map<std::string, Argument> keywords;
};

/// The module that PyTorch's `nn.<name>(...)` makes. Throws Error for a class or an argument that is not known.
std::unique_ptr<nn::Module> make_module(const std::string& name, const ConstructorArguments& arguments);

} // namespace hs::conformance
