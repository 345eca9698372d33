#pragma once

#include "engine/nn/activation.h"
#include "engine/nn/conv.h"
#include "engine/nn/linear.h"
#include "engine/nn/pooling.h"

namespace hs::gallery {

struct LeNetOptions {
    std::int64_t in_channels = 1;
    std::int64_t classes = 10;
    std::int64_t padding = 0; ///< of the first convolution: 0 for images of 32x32, 2 for those of 28x28
};

/// LeNet-5 (LeCun et al. 1998) as it is taught today, with ReLU and max pooling: [n, channels, 32, 32] to [n, classes].
/// Layers start as PyTorch's do.
class LeNet final : public nn::Module {
  public:
    explicit LeNet(const LeNetOptions& options = {}, Generator& generator = default_generator());
    Tensor forward(const Tensor& images) override;

    nn::Conv2d& conv1;
    nn::Conv2d& conv2;
    nn::ReLU& relu;
    nn::MaxPool2d& pool;
    nn::Linear& fc1;
    nn::Linear& fc2;
    nn::Linear& fc3;
};

} // namespace hs::gallery
