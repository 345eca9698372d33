#include "engine/session/model_state.h"

#include "engine/graph/autograd_meta.h"

namespace hs::session {

namespace {

const Ref<Block>& bytes_of(const Tensor& tensor) {
    return tensor.impl()->storage->plain_block();
}

} // namespace

ModelState::ModelState(nn::Module& model) : generator_(default_generator()) {
    const auto keep = [this](const Tensor& tensor) {
        Kept& kept = tensors_.emplace_back();
        kept.tensor = tensor;
        kept.bytes = bytes_of(tensor);
        const auto& meta = tensor.impl()->meta;
        if (!meta || !meta->grad.defined()) return;
        kept.gradient = meta->grad;
        kept.gradient_bytes = bytes_of(meta->grad);
    };
    for (const Tensor& parameter : model.parameters())
        keep(parameter);
    for (const Tensor& buffer : model.buffers())
        keep(buffer);
}

void ModelState::restore() const {
    for (const Kept& kept : tensors_) {
        kept.tensor.impl()->storage->replace(kept.bytes);
        if (kept.gradient.defined()) kept.gradient.impl()->storage->replace(kept.gradient_bytes);
        if (kept.tensor.impl()->meta || kept.gradient.defined()) autograd_meta(kept.tensor).grad = kept.gradient;
    }
    default_generator() = generator_;
}

} // namespace hs::session
