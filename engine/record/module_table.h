#pragma once

#include "engine/nn/module.h"
#include "engine/trace/trace.h"

#include <memory>

namespace hs::record {

/// What a Trace says of the modules of `model`, in named_modules() order, with all hooks counted.
std::shared_ptr<const trace::ModuleTable> describe_modules(nn::Module& model);

} // namespace hs::record
