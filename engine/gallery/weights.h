#pragma once

#include "engine/nn/module.h"

/// The ways in which the reference implementations draw a whole net's first weights.
namespace hs::gallery {

/// Convolutions normal with the standard deviation sqrt(2 / fan out) and bias 0, norms with weight 1 and bias 0 (He et
/// al. 2015), in the order of named_modules().
void draw_convolutions(nn::Module& net, Generator& generator);

/// Linear layers normal with the standard deviation `std` and bias 0.
void draw_linear_layers(nn::Module& net, double std, Generator& generator);

} // namespace hs::gallery
