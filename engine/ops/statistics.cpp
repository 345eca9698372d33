#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/reduced_shape.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

Tensor compute_mean(const Tensor& x, const Dims& dims, bool keepdim, std::optional<Dtype> dtype) {
    const Dtype wanted = dtype.value_or(x.dtype());
    if (!is_floating_point(wanted))
        throw Error("mean(): could not infer output dtype. Input dtype must be either a floating point or complex "
                    "dtype. Got: " +
                    std::string(scalar_type_name(x.dtype())));
    const ReducedShape reduced = reduced_shape(x.shape(), dims, true);
    const Tensor total = sum(x.to(wanted), dims, keepdim);
    return total / Scalar(static_cast<double>(reduced.count));
}

/// Variance and mean; the mean keeps its dimensions when `keepdim`.
struct Moments {
    Tensor variance, mean;
};
Moments moments(const Tensor& x, const Dims& dims, double correction, bool keepdim, const char* name) {
    if (!is_floating_point(x.dtype()))
        throw Error(std::string(name) + " only support floating point and complex dtypes");
    const auto count = static_cast<double>(reduced_shape(x.shape(), dims, true).count);
    const Tensor mean = sum(x, dims, true) / Scalar(count);
    const Tensor squares = sum(square(x - mean), dims, keepdim);
    const ReducedShape reduced = reduced_shape(x.shape(), dims, keepdim);
    return {squares / Scalar(std::max(count - correction, 0.0)), fresh_as(mean, reduced.shape)};
}

double correction_of(const ArgumentRef& argument) {
    return argument.is_none() ? 1.0 : argument.scalar().to_double();
}

/// Gradient of the variance (torch.var): 2 (x - mean) / (n - correction).
Tensor variance_gradient(const Tensor& grad, const Saved& saved) {
    const Tensor x = saved.tensor("self");
    const Dims dims = saved.integers("dim");
    const double free =
        static_cast<double>(reduced_shape(x.shape(), dims, true).count) - correction_of(saved.argument("correction"));
    const Tensor spread = expand_reduced(grad, x.shape(), dims, saved.boolean("keepdim"));
    return spread * Scalar(2 / free) * (x - mean(x, dims, true));
}

Tensor deviation_gradient(const Tensor& grad, const Tensor& result, const Saved& saved) {
    return variance_gradient(masked_fill(grad / (result * Scalar(2)), eq(result, 0), 0), saved);
}

Tensor mean_gradient(const Tensor& grad, const Saved& saved) {
    const Tensor x = saved.tensor("self");
    const Dims dims = saved.integers("dim");
    const auto count = static_cast<double>(reduced_shape(x.shape(), dims, true).count);
    return expand_reduced(grad, x.shape(), dims, saved.boolean("keepdim")) / Scalar(count);
}

std::vector<Sample> all_samples() {
    return {{{uniform({3, 4})}}, {{uniform({})}}};
}

std::vector<Sample> correction_samples() {
    return {{{uniform({3, 4})}},
            {{uniform({2, 3, 4}), Dims{0, 2}}, {{"correction", Scalar(0)}}},
            {{uniform({4, 3}), Dims{0}}, {{"keepdim", Scalar(true)}, {"correction", Scalar(2)}}}};
}
std::vector<Sample> unbiased_samples() {
    return {{{uniform({3, 4}), Scalar(false)}}, {{uniform({3, 4}), Scalar(true)}}};
}
std::vector<Sample> unbiased_dim_samples() {
    return {{{uniform({3, 4}), Dims{1}, Scalar(false)}}, {{uniform({3, 4}), Dims{0}, Scalar(true), Scalar(true)}}};
}
std::vector<ErrorSample> integer_errors() {
    return {{{indices({3}, 5)}, {}, "std and var only support floating point and complex dtypes"}};
}

} // namespace

extern const Op mean_op({
    .signature = "mean(Tensor self, *, Dtype? dtype=None) -> Tensor",
    .summary = "Mean of all elements.",
    .forward = "y = sum of self / n",
    .gradients = {{"self", "dL/dself = dL/dy / n for every element"}},
    .dtypes = {floating_dtypes},
    .wide = Wide::halves,
    .compute = [](const Arguments& a) { return compute_mean(a.tensor(0), {}, false, a.optional_dtype(1)); },
    .saves = {{"self.shape"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("self");
            g.set(0, expand(g[0], shape) / Scalar(static_cast<double>(element_count(shape))));
        },
    .samples = all_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{{{indices({3}, 5)},
                                             {},
                                             "mean(): could not infer output dtype. Input dtype must be either a "
                                             "floating point or complex dtype. Got: Long"}};
        },
});

extern const Op mean_dim_op({
    .signature = "mean.dim(Tensor self, int[]? dim, bool keepdim=False, *, Dtype? dtype=None) -> Tensor",
    .summary = "Mean over some dimensions.",
    .forward = "y = sum of self over dim / n",
    .gradients = {{"self", "dL/dself = dL/dy / n, expanded along dim"}},
    .dtypes = {floating_dtypes},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) { return compute_mean(a.tensor(0), a.integers(1), a.boolean(2), a.optional_dtype(3)); },
    .saves = {{"self.shape"}, {"dim"}, {"keepdim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("self");
            const Dims dims = saved.integers("dim");
            const auto count = static_cast<double>(reduced_shape(shape, dims, true).count);
            g.set(0, expand_reduced(g[0], shape, dims, saved.boolean("keepdim")) / Scalar(count));
        },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Dims{0}}},
                                       {{uniform({2, 3, 4}), Dims{0, -1}, Scalar(true)}},
                                       {{uniform({}), Dims{0}}}};
        },
});

extern const Op var_op({
    .signature = "var.correction(Tensor self, int[]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> "
                 "Tensor",
    .summary = "Variance over some dimensions; the divisor is n - correction, 1 by default.",
    .forward = "y = sum of (self - mean)^2 / (n - correction)",
    .gradients = {{"self", "dL/dself = dL/dy * 2 (self - mean) / (n - correction)"}},
    .dtypes = {floating_dtypes, "std and var only support floating point and complex dtypes"},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            return moments(a.tensor(0), a.integers(1), correction_of(a[2]), a.boolean(3), "std and var").variance;
        },
    .saves = {{"self"}, {"dim"}, {"correction"}, {"keepdim"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, variance_gradient(g[0], saved)); },
    .samples = correction_samples,
    .errors = integer_errors,
});

extern const Op std_op({
    .signature = "std.correction(Tensor self, int[]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> "
                 "Tensor",
    .summary = "Standard deviation over some dimensions: the root of the variance.",
    .forward = "y = sqrt(var(self))",
    .gradients = {{"self", "dL/dself = dL/dy / (2 y) * dvar/dx, 0 where y is 0"}},
    .dtypes = {floating_dtypes, "std and var only support floating point and complex dtypes"},
    .wide = Wide::halves,
    .compute =
        [](const Arguments& a) {
            return sqrt(moments(a.tensor(0), a.integers(1), correction_of(a[2]), a.boolean(3), "std and var").variance);
        },
    .saves = {{"self"}, {"result"}, {"dim"}, {"correction"}, {"keepdim"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, deviation_gradient(g[0], saved.result(), saved)); },
    .samples = correction_samples,
    .errors = integer_errors,
});

extern const Op var_mean_op({
    .signature = "var_mean.correction(Tensor self, int[]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> "
                 "(Tensor var, Tensor mean)",
    .summary = "Variance and mean over some dimensions.",
    .forward = "y = var(self), mean(self)",
    .gradients = {{"self", "dL/dself = those of var and mean, added"}},
    .dtypes = {floating_dtypes, "var_mean only support floating point and complex dtypes"},
    .wide = Wide::halves,
    .compute_many =
        [](const Arguments& a) {
            const Moments both = moments(a.tensor(0), a.integers(1), correction_of(a[2]), a.boolean(3), "var_mean");
            return Tensors{both.variance, both.mean};
        },
    .saves = {{"self"}, {"dim"}, {"correction"}, {"keepdim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            Tensor total;
            if (g[0].defined()) total = variance_gradient(g[0], saved);
            if (g[1].defined())
                total = total.defined() ? total + mean_gradient(g[1], saved) : mean_gradient(g[1], saved);
            g.set(0, total);
        },
    .samples = correction_samples,
});

extern const Op std_mean_op({
    .signature = "std_mean.correction(Tensor self, int[]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> "
                 "(Tensor std, Tensor mean)",
    .summary = "Standard deviation and mean over some dimensions.",
    .forward = "y = std(self), mean(self)",
    .gradients = {{"self", "dL/dself = those of std and mean, added"}},
    .dtypes = {floating_dtypes, "std_mean only support floating point and complex dtypes"},
    .wide = Wide::halves,
    .compute_many =
        [](const Arguments& a) {
            const Moments both = moments(a.tensor(0), a.integers(1), correction_of(a[2]), a.boolean(3), "std_mean");
            return Tensors{sqrt(both.variance), both.mean};
        },
    .saves = {{"self"}, {"result0"}, {"dim"}, {"correction"}, {"keepdim"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            Tensor total;
            if (g[0].defined()) total = deviation_gradient(g[0], saved.result(0), saved);
            if (g[1].defined())
                total = total.defined() ? total + mean_gradient(g[1], saved) : mean_gradient(g[1], saved);
            g.set(0, total);
        },
    .samples = correction_samples,
});

#define HS_UNBIASED(NAME, RESULT, MEMBER, CALL)                                                                        \
    extern const Op NAME##_unbiased_op({                                                                               \
        .signature = #NAME "(Tensor self, bool unbiased) -> " RESULT,                                                  \
        .summary = "Over all elements; unbiased divides by n - 1, else by n.",                                         \
        .forward = "as with correction = 1 or 0",                                                                      \
        .dtypes = {floating_dtypes},                                                                                   \
        .MEMBER =                                                                                                      \
            [](const Arguments& a) {                                                                                   \
                return CALL(NAME##_op, {a[0], ArgumentRef(), Scalar(a.boolean(1) ? 1 : 0), false});                    \
            },                                                                                                         \
        .composite = true,                                                                                             \
        .samples = unbiased_samples,                                                                                   \
    });                                                                                                                \
    extern const Op NAME##_dim_op({                                                                                    \
        .signature = #NAME ".dim(Tensor self, int[]? dim, bool unbiased=True, bool keepdim=False) -> " RESULT,         \
        .summary = "Over some dimensions; unbiased divides by n - 1, else by n.",                                      \
        .forward = "as with correction = 1 or 0",                                                                      \
        .dtypes = {floating_dtypes},                                                                                   \
        .MEMBER =                                                                                                      \
            [](const Arguments& a) {                                                                                   \
                return CALL(NAME##_op, {a[0], a[1], Scalar(a.boolean(2) ? 1 : 0), a[3]});                              \
            },                                                                                                         \
        .composite = true,                                                                                             \
        .samples = unbiased_dim_samples,                                                                               \
    });
HS_UNBIASED(var, "Tensor", compute, call)
HS_UNBIASED(std, "Tensor", compute, call)
HS_UNBIASED(var_mean, "(Tensor, Tensor)", compute_many, call_many)
HS_UNBIASED(std_mean, "(Tensor, Tensor)", compute_many, call_many)
#undef HS_UNBIASED

} // namespace hs::ops

namespace hs {

Tensor mean(const Tensor& self) {
    return call(ops::mean_op, {self});
}
Tensor mean(const Tensor& self, IntList dim, bool keepdim) {
    return call(ops::mean_dim_op, {self, dim, keepdim});
}
Tensor var(const Tensor& self, IntList dim, const Scalar& correction, bool keepdim) {
    return call(ops::var_op, {self, dim, correction, keepdim});
}
Tensor std_deviation(const Tensor& self, IntList dim, const Scalar& correction, bool keepdim) {
    return call(ops::std_op, {self, dim, correction, keepdim});
}

Tensor Tensor::mean() const {
    return hs::mean(*this);
}

} // namespace hs
