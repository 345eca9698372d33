#include "engine/kernels/cpu/neural_slots.h"
#include "engine/kernels/cpu/widened.h"

namespace hs {

const NeuralKernels& cpu_neural_kernels() {
    static constexpr NeuralKernels kernels{
        .matmul = cpu::widening_slot<cpu::matmul, 4>,
        .threshold_backward = cpu::widening_slot<cpu::threshold_backward, 3>,
        .activation = cpu::widening_slot<cpu::activation, 3>,
        .activation_backward = cpu::widening_slot<cpu::activation_backward, 4>,
        .softmax = cpu::widening_slot<cpu::softmax, 3>,
        .softmax_backward = cpu::widening_slot<cpu::softmax_backward, 4>,
        .nll_loss = cpu::widening_slot<cpu::nll_loss, 3, 4>,
        .nll_loss_backward = cpu::widening_slot<cpu::nll_loss_backward, 4>,
        .convolution = cpu::widening_slot<cpu::convolution, 4>,
        .convolution_backward_input = cpu::widening_slot<cpu::convolution_backward_input, 3>,
        .convolution_backward_weight = cpu::widening_slot<cpu::convolution_backward_weight, 3, 4>,
        .max_pool = cpu::widening_slot<cpu::max_pool, 2>,
        .max_pool_backward = cpu::widening_slot<cpu::max_pool_backward, 3>,
        .average_pool = cpu::widening_slot<cpu::average_pool, 2>,
        .average_pool_backward = cpu::widening_slot<cpu::average_pool_backward, 2>,
        .adaptive_average_pool = cpu::widening_slot<cpu::adaptive_average_pool, 1>,
        .adaptive_average_pool_backward = cpu::widening_slot<cpu::adaptive_average_pool_backward, 1>,
        .adaptive_max_pool = cpu::widening_slot<cpu::adaptive_max_pool, 1>,
        .resample = cpu::widening_slot<cpu::resample, 3>,
        .resample_backward = cpu::widening_slot<cpu::resample_backward, 3>,
        .batch_norm_statistics = cpu::widening_slot<cpu::batch_norm_statistics, 1, 2>,
        .batch_norm = cpu::widening_slot<cpu::batch_norm, 6>,
        .batch_norm_backward = cpu::widening_slot<cpu::batch_norm_backward, 7, 8, 9>,
        .embedding = cpu::widening_slot<cpu::embedding, 2>,
        .embedding_backward = cpu::widening_slot<cpu::embedding_backward, 3>,
    };
    return kernels;
}

const NeuralKernels& neural_kernels_of(const Tensor& tensor) {
    if (tensor.device().type != DeviceType::cpu)
        throw NotImplementedError("this build has kernels for the CPU only, not for " + to_string(tensor.device()));
    return cpu_neural_kernels();
}

} // namespace hs
