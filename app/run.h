#pragma once

#include "app/command_line.h"
#include "app/demos/demo.h"

namespace hs::app {

/// Opens the window on one of the demos `list` or, with Options::headless, does the same without a display: it trains,
/// tells how it goes, and leaves pictures and report where they were asked for. Returns the exit code: 0, 1 when a
/// training failed, 2 for bad input that shows late. Throws InputError for what shows at once, before anything was
/// started or written.
int run(const Options& options, std::span<const Demo> list);

} // namespace hs::app
