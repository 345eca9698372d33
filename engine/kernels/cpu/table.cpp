#include "engine/kernels/cpu/widened.h"

namespace hs {

const Kernels& cpu_kernels() {
    static constexpr Kernels kernels{
        .fill = cpu::fill,
        .copy = cpu::copy,
        .unary = cpu::widening_slot<cpu::unary, 2>,
        .binary = cpu::widening_slot<cpu::binary, 3>,
        .add = cpu::add_any,
        .compare = cpu::widening_slot<cpu::compare>,
        .sum = cpu::widening_slot<cpu::sum, 1>,
        .reduce = cpu::widening_slot<cpu::reduce, 2>,
        .extreme = cpu::widening_slot<cpu::extreme, 3>,
        .scan = cpu::widening_slot<cpu::scan, 3>,
        .sort = cpu::widening_slot<cpu::sort, 3>,
        .where = cpu::widening_slot<cpu::where, 3>,
        .gather = cpu::widening_slot<cpu::gather, 3>,
        .scatter = cpu::widening_slot<cpu::scatter, 1>,
        .index = cpu::widening_slot<cpu::index, 2>,
        .index_put = cpu::widening_slot<cpu::index_put, 1>,
        .nonzero = cpu::nonzero_any,
        .sgd = cpu::widening_slot<cpu::sgd, 1, 3>,
        .adam = cpu::widening_slot<cpu::adam, 1, 3, 4, 5>,
    };
    return kernels;
}

const Kernels& kernels_of(const Tensor& tensor) {
    if (tensor.device().type != DeviceType::cpu)
        throw NotImplementedError("this build has kernels for the CPU only, not for " + to_string(tensor.device()));
    return cpu_kernels();
}

} // namespace hs
