#pragma once

#include "engine/kernels/cpu/vector/convolve.h"
#include "engine/kernels/cpu/vector/elementwise.h"
#include "engine/kernels/cpu/vector/normalise.h"
#include "engine/kernels/cpu/vector/optimizer.h"
#include "engine/kernels/cpu/vector/pool.h"
#include "engine/kernels/cpu/vector/reduce.h"
#include "engine/kernels/cpu/vector/softmax.h"
#include "engine/kernels/cpu/vector/summary.h"

#include <cstdint>

namespace hs {

/// The builds of the kernels: x86-64 as every machine has it (or Arm's baseline), AVX2 with FMA, AVX-512.
enum class InstructionSet : std::uint8_t { baseline, v3, v4 };

/// Kernels over contiguous float32 memory. They know no Tensor, start no threads (the caller parallelises, parallel.h)
/// and allocate nothing that outlives a call. Unless a comment says otherwise an output may be the same memory as an
/// input, but must not overlap it in part, and no pointer needs an alignment beyond float's own. A count of 0 is
/// allowed everywhere.
struct VectorKernels {
    InstructionSet instruction_set;
    const ElementwiseKernels& elementwise;
    const ReduceKernels& reduce;
    const SoftmaxKernels& softmax;
    const NormaliseKernels& normalise;
    const PoolKernels& pool;
    const OptimizerKernels& optimizer;
    const SummaryKernels& summary;
    const ConvolveKernels& convolve;
};

/// The fastest build that this machine can run, chosen once.
const VectorKernels& vector_kernels();

/// Whether this program holds that build and this machine can run it.
bool has_instruction_set(InstructionSet set);

/// A certain build, for tests and benchmarks; throws Error if this machine cannot run it.
const VectorKernels& vector_kernels(InstructionSet set);

} // namespace hs
