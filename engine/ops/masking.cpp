#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

/// Operations that choose elements by a condition.
namespace hs::ops {

namespace {

Tensor compute_where(const Arguments& a) {
    const Tensor& condition = a.tensor(0);
    if (condition.dtype() != Dtype::bool_)
        throw Error("where expected condition to be a boolean tensor, but got a tensor with dtype " +
                    std::string(scalar_type_name(condition.dtype())));
    const std::array<ArgumentRef, 2> choices{a[1], a[2]};
    const Dtype dtype = result_type(choices);
    Shape shape = condition.shape();
    for (const ArgumentRef& choice : choices)
        if (choice.is_tensor()) shape = broadcast_shapes(shape, choice.tensor().shape());
    const auto operand = [&](const ArgumentRef& choice) -> Operand {
        if (choice.is_tensor()) return prepared(choice.tensor(), dtype, shape);
        return checked_number(choice.scalar(), dtype);
    };
    const Tensor y = empty(shape, {.dtype = dtype, .device = condition.device()});
    kernels_of(y).where(prepared(condition, Dtype::bool_, shape), operand(a[1]), operand(a[2]), y);
    return y;
}

Tensor compute_masked_fill(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Tensor& mask = a.tensor(1);
    if (mask.dtype() != Dtype::bool_)
        throw Error("masked_fill_ only supports boolean masks, but got mask with dtype " +
                    std::string(cpp_type_name(mask.dtype())));
    const bool is_number = !a[2].is_tensor();
    if (!is_number && !a.tensor(2).shape().empty())
        throw Error("masked_fill_ only supports a 0-dimensional value tensor, but got tensor with " +
                    std::to_string(a.tensor(2).dim()) + " dimension(s).");
    const Scalar value = checked_number(is_number ? a.scalar(2) : a.tensor(2).item(), x.dtype());
    const Shape shape = broadcast_shapes(x.shape(), mask.shape());
    const Tensor y = empty(shape, x.options());
    kernels_of(y).where(prepared(mask, Dtype::bool_, shape), value, prepared(x, x.dtype(), shape), y);
    return y;
}

Tensor mask_of(const Shape& shape) {
    return lt(indices(shape, 2), 1);
}

Shape at_least_1d(const Shape& shape) {
    return shape.empty() ? Shape{1} : shape;
}

std::vector<Sample> fill_samples(const Argument& value) {
    return {{{uniform({3, 4}), mask_of({3, 4}), value}}, {{uniform({3, 4}), mask_of({4}), value}}};
}

Tensors compute_nonzero(const Arguments& a) {
    const Tensor all = kernels_of(a.tensor(0)).nonzero(a.tensor(0));
    if (!a.boolean(1)) return {all};
    // As in Python, a scalar counts as one dimension.
    if (a.tensor(0).shape().empty()) return {zeros({all.size(0)}, {.dtype = Dtype::int64})};
    Tensors columns;
    for (std::int64_t i = 0; i < all.size(1); ++i)
        columns.push_back(select(all, 1, i));
    return columns;
}

} // namespace

extern const Op where_op({
    .signature = "where(Mask condition, Operand self, Operand other) -> Tensor",
    .summary = "The first where the condition holds, else the second.",
    .forward = "y = condition ? self : other",
    .gradients = {{"self", "dL/dself = dL/dy where the condition holds, else 0"},
                  {"other", "dL/dother = 0 where the condition holds, else dL/dy"}},
    .compute = compute_where,
    .saves = {{"condition"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor condition = saved.tensor("condition");
            if (g.needs(0)) g.set(0, where(condition, g[0], 0));
            if (g.needs(1)) g.set(1, where(condition, 0, g[0]));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{mask_of({3, 4}), uniform({3, 4}), uniform({4})}},
                                       {{mask_of({3, 1}), uniform({4}), Scalar(2.5)}},
                                       {{mask_of({2}), Scalar(1.0), uniform({2})}}};
        },
});

extern const Op where_self_op({
    .signature = "where.self(Tensor self, Mask condition, Operand other) -> Tensor",
    .summary = "where as the method of a tensor.",
    .forward = "y = condition ? self : other",
    .compute =
        [](const Arguments& a) {
            return call(where_op, {a[1], a[0], a[2]});
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), mask_of({3, 4}), uniform({4})}}};
        },
});

extern const Op masked_fill_op({
    .signature = "masked_fill.Scalar(Tensor self, Tensor mask, Scalar value) -> Tensor",
    .summary = "The elements, replaced by a number where the mask holds.",
    .forward = "y = mask ? value : self",
    .gradients = {{"self", "dL/dself = dL/dy where the mask does not hold, else 0"}},
    .compute = compute_masked_fill,
    .saves = {{"mask"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, masked_fill(g[0], saved.tensor("mask"), 0)); },
    .samples = [] { return fill_samples(Scalar(1.5)); },
});

extern const Op masked_fill_tensor_op({
    .signature = "masked_fill.Tensor(Tensor self, Tensor mask, Tensor value) -> Tensor",
    .summary = "The elements, replaced by a 0-dim tensor where the mask holds.",
    .forward = "y = mask ? value : self",
    .gradients = {{"self", "dL/dself = dL/dy where the mask does not hold, else 0"},
                  {"value", "dL/dvalue = sum of dL/dy where the mask holds"}},
    .compute = compute_masked_fill,
    .saves = {{"mask"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor mask = saved.tensor("mask");
            if (g.needs(0)) g.set(0, masked_fill(g[0], mask, 0));
            if (g.needs(1)) g.set(1, sum(where(mask, g[0], 0)));
        },
    .node_number = 1,
    .samples = [] { return fill_samples(uniform({})); },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3}), mask_of({3}), uniform({1})},
                 {},
                 "masked_fill_ only supports a 0-dimensional value tensor, but got tensor with 1 dimension(s)."}};
        },
});

extern const Op nonzero_op({
    .signature = "nonzero(Tensor self, *, bool as_tuple=False) -> Tensor[]",
    .summary = "The indices of elements that are not zero: one row each, or one tensor for each dimension.",
    .forward = "y = {i : self[i] != 0}",
    .compute_many = compute_nonzero,
    .samples =
        [] {
            return std::vector<Sample>{{{indices({3, 4}, 2)}}, {{indices({3, 4}, 2)}, {{"as_tuple", Scalar(true)}}}};
        },
});

extern const Op masked_select_op({
    .signature = "masked_select(Tensor self, Tensor mask) -> Tensor",
    .summary = "The elements where the mask holds, in row-major order.",
    .forward = "y = self where mask",
    .gradients = {{"self", "dL/dself = dL/dy where the mask holds, else 0"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (a.tensor(1).dtype() != Dtype::bool_) throw Error("masked_select: expected BoolTensor for mask");
            const Shape shape = at_least_1d(broadcast_shapes(x.shape(), a.tensor(1).shape()));
            return index(expand(x, shape), {expand(a.tensor(1), shape)});
        },
    .saves = {{"mask"}, {"self.shape"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor mask = saved.tensor("mask");
            const Shape given = saved.shape("self");
            const Shape shape = at_least_1d(broadcast_shapes(given, mask.shape()));
            const Tensor spread = index_put(zeros(shape, g[0].options()), {expand(mask, shape)}, g[0]);
            g.set(0, given.empty() && mask.shape().empty() ? reshape(spread, {}) : spread);
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), mask_of({3, 4})}},
                                       {{uniform({3, 4}), mask_of({4})}},
                                       {{uniform({}), eq(indices({}, 1), 0)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor where(const Tensor& condition, const Tensor& self, const Tensor& other) {
    return call(ops::where_op, {condition, self, other});
}
Tensor where(const Tensor& condition, const Tensor& self, const Scalar& other) {
    return call(ops::where_op, {condition, self, other});
}
Tensor where(const Tensor& condition, const Scalar& self, const Tensor& other) {
    return call(ops::where_op, {condition, self, other});
}
Tensor masked_fill(const Tensor& self, const Tensor& mask, const Scalar& value) {
    return call(ops::masked_fill_op, {self, mask, value});
}
Tensor masked_fill(const Tensor& self, const Tensor& mask, const Tensor& value) {
    return call(ops::masked_fill_tensor_op, {self, mask, value});
}
Tensor masked_select(const Tensor& self, const Tensor& mask) {
    return call(ops::masked_select_op, {self, mask});
}
Tensor nonzero(const Tensor& self) {
    return call_many(ops::nonzero_op, {self})[0];
}

} // namespace hs
