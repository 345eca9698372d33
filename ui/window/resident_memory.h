#pragma once

#include <cstddef>

namespace hs::ui {

/// Bytes of memory that this process occupies now; 0 where the system does not say.
std::size_t residentMemory();

} // namespace hs::ui
