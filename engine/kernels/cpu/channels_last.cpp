#include "engine/kernels/cpu/channels_last.h"

#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/vector/vector.h"

namespace hs {

bool same_in_both_layouts(const Tensor& images) {
    return images.shape()[1] == 1 || images.shape()[2] * images.shape()[3] == 1;
}

void declare_channels_last(const Tensor& images) {
    if (same_in_both_layouts(images)) return;
    const Shape& shape = images.shape();
    images.impl()->storage->set_layout({shape[0], shape[1], shape[2] * shape[3]});
}

Tensor as_channels_last(const Tensor& images) {
    if (images.channels_last() || same_in_both_layouts(images)) return images;
    const Tensor result = empty(images.shape(), images.options());
    const float* from = images.data<float>();
    declare_channels_last(result);
    float* to = result.mutable_raw_data<float>();
    const std::int64_t channels = images.shape()[1];
    const std::int64_t pixels = images.shape()[2] * images.shape()[3];
    const std::int64_t size = channels * pixels;
    parallel_for(images.shape()[0], 1 + 16'384 / std::max<std::int64_t>(size, 1),
                 [&](std::int64_t begin, std::int64_t end) {
                     for (std::int64_t n = begin; n < end; ++n)
                         vector_kernels().reduce.transpose(from + n * size, channels, pixels, to + n * size);
                 });
    return result;
}

} // namespace hs
