#include "engine/kernels/cpu/slots.h"

namespace hs {

const Kernels& cpu_kernels() {
    static constexpr Kernels kernels{
        .fill = cpu::fill,
        .copy = cpu::copy,
        .unary = cpu::unary,
        .binary = cpu::binary,
        .add = cpu::add,
        .compare = cpu::compare,
        .sum = cpu::sum,
        .reduce = cpu::reduce,
        .extreme = cpu::extreme,
        .scan = cpu::scan,
        .sort = cpu::sort,
        .where = cpu::where,
        .gather = cpu::gather,
        .scatter = cpu::scatter,
        .index = cpu::index,
        .index_put = cpu::index_put,
        .nonzero = cpu::nonzero,
        .sgd = cpu::sgd,
        .adam = cpu::adam,
    };
    return kernels;
}

const Kernels& kernels_of(const Tensor& tensor) {
    if (tensor.device().type != DeviceType::cpu)
        throw NotImplementedError("this build has kernels for the CPU only, not for " + to_string(tensor.device()));
    return cpu_kernels();
}

} // namespace hs
