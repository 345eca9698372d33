#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

/// Elementwise operations of three tensors, and tensors filled like another.
namespace hs::ops {

namespace {

std::vector<Sample> three_tensors() {
    return {{{uniform({3, 4}), uniform({3, 4}), uniform({3, 4}, 0.5, 2)}},
            {{uniform({3, 4}), uniform({4}), uniform({3, 1}, 0.5, 2)}, {{"value", Scalar(-1.5)}}}};
}

Tensor times_value(const Tensor& x, const Scalar& value) {
    return value == Scalar(1) ? x : x * value;
}

Tensor compute_lerp(const Arguments& a) {
    const Tensor& start = a.tensor(0);
    const Tensor& end = a.tensor(1);
    if (start.dtype() != end.dtype())
        throw Error("expected dtype " + std::string(cpp_type_name(start.dtype())) + " for `end` but got dtype " +
                    std::string(cpp_type_name(end.dtype())));
    return a[2].is_tensor() ? start + a.tensor(2) * (end - start) : start + (end - start) * a.scalar(2);
}

Tensor filled_like(const Tensor& x, const Scalar& value, std::optional<Dtype> dtype) {
    return full(x.shape(), checked_number(value, dtype.value_or(x.dtype())),
                {.dtype = dtype.value_or(x.dtype()), .device = x.device()});
}

std::vector<Sample> like_samples() {
    return {{{uniform({3, 4})}}, {{uniform({2})}, {{"dtype", Dtype::int64}}}};
}

} // namespace

extern const Op addcmul_op({
    .signature = "addcmul(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
    .summary = "A sum with a product.",
    .forward = "y = self + value * tensor1 * tensor2",
    .gradients = {{"self", "dL/dself = dL/dy"},
                  {"tensor1", "dL/dtensor1 = dL/dy * value * tensor2"},
                  {"tensor2", "dL/dtensor2 = dL/dy * value * tensor1"}},
    .dtypes = {numeric_dtypes, "addcmul_cpu_out", 3},
    .wide = Wide::halves,
    .compute = [](const Arguments& a) { return add(a.tensor(0), a.tensor(1) * a.tensor(2), a.scalar(3)); },
    .saves = {{"tensor1", "tensor2"}, {"tensor2", "tensor1"}, {"value"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Scalar value = saved.scalar("value");
            if (g.needs(0)) g.set(0, g[0]);
            if (g.needs(1)) g.set(1, g[0] * times_value(saved.tensor("tensor2"), value));
            if (g.needs(2)) g.set(2, g[0] * times_value(saved.tensor("tensor1"), value));
        },
    .samples = three_tensors,
});

extern const Op addcdiv_op({
    .signature = "addcdiv(Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
    .summary = "A sum with a quotient.",
    .forward = "y = self + value * tensor1 / tensor2",
    .gradients = {{"self", "dL/dself = dL/dy"},
                  {"tensor1", "dL/dtensor1 = dL/dy * value / tensor2"},
                  {"tensor2", "dL/dtensor2 = -dL/dy * value * tensor1 / tensor2^2"}},
    .dtypes = {floating_dtypes},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            if (!is_floating_point(a.tensor(1).dtype()) && !is_floating_point(a.tensor(2).dtype()))
                throw Error("Integer division with addcdiv is no longer supported, and in a future  release addcdiv "
                            "will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can "
                            "be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for "
                            "integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future "
                            "addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), "
                            "for all dtypes.");
            return add(a.tensor(0), a.tensor(1) / a.tensor(2), a.scalar(3));
        },
    .saves = {{"tensor1", "tensor2"}, {"tensor2"}, {"value"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Scalar value = saved.scalar("value");
            if (g.needs(0)) g.set(0, g[0]);
            if (!g.needs(1) && !g.needs(2)) return;
            const Tensor divisor = saved.tensor("tensor2");
            if (g.needs(1)) g.set(1, times_value(g[0], value) / divisor);
            if (g.needs(2)) g.set(2, neg(times_value(g[0], value)) * (saved.tensor("tensor1") / (divisor * divisor)));
        },
    .samples = three_tensors,
});

extern const Op lerp_op({
    .signature = "lerp.Scalar(Tensor self, Tensor end, Scalar weight) -> Tensor",
    .summary = "Between two tensors, by a number from 0 to 1.",
    .forward = "y = self + weight * (end - self)",
    .gradients = {{"self", "dL/dself = dL/dy * (1 - weight)"}, {"end", "dL/dend = dL/dy * weight"}},
    .dtypes = {floating_dtypes, "lerp_kernel_scalar"},
    .wide = Wide::halves,
    .compute = compute_lerp,
    .saves = {{"weight"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const double weight = saved.scalar("weight").to_double();
            if (g.needs(0)) g.set(0, g[0] * Scalar(1 - weight));
            if (g.needs(1)) g.set(1, g[0] * Scalar(weight));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4}), Scalar(0.3)}}};
        },
});

extern const Op lerp_tensor_op({
    .signature = "lerp.Tensor(Tensor self, Tensor end, Tensor weight) -> Tensor",
    .summary = "Between two tensors, by weights from 0 to 1.",
    .forward = "y = self + weight * (end - self)",
    .gradients = {{"self", "dL/dself = dL/dy * (1 - weight)"},
                  {"end", "dL/dend = dL/dy * weight"},
                  {"weight", "dL/dweight = dL/dy * (end - self)"}},
    .dtypes = {floating_dtypes, "lerp_kernel_tensor"},
    .wide = Wide::halves,
    .compute = compute_lerp,
    .saves = {{"self", "weight"}, {"end", "weight"}, {"weight"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor weight = saved.tensor("weight");
            if (g.needs(0)) g.set(0, g[0] * (Scalar(1) - weight));
            if (g.needs(1)) g.set(1, g[0] * weight);
            if (g.needs(2)) g.set(2, g[0] * (saved.tensor("end") - saved.tensor("self")));
        },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4}), uniform({3, 1}, 0, 1)}}};
        },
});

extern const Op zeros_like_op({
    .signature = "zeros_like(Tensor self, *, Dtype? dtype=None, str? device=None) -> Tensor",
    .summary = "Zeros of the same shape.",
    .forward = "y[i] = 0 for each element of self",
    .compute = [](const Arguments& a) { return filled_like(a.tensor(0), 0, a.optional_dtype(1)); },
    .samples = like_samples,
});

extern const Op ones_like_op({
    .signature = "ones_like(Tensor self, *, Dtype? dtype=None, str? device=None) -> Tensor",
    .summary = "Ones of the same shape.",
    .forward = "y[i] = 1 for each element of self",
    .compute = [](const Arguments& a) { return filled_like(a.tensor(0), 1, a.optional_dtype(1)); },
    .samples = like_samples,
});

extern const Op full_like_op({
    .signature = "full_like(Tensor self, Scalar fill_value, *, Dtype? dtype=None, str? device=None) -> Tensor",
    .summary = "One number in the same shape.",
    .forward = "y = fill_value",
    .compute = [](const Arguments& a) { return filled_like(a.tensor(0), a.scalar(1), a.optional_dtype(2)); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(2.5)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor addcmul(const Tensor& self, const Tensor& tensor1, const Tensor& tensor2, const Scalar& value) {
    return call(ops::addcmul_op, {self, tensor1, tensor2, value});
}
Tensor addcdiv(const Tensor& self, const Tensor& tensor1, const Tensor& tensor2, const Scalar& value) {
    return call(ops::addcdiv_op, {self, tensor1, tensor2, value});
}
Tensor lerp(const Tensor& self, const Tensor& end, const Scalar& weight) {
    return call(ops::lerp_op, {self, end, weight});
}
Tensor lerp(const Tensor& self, const Tensor& end, const Tensor& weight) {
    return call(ops::lerp_tensor_op, {self, end, weight});
}
Tensor zeros_like(const Tensor& self) {
    return call(ops::zeros_like_op, {self});
}
Tensor ones_like(const Tensor& self) {
    return call(ops::ones_like_op, {self});
}
Tensor full_like(const Tensor& self, const Scalar& value) {
    return call(ops::full_like_op, {self, value});
}

} // namespace hs
