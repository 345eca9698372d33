#pragma once

#include <functional>
#include <string>

namespace hs {

/// Warns as Python does, of one of its categories: to the handler of this thread, which gets the text, or else to
/// standard error, each text once.
void warn(const std::string& text, const char* category = "UserWarning");

/// Sets this thread's handler; an empty one restores standard error. Returns the one before.
std::function<void(const std::string&)> set_warning_handler(std::function<void(const std::string&)> handler);

} // namespace hs
