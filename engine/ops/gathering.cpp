#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/reduced_shape.h"
#include "engine/ops/samples.h"

/// Operations that take or put elements along one dimension by an index tensor.
namespace hs::ops {

namespace {

void check_index(const Tensor& index, const char* name) {
    if (index.dtype() != Dtype::int64 && index.dtype() != Dtype::int32 && index.numel() > 0)
        throw Error(std::string(name) + "(): Expected dtype int32/int64 for index");
}

/// gather and scatter want an index of x's rank, within x's sizes outside dim.
void check_index_shape(const Tensor& x, std::size_t dim, const Tensor& index, const char* name) {
    if (index.numel() == 0) return;
    if (std::max<std::int64_t>(index.dim(), 1) != std::max<std::int64_t>(x.dim(), 1))
        throw Error("Index tensor must have the same number of dimensions as " +
                    std::string(name[0] == 'g' ? "input" : "self") + " tensor");
    for (std::size_t i = 0; i < index.shape().size() && i < x.shape().size(); ++i)
        if (i != dim && index.shape()[i] > x.shape()[i])
            throw Error("Size does not match at dimension " + std::to_string(i) + " expected index " +
                        to_string(index.shape()) + " to be smaller than self " + to_string(x.shape()) +
                        " apart from dimension " + std::to_string(dim));
}

/// One dimension where there is none.
Tensor at_least_1d(const Tensor& x) {
    return x.shape().empty() ? prepared(x, x.dtype(), {1}) : x;
}

/// Kernels read int64.
Tensor wide_index(const Tensor& index) {
    return prepared(index, Dtype::int64, index.shape());
}

Tensor compute_gather(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Tensor index = wide_index(a.tensor(2));
    const std::size_t dim = wrap_dim(a.integer(1), x.shape().size());
    check_index(a.tensor(2), "gather");
    check_index_shape(x, dim, index, "gather");
    const Tensor y = empty(index.shape(), x.options());
    if (y.numel() > 0) kernels_of(x).gather(at_least_1d(x), dim, at_least_1d(index), at_least_1d(y));
    return y;
}

Tensor copy_of(const Tensor& x) {
    const Tensor y = empty(x.shape(), x.options());
    kernels_of(x).copy(x, y);
    return y;
}

/// A copy of the first argument with the source put or added where the index says.
Tensor compute_scatter(const Arguments& a, Write mode) {
    const Tensor& x = a.tensor(0);
    const Tensor index = wide_index(a.tensor(2));
    const std::size_t dim = wrap_dim(a.integer(1), x.shape().size());
    check_index(a.tensor(2), "scatter");
    check_index_shape(x, dim, index, "scatter");
    const Tensor y = copy_of(x);
    if (index.numel() == 0) return y;
    Operand source = a[3].is_tensor() ? Operand() : Operand(a.scalar(3));
    if (a[3].is_tensor()) {
        const Tensor& given = a.tensor(3);
        if (given.dtype() != x.dtype()) throw Error("scatter(): Expected self.dtype to be equal to src.dtype");
        for (std::size_t i = 0; i < index.shape().size(); ++i)
            if (given.shape().size() != index.shape().size() || index.shape()[i] > given.shape()[i])
                throw Error("Expected index " + to_string(index.shape()) + " to be smaller than self " +
                            to_string(x.shape()) + " apart from dimension " + std::to_string(dim) +
                            " and to be smaller size than src " + to_string(given.shape()));
        const Tensor wide = at_least_1d(given);
        source = make_view(wide, at_least_1d(index).shape(), wide.strides(), wide.storage_offset());
    }
    kernels_of(x).scatter(mode, at_least_1d(y), dim, at_least_1d(index), source);
    return y;
}

/// The 1-D `index` as a tensor of `shape` that varies along dim only.
Tensor spread(const Tensor& index, const Shape& shape, std::size_t dim) {
    Strides strides(shape.size(), 0);
    strides[dim] = index.shape().empty() ? 1 : index.strides()[0];
    return make_view(index, shape, strides, index.storage_offset());
}

/// Where index_add, index_copy and index_fill write: the shape of the part that the index names.
struct Rows {
    Rows(const Tensor& x, std::int64_t given_dim, const Tensor& index, const char* name)
        : dim(wrap_dim(given_dim, x.shape().size())), shape(at_least_1d(x).shape()) {
        check_index(index, name);
        if (index.dim() > 1)
            throw IndexError(std::string(name) +
                             "(): Index is supposed to be a vector, but got dim: " + std::to_string(index.dim()));
        shape[dim] = index.numel();
    }
    std::size_t dim;
    Shape shape;
};

Tensor compute_index_select(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Tensor& given = a.tensor(2);
    const Tensor index = given.dtype() == Dtype::int32 ? prepared(given, Dtype::int64, given.shape()) : given;
    const Rows rows(x, a.integer(1), index, "index_select");
    const Tensor y = empty(rows.shape, x.options());
    if (y.numel() > 0 && rows.dim == 0)
        kernels_of(x).index(at_least_1d(x), {at_least_1d(index)}, y);
    else if (y.numel() > 0)
        kernels_of(x).gather(x, rows.dim, spread(index, rows.shape, rows.dim), y);
    return x.shape().empty() ? fresh_as(y, {}) : y;
}

Tensor compute_rows(const Arguments& a, const Operand& source, Write mode, const char* name) {
    const Tensor& x = a.tensor(0);
    const Rows rows(x, a.integer(1), a.tensor(2), name);
    const std::string_view called = name;
    if (called != "index_add" && a.tensor(2).dtype() != Dtype::int64)
        throw Error(called == "index_fill" ? "index_fill_(): Expected dtype int64 for index."
                                           : std::string(called) + "_(): Expected a long tensor for index, but got " +
                                                 std::string(scalar_type_name(a.tensor(2).dtype())));
    const Tensor y = copy_of(x);
    if (element_count(rows.shape) == 0) return y;
    Operand spread_source = source;
    if (const Tensor* tensor = std::get_if<Tensor>(&source)) {
        if (at_least_1d(*tensor).shape() != rows.shape)
            throw Error(std::string(name) +
                        "(): self and source should have the same shape except for dim. Got self: " +
                        to_string(x.shape()) + " source: " + to_string(tensor->shape()));
        spread_source = at_least_1d(*tensor);
    }
    kernels_of(x).scatter(mode, at_least_1d(y), rows.dim, spread(wide_index(a.tensor(2)), rows.shape, rows.dim),
                          spread_source);
    return y;
}

void check_rows_dtype(const Tensor& self, const Tensor& source, const char* name) {
    if (self.dtype() != source.dtype() && name == std::string_view("index_add"))
        throw Error("index_add_(): self (" + std::string(scalar_type_name(self.dtype())) + ") and source (" +
                    std::string(scalar_type_name(source.dtype())) + ") must have the same scalar type");
    if (self.dtype() != source.dtype())
        throw Error(std::string(name) + "(): self and source expected to have the same dtype, but got (self) " +
                    std::string(scalar_type_name(self.dtype())) + " and (source) " +
                    std::string(scalar_type_name(source.dtype())));
}

/// The gradient of a source of which only the first part was used: zeros behind it.
Tensor pad_to(const Tensor& gradient, const Shape& shape) {
    Tensor result = gradient;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (result.shape()[i] == shape[i]) continue;
        Shape wider = result.shape();
        wider[i] = shape[i];
        result = slice_backward(result, wider, static_cast<std::int64_t>(i), 0, result.shape()[i], 1);
    }
    return result;
}

std::vector<Sample> scatter_samples() {
    return {{{uniform({3, 5}), Scalar(1), indices({3, 2}, 5), uniform({3, 2})}},
            {{uniform({4, 3}), Scalar(0), indices({2, 3}, 4), uniform({3, 3})}},
            {{uniform({}), Scalar(0), indices({}, 1), uniform({})}}};
}
/// Without repeated indices, of which PyTorch says that they have no defined gradient.
std::vector<Sample> scatter_once_samples() {
    return {{{uniform({3, 5}), Scalar(1), expand(tensor({4, 1}, {.dtype = Dtype::int64}), {3, 2}), uniform({3, 2})}},
            {{uniform({}), Scalar(0), indices({}, 1), uniform({})}}};
}
Tensor two_rows() {
    return tensor({2, 0}, {.dtype = Dtype::int64});
}

} // namespace

extern const Op gather_op({
    .signature = "gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor",
    .summary = "Elements picked along a dimension, one for each element of the index.",
    .forward = "y[i][j] = self[index[i][j]][j] (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy added at the places it came from"}},
    .compute = compute_gather,
    .saves = {{"self.shape"}, {"dim"}, {"index"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor empty_gradient = zeros(saved.shape("self"), g[0].options());
            g.set(0, scatter_add(empty_gradient, saved.integer("dim"), saved.tensor("index"), g[0]));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(1), indices({3, 6}, 4)}},
                                       {{uniform({3, 4}), Scalar(0), indices({2, 3}, 3)}},
                                       {{uniform({}), Scalar(0), indices({}, 1)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), Scalar(1), full({2, 1}, 5, {.dtype = Dtype::int64})},
                 {},
                 "index 5 is out of bounds for dimension 1 with size 3"},
                {{uniform({2, 3}), Scalar(1), uniform({2, 1})}, {}, "gather(): Expected dtype int32/int64 for index"}};
        },
});

extern const Op scatter_op({
    .signature = "scatter.src(Tensor self, int dim, Tensor index, Tensor src) -> Tensor",
    .summary = "A copy with elements of the source put where the index says, along a dimension.",
    .forward = "y = self; y[index[i][j]][j] = src[i][j] (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy, 0 where it was overwritten"},
                  {"src", "dL/dsrc = dL/dy at the places it went to"}},
    .compute = [](const Arguments& a) { return compute_scatter(a, Write::assign); },
    .saves = {{"dim"}, {"index"}, {"src.shape"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor index = saved.tensor("index");
            const std::int64_t dim = saved.integer("dim");
            if (g.needs(0)) g.set(0, scatter(g[0], dim, index, Scalar(0)));
            if (g.needs(1)) g.set(1, pad_to(gather(g[0], dim, index), saved.shape("src")));
        },
    .samples = scatter_once_samples,
});

extern const Op scatter_value_op({
    .signature = "scatter.value(Tensor self, int dim, Tensor index, Scalar value) -> Tensor",
    .summary = "A copy with a number put where the index says, along a dimension.",
    .forward = "y = self; y[index[i][j]][j] = value (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy, 0 where it was overwritten"}},
    .compute = [](const Arguments& a) { return compute_scatter(a, Write::assign); },
    .saves = {{"dim"}, {"index"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, scatter(g[0], saved.integer("dim"), saved.tensor("index"), Scalar(0))); },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 5}), Scalar(1), indices({3, 2}, 5), Scalar(2.5)}}};
        },
});

extern const Op scatter_add_op({
    .signature = "scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor",
    .summary = "A copy with elements of the source added where the index says, along a dimension.",
    .forward = "y = self; y[index[i][j]][j] += src[i][j] (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy"}, {"src", "dL/dsrc = dL/dy at the places it went to"}},
    .compute = [](const Arguments& a) { return compute_scatter(a, Write::add); },
    .saves = {{"dim"}, {"index", "src"}, {"src.shape"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, g[0]);
            if (g.needs(1))
                g.set(1, pad_to(gather(g[0], saved.integer("dim"), saved.tensor("index")), saved.shape("src")));
        },
    .samples = scatter_samples,
});

extern const Op index_select_op({
    .signature = "index_select(Tensor self, int dim, Tensor index) -> Tensor",
    .summary = "Rows (or columns, ...) picked by a 1-D index.",
    .forward = "y[i] = self[index[i]] (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy added at the rows it came from"}},
    .compute = compute_index_select,
    .saves = {{"self.shape"}, {"dim"}, {"index"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor empty_gradient = zeros(saved.shape("self"), g[0].options());
            g.set(0, index_add(empty_gradient, saved.integer("dim"), saved.tensor("index").to(Dtype::int64), g[0]));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(0), indices({5}, 3)}},
                                       {{uniform({2, 3, 4}), Scalar(-1), indices({2}, 4)}},
                                       {{uniform({}), Scalar(0), indices({1}, 1)}}};
        },
});

extern const Op index_add_op({
    .signature = "index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor",
    .summary = "A copy with rows of the source, times alpha, added to those that the index names.",
    .forward = "y = self; y[index[i]] += alpha * source[i] (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy"}, {"source", "dL/dsource = alpha * dL/dy at the rows it went to"}},
    .compute =
        [](const Arguments& a) {
            check_rows_dtype(a.tensor(0), a.tensor(3), "index_add");
            const Tensor scaled = a.scalar(4) == Scalar(1) ? a.tensor(3) : a.tensor(3) * a.scalar(4);
            return compute_rows(a, scaled, Write::add, "index_add");
        },
    .saves = {{"dim"}, {"index", "source"}, {"source.shape"}, {"alpha"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            if (g.needs(0)) g.set(0, g[0]);
            if (!g.needs(1)) return;
            const Tensor rows = index_select(g[0], saved.integer("dim"), saved.tensor("index"));
            g.set(1, reshape(rows, saved.shape("source")) * saved.scalar("alpha"));
        },
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({3, 4}), Scalar(0), indices({5}, 3), uniform({5, 4})}},
                {{uniform({3, 4}), Scalar(1), indices({2}, 4), uniform({3, 2})}, {{"alpha", Scalar(2)}}}};
        },
});

extern const Op index_copy_op({
    .signature = "index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor",
    .summary = "A copy with rows of the source in place of those that the index names.",
    .forward = "y = self; y[index[i]] = source[i] (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy, 0 in the rows that were replaced"},
                  {"source", "dL/dsource = dL/dy at the rows it went to"}},
    .compute =
        [](const Arguments& a) {
            check_rows_dtype(a.tensor(0), a.tensor(3), "index_copy");
            return compute_rows(a, a.tensor(3), Write::assign, "index_copy");
        },
    .saves = {{"dim"}, {"index"}, {"source.shape"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const std::int64_t dim = saved.integer("dim");
            const Tensor index = saved.tensor("index");
            if (g.needs(0)) g.set(0, index_fill(g[0], dim, index, 0));
            if (g.needs(1)) g.set(1, reshape(index_select(g[0], dim, index), saved.shape("source")));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(0), two_rows(), uniform({2, 4})}}};
        },
});

extern const Op index_fill_op({
    .signature = "index_fill(Tensor self, int dim, Tensor index, Scalar value) -> Tensor",
    .summary = "A copy with a number in the rows that the index names.",
    .forward = "y = self; y[index[i]] = value (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy, 0 in the rows that were filled"}},
    .compute = [](const Arguments& a) { return compute_rows(a, a.scalar(3), Write::assign, "index_fill"); },
    .saves = {{"dim"}, {"index"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, index_fill(g[0], saved.integer("dim"), saved.tensor("index"), 0)); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(1), two_rows(), Scalar(0.5)}}};
        },
});

extern const Op index_fill_tensor_op({
    .signature = "index_fill.int_Tensor(Tensor self, int dim, Tensor index, Tensor value) -> Tensor",
    .summary = "A copy with the element of a 0-dim tensor in the rows that the index names.",
    .forward = "y = self; y[index[i]] = value (dim = 0)",
    .gradients = {{"self", "dL/dself = dL/dy, 0 in the rows that were filled"},
                  {"value", "dL/dvalue = sum of dL/dy in the rows that were filled"}},
    .compute =
        [](const Arguments& a) {
            if (a.tensor(3).dim() > 0)
                throw Error("index_fill_ only supports a 0-dimensional value tensor, but got tensor with " +
                            std::to_string(a.tensor(3).dim()) + " dimension(s).");
            return compute_rows(a, a.tensor(3).item(), Write::assign, "index_fill");
        },
    .saves = {{"dim"}, {"index"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const std::int64_t dim = saved.integer("dim");
            const Tensor index = saved.tensor("index");
            if (g.needs(0)) g.set(0, index_fill(g[0], dim, index, 0));
            // A row that is named twice was filled once.
            if (g.needs(1)) g.set(1, sum(g[0] - index_fill(g[0], dim, index, 0)));
        },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(1), two_rows(), uniform({})}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({3, 4}), Scalar(1), two_rows(), uniform({1})},
                 {},
                 "index_fill_ only supports a 0-dimensional value tensor, but got tensor with 1 dimension(s)."}};
        },
});

extern const Op take_op({
    .signature = "take(Tensor self, Tensor index) -> Tensor",
    .summary = "Elements of the flattened tensor.",
    .forward = "y_i = flatten(self)[index_i]",
    .gradients = {{"self", "dL/dself = dL/dy added at the places it came from"}},
    .compute =
        [](const Arguments& a) {
            if (a.tensor(1).dtype() != Dtype::int64)
                throw Error("take(): Expected a long tensor for index, but got " +
                            std::string(scalar_type_name(a.tensor(1).dtype())));
            return index(reshape(a.tensor(0), {-1}), {a.tensor(1)});
        },
    .saves = {{"self.shape"}, {"index"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Shape shape = saved.shape("self");
            const Tensor flat = zeros({element_count(shape)}, g[0].options());
            g.set(0, reshape(index_put(flat, {saved.tensor("index")}, g[0], true), shape));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), indices({2, 3}, 12)}}};
        },
});

extern const Op take_along_dim_op({
    .signature = "take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor",
    .summary = "gather with broadcasting; without a dimension, of the flattened tensor.",
    .forward = "y = gather(self, dim, indices)",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Tensor& index = a.tensor(1);
            const auto counted_from_begin = [&](const Tensor& places, std::int64_t size) {
                return where(lt(places, 0), places + size, places);
            };
            if (a.is_none(2)) return gather(reshape(x, {-1}), 0, counted_from_begin(reshape(index, {-1}), x.numel()));
            const std::size_t dim = wrap_dim(a.integer(2), x.shape().size());
            if (x.dim() != index.dim())
                throw Error("torch.take_along_dim(): input and indices should have the same number of dimensions, but "
                            "got " +
                            std::to_string(x.dim()) + " dimensions for input, and " + std::to_string(index.dim()) +
                            " dimensions for indices");
            Shape shape_x = x.shape(), shape_i = index.shape();
            shape_x[dim] = shape_i[dim] = 1;
            const Shape common = broadcast_shapes(shape_x, shape_i);
            shape_x = shape_i = common;
            shape_x[dim] = x.shape()[dim];
            shape_i[dim] = index.shape()[dim];
            return gather(expand(x, shape_x), a.integer(2), counted_from_begin(expand(index, shape_i), x.shape()[dim]));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), indices({1, 4}, 3), Scalar(0)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor gather(const Tensor& self, std::int64_t dim, const Tensor& index) {
    return call(ops::gather_op, {self, dim, index});
}
Tensor scatter(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src) {
    return call(ops::scatter_op, {self, dim, index, src});
}
Tensor scatter(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value) {
    return call(ops::scatter_value_op, {self, dim, index, value});
}
Tensor scatter_add(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& src) {
    return call(ops::scatter_add_op, {self, dim, index, src});
}
Tensor index_select(const Tensor& self, std::int64_t dim, const Tensor& index) {
    return call(ops::index_select_op, {self, dim, index});
}
Tensor index_add(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& source) {
    return call(ops::index_add_op, {self, dim, index, source});
}
Tensor index_fill(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value) {
    return call(ops::index_fill_op, {self, dim, index, value});
}
Tensor take(const Tensor& self, const Tensor& index) {
    return call(ops::take_op, {self, index});
}

} // namespace hs
