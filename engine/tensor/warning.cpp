#include "engine/tensor/warning.h"

#include <cstdio>
#include <set>
#include <utility>

namespace hs {

namespace {
thread_local std::function<void(const std::string&)> handler_here;
thread_local std::set<std::string> printed;
} // namespace

void warn(const std::string& text, const char* category) {
    if (handler_here) {
        handler_here(text);
        return;
    }
    if (printed.insert(text).second) std::fprintf(stderr, "%s: %s\n", category, text.c_str());
}

std::function<void(const std::string&)> set_warning_handler(std::function<void(const std::string&)> handler) {
    return std::exchange(handler_here, std::move(handler));
}

} // namespace hs
