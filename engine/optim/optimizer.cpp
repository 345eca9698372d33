#include "engine/optim/optimizer.h"

#include "engine/graph/grad_mode.h"

#include <set>

namespace hs::optim {

Optimizer::Optimizer(std::vector<Tensor> parameters) : parameters_(std::move(parameters)) {
    if (parameters_.empty()) throw ValueError("optimizer got an empty parameter list");
    std::set<const TensorImpl*> seen;
    for (const Tensor& parameter : parameters_) {
        if (!parameter.is_leaf() && !parameter.retains_grad()) throw ValueError("can't optimize a non-leaf Tensor");
        if (!seen.insert(parameter.impl()).second)
            throw ValueError("some parameters appear in more than one parameter group");
    }
}

void Optimizer::step() {
    pre_hooks_.call(*this);
    {
        const NoGrad scope;
        for (std::size_t i = 0; i < parameters_.size(); ++i) {
            const Tensor& gradient = parameters_[i].mutable_grad();
            if (!gradient.defined()) continue;
            update(i, parameters_[i], gradient);
            parameters_[i].bump_version();
        }
    }
    post_hooks_.call(*this);
}

void Optimizer::zero_grad(bool set_to_none) {
    for (const Tensor& parameter : parameters_) {
        Tensor& gradient = parameter.mutable_grad();
        if (!gradient.defined()) continue;
        if (set_to_none) {
            gradient = Tensor();
            continue;
        }
        if (gradient.grad_fn()) gradient = gradient.detach();
        gradient.zero_();
    }
}

} // namespace hs::optim
