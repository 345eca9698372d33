#include "app/command_line.h"
#include "app/demos/demo.h"

#include <algorithm>
#include <array>

namespace hs::app {

std::span<const Demo> demos() {
    static const std::array<Demo, 3> list{
        Demo{"fashion-cnn", "A LeNet-style convolutional net learns the clothes of Fashion-MNIST.", true,
             prepare_fashion_cnn},
        Demo{"spiral-mlp",
             "A small MLP learns to tell two arms of a spiral apart; its picture is the decision boundary.", false,
             prepare_spiral_mlp},
        Demo{"fashion-resnet", "A small residual net with batch norm learns Fashion-MNIST.", true,
             prepare_fashion_resnet},
    };
    return list;
}

const Demo& find_demo(std::span<const Demo> list, const std::string& name) {
    const auto found = std::ranges::find(list, name, &Demo::name);
    if (found != list.end()) return *found;
    std::string names;
    for (const Demo& demo : list)
        names += (names.empty() ? "" : ", ") + demo.name;
    throw InputError("--demo: there is no demo '" + name + "'; there are " + names);
}

} // namespace hs::app
