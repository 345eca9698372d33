#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

/// Replaces a -1 in `shape` by what is missing to `count` elements; throws rule 25's text where it cannot be.
Shape infer_size(Shape shape, std::int64_t count) {
    std::int64_t known = 1;
    std::optional<std::size_t> open;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == -1) {
            if (open) throw Error("only one dimension can be inferred");
            open = i;
        } else if (shape[i] < -1) {
            throw Error("invalid shape dimension " + std::to_string(shape[i]));
        } else {
            known *= shape[i];
        }
    }
    const bool fits = open ? known > 0 && count % known == 0 : known == count;
    if (open && known == 0 && count == 0)
        throw Error("cannot reshape tensor of 0 elements into shape " + to_string(shape) +
                    " because the unspecified dimension size -1 can be any value and is ambiguous");
    if (!fits) throw Error("shape '" + to_string(shape) + "' is invalid for input of size " + std::to_string(count));
    if (open) shape[*open] = count / known;
    return shape;
}

Tensor contiguous_copy(const Tensor& x) {
    const Tensor y = empty(x.shape(), x.options());
    kernels_of(x).copy(x, y);
    return y;
}

Tensor compute_expand(const Arguments& arguments) {
    const Tensor& x = arguments.tensor(0);
    Shape shape = arguments.integers(1);
    const std::size_t rank = x.shape().size();
    if (shape.size() < rank)
        throw Error("expand(torch." + std::string(scalar_type_name(x.dtype())) + "Tensor{" + to_string(x.shape()) +
                    "}, size=" + to_string(shape) + "): the number of sizes provided (" + std::to_string(shape.size()) +
                    ") must be greater or equal to the number of dimensions in the tensor (" + std::to_string(rank) +
                    ")");
    const std::size_t extra = shape.size() - rank;
    Strides strides(shape.size(), 0);
    for (std::size_t i = 0; i < shape.size(); ++i) {
        const std::int64_t size = i < extra ? 1 : x.shape()[i - extra];
        if (shape[i] == -1) {
            if (i < extra)
                throw Error("expand(" + to_string(shape) +
                            "): the expanded size of the tensor (-1) isn't allowed in a "
                            "leading, non-existing dimension " +
                            std::to_string(i));
            shape[i] = size;
        }
        if (size != shape[i] && size != 1)
            throw Error("The expanded size of the tensor (" + std::to_string(shape[i]) +
                        ") must match the existing size (" + std::to_string(size) + ") at non-singleton dimension " +
                        std::to_string(i) + ".  Target sizes: " + to_string(shape) +
                        ".  Tensor sizes: " + to_string(x.shape()));
        if (i >= extra && size == shape[i]) strides[i] = x.strides()[i - extra];
    }
    return make_view(x, shape, strides, x.storage_offset());
}

} // namespace

extern const Op view_op({
    .signature = "view(Tensor self, int[] size) -> Tensor",
    .summary = "The same elements in another shape, sharing memory.",
    .forward = "y has the elements of self in row-major order",
    .gradients = {{"self", "dL/dself = dL/dy in the shape of self"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Shape shape = infer_size(a.integers(1), x.numel());
            Strides strides;
            if (!view_strides(x.shape(), x.strides(), shape, strides))
                throw Error("view size is not compatible with input tensor's size and stride (at least one dimension "
                            "spans across two contiguous subspaces). Use .reshape(...) instead.");
            return make_view(x, shape, strides, x.storage_offset());
        },
    .saves = {{"self.shape"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, reshape(g[0], saved.shape("self"))); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 6}), Dims{3, 4}}},
                                       {{uniform({2, 6}), Dims{-1}}},
                                       {{uniform({1}), Dims{}}},
                                       {{uniform({0, 3}), Dims{3, 0}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({6}), Dims{4}}, {}, "shape '[4]' is invalid for input of size 6"}};
        },
});

extern const Op reshape_op({
    .signature = "reshape(Tensor self, int[] shape) -> Tensor",
    .summary = "The same elements in another shape: a view where possible, else a copy.",
    .forward = "y has the elements of self in row-major order",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Shape shape = infer_size(a.integers(1), x.numel());
            Strides strides;
            return view(view_strides(x.shape(), x.strides(), shape, strides) ? x : clone(x), shape);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 6}), Dims{3, 4}}}, {{uniform({2, 3, 4}), Dims{6, -1}}}};
        },
});

extern const Op flatten_op({
    .signature = "flatten(Tensor self, int start_dim=0, int end_dim=-1) -> Tensor",
    .summary = "Joins the dimensions from start_dim to end_dim into one.",
    .forward = "y = reshape(self)",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::size_t start = wrap_dim(a.integer(1), x.shape().size());
            const std::size_t end = wrap_dim(a.integer(2), x.shape().size());
            if (start > end) throw Error("flatten() has invalid args: start_dim cannot come after end_dim");
            if (x.shape().empty()) return reshape(x, {1});
            if (start == end) return x;
            Shape shape;
            for (std::size_t i = 0; i < x.shape().size(); ++i) {
                if (i > start && i <= end)
                    shape.back() *= x.shape()[i];
                else
                    shape.push_back(x.shape()[i]);
            }
            return reshape(x, shape);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 4})}}, {{uniform({2, 3, 4}), Scalar(1)}}, {{uniform({})}}};
        },
});

extern const Op expand_op({
    .signature = "expand(Tensor self, int[] size) -> Tensor",
    .summary = "Repeats dimensions of size 1 without copying.",
    .forward = "y[..., i, ...] = self[..., 0, ...]",
    .gradients = {{"self", "dL/dself = sum of dL/dy over the expanded dimensions"}},
    .compute = compute_expand,
    .backward = [](const Saved&, Gradients& g) { g.set(0, g[0]); },
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({3, 1}), Dims{3, 4}}}, {{uniform({}), Dims{2}}}, {{uniform({1, 3}), Dims{2, -1, 3}}}};
        },
});

extern const Op transpose_op({
    .signature = "transpose(Tensor self, int dim0, int dim1) -> Tensor",
    .summary = "Exchanges two dimensions without copying.",
    .forward = "y[..., j, ..., i, ...] = self[..., i, ..., j, ...]",
    .gradients = {{"self", "dL/dself = transpose(dL/dy, dim0, dim1)"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::size_t first = wrap_dim(a.integer(1), x.shape().size());
            const std::size_t second = wrap_dim(a.integer(2), x.shape().size());
            Shape shape = x.shape();
            Strides strides = x.strides();
            if (!shape.empty()) {
                std::swap(shape[first], shape[second]);
                std::swap(strides[first], strides[second]);
            }
            return make_view(x, shape, strides, x.storage_offset());
        },
    .saves = {{"dim0"}, {"dim1"}},
    .backward = [](const Saved& s, Gradients& g) { g.set(0, transpose(g[0], s.integer("dim0"), s.integer("dim1"))); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 4}), Scalar(0), Scalar(-1)}},
                                       {{uniform({3, 2}), Scalar(0), Scalar(1)}}};
        },
    .aliases = "swapaxes,swapdims",
});

extern const Op t_op({
    .signature = "t(Tensor self) -> Tensor",
    .summary = "Transposes a matrix; leaves vectors and scalars as they are.",
    .forward = "y = self^T",
    .gradients = {{"self", "dL/dself = t(dL/dy)"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            if (x.dim() > 2)
                throw Error("t() expects a tensor with <= 2 dimensions, but self is " + std::to_string(x.dim()) + "D");
            Shape shape = x.shape();
            Strides strides = x.strides();
            std::reverse(shape.begin(), shape.end());
            std::reverse(strides.begin(), strides.end());
            return make_view(x, shape, strides, x.storage_offset());
        },
    .backward = [](const Saved&, Gradients& g) { g.set(0, t(g[0])); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3})}}, {{uniform({3})}}, {{uniform({})}}};
        },
});

extern const Op unsqueeze_op({
    .signature = "unsqueeze(Tensor self, int dim) -> Tensor",
    .summary = "Inserts a dimension of size 1.",
    .forward = "y = self with a new dimension",
    .gradients = {{"self", "dL/dself = squeeze(dL/dy, dim)"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::size_t dim = wrap_dim(a.integer(1), x.shape().size() + 1);
            Shape shape = x.shape();
            Strides strides = x.strides();
            strides.insert(dim, dim < x.shape().size() ? x.shape()[dim] * x.strides()[dim] : 1);
            shape.insert(dim, 1);
            return make_view(x, shape, strides, x.storage_offset());
        },
    .saves = {{"dim"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, squeeze(g[0], saved.integer("dim"))); },
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({2, 3}), Scalar(1)}}, {{uniform({2, 3}), Scalar(-1)}}, {{uniform({}), Scalar(0)}}};
        },
});

extern const Op squeeze_dims_op({
    .signature = "squeeze.dims(Tensor self, int[] dim) -> Tensor",
    .summary = "Removes some dimensions of size 1; leaves others as they are.",
    .forward = "y = self without the dimensions dim",
    .gradients = {{"self", "dL/dself = dL/dy in the shape of self"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            std::vector<bool> named(x.shape().size() + 1, false);
            for (const std::int64_t dim : a.integers(1)) {
                const std::size_t i = wrap_dim(dim, x.shape().size());
                if (named[i] && x.dim() > 0)
                    throw Error("dim " + std::to_string(i) + " appears multiple times in the list of dims");
                named[i] = true;
            }
            Shape shape;
            Strides strides;
            for (std::size_t i = 0; i < x.shape().size(); ++i) {
                if (named[i] && x.shape()[i] == 1) continue;
                shape.push_back(x.shape()[i]);
                strides.push_back(x.strides()[i]);
            }
            return make_view(x, shape, strides, x.storage_offset());
        },
    .saves = {{"self.shape"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, reshape(g[0], saved.shape("self"))); },
    .node_number = 2,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 1, 3, 1}), Dims{1, -1, 0}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({1, 3}), Dims{0, 0}}, {}, "dim 0 appears multiple times in the list of dims"}};
        },
});

extern const Op squeeze_dim_op({
    .signature = "squeeze.dim(Tensor self, int dim) -> Tensor",
    .summary = "Removes a dimension of size 1; leaves others as they are.",
    .forward = "y = self without dimension dim",
    .gradients = {{"self", "dL/dself = dL/dy in the shape of self"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::size_t dim = wrap_dim(a.integer(1), x.shape().size());
            Shape shape = x.shape();
            Strides strides = x.strides();
            if (!shape.empty() && shape[dim] == 1) {
                shape.erase(dim);
                strides.erase(dim);
            }
            return make_view(x, shape, strides, x.storage_offset());
        },
    .saves = {{"self.shape"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, reshape(g[0], saved.shape("self"))); },
    .node_number = 1,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 1, 3}), Scalar(1)}}, {{uniform({2, 3}), Scalar(0)}}};
        },
});

extern const Op clone_op({
    .signature = "clone(Tensor self) -> Tensor",
    .summary = "A copy with memory of its own.",
    .forward = "y = self",
    .gradients = {{"self", "dL/dself = dL/dy"}},
    .compute = [](const Arguments& a) { return contiguous_copy(a.tensor(0)); },
    .backward = [](const Saved&, Gradients& g) { g.set(0, g[0]); },
    .samples = unary_samples,
});

extern const Op to_op({
    .signature = "to(Tensor self, Dtype dtype) -> Tensor",
    .summary = "The elements converted to another dtype; the tensor itself when nothing changes.",
    .forward = "y = self as dtype",
    .gradients = {{"self", "dL/dself = dL/dy in the dtype of self"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Tensor y = empty(x.shape(), {.dtype = *a.optional_dtype(1), .device = x.device()});
            kernels_of(x).copy(x, y);
            return y;
        },
    .backward = [](const Saved&, Gradients& g) { g.set(0, g[0]); },
    .node = "ToCopy",
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3}), Dtype::float64}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor view(const Tensor& self, const Shape& shape) {
    return call(ops::view_op, {self, shape});
}
Tensor reshape(const Tensor& self, const Shape& shape) {
    return call(ops::reshape_op, {self, shape});
}
Tensor flatten(const Tensor& self, std::int64_t start_dim, std::int64_t end_dim) {
    return call(ops::flatten_op, {self, start_dim, end_dim});
}
Tensor expand(const Tensor& self, const Shape& shape) {
    return call(ops::expand_op, {self, shape});
}
Tensor transpose(const Tensor& self, std::int64_t dim0, std::int64_t dim1) {
    return call(ops::transpose_op, {self, dim0, dim1});
}
Tensor t(const Tensor& self) {
    return call(ops::t_op, {self});
}
Tensor unsqueeze(const Tensor& self, std::int64_t dim) {
    return call(ops::unsqueeze_op, {self, dim});
}
Tensor squeeze(const Tensor& self, std::int64_t dim) {
    return call(ops::squeeze_dim_op, {self, dim});
}
Tensor clone(const Tensor& self) {
    return call(ops::clone_op, {self});
}
Tensor contiguous(const Tensor& self) {
    return self.is_contiguous() ? self : clone(self);
}
Tensor to(const Tensor& self, Dtype dtype) {
    return self.dtype() == dtype ? self : call(ops::to_op, {self, dtype});
}

Tensor Tensor::to(Dtype dtype) const {
    return hs::to(*this, dtype);
}
Tensor Tensor::contiguous() const {
    return hs::contiguous(*this);
}
Tensor Tensor::clone() const {
    return hs::clone(*this);
}
Tensor Tensor::view(const Shape& shape) const {
    return hs::view(*this, shape);
}
Tensor Tensor::reshape(const Shape& shape) const {
    return hs::reshape(*this, shape);
}
Tensor Tensor::flatten(std::int64_t start_dim, std::int64_t end_dim) const {
    return hs::flatten(*this, start_dim, end_dim);
}
Tensor Tensor::t() const {
    return hs::t(*this);
}
Tensor Tensor::transpose(std::int64_t dim0, std::int64_t dim1) const {
    return hs::transpose(*this, dim0, dim1);
}

} // namespace hs
