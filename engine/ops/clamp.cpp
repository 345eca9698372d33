#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

/// x between the bounds, of which one may be None.
Tensor compute_clamp(const ArgumentRef& x, const ArgumentRef& low, const ArgumentRef& high) {
    if (low.is_none() && high.is_none()) throw Error("torch.clamp: At least one of 'min' or 'max' must not be None");
    const auto bounded = [](const ArgumentRef& value, const ArgumentRef& bound, Binary function) {
        const BinaryPlan plan(value, bound, false);
        const Tensor y = empty(plan.shape, {.dtype = plan.dtype});
        kernels_of(y).binary(function, plan.a, plan.b, y);
        return y;
    };
    if (high.is_none()) return bounded(x, low, Binary::maximum);
    if (low.is_none()) return bounded(x, high, Binary::minimum);
    const Tensor above = bounded(x, low, Binary::maximum);
    return bounded(above, high, Binary::minimum);
}

/// Where x lies within the bounds.
Tensor inside(const Tensor& x, const ArgumentRef& low, const ArgumentRef& high) {
    const auto compare = [&](const ArgumentRef& bound, bool is_low) {
        if (bound.is_tensor()) return is_low ? ge(x, bound.tensor()) : le(x, bound.tensor());
        return is_low ? ge(x, bound.scalar()) : le(x, bound.scalar());
    };
    if (high.is_none()) return compare(low, true);
    if (low.is_none()) return compare(high, false);
    return logical_and(compare(low, true), compare(high, false));
}

void number_gradient(const Saved& saved, Gradients& g) {
    g.set(0, where(inside(saved.tensor("self"), saved.argument("min"), saved.argument("max")), g[0], 0));
}

void tensor_gradient(const Saved& saved, Gradients& g) {
    const Tensor self = saved.tensor("self");
    const Tensor low = saved.tensor("min");
    const Tensor high = saved.tensor("max");
    if (g.needs(0)) g.set(0, where(inside(self, low, high), g[0], 0));
    if (g.needs(1)) {
        const Tensor below = lt(self, low);
        g.set(1, where(high.defined() ? logical_and(below, lt(low, high)) : below, g[0], 0));
    }
    if (g.needs(2)) {
        const Tensor above = gt(self, high);
        g.set(2, where(low.defined() ? logical_or(above, ge(low, high)) : above, g[0], 0));
    }
}

Tensor bound(double value, const Shape& shape) {
    return full(shape, value, {.dtype = Dtype::float64});
}

} // namespace

extern const Op clamp_op({
    .signature = "clamp(Tensor self, Scalar? min=None, Scalar? max=None) -> Tensor",
    .summary = "Each element, moved to the nearer bound where it lies outside.",
    .forward = "y = self, but min where it is less and max where it is greater",
    .gradients = {{"self", "dL/dself = dL/dy where min <= self <= max, else 0"}},
    .compute = [](const Arguments& a) { return compute_clamp(a[0], a[1], a[2]); },
    .saves = {{"self"}, {"min"}, {"max"}},
    .backward = number_gradient,
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(-0.5), Scalar(0.7)}},
                                       {{uniform({3}), Scalar(0.1)}},
                                       {{uniform({2, 2}), Argument(), Scalar(0.2)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2})}, {}, "torch.clamp: At least one of 'min' or 'max' must not be None"}};
        },
    .aliases = "clip",
});

extern const Op clamp_tensor_op({
    .signature = "clamp.Tensor(Tensor self, Tensor? min=None, Tensor? max=None) -> Tensor",
    .summary = "Each element, moved to the nearer of its own two bounds where it lies outside.",
    .forward = "y = self, but min where it is less and max where it is greater",
    .gradients = {{"self", "dL/dself = dL/dy where min <= self <= max, else 0"},
                  {"min", "dL/dmin = dL/dy where self < min < max, else 0"},
                  {"max", "dL/dmax = dL/dy where self > max or min >= max, else 0"}},
    .compute = [](const Arguments& a) { return compute_clamp(a[0], a[1], a[2]); },
    .saves = {{"self"}, {"min"}, {"max"}},
    .backward = tensor_gradient,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), bound(-0.5, {4}), bound(0.7, {3, 1})}},
                                       {{uniform({3}), bound(0.1, {3})}},
                                       {{uniform({2, 2}), Argument(), bound(0.2, {})}}};
        },
    .aliases = "clip",
});

extern const Op clamp_min_op({
    .signature = "clamp_min(Tensor self, Scalar min) -> Tensor",
    .summary = "Each element, but at least a number.",
    .forward = "y = self, but min where it is less",
    .gradients = {{"self", "dL/dself = dL/dy where self >= min, else 0"}},
    .compute = [](const Arguments& a) { return compute_clamp(a[0], a[1], {}); },
    .saves = {{"self"}, {"min"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, where(ge(saved.tensor("self"), saved.scalar("min")), g[0], 0)); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(0.3)}}};
        },
});

extern const Op clamp_min_tensor_op({
    .signature = "clamp_min.Tensor(Tensor self, Tensor min) -> Tensor",
    .summary = "Each element, but at least its own bound.",
    .forward = "y = self, but min where it is less",
    .gradients = {{"self", "dL/dself = dL/dy where self >= min, else 0"},
                  {"min", "dL/dmin = dL/dy where self < min, else 0"}},
    .compute = [](const Arguments& a) { return compute_clamp(a[0], a[1], {}); },
    .saves = {{"self"}, {"min"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor self = saved.tensor("self");
            const Tensor low = saved.tensor("min");
            if (g.needs(0)) g.set(0, where(ge(self, low), g[0], 0));
            if (g.needs(1)) g.set(1, where(lt(self, low), g[0], 0));
        },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4})}}};
        },
});

extern const Op clamp_max_op({
    .signature = "clamp_max(Tensor self, Scalar max) -> Tensor",
    .summary = "Each element, but at most a number.",
    .forward = "y = self, but max where it is greater",
    .gradients = {{"self", "dL/dself = dL/dy where self <= max, else 0"}},
    .compute = [](const Arguments& a) { return compute_clamp(a[0], {}, a[1]); },
    .saves = {{"self"}, {"max"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, where(le(saved.tensor("self"), saved.scalar("max")), g[0], 0)); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(0.3)}}};
        },
});

extern const Op clamp_max_tensor_op({
    .signature = "clamp_max.Tensor(Tensor self, Tensor max) -> Tensor",
    .summary = "Each element, but at most its own bound.",
    .forward = "y = self, but max where it is greater",
    .gradients = {{"self", "dL/dself = dL/dy where self <= max, else 0"},
                  {"max", "dL/dmax = dL/dy where self > max, else 0"}},
    .compute = [](const Arguments& a) { return compute_clamp(a[0], {}, a[1]); },
    .saves = {{"self"}, {"max"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor self = saved.tensor("self");
            const Tensor high = saved.tensor("max");
            if (g.needs(0)) g.set(0, where(le(self, high), g[0], 0));
            if (g.needs(1)) g.set(1, where(gt(self, high), g[0], 0));
        },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), uniform({4})}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor clamp(const Tensor& self, const std::optional<Scalar>& min, const std::optional<Scalar>& max) {
    return call(ops::clamp_op, {self, min, max});
}
Tensor clamp(const Tensor& self, const Tensor& min, const Tensor& max) {
    return call(ops::clamp_tensor_op, {self, min, max});
}
Tensor clamp_min(const Tensor& self, const Scalar& min) {
    return call(ops::clamp_min_op, {self, min});
}
Tensor clamp_max(const Tensor& self, const Scalar& max) {
    return call(ops::clamp_max_op, {self, max});
}

} // namespace hs
