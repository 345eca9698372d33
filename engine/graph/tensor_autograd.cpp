#include "engine/graph/autograd_meta.h"
#include "engine/tensor/tensor.h"
#include "engine/tensor/warning.h"

// The members of Tensor that need to know the graph; the tensor's own folder does not.
namespace hs {

TensorImpl::TensorImpl(Ref<Storage> storage_, Shape shape_, Strides strides_, std::int64_t offset_, Dtype dtype_)
    : storage(std::move(storage_)), shape(std::move(shape_)), strides(std::move(strides_)), offset(offset_),
      count(element_count(shape)), dtype(dtype_), contiguous(hs::is_contiguous(shape, strides)) {}

TensorImpl::~TensorImpl() = default;

void destroy(const TensorImpl* impl) {
    delete impl;
}

const Tensor& Tensor::grad() const {
    static const Tensor undefined;
    const AutogradMeta* meta = impl_->meta.get();
    if (!impl_->grad_fn) return meta ? meta->grad : undefined;
    if (meta && meta->retained_grad) return *meta->retained_grad;
    warn("The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be "
         "populated during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf "
         "Tensor, use .retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure "
         "you access the leaf Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more informations.");
    return undefined;
}

Tensor& Tensor::mutable_grad() const {
    AutogradMeta& meta = autograd_meta(*this);
    return impl_->grad_fn && meta.retained_grad ? *meta.retained_grad : meta.grad;
}

void Tensor::set_grad(const Tensor& gradient) const {
    if (!gradient.defined()) {
        if (impl_->meta) impl_->meta->grad = gradient;
        return;
    }
    if (is_same(gradient)) throw Error("can't assign Variable as its own grad");
    const auto mismatch = [](const std::string& what, const std::string& of_gradient, const std::string& of_tensor) {
        return Error("attempting to assign a gradient " + std::string(what == "dtype" ? "with dtype" : "of size") +
                     " '" + of_gradient + "' to a tensor " + (what == "dtype" ? "with dtype" : "of size") + " '" +
                     of_tensor + "'. Please ensure that the gradient and the tensor are the same " + what);
    };
    if (gradient.dtype() != dtype())
        throw mismatch("dtype", std::string(scalar_type_name(gradient.dtype())),
                       std::string(scalar_type_name(dtype())));
    if (gradient.shape() != shape()) throw mismatch("size", to_string(gradient.shape()), to_string(shape()));
    autograd_meta(*this).grad = gradient;
}

Tensor& Tensor::detach_() {
    if (is_view())
        throw Error("Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) "
                    "for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and "
                    "hence detach_() cannot be called on these gradients. To fix this error, please refer to the "
                    "Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.");
    impl_->requires_grad = false;
    impl_->grad_fn.reset();
    impl_->output_nr = 0;
    return *this;
}

Tensor Tensor::deepcopy() const {
    if (!is_leaf())
        throw Error("Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the "
                    "moment.  If you were attempting to deepcopy a module, this may be because of a torch.nn.utils."
                    "weight_norm usage, see https://github.com/pytorch/pytorch/pull/103001");
    Tensor copy = detach().clone();
    copy.impl()->is_parameter = impl_->is_parameter;
    if (impl_->requires_grad) copy.set_requires_grad();
    if (impl_->meta && impl_->meta->grad.defined()) copy.set_grad(impl_->meta->grad.deepcopy());
    return copy;
}

void Tensor::retain_grad() const {
    if (!requires_grad()) throw Error("can't retain_grad on Tensor that has requires_grad=False");
    if (!impl_->grad_fn) return;
    AutogradMeta& meta = autograd_meta(*this);
    if (meta.retained_grad) return;
    meta.retained_grad = std::make_shared<Tensor>();
    grad_fn()->extras().retained[impl_->output_nr] = meta.retained_grad;
}

bool Tensor::retains_grad() const {
    return impl_->grad_fn && impl_->meta && impl_->meta->retained_grad;
}

RemovableHandle Tensor::register_hook(std::function<Tensor(const Tensor&)> hook) const {
    if (!requires_grad()) throw Error("cannot register a hook on a tensor that doesn't require gradient");
    if (is_leaf()) return autograd_meta(*this).hooks.add(std::move(hook));
    return grad_fn()->extras().tensor_hooks[impl_->output_nr].add(std::move(hook));
}

RemovableHandle Tensor::register_post_accumulate_grad_hook(std::function<void(const Tensor&)> hook) const {
    if (!requires_grad()) throw Error("cannot register a hook on a tensor that doesn't require gradient");
    if (!is_leaf()) throw Error("post accumulate grad hooks cannot be registered on non-leaf tensors");
    return autograd_meta(*this).post_accumulate_hooks.add(std::move(hook));
}

} // namespace hs
