#pragma once

#include "engine/trace/trace.h"

#include <string>

namespace hs::session {

/// Whether `module` is `outer` or lies in it; false for none.
inline bool is_inside(const trace::ModuleTable& modules, trace::Id module, trace::Id outer) {
    while (module != trace::none && module != outer)
        module = modules[module].parent;
    return module == outer;
}

/// The module of that path, or none.
inline trace::Id module_at(const trace::ModuleTable& modules, const std::string& path) {
    for (std::size_t i = 0; i < modules.size(); ++i)
        if (modules[i].path == path) return static_cast<trace::Id>(i);
    return trace::none;
}

} // namespace hs::session
