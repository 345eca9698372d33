#include "engine/tensor/tensor.h"

#include "engine/tensor/inference_mode.h"
#include "engine/tensor/printing.h"
#include "engine/tensor/visit_dtype.h"

#include <limits>
#include <type_traits>

namespace hs {

Tensor make_tensor(Ref<Storage> storage, Shape shape, Strides strides, std::int64_t offset, Dtype dtype) {
    Tensor made(
        Ref<TensorImpl>(new TensorImpl(std::move(storage), std::move(shape), std::move(strides), offset, dtype)));
    made.impl()->is_inference = inference_mode_enabled();
    return made;
}

Tensor make_view(const Tensor& base, Shape shape, Strides strides, std::int64_t offset) {
    Tensor view = make_tensor(base.impl()->storage, std::move(shape), std::move(strides), offset, base.dtype());
    view.impl()->is_inference = base.is_inference();
    view.impl()->own_version = base.impl()->own_version;
    return view;
}

ChannelsLast Tensor::channels_last() const {
    const ChannelsLast layout = impl_->storage->layout();
    if (!layout || impl_->offset != 0 || impl_->shape.size() != 4 || !impl_->contiguous) return {};
    const Shape& sizes = impl_->shape;
    if (sizes[0] != layout.batch || sizes[1] != layout.channels || sizes[2] * sizes[3] != layout.pixels) return {};
    return layout;
}

Scalar Tensor::item() const {
    if (numel() != 1)
        throw Error("a Tensor with " + std::to_string(numel()) + " elements cannot be converted to Scalar");
    return visit_any_dtype(dtype(), [&]<class T>(T) {
        if (dtype() == Dtype::bool_) return Scalar(*data<std::uint8_t>() != 0);
        if constexpr (std::is_integral_v<T>)
            return Scalar(*data<T>());
        else
            return Scalar(static_cast<double>(*data<T>()));
    });
}

template <class T>
std::vector<T> Tensor::to_vector() const {
    std::vector<T> result(static_cast<std::size_t>(numel()));
    const Tensor plain = detach().contiguous();
    visit_any_dtype(dtype(), [&]<class From>(From) {
        const From* values = plain.data<From>();
        for (std::size_t i = 0; i < result.size(); ++i)
            result[i] = static_cast<T>(values[i]); // NOLINT(bugprone-signed-char-misuse): int8 is a number
    });
    return result;
}
template std::vector<float> Tensor::to_vector<float>() const;
template std::vector<double> Tensor::to_vector<double>() const;
template std::vector<std::int64_t> Tensor::to_vector<std::int64_t>() const;
template std::vector<std::int32_t> Tensor::to_vector<std::int32_t>() const;
template std::vector<std::uint8_t> Tensor::to_vector<std::uint8_t>() const;

Tensor& Tensor::set_requires_grad(bool value) {
    if (!is_leaf()) {
        if (value) return *this;
        throw Error("you can only change requires_grad flags of leaf variables. If you want to use a computed "
                    "variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().");
    }
    if (value && is_inference() && !inference_mode_enabled())
        throw Error("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
    if (value && !is_floating_point(dtype())) throw Error("only Tensors of floating point dtype can require gradients");
    impl_->requires_grad = value;
    return *this;
}

Tensor Tensor::detach() const {
    return make_view(*this, impl_->shape, impl_->strides, impl_->offset);
}

Tensor Tensor::data_tensor() const {
    Tensor result = detach();
    result.impl()->own_version = Ref<VersionCounter>(new VersionCounter);
    return result;
}

void Tensor::set_data(const Tensor& other) const {
    if (requires_grad() && !is_floating_point(other.dtype()))
        throw Error("data set to a tensor that requires gradients must be floating point or complex dtype");
    impl_->storage = other.impl()->storage;
    impl_->shape = other.shape();
    impl_->strides = other.strides();
    impl_->offset = other.storage_offset();
    impl_->count = other.numel();
    impl_->dtype = other.dtype();
    impl_->contiguous = other.is_contiguous();
}

bool Tensor::is_true() const {
    if (numel() != 1)
        throw Error("Boolean value of Tensor with " + std::string(numel() == 0 ? "no values" : "more than one value") +
                    " is ambiguous");
    return item().to<double>() != 0;
}

std::int64_t Tensor::len() const {
    if (dim() == 0) throw TypeError("len() of a 0-d tensor");
    return impl_->shape[0];
}

std::uint32_t Tensor::version() const {
    if (is_inference()) throw Error("Inference tensors do not track version counter.");
    return impl_->own_version ? impl_->own_version->version : impl_->storage->version();
}

void Tensor::bump_version() const {
    if (impl_->own_version)
        ++impl_->own_version->version;
    else
        impl_->storage->bump_version();
}

} // namespace hs
