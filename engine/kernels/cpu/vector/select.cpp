#include "engine/kernels/cpu/vector/builds.h"
#include "engine/tensor/error.h"

namespace hs {

namespace {

#define HOOKSCOPE_TABLE(SET)                                                                                           \
    VectorKernels {                                                                                                    \
        InstructionSet::SET, vector_##SET::elementwise_kernels, vector_##SET::reduce_kernels,                          \
            vector_##SET::softmax_kernels, vector_##SET::normalise_kernels, vector_##SET::pool_kernels,                \
            vector_##SET::optimizer_kernels, vector_##SET::summary_kernels, vector_##SET::convolve_kernels             \
    }

constinit const VectorKernels baseline_table = HOOKSCOPE_TABLE(baseline);
#if defined(__x86_64__)
constinit const VectorKernels v3_table = HOOKSCOPE_TABLE(v3);
constinit const VectorKernels v4_table = HOOKSCOPE_TABLE(v4);
#endif
#undef HOOKSCOPE_TABLE

} // namespace

bool has_instruction_set(InstructionSet set) {
    if (set == InstructionSet::baseline) return true;
#if defined(__x86_64__)
    // Part by part: not every compiler knows the levels by name. The builtin also asks whether the operating system
    // saves the wide registers.
    const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    if (set == InstructionSet::v3) return v3;
    return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

const VectorKernels& vector_kernels(InstructionSet set) {
    if (!has_instruction_set(set)) throw Error("vector_kernels: this machine does not run that instruction set");
#if defined(__x86_64__)
    if (set == InstructionSet::v4) return v4_table;
    if (set == InstructionSet::v3) return v3_table;
#endif
    return baseline_table;
}

const VectorKernels& vector_kernels() {
    static const VectorKernels& chosen =
        vector_kernels(has_instruction_set(InstructionSet::v4)   ? InstructionSet::v4
                       : has_instruction_set(InstructionSet::v3) ? InstructionSet::v3
                                                                 : InstructionSet::baseline);
    return chosen;
}

} // namespace hs
