#include "engine/nn/distance.h"

#include "engine/ops/functional.h"

namespace hs::nn {

Tensors CosineSimilarity::forward_all(const Tensors& inputs) {
    check_count(inputs, 2);
    return {cosine_similarity(inputs[0], inputs[1], dim_, eps_)};
}

Tensors PairwiseDistance::forward_all(const Tensors& inputs) {
    check_count(inputs, 2);
    return {pairwise_distance(inputs[0], inputs[1], p_, eps_, keepdim_)};
}

} // namespace hs::nn
