#pragma once

namespace hs::app {

/// Milliseconds since this process was started (before main()), from Linux' own record of it, to 10 ms.
double process_age_ms();

/// The most memory that this process ever had resident, in MB (1e6 bytes).
double peak_memory_mb();

} // namespace hs::app
