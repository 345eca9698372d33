#pragma once

#include "app/demos/demo.h"

namespace hs::app {

/// What main() does: reads the command line, answers --help, --version and --list-demos, or runs one of the trainings
/// `list` (the first, if none is named). Tells what went wrong as one line on the error output. Returns the exit code:
/// 0, 2 for bad input, 1 for everything else.
int run_program(int argc, char** argv, std::span<const Demo> list);

} // namespace hs::app
