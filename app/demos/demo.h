#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace hs::session {
class Training;
}

namespace hs::app {

/// Makes a demo's Training from a seed: its model's weights, the order of its data. Called on the Session's thread, and
/// again for every reset. What it has read is kept between calls.
using MakeTraining = std::function<std::unique_ptr<session::Training>(std::uint64_t seed)>;

/// What a demo is given by the program.
struct DemoSetup {
    std::filesystem::path data; ///< the folder of the Fashion-MNIST files
    int threads = 1;            ///< of the engine, for TrainingInfo
};

/// A demo of the catalogue: it builds a model, its data and its optimizer.
struct Demo {
    std::string name;    ///< `fashion-cnn`
    std::string summary; ///< one sentence
    bool needs_data;     ///< reads DemoSetup::data
    std::function<MakeTraining(const DemoSetup& setup)> prepare;
};

/// All demos, the default first.
std::span<const Demo> demos();

/// Throws InputError, with the names there are, for an unknown one.
const Demo& find_demo(std::span<const Demo> list, const std::string& name);

MakeTraining prepare_fashion_cnn(const DemoSetup& setup);
MakeTraining prepare_fashion_resnet(const DemoSetup& setup);
MakeTraining prepare_spiral_mlp(const DemoSetup& setup);

} // namespace hs::app
