#pragma once

#include "engine/nn/module.h"
#include "engine/script/constructor_reader.h"

#include <functional>
#include <memory>

namespace hs::script {

/// The module that PyTorch's `nn.<name>(...)` makes. Throws Error for a class or an argument that is not known.
std::unique_ptr<nn::Module> make_module(const std::string& name, const ConstructorArguments& arguments);
bool has_module(const std::string& name);
std::vector<std::string> module_names();

using Factory = std::function<std::unique_ptr<nn::Module>(ConstructorReader& reader)>;
using Factories = std::map<std::string, Factory>;

// The classes by family.
void add_layers(Factories& factories);
void add_windows(Factories& factories); ///< pooling, padding, folding, other sizes
void add_activations(Factories& factories);
void add_losses(Factories& factories);
void add_sequence_models(Factories& factories);

} // namespace hs::script
