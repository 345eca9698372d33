#pragma once

#include "engine/tensor/tensor.h"
#include "engine/trace/summary.h"
#include "engine/trace/value.h"

#include <span>

namespace hs::record {

/// Holds the bytes of `tensor` as they are now, without copying: whoever writes to the tensor next clones them first.
trace::Snapshot snapshot(const Tensor& tensor);

/// One pass over `tensor`, wherever its elements lie. `bin_every` as in trace::Summary. Of dtypes that the kernels do
/// not know (float16, bfloat16, int16, int8) it is empty, with count 0.
trace::Summary summarise(const Tensor& tensor, const trace::BinRange& range, std::uint32_t bin_every);

/// The same for values in memory.
trace::Summary summarise(std::span<const float> values, const trace::BinRange& range, std::uint32_t bin_every);
trace::Summary summarise(std::span<const double> values, const trace::BinRange& range, std::uint32_t bin_every);

/// Whether the elements fill one run of memory, in whatever order.
bool is_dense(const Tensor& tensor);

} // namespace hs::record
