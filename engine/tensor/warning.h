#pragma once

#include <functional>
#include <string>

namespace hs {

/// Warns as PyTorch's UserWarning does: to the handler of this thread, or else to standard error, each text once.
void warn(const std::string& text);

/// Sets this thread's handler; an empty one restores standard error. Returns the one before.
std::function<void(const std::string&)> set_warning_handler(std::function<void(const std::string&)> handler);

} // namespace hs
