#pragma once

#include "engine/nn/module.h"

#include <memory>
#include <span>
#include <string>

/// Ready models under the names of PyTorch's and torchvision's, so that published weights load. One file a family.
namespace hs::gallery {

/// What a model is given: one image or text of the size that its paper has.
struct ModelInput {
    Shape shape;
    Dtype dtype = Dtype::float32;
    std::int64_t below = 0; ///< of integers: they are 0 to below - 1
};

struct Model {
    std::string name;    ///< `resnet18`
    std::string summary; ///< one sentence
    std::string paper;   ///< authors, year, title
    std::int64_t parameter_count;
    ModelInput input;
    /// Makes it with the reference's first weights.
    std::shared_ptr<nn::Module> (*make)(Generator& generator);
};

/// All of them, by family.
std::span<const Model> models();

/// Throws KeyError, with the names there are, for an unknown one.
const Model& find_model(const std::string& name);

/// Something that `model` can be run on: standard normal, or integers.
Tensor example_input(const Model& model, Generator& generator = default_generator());

} // namespace hs::gallery
