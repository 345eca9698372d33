#include "engine/gallery/lenet.h"

#include "engine/ops/functional.h"

namespace hs::gallery {

LeNet::LeNet(const LeNetOptions& options, Generator& generator)
    : conv1(
          add("conv1", nn::Conv2d(options.in_channels, 6, {.kernel_size = 5, .padding = options.padding}, generator))),
      conv2(add("conv2", nn::Conv2d(6, 16, {.kernel_size = 5}, generator))), relu(add("relu", nn::ReLU())),
      pool(add("pool", nn::MaxPool2d(2))), fc1(add("fc1", nn::Linear(16 * 5 * 5, 120, {}, generator))),
      fc2(add("fc2", nn::Linear(120, 84, {}, generator))),
      fc3(add("fc3", nn::Linear(84, options.classes, {}, generator))) {}

Tensor LeNet::forward(const Tensor& images) {
    const Tensor features = pool(relu(conv2(pool(relu(conv1(images))))));
    return fc3(relu(fc2(relu(fc1(flatten(features, 1))))));
}

} // namespace hs::gallery
