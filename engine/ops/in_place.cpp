#include "engine/ops/in_place.h"

#include "engine/graph/grad_mode.h"
#include "engine/graph/node.h"
#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"

namespace hs {

namespace {

/// Rules 51, 53 and 57 for a tensor that is about to be written.
void check_writable(const Tensor& self) {
    for (std::size_t i = 0; i < self.shape().size(); ++i)
        if (self.strides()[i] == 0 && self.shape()[i] > 1)
            throw Error(
                "unsupported operation: more than one element of the written-to tensor refers to a single memory "
                "location. Please clone() the tensor before performing the operation.");
    if (!grad_enabled() || !self.requires_grad()) return;
    if (self.is_leaf()) throw Error("a leaf Variable that requires grad is being used in an in-place operation.");
}

/// Views that stand for something else than a part of their base (rules 55 and 93).
void check_view(const Tensor& self) {
    if (!self.grad_fn()) return;
    const std::string_view node = self.grad_fn()->name();
    const std::string start = "Output " + std::to_string(self.impl()->output_nr) + " of " + std::string(node) +
                              " is a view and is being modified inplace. ";
    if (node == "BackwardHookFunctionBackward")
        throw Error(start + "This view was created inside a custom Function (or because an input was returned as-is) "
                            "and the autograd logic to handle view+inplace would override the custom backward "
                            "associated with the custom Function, leading to incorrect gradients. This behavior is "
                            "forbidden. You can fix this by cloning the output of the custom Function.");
    if (node == "UnbindBackward0" || node == "SplitBackward0" || node == "SplitWithSizesBackward0")
        throw Error(start + "This view is the output of a function that returns multiple views. Such functions do not"
                            " allow the output views to be modified inplace. You should replace the inplace operation"
                            " by an out-of-place one.");
}

/// Writes `value`, which an out-of-place operation computed from it, back into `self`, and hands its history on.
Tensor& write_back(Tensor& self, const Tensor& value) {
    if (!can_cast(value.dtype(), self.dtype()))
        throw Error("result type " + std::string(scalar_type_name(value.dtype())) +
                    " can't be cast to the desired output type " + std::string(scalar_type_name(self.dtype())));
    if (value.shape() != self.shape())
        throw Error("output with shape " + to_string(self.shape()) + " doesn't match the broadcast shape " +
                    to_string(value.shape()));
    if (value.grad_fn() && self.is_view()) check_view(self);
    // A view whose base is gone is a tensor like any other.
    if (value.grad_fn() && self.is_view() && self.impl()->storage->use_count() > 1)
        throw NotImplementedError("changing a view in place while a gradient is recorded is not supported yet; "
                                  "clone() it or work out of place");
    kernels_of(self).copy(value, self);
    self.bump_version();
    if (value.grad_fn()) set_history(self, value.grad_fn(), value.impl()->output_nr);
    return self;
}

} // namespace

Tensor& in_place(Tensor& self, const std::function<Tensor(const Tensor&)>& operation) {
    check_writable(self);
    const Tensor value = operation(self);
    if (value.is_same(self)) return self;
    auto* node = dynamic_cast<OpNode*>(value.grad_fn().get());
    if (node) node->keep_copy_of(self);
    write_back(self, value);
    if (node) node->keep_result(value, self);
    return self;
}

Tensor& Tensor::copy_(const Tensor& source) {
    check_writable(*this);
    if (!(grad_enabled() && source.requires_grad())) {
        const Shape& to = shape();
        if (broadcast_shapes(to, source.shape()) != to)
            throw Error("output with shape " + to_string(to) + " doesn't match the broadcast shape " +
                        to_string(broadcast_shapes(to, source.shape())));
        kernels_of(*this).copy(ops::prepared(source, source.dtype(), to), *this);
        bump_version();
        return *this;
    }
    return write_back(*this, expand(hs::to(source, dtype()), shape()));
}

Tensor& Tensor::fill_(const Scalar& value) {
    check_writable(*this);
    if (grad_enabled() && requires_grad()) return write_back(*this, hs::mul(*this, Scalar(0)) + value);
    kernels_of(*this).fill(*this, value);
    bump_version();
    return *this;
}

Tensor& Tensor::add_(const Tensor& other, const Scalar& alpha) {
    check_writable(*this);
    const bool records = grad_enabled() && (requires_grad() || other.requires_grad());
    if (!records && other.dtype() == dtype() && other.shape() == shape()) {
        kernels_of(*this).add(*this, other, alpha, *this);
        bump_version();
        return *this;
    }
    return write_back(*this, hs::add(*this, other, alpha));
}

Tensor& Tensor::mul_(const Tensor& other) {
    check_writable(*this);
    return write_back(*this, hs::mul(*this, other));
}

Tensor& Tensor::mul_(const Scalar& other) {
    check_writable(*this);
    if (!(grad_enabled() && requires_grad()) && can_cast(other.dtype(), dtype())) {
        kernels_of(*this).binary(Binary::mul, *this, other, *this);
        bump_version();
        return *this;
    }
    return write_back(*this, hs::mul(*this, other));
}

} // namespace hs
