#include "engine/kernels/cpu/neural_slots.h"

namespace hs {

const NeuralKernels& cpu_neural_kernels() {
    static constexpr NeuralKernels kernels{
        .matmul = cpu::matmul,
        .threshold_backward = cpu::threshold_backward,
        .activation = cpu::activation,
        .activation_backward = cpu::activation_backward,
        .softmax = cpu::softmax,
        .softmax_backward = cpu::softmax_backward,
        .nll_loss = cpu::nll_loss,
        .nll_loss_backward = cpu::nll_loss_backward,
        .convolution = cpu::convolution,
        .convolution_backward_input = cpu::convolution_backward_input,
        .convolution_backward_weight = cpu::convolution_backward_weight,
        .max_pool = cpu::max_pool,
        .max_pool_backward = cpu::max_pool_backward,
        .average_pool = cpu::average_pool,
        .average_pool_backward = cpu::average_pool_backward,
        .adaptive_average_pool = cpu::adaptive_average_pool,
        .adaptive_average_pool_backward = cpu::adaptive_average_pool_backward,
        .adaptive_max_pool = cpu::adaptive_max_pool,
        .resample = cpu::resample,
        .resample_backward = cpu::resample_backward,
        .batch_norm_statistics = cpu::batch_norm_statistics,
        .batch_norm = cpu::batch_norm,
        .batch_norm_backward = cpu::batch_norm_backward,
        .embedding = cpu::embedding,
        .embedding_backward = cpu::embedding_backward,
    };
    return kernels;
}

const NeuralKernels& neural_kernels_of(const Tensor& tensor) {
    if (tensor.device().type != DeviceType::cpu)
        throw NotImplementedError("this build has kernels for the CPU only, not for " + to_string(tensor.device()));
    return cpu_neural_kernels();
}

} // namespace hs
