#include "engine/session/checkpoint.h"

#include "engine/graph/autograd_meta.h"
#include "engine/graph/grad_mode.h"
#include "engine/nn/module.h"
#include "engine/session/training.h"
#include "engine/tensor/error.h"

#include <algorithm>
#include <unordered_set>

namespace hs::session {

namespace {

/// All tensors that a step may write to, each once: those of the model, and what else the optimizer changes.
std::vector<Tensor> tensors_of(Training& training) {
    std::vector<Tensor> all = training.model().parameters();
    const std::vector<Tensor> buffers = training.model().buffers();
    all.insert(all.end(), buffers.begin(), buffers.end());
    std::unordered_set<const TensorImpl*> known;
    for (const Tensor& tensor : all)
        known.insert(tensor.impl());
    for (const Tensor& parameter : training.optimizer().parameters())
        if (known.insert(parameter.impl()).second) all.push_back(parameter);
    return all;
}

/// Also of a tensor that has stopped requiring one: the optimizer goes on with it.
bool has_gradient(const Tensor& tensor) {
    const auto& meta = tensor.impl()->meta;
    return meta && meta->grad.defined();
}

} // namespace

Checkpoint::Bytes::Bytes(const Tensor& tensor)
    : shape(tensor.shape()), strides(tensor.strides()), offset(tensor.storage_offset()), dtype(tensor.dtype()) {
    const Storage& of = tensor.storage();
    // As they lie: what adds up a tensor in the order of memory gives the same sum again.
    storage = Ref(new Storage(of.raw_block(), of.device(), size_of(dtype)));
    storage->set_layout(of.layout());
}

Checkpoint::Checkpoint(Training& training, std::int64_t of_step)
    : step(of_step), generator_(default_generator()), position_(training.position()) {
    const NoGrad scope;
    for (const Tensor& tensor : tensors_of(training))
        hold(tensor);
    for (const nn::Module* module : training.model().modules())
        modes_.push_back(module->is_training());
    optimizer_ = training.optimizer().state_dict();
    for (const auto& [index, state] : optimizer_.state) {
        for (const auto& [name, tensor] : state) {
            copied_bytes_ += tensor.storage().bytes();
            blocks_.push_back(tensor.storage().raw_block().get());
        }
    }
    std::sort(blocks_.begin(), blocks_.end());
    blocks_.erase(std::unique(blocks_.begin(), blocks_.end()), blocks_.end());
}

std::size_t Checkpoint::bytes() const {
    std::size_t sum = own_bytes();
    for (const Block* block : blocks_)
        sum += block->size();
    return sum;
}

void Checkpoint::hold(const Tensor& tensor) {
    Held held{Bytes(tensor), tensor.version(), tensor.impl()->requires_grad, std::nullopt, 0};
    held_bytes_ += held.value.storage->bytes();
    blocks_.push_back(held.value.storage->raw_block().get());
    if (has_gradient(tensor)) {
        held.gradient.emplace(tensor.mutable_grad());
        held.gradient_version = tensor.mutable_grad().version();
        blocks_.push_back(held.gradient->storage->raw_block().get());
    }
    tensors_.push_back(std::move(held));
}

void Checkpoint::restore(const Held& held, const Tensor& to) {
    const Bytes& value = held.value;
    const bool fits = to.dtype() == value.dtype && to.shape() == value.shape && to.strides() == value.strides &&
                      to.storage_offset() == value.offset && to.storage().bytes() == value.storage->bytes();
    if (!fits)
        throw ValueError("a tensor of shape " + to_string(value.shape) + " became one of shape " +
                         to_string(to.shape()) + " or of another layout when the model was made again");
    // A version counter only counts up, so where nothing else has these bytes they get a new one.
    Ref<Storage>& storage = to.impl()->storage;
    if (to.version() > held.version && storage->use_count() == 1)
        storage = Ref(new Storage(value.storage->raw_block(), to.device(), size_of(value.dtype)));
    else
        storage->replace(value.storage->raw_block());
    storage->set_layout(value.storage->layout());
    while (to.version() < held.version)
        to.bump_version();
    if (to.impl()->requires_grad != held.requires_grad) Tensor(to).set_requires_grad(held.requires_grad);
    if (!held.gradient && !has_gradient(to)) return;
    Tensor gradient;
    if (held.gradient) {
        const Bytes& bytes = *held.gradient;
        Ref<Storage> own(new Storage(bytes.storage->raw_block(), bytes.storage->device(), size_of(bytes.dtype)));
        own->set_layout(bytes.storage->layout());
        gradient = make_tensor(std::move(own), bytes.shape, bytes.strides, bytes.offset, bytes.dtype);
        while (gradient.version() < held.gradient_version)
            gradient.bump_version();
    }
    to.mutable_grad() = gradient;
}

void Checkpoint::restore(Training& training) const {
    const NoGrad scope;
    const std::vector<Tensor> tensors = tensors_of(training);
    const std::vector<nn::Module*> modules = training.model().modules();
    if (tensors.size() != tensors_.size() || modules.size() != modes_.size())
        throw ValueError(
            "the model that was made again has other modules or tensors: it was changed after it was made");
    for (std::size_t i = 0; i < tensors.size(); ++i)
        restore(tensors_[i], tensors[i]);
    // Parents come first and take their children along, which then get their own.
    for (std::size_t i = 0; i < modules.size(); ++i)
        if (modules[i]->is_training() != modes_[i]) modules[i]->train(modes_[i]);
    training.optimizer().load_state_dict(optimizer_);
    default_generator() = generator_;
    training.resume(position_);
}

} // namespace hs::session
