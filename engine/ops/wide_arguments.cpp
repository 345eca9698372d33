#include "engine/ops/wide_arguments.h"

#include "engine/ops/elementwise.h"

namespace hs::ops {

namespace {

std::span<const Tensor> tensors_of(const ArgumentRef& argument) {
    if (argument.is_tensor()) return {&argument.tensor(), 1};
    if (argument.kind() == ArgumentRef::Kind::tensors) return argument.tensors();
    return {};
}

Tensor converted(const Tensor& tensor, Dtype dtype) {
    return tensor.defined() ? prepared(tensor, dtype, tensor.shape()) : tensor;
}

} // namespace

WideArguments::WideArguments(const Arguments& given, Wide wide) {
    std::optional<Dtype> common;
    bool any_floating = false;
    for (std::size_t i = 0; i < given.size(); ++i) {
        // A dtype that is asked for is the result's, whatever the arguments are.
        if (given[i].kind() == ArgumentRef::Kind::dtype) return;
        for (const Tensor& tensor : tensors_of(given[i])) {
            if (!tensor.defined()) continue;
            common = common ? promote(*common, tensor.dtype()) : tensor.dtype();
            any_floating = any_floating || is_floating_point(tensor.dtype());
        }
    }
    if (!common) return;
    const bool is_half = (half_dtypes & dtype_bit(*common)) != 0;
    needed_ = is_half || (wide == Wide::halves_and_integers && !any_floating);
    if (!needed_) return;
    narrow_ = *common;
    wide_ = is_half ? Dtype::float32 : Dtype::float64;
    const auto widened = [&](const Tensor& tensor) {
        return tensor.defined() && is_floating_point(tensor.dtype()) == is_half ? converted(tensor, wide_) : tensor;
    };
    copies_.resize(given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
        for (const Tensor& tensor : tensors_of(given[i]))
            copies_[i].push_back(widened(tensor));
        if (given[i].is_tensor())
            references_.emplace_back(copies_[i].front());
        else
            references_.push_back(copies_[i].empty() ? given[i] : ArgumentRef(copies_[i]));
    }
}

Tensor WideArguments::narrowed(const Tensor& result) const {
    if (!result.defined() || result.dtype() != wide_) return result;
    return converted(wide_ == Dtype::float64 ? converted(result, Dtype::int64) : result, narrow_); // integers wrap
}

Tensors WideArguments::narrowed(const Tensors& results) const {
    Tensors all;
    for (const Tensor& result : results)
        all.push_back(narrowed(result));
    return all;
}

} // namespace hs::ops
