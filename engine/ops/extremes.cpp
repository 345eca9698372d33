#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/reduced_shape.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

/// The gradient of two operands of which the larger (smaller) passes: half to each where they are equal.
void share(const Saved& saved, Gradients& g, bool larger) {
    const Tensor self = saved.tensor("self");
    const Tensor other = saved.tensor("other");
    const Tensor shared = where(eq(self, other), g[0] / Scalar(2), g[0]);
    if (g.needs(0)) g.set(0, masked_fill(shared, larger ? lt(self, other) : gt(self, other), 0));
    if (g.needs(1)) g.set(1, masked_fill(shared, larger ? gt(self, other) : lt(self, other), 0));
}

/// Values and indices of the extreme along a dimension.
Tensors extreme(const Tensor& x, std::int64_t given_dim, bool keepdim, bool largest, const char* name) {
    const std::size_t dim = wrap_dim(given_dim, x.shape().size());
    if (!x.shape().empty() && x.shape()[dim] == 0)
        throw IndexError(std::string(name) + "(): Expected reduction dim " + std::to_string(dim) +
                         " to have non-zero size.");
    const ReducedShape reduced = reduced_shape(x.shape(), Dims{given_dim}, keepdim);
    const Tensor values = empty(reduced.kept, x.options());
    const Tensor indices = empty(reduced.kept, {.dtype = Dtype::int64, .device = x.device()});
    kernels_of(x).extreme(largest, x, dim, values, indices);
    return {fresh_as(values, reduced.shape), fresh_as(indices, reduced.shape)};
}

Tensor extreme_of_all(const Tensor& x, bool largest, const char* name) {
    if (x.numel() == 0)
        throw Error(std::string(name) +
                    "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
                    "with the 'dim' argument.");
    const Tensor y = empty(reduced_shape(x.shape(), {}, true).kept, x.options());
    kernels_of(x).reduce(largest ? Fold::amax : Fold::amin, x, y);
    return fresh_as(y, {});
}

Tensor compute_amax(const Arguments& a, bool largest) {
    const Tensor& x = a.tensor(0);
    const ReducedShape reduced = reduced_shape(x.shape(), a.integers(1), a.boolean(2));
    if (reduced.count == 0)
        throw IndexError(std::string(largest ? "amax" : "amin") +
                         "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction "
                         "dim with the 'dim' argument.");
    const Tensor y = empty(reduced.kept, x.options());
    kernels_of(x).reduce(largest ? Fold::amax : Fold::amin, x, y);
    return fresh_as(y, reduced.shape);
}

/// argmax and argmin, over all elements without a dimension.
Tensor compute_argument(const Arguments& a, bool largest) {
    const Tensor& x = a.tensor(0);
    const char* name = largest ? "argmax" : "argmin";
    if (!a.is_none(1)) return extreme(x, a.integer(1), a.boolean(2), largest, name)[1];
    if (x.numel() == 0)
        throw IndexError(std::string(name) + "(): Expected reduction dim to be specified for input.numel() == 0. "
                                             "Specify the reduction dim with the 'dim' argument.");
    const Tensor index = extreme(reshape(x, {-1}), 0, false, largest, name)[1];
    return a.boolean(2) ? fresh_as(index, Shape(x.shape().size(), 1)) : index;
}

/// Spreads the gradient evenly over the elements that equal the extreme.
void distribute_all(const Saved& saved, Gradients& g) {
    const Tensor mask = eq(saved.tensor("self"), saved.result());
    g.set(0, mask.to(g[0].dtype()) * (g[0] / sum(mask).to(g[0].dtype())));
}

void distribute(const Saved& saved, Gradients& g) {
    const Tensor self = saved.tensor("self");
    const Dims dims = saved.integers("dim");
    const bool keepdim = saved.boolean("keepdim");
    const Tensor mask = eq(self, expand_reduced(saved.result(), self.shape(), dims, keepdim)).to(g[0].dtype());
    const Tensor shared = expand_reduced(g[0], self.shape(), dims, keepdim);
    g.set(0, mask * shared / sum(mask, dims, true));
}

/// The gradient goes to the elements whose indices are the second result.
void to_selected(const Saved& saved, Gradients& g) {
    g.set(0, value_selecting_gradient(g[0], saved.shape("self"), saved.integer("dim"), saved.result(1),
                                      saved.boolean("keepdim")));
}

std::vector<Sample> extreme_pairs() {
    return {{{uniform({3, 4}), uniform({4})}}, {{uniform({2, 1, 3}), uniform({4, 1})}}, {{uniform({}), uniform({3})}}};
}
std::vector<Sample> extreme_dim_samples() {
    return {
        {{uniform({3, 4}), Scalar(1)}}, {{uniform({2, 3, 4}), Scalar(0), Scalar(true)}}, {{uniform({}), Scalar(-1)}}};
}
std::vector<Sample> extreme_samples() {
    return {{{uniform({3, 4})}}, {{uniform({})}}};
}
std::vector<Sample> extreme_dims_samples() {
    return {{{uniform({3, 4})}}, {{uniform({2, 3, 4}), Dims{0, 2}}}, {{uniform({2, 3}), Dims{-1}, Scalar(true)}}};
}
std::vector<ErrorSample> dim_errors() {
    return {{{uniform({3}), Scalar(3)}, {}, "Dimension out of range (expected to be in range of [-1, 0], but got 3)"}};
}

} // namespace

Tensor value_selecting_gradient(const Tensor& grad, const Shape& shape, std::int64_t dim, const Tensor& indices,
                                bool keepdim) {
    const bool squeezed = !keepdim && !shape.empty();
    const Tensor source = squeezed ? unsqueeze(grad, dim) : grad;
    const Tensor index = squeezed ? unsqueeze(indices, dim) : indices;
    return scatter(zeros(shape, grad.options()), dim, index, source);
}

extern const Op maximum_op({
    .signature = "maximum(Tensor self, Tensor other) -> Tensor",
    .summary = "The larger of two elements.",
    .forward = "y = max(self, other)",
    .gradients = {{"self", "dL/dself = dL/dy where self is larger, half where equal"},
                  {"other", "dL/dother = dL/dy where other is larger, half where equal"}},
    .compute = binary<Binary::maximum>,
    .saves = {{"self"}, {"other"}},
    .backward = [](const Saved& saved, Gradients& g) { share(saved, g, true); },
    .samples = extreme_pairs,
});

extern const Op minimum_op({
    .signature = "minimum(Tensor self, Tensor other) -> Tensor",
    .summary = "The smaller of two elements.",
    .forward = "y = min(self, other)",
    .gradients = {{"self", "dL/dself = dL/dy where self is smaller, half where equal"},
                  {"other", "dL/dother = dL/dy where other is smaller, half where equal"}},
    .compute = binary<Binary::minimum>,
    .saves = {{"self"}, {"other"}},
    .backward = [](const Saved& saved, Gradients& g) { share(saved, g, false); },
    .samples = extreme_pairs,
});

extern const Op max_op({
    .signature = "max(Tensor self) -> Tensor",
    .summary = "The largest element.",
    .forward = "y = max of self",
    .gradients = {{"self", "dL/dself = dL/dy, shared evenly by the elements that equal y"}},
    .compute = [](const Arguments& a) { return extreme_of_all(a.tensor(0), true, "max"); },
    .saves = {{"self"}, {"result"}},
    .backward = distribute_all,
    .node_number = 1,
    .samples = extreme_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({0})},
                 {},
                 "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim "
                 "with the 'dim' argument."}};
        },
});

extern const Op min_op({
    .signature = "min(Tensor self) -> Tensor",
    .summary = "The smallest element.",
    .forward = "y = min of self",
    .gradients = {{"self", "dL/dself = dL/dy, shared evenly by the elements that equal y"}},
    .compute = [](const Arguments& a) { return extreme_of_all(a.tensor(0), false, "min"); },
    .saves = {{"self"}, {"result"}},
    .backward = distribute_all,
    .node_number = 1,
    .samples = extreme_samples,
});

extern const Op max_dim_op({
    .signature = "max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
    .summary = "The largest elements along a dimension, and where they are.",
    .forward = "y = max of self over dim",
    .gradients = {{"self", "dL/dself = dL/dy at the indices, else 0"}},
    .compute_many = [](const Arguments& a) { return extreme(a.tensor(0), a.integer(1), a.boolean(2), true, "max"); },
    .saves = {{"self.shape"}, {"dim"}, {"keepdim"}, {"result1"}},
    .backward = to_selected,
    .non_differentiable = {1},
    .samples = extreme_dim_samples,
    .errors = dim_errors,
});

extern const Op min_dim_op({
    .signature = "min.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
    .summary = "The smallest elements along a dimension, and where they are.",
    .forward = "y = min of self over dim",
    .gradients = {{"self", "dL/dself = dL/dy at the indices, else 0"}},
    .compute_many = [](const Arguments& a) { return extreme(a.tensor(0), a.integer(1), a.boolean(2), false, "min"); },
    .saves = {{"self.shape"}, {"dim"}, {"keepdim"}, {"result1"}},
    .backward = to_selected,
    .non_differentiable = {1},
    .samples = extreme_dim_samples,
    .errors = dim_errors,
});

extern const Op max_other_op({
    .signature = "max.other(Tensor self, Tensor other) -> Tensor",
    .summary = "The larger of two elements: maximum under another name.",
    .forward = "y = max(self, other)",
    .compute = [](const Arguments& a) { return maximum(a.tensor(0), a.tensor(1)); },
    .composite = true,
    .samples = extreme_pairs,
});

extern const Op min_other_op({
    .signature = "min.other(Tensor self, Tensor other) -> Tensor",
    .summary = "The smaller of two elements: minimum under another name.",
    .forward = "y = min(self, other)",
    .compute = [](const Arguments& a) { return minimum(a.tensor(0), a.tensor(1)); },
    .composite = true,
    .samples = extreme_pairs,
});

extern const Op amax_op({
    .signature = "amax(Tensor self, int[]? dim=None, bool keepdim=False) -> Tensor",
    .summary = "The largest elements over some dimensions.",
    .forward = "y = max of self over dim",
    .gradients = {{"self", "dL/dself = dL/dy, shared evenly by the elements that equal y"}},
    .compute = [](const Arguments& a) { return compute_amax(a, true); },
    .saves = {{"self"}, {"result"}, {"dim"}, {"keepdim"}},
    .backward = distribute,
    .samples = extreme_dims_samples,
});

extern const Op amin_op({
    .signature = "amin(Tensor self, int[]? dim=None, bool keepdim=False) -> Tensor",
    .summary = "The smallest elements over some dimensions.",
    .forward = "y = min of self over dim",
    .gradients = {{"self", "dL/dself = dL/dy, shared evenly by the elements that equal y"}},
    .compute = [](const Arguments& a) { return compute_amax(a, false); },
    .saves = {{"self"}, {"result"}, {"dim"}, {"keepdim"}},
    .backward = distribute,
    .samples = extreme_dims_samples,
});

extern const Op argmax_op({
    .signature = "argmax(Tensor self, int? dim=None, bool keepdim=False) -> Tensor",
    .summary = "Where the largest element is: along a dimension, or in row-major order.",
    .forward = "y = index of max of self",
    .dtypes = {numeric_dtypes, "argmax(): does not support bool input"},
    .compute = [](const Arguments& a) { return compute_argument(a, true); },
    .samples = extreme_dim_samples,
    .errors = dim_errors,
});

extern const Op argmin_op({
    .signature = "argmin(Tensor self, int? dim=None, bool keepdim=False) -> Tensor",
    .summary = "Where the smallest element is: along a dimension, or in row-major order.",
    .forward = "y = index of min of self",
    .dtypes = {numeric_dtypes, "argmin(): does not support bool input"},
    .compute = [](const Arguments& a) { return compute_argument(a, false); },
    .samples = extreme_dim_samples,
    .errors = dim_errors,
});

} // namespace hs::ops

namespace hs {

Tensor maximum(const Tensor& self, const Tensor& other) {
    return call(ops::maximum_op, {self, other});
}
Tensor minimum(const Tensor& self, const Tensor& other) {
    return call(ops::minimum_op, {self, other});
}
Tensor max(const Tensor& self) {
    return call(ops::max_op, {self});
}
Tensor min(const Tensor& self) {
    return call(ops::min_op, {self});
}
Extremes max(const Tensor& self, std::int64_t dim, bool keepdim) {
    Tensors both = call_many(ops::max_dim_op, {self, dim, keepdim});
    return {std::move(both[0]), std::move(both[1])};
}
Extremes min(const Tensor& self, std::int64_t dim, bool keepdim) {
    Tensors both = call_many(ops::min_dim_op, {self, dim, keepdim});
    return {std::move(both[0]), std::move(both[1])};
}
Tensor amax(const Tensor& self, IntList dim, bool keepdim) {
    return call(ops::amax_op, {self, dim, keepdim});
}
Tensor amin(const Tensor& self, IntList dim, bool keepdim) {
    return call(ops::amin_op, {self, dim, keepdim});
}
Tensor argmax(const Tensor& self, std::optional<std::int64_t> dim, bool keepdim) {
    return call(ops::argmax_op, {self, dim, keepdim});
}
Tensor argmin(const Tensor& self, std::optional<std::int64_t> dim, bool keepdim) {
    return call(ops::argmin_op, {self, dim, keepdim});
}

} // namespace hs
