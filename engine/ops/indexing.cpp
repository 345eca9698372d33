#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

/// Advanced indexing: by tensors of integers and masks, and what stands between the brackets of `x[...]`.
namespace hs::ops {

namespace {

/// Indices ready for the kernels: integers of one shape; the dimensions they stand for moved to the front of x.
struct Plan {
    Plan(const Tensor& x, std::span<const Tensor> given) {
        std::vector<std::pair<std::size_t, Tensor>> by_dim;
        std::size_t dim = 0;
        for (const Tensor& index : given) {
            if (!index.defined()) {
                ++dim;
            } else if (index.dtype() == Dtype::bool_ || index.dtype() == Dtype::uint8) {
                add_mask(x, index, dim, by_dim);
            } else {
                if (index.dtype() != Dtype::int64 && index.dtype() != Dtype::int32)
                    throw IndexError("tensors used as indices must be long, int, byte or bool tensors");
                by_dim.emplace_back(dim++, prepared(index, Dtype::int64, index.shape()));
            }
        }
        if (dim > x.shape().size())
            throw IndexError("too many indices for tensor of dimension " + std::to_string(x.dim()));
        set_shapes(by_dim);
        set_order(x, by_dim);
    }

    Tensors indices;       ///< int64, of shape index_shape
    Shape index_shape;     ///< the indices', broadcast
    Dims order;            ///< x's dimensions: those that are indexed, then the others
    std::size_t insert;    ///< where index_shape stands in the result
    Shape rest;            ///< sizes of the dimensions that are left alone
    Shape result() const { ///< of x[indices]
        Shape shape(std::span(rest.begin(), rest.begin() + insert));
        for (const std::int64_t size : index_shape)
            shape.push_back(size);
        for (std::size_t i = insert; i < rest.size(); ++i)
            shape.push_back(rest[i]);
        return shape;
    }
    /// `values`, of the result's shape, as a view whose index dimensions stand in front.
    Tensor index_first(const Tensor& values) const {
        Dims permutation;
        for (std::size_t i = 0; i < index_shape.size(); ++i)
            permutation.push_back(static_cast<std::int64_t>(insert + i));
        for (std::size_t i = 0; i < rest.size(); ++i)
            permutation.push_back(static_cast<std::int64_t>(i < insert ? i : i + index_shape.size()));
        return permute(values, permutation);
    }

  private:
    static void add_mask(const Tensor& x, const Tensor& mask, std::size_t& dim,
                         std::vector<std::pair<std::size_t, Tensor>>& by_dim) {
        for (std::size_t i = 0; i < mask.shape().size(); ++i)
            if (dim + i >= x.shape().size() || mask.shape()[i] != x.shape()[dim + i])
                throw IndexError("The shape of the mask " + to_string(mask.shape()) + " at index " + std::to_string(i) +
                                 " does not match the shape of the indexed tensor " + to_string(x.shape()) +
                                 " at index " + std::to_string(dim + i));
        const Tensor places = nonzero(mask);
        for (std::int64_t i = 0; i < places.size(1); ++i)
            by_dim.emplace_back(dim++, select(places, 1, i));
    }
    void set_shapes(const std::vector<std::pair<std::size_t, Tensor>>& by_dim) {
        for (const auto& [dim, index] : by_dim) {
            try {
                index_shape = broadcast_shapes(index_shape, index.shape());
            } catch (const Error&) {
                std::string shapes;
                for (const auto& [other_dim, other] : by_dim)
                    shapes += (shapes.empty() ? "" : ", ") + to_string(other.shape());
                throw IndexError("shape mismatch: indexing tensors could not be broadcast together with shapes " +
                                 shapes);
            }
        }
        for (const auto& [dim, index] : by_dim)
            indices.push_back(prepared(index, Dtype::int64, index_shape));
    }
    void set_order(const Tensor& x, const std::vector<std::pair<std::size_t, Tensor>>& by_dim) {
        std::vector<bool> indexed(x.shape().size(), false);
        for (const auto& [dim, index] : by_dim) {
            indexed[dim] = true;
            order.push_back(static_cast<std::int64_t>(dim));
        }
        // Indices that stand side by side keep their place; otherwise their shape comes first.
        const bool together = by_dim.empty() || by_dim.back().first - by_dim.front().first + 1 == by_dim.size();
        insert = together && !by_dim.empty() ? by_dim.front().first : 0;
        for (std::size_t i = 0; i < indexed.size(); ++i) {
            if (indexed[i]) continue;
            order.push_back(static_cast<std::int64_t>(i));
            rest.push_back(x.shape()[i]);
        }
    }
};

Tensor compute_index(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Plan plan(x, a.tensors(1));
    if (plan.indices.empty()) return clone(x);
    Shape shape = plan.index_shape;
    for (const std::int64_t size : plan.rest)
        shape.push_back(size);
    const Tensor y = empty(shape, x.options());
    kernels_of(x).index(permute(x, plan.order), plan.indices, y);
    if (plan.insert == 0) return y;
    const Tensor result = empty(plan.result(), x.options());
    kernels_of(x).copy(y, plan.index_first(result));
    return result;
}

Tensor compute_index_put(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Tensor y = clone(x);
    const Plan plan(x, a.tensors(1));
    const Tensor& values = a.tensor(2);
    if (values.dtype() != x.dtype())
        throw Error("Index put requires the source and destination dtypes match, got " +
                    std::string(scalar_type_name(x.dtype())) + " for the destination and " +
                    std::string(scalar_type_name(values.dtype())) + " for the source.");
    const Shape shape = plan.result();
    bool fits = values.shape().size() <= shape.size();
    for (std::size_t i = 0; fits && i < values.shape().size(); ++i) {
        const std::int64_t size = values.shape()[values.shape().size() - 1 - i];
        fits = size == 1 || size == shape[shape.size() - 1 - i];
    }
    if (!fits)
        throw Error("shape mismatch: value tensor of shape " + to_string(values.shape()) +
                    " cannot be broadcast to indexing result of shape " + to_string(shape));
    const Tensor spread = prepared(values, x.dtype(), shape);
    if (plan.indices.empty()) {
        if (a.boolean(3)) return y + spread;
        kernels_of(y).copy(spread, y);
        return y;
    }
    kernels_of(y).index_put(a.boolean(3) ? Write::add : Write::assign, permute(y, plan.order), plan.indices,
                            plan.index_first(spread));
    return y;
}

Tensor long_tensor(std::initializer_list<double> values) {
    return tensor(values, {.dtype = Dtype::int64});
}

std::vector<Sample> rows_and_columns() {
    const Tensor rows = long_tensor({2, 0, 2}), columns = long_tensor({1, -1, 0});
    return {{{uniform({3, 4}), Tensors{rows}}},
            {{uniform({3, 4}), Tensors{rows, columns}}},
            {{uniform({2, 3, 4}), Tensors{Tensor(), rows}}},
            {{uniform({3, 2, 4}), Tensors{rows, Tensor(), columns}}},
            {{uniform({3, 4}), Tensors{lt(indices({3, 4}, 2), 1)}}}};
}

std::vector<Sample> index_put_samples() {
    const Tensor rows = long_tensor({2, 0});
    return {{{uniform({3, 4}), Tensors{rows}, uniform({2, 4})}},
            {{uniform({3, 4}), Tensors{long_tensor({1, 1, 0})}, uniform({4})}, {{"accumulate", Scalar(true)}}},
            {{uniform({2, 3, 4}), Tensors{Tensor(), rows}, uniform({2, 2, 4})}}};
}

} // namespace

extern const Op index_op({
    .signature = "index.Tensor(Tensor self, Tensor[] indices) -> Tensor",
    .summary = "Elements picked by tensors of integers, one for each dimension, or by masks: x[indices].",
    .forward = "y[i...] = self[indices_0[i...], indices_1[i...], ...]",
    .gradients = {{"self", "dL/dself = dL/dy added at the places it came from"}},
    .compute = compute_index,
    .saves = {{"self.shape"}, {"indices"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensor empty_gradient = zeros(saved.shape("self"), g[0].options());
            g.set(0, index_put(empty_gradient, saved.tensors("indices"), g[0], true));
        },
    .samples = rows_and_columns,
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({2, 3}), Tensors{long_tensor({5})}},
                                             {},
                                             "index 5 is out of bounds for dimension 0 with size 2"},
                                            {{uniform({2, 3}), Tensors{uniform({2})}},
                                             {},
                                             "tensors used as indices must be long, int, byte or bool tensors"}};
        },
});

extern const Op index_put_op({
    .signature = "index_put(Tensor self, Tensor[] indices, Tensor values, bool accumulate=False) -> Tensor",
    .summary = "A copy with values put, or added, where the indices say.",
    .forward = "y = self; y[indices] = values",
    .gradients = {{"self", "dL/dself = dL/dy, 0 where it was overwritten"},
                  {"values", "dL/dvalues = dL/dy at the places it went to"}},
    .compute = compute_index_put,
    .saves = {{"indices"}, {"accumulate"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Tensors indices = saved.tensors("indices");
            if (g.needs(0)) {
                const Tensor nothing = zeros({}, g[0].options());
                g.set(0, saved.boolean("accumulate") ? g[0] : index_put(g[0], indices, nothing));
            }
            if (g.needs(1)) g.set(1, index(g[0], indices));
        },
    .samples = index_put_samples,
});

extern const Op getitem_op({
    .signature = "getitem(Tensor self, Index[] index) -> Tensor",
    .summary = "What Python writes x[...]: integers, slices, None, ..., masks and tensors of integers.",
    .forward = "y = self[index]",
    .compute =
        [](const Arguments& a) {
            const ArgumentRef given = a[1];
            Indices items;
            switch (given.kind()) {
            case ArgumentRef::Kind::tensor:
                items.emplace_back(given.tensor());
                break;
            case ArgumentRef::Kind::tensors:
                for (const Tensor& tensor : given.tensors())
                    items.emplace_back(tensor);
                break;
            case ArgumentRef::Kind::boolean:
                items.emplace_back(given.boolean());
                break;
            case ArgumentRef::Kind::integer:
                items.emplace_back(given.integer());
                break;
            case ArgumentRef::Kind::integers: // a list, not a tuple: x[[1, 2]]
                items.emplace_back(from_data(given.integers().data(),
                                             {static_cast<std::int64_t>(given.integers().size())},
                                             {.dtype = Dtype::int64}));
                break;
            default:
                return at(a.tensor(0), given.indices());
            }
            return at(a.tensor(0), items);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{
                {{uniform({3, 4}), Scalar(1)}},
                {{uniform({3, 4}), Dims{2, 0}}},
                {{uniform({3, 4}), Indices{Slice{1}, std::int64_t{2}}}},
                {{uniform({2, 3, 4}), Indices{Ellipsis{}, NewAxis{}, Slice{std::nullopt, 3, 2}}}},
                {{uniform({2, 3, 4}), Indices{std::int64_t{-1}, long_tensor({2, 0})}}},
                {{uniform({3, 4}), lt(indices({3, 4}, 2), 1)}},
                {{uniform({3}), Indices{true}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2}), Scalar(2)}, {}, "index 2 is out of bounds for dimension 0 with size 2"},
                {{uniform({2}), Indices{std::int64_t{0}, std::int64_t{0}}},
                 {},
                 "too many indices for tensor of dimension 1"}};
        },
    .aliases = "__getitem__",
});

} // namespace hs::ops

namespace hs {

Tensor index(const Tensor& self, const Tensors& indices) {
    return call(ops::index_op, {self, indices});
}
Tensor index_put(const Tensor& self, const Tensors& indices, const Tensor& values, bool accumulate) {
    return call(ops::index_put_op, {self, indices, values, accumulate});
}

namespace {

/// How many of the tensor's dimensions an item stands for.
std::int64_t dimensions_of(const Index& item) {
    if (const auto* tensor = std::get_if<Tensor>(&item)) {
        const bool is_mask = tensor->dtype() == Dtype::bool_ || tensor->dtype() == Dtype::uint8;
        return is_mask ? tensor->dim() : 1;
    }
    return std::holds_alternative<std::int64_t>(item) || std::holds_alternative<Slice>(item) ? 1 : 0;
}

} // namespace

Tensor at(const Tensor& self, const Indices& items) {
    std::int64_t known = 0;
    for (const Index& item : items)
        known += dimensions_of(item);
    if (known > self.dim()) throw IndexError("too many indices for tensor of dimension " + std::to_string(self.dim()));
    Tensor result = self;
    std::int64_t dim = 0;
    Tensors picks;            // for index(): one entry a dimension, but one for all dimensions of a mask
    std::int64_t covered = 0; // dimensions that `picks` stand for
    const auto pick = [&](const Tensor& tensor, std::int64_t dimensions) {
        for (; covered < dim; ++covered)
            picks.emplace_back();
        picks.push_back(tensor);
        dim += dimensions;
        covered += dimensions;
    };
    for (const Index& item : items) {
        if (const auto* place = std::get_if<std::int64_t>(&item)) {
            result = select(result, dim, *place);
        } else if (const auto* range = std::get_if<Slice>(&item)) {
            if (range->step.value_or(1) <= 0) throw ValueError("step must be greater than zero");
            result = slice(result, dim++, range->start, range->stop, range->step.value_or(1));
        } else if (std::holds_alternative<Ellipsis>(item)) {
            dim += self.dim() - known;
        } else if (std::holds_alternative<NewAxis>(item)) {
            result = unsqueeze(result, dim++);
        } else if (const auto* flag = std::get_if<bool>(&item)) {
            result = unsqueeze(result, dim);
            pick(full({1}, *flag, {.dtype = Dtype::bool_}), 1);
        } else {
            const Tensor& tensor = std::get<Tensor>(item);
            const std::int64_t dimensions = dimensions_of(item);
            if (dimensions == 0) {
                result = unsqueeze(result, dim);
                pick(unsqueeze(tensor, 0), 1);
            } else if (tensor.shape().empty()) {
                result = select(result, dim, tensor.item<std::int64_t>());
            } else {
                pick(tensor, dimensions);
            }
        }
    }
    if (picks.empty()) return result.is_same(self) ? view(self, self.shape()) : result;
    return index(result, picks);
}

} // namespace hs
