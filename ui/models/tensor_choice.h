#pragma once

#include "engine/trace/trace.h"

#include <QString>

#include <optional>
#include <vector>

namespace hs::ui {

/// The tensors of a module that can be looked into, in the order in which a list shows them: parameters and buffers
/// (each with its gradient and its last update), then input, output and their gradients.
std::vector<trace::ValueKey> tensorsOf(const trace::Module& module);

/// What is shown of a module when no tensor of it was picked: its first parameter, or else its output.
trace::ValueKey defaultTensor(const trace::Module& module);

/// The gradient that belongs to a tensor: `.grad` of a parameter, dL/d output of an output.
std::optional<trace::ValueKey> gradientOf(const trace::ValueKey& key);
/// The tensor whose gradient `key` is.
std::optional<trace::ValueKey> tensorOfGradient(const trace::ValueKey& key);

/// `conv1.weight`, `conv1.weight.grad`, `conv1 output`: the key with the last part of its module's path.
QString shortName(const trace::ValueKey& key, const trace::Module& module);

/// Whether zero is the middle of what the tensor holds: weights, gradients and updates.
bool isDiverging(trace::Role role);

/// The module with that path, or null.
const trace::Module* findModule(const trace::ModuleTable* modules, const std::string& path);

} // namespace hs::ui
