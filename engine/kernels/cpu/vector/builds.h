#pragma once

#include "engine/kernels/cpu/vector/vector.h"

/// Declares the tables of one build of the kernels.
#define HOOKSCOPE_DECLARE_VECTOR_BUILD(NAME)                                                                           \
    namespace hs::NAME {                                                                                               \
    extern const ConvolveKernels convolve_kernels;                                                                     \
    extern const ElementwiseKernels elementwise_kernels;                                                               \
    extern const ReduceKernels reduce_kernels;                                                                         \
    extern const SoftmaxKernels softmax_kernels;                                                                       \
    extern const NormaliseKernels normalise_kernels;                                                                   \
    extern const PoolKernels pool_kernels;                                                                             \
    extern const OptimizerKernels optimizer_kernels;                                                                   \
    extern const SummaryKernels summary_kernels;                                                                       \
    }

HOOKSCOPE_DECLARE_VECTOR_BUILD(vector_baseline)
#if defined(__x86_64__)
HOOKSCOPE_DECLARE_VECTOR_BUILD(vector_v3)
HOOKSCOPE_DECLARE_VECTOR_BUILD(vector_v4)
#endif

#undef HOOKSCOPE_DECLARE_VECTOR_BUILD
