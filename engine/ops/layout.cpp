#include "engine/ops/elementwise.h"
#include "engine/ops/functional.h"
#include "engine/ops/reduced_shape.h"
#include "engine/ops/samples.h"

/// Operations that reorder and repeat dimensions.
namespace hs::ops {

namespace {

/// Dimensions as places 0 to rank-1, each at most once.
std::vector<std::size_t> wrapped(const Dims& dims, std::size_t rank, const char* name) {
    std::vector<std::size_t> result;
    std::vector<bool> seen(std::max<std::size_t>(rank, 1), false);
    for (const std::int64_t dim : dims) {
        const std::size_t place = wrap_dim(dim, rank);
        if (seen[place]) throw Error(std::string(name) + "(): duplicate dims are not allowed.");
        seen[place] = true;
        result.push_back(place);
    }
    return result;
}

Tensor compute_permute(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Dims dims = a.integers(1);
    if (dims.size() != x.shape().size())
        throw Error("permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
                    "desired ordering of dimensions i.e. input.dim() = " +
                    std::to_string(x.dim()) + " is not equal to len(dims) = " + std::to_string(dims.size()));
    Shape shape;
    Strides strides;
    for (const std::size_t place : wrapped(dims, x.shape().size(), "permute")) {
        shape.push_back(x.shape()[place]);
        strides.push_back(x.strides()[place]);
    }
    return make_view(x, shape, strides, x.storage_offset());
}

/// x with some dimensions walked backwards: a view for reading only, since strides are negative.
Tensor reversed(const Tensor& x, const std::vector<std::size_t>& dims) {
    Strides strides = x.strides();
    std::int64_t offset = x.storage_offset();
    for (const std::size_t dim : dims) {
        if (x.shape().empty() || x.numel() == 0) continue;
        offset += (x.shape()[dim] - 1) * strides[dim];
        strides[dim] = -strides[dim];
    }
    return make_view(x, x.shape(), strides, offset);
}

Tensor copied(const Tensor& from) {
    const Tensor y = empty(from.shape(), from.options());
    kernels_of(y).copy(from, y);
    return y;
}

/// Moves the elements by `shift` places along a dimension, in a circle.
Tensor rolled(const Tensor& x, std::size_t dim, std::int64_t shift) {
    const std::int64_t size = x.shape()[dim];
    if (size == 0) return copied(x);
    const std::int64_t start = ((size - shift % size) % size + size) % size;
    const auto along = static_cast<std::int64_t>(dim);
    return cat({narrow(x, along, start, size - start), narrow(x, along, 0, start)}, along);
}

Tensor compute_roll(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Dims shifts = a.integers(1);
    const Dims dims = a.integers(2);
    if (dims.empty() && shifts.size() == 1) return fresh_as(rolled(reshape(x, {-1}), 0, shifts[0]), x.shape());
    if (shifts.empty()) throw Error("`shifts` required");
    if (shifts.size() != dims.size())
        throw Error("shifts and dimensions must align. shifts: " + std::to_string(shifts.size()) +
                    ", dims:" + std::to_string(dims.size()));
    Tensor y = x;
    for (std::size_t i = 0; i < dims.size(); ++i)
        y = rolled(y, wrap_dim(dims[i], x.shape().size()), shifts[i]);
    return y;
}

Tensor compute_repeat(const Arguments& a) {
    const Tensor& x = a.tensor(0);
    const Dims repeats = a.integers(1);
    const std::size_t rank = x.shape().size();
    if (repeats.size() < rank)
        throw Error("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
    // Each dimension becomes a pair: repetitions (stride 0 in x), then the size.
    const std::size_t extra = repeats.size() - rank;
    Shape shape, pairs;
    Strides strides;
    for (std::size_t i = 0; i < repeats.size(); ++i) {
        const std::int64_t size = i < extra ? 1 : x.shape()[i - extra];
        shape.push_back(repeats[i] * size);
        pairs.push_back(repeats[i]);
        pairs.push_back(size);
        strides.push_back(0);
        strides.push_back(i < extra ? 0 : x.strides()[i - extra]);
    }
    const Tensor y = empty(shape, x.options());
    if (y.numel() > 0)
        kernels_of(x).copy(make_view(x, pairs, strides, x.storage_offset()),
                           make_view(y, pairs, contiguous_strides(pairs), 0));
    return y;
}

/// Sums over the repetitions.
void repeat_gradient(const Saved& saved, Gradients& g) {
    const Shape shape = saved.shape("self");
    const Dims repeats = saved.integers("repeats");
    const std::size_t extra = repeats.size() - shape.size();
    Shape pairs;
    Dims repeated;
    for (std::size_t i = 0; i < repeats.size(); ++i) {
        repeated.push_back(static_cast<std::int64_t>(pairs.size()));
        pairs.push_back(repeats[i]);
        if (i >= extra) pairs.push_back(shape[i - extra]);
    }
    if (repeats.empty()) return g.set(0, g[0]);
    g.set(0, sum(reshape(g[0], pairs), repeated));
}

std::vector<Sample> repeat_samples() {
    return {{{uniform({2, 3}), Dims{2, 1}}}, {{uniform({3}), Dims{2, 2}}}, {{uniform({}), Dims{3}}}};
}
std::vector<Sample> flip_samples() {
    return {{{uniform({3, 4}), Dims{0}}}, {{uniform({2, 3, 2}), Dims{0, -1}}}, {{uniform({2}), Dims{}}}};
}

} // namespace

extern const Op permute_op({
    .signature = "permute(Tensor self, int[] dims) -> Tensor",
    .summary = "The dimensions in another order, as a view.",
    .forward = "y's dimension i is self's dimension dims[i]",
    .gradients = {{"self", "dL/dself = dL/dy in the order of self"}},
    .compute = compute_permute,
    .saves = {{"dims"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            const Dims dims = saved.integers("dims");
            Dims inverse(dims.size(), 0);
            for (std::size_t i = 0; i < dims.size(); ++i)
                inverse[wrap_dim(dims[i], dims.size())] = static_cast<std::int64_t>(i);
            g.set(0, permute(g[0], inverse));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 4}), Dims{2, 0, 1}}}, {{uniform({}), Dims{}}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 3}), Dims{0, 0}}, {}, "permute(): duplicate dims are not allowed."}};
        },
});

extern const Op movedim_op({
    .signature = "movedim(Tensor self, int[] source, int[] destination) -> Tensor",
    .summary = "Some dimensions moved to other places, as a view.",
    .forward = "y's dimension destination[i] is self's dimension source[i]",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::size_t rank = x.shape().size();
            const auto from = wrapped(a.integers(1), rank, "movedim");
            const auto to = wrapped(a.integers(2), rank, "movedim");
            if (from.size() != to.size())
                throw Error("movedim: Invalid source or destination dims: source (" + to_string(a.integers(1)) +
                            " dims) should contain the same number of dims as destination (" +
                            to_string(a.integers(2)) + " dims)");
            if (x.shape().empty()) return permute(x, Dims());
            Dims order(rank, -1);
            std::vector<bool> moved(rank, false);
            for (std::size_t i = 0; i < from.size(); ++i) {
                order[to[i]] = static_cast<std::int64_t>(from[i]);
                moved[from[i]] = true;
            }
            std::size_t next = 0;
            for (std::int64_t& place : order) {
                if (place != -1) continue;
                while (moved[next])
                    ++next;
                place = static_cast<std::int64_t>(next++);
            }
            return permute(x, order);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3, 4}), Dims{0}, Dims{-1}}}};
        },
    .aliases = "moveaxis",
});

extern const Op squeeze_op({
    .signature = "squeeze(Tensor self) -> Tensor",
    .summary = "Without the dimensions of size 1.",
    .forward = "y has the elements of self",
    .gradients = {{"self", "dL/dself = dL/dy in the shape of self"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            Shape shape;
            Strides strides;
            for (std::size_t i = 0; i < x.shape().size(); ++i) {
                if (x.shape()[i] == 1) continue;
                shape.push_back(x.shape()[i]);
                strides.push_back(x.strides()[i]);
            }
            return make_view(x, shape, strides, x.storage_offset());
        },
    .saves = {{"self.shape"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, reshape(g[0], saved.shape("self"))); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 1, 3, 1})}}, {{uniform({})}}};
        },
});

extern const Op repeat_op({
    .signature = "repeat(Tensor self, int[] repeats) -> Tensor",
    .summary = "Copies of the tensor side by side along each dimension.",
    .forward = "y[i] = self[i mod size]",
    .gradients = {{"self", "dL/dself = sum of dL/dy over the copies"}},
    .compute = compute_repeat,
    .saves = {{"self.shape"}, {"repeats"}},
    .backward = repeat_gradient,
    .samples = repeat_samples,
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({2, 3}), Dims{2}},
                                             {},
                                             "Number of dimensions of repeat dims can not be smaller than number of "
                                             "dimensions of tensor"}};
        },
});

extern const Op tile_op({
    .signature = "tile(Tensor self, int[] dims) -> Tensor",
    .summary = "repeat that needs no entry for leading dimensions.",
    .forward = "y[i] = self[i mod size]",
    .compute =
        [](const Arguments& a) {
            Dims repeats = a.integers(1);
            while (repeats.size() < a.tensor(0).shape().size())
                repeats.insert(0, 1);
            return repeat(a.tensor(0), repeats);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3}), Dims{2}}}};
        },
});

extern const Op flip_op({
    .signature = "flip(Tensor self, int[] dims) -> Tensor",
    .summary = "Some dimensions in reverse order.",
    .forward = "y[i] = self[n - 1 - i]",
    .gradients = {{"self", "dL/dself = flip(dL/dy, dims)"}},
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            return copied(reversed(x, wrapped(a.integers(1), x.shape().size(), "flip")));
        },
    .saves = {{"dims"}},
    .backward = [](const Saved& saved, Gradients& g) { g.set(0, flip(g[0], saved.integers("dims"))); },
    .samples = flip_samples,
});

extern const Op roll_op({
    .signature = "roll(Tensor self, int[] shifts, int[] dims=[]) -> Tensor",
    .summary = "Elements moved along some dimensions in a circle; without dimensions, of the flattened tensor.",
    .forward = "y[i] = self[(i - shift) mod n]",
    .gradients = {{"self", "dL/dself = roll(dL/dy, -shifts, dims)"}},
    .compute = compute_roll,
    .saves = {{"shifts"}, {"dims"}},
    .backward =
        [](const Saved& saved, Gradients& g) {
            Dims shifts = saved.integers("shifts");
            for (std::int64_t& shift : shifts)
                shift = -shift;
            g.set(0, roll(g[0], shifts, saved.integers("dims")));
        },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Dims{1}, Dims{0}}},
                                       {{uniform({3, 4}), Dims{5}}},
                                       {{uniform({3, 4}), Dims{1, -2}, Dims{0, 1}}}};
        },
});

extern const Op rot90_op({
    .signature = "rot90(Tensor self, int k=1, int[] dims=[0,1]) -> Tensor",
    .summary = "Turned by quarter turns in the plane of two dimensions.",
    .forward = "y = transpose and flip of self",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const Dims dims = a.integers(2);
            if (dims.size() != 2)
                throw Error("expected total rotation dims == 2, but got dims = " + std::to_string(dims.size()));
            if (x.dim() < 2) throw Error("expected total dims >= 2, but got total dims = " + std::to_string(x.dim()));
            switch ((a.integer(1) % 4 + 4) % 4) {
            case 1:
                return transpose(flip(x, Dims{dims[1]}), dims[0], dims[1]);
            case 2:
                return flip(x, dims);
            case 3:
                return transpose(flip(x, Dims{dims[0]}), dims[0], dims[1]);
            default:
                return clone(x);
            }
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}, {{uniform({2, 3}), Scalar(3)}}};
        },
});

extern const Op broadcast_to_op({
    .signature = "broadcast_to(Tensor self, int[] size) -> Tensor",
    .summary = "expand under another name.",
    .forward = "y[..., i, ...] = self[..., 0, ...]",
    .compute = [](const Arguments& a) { return expand(a.tensor(0), a.integers(1)); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 1}), Dims{2, 3, 4}}}};
        },
});

extern const Op expand_as_op({
    .signature = "expand_as(Tensor self, Tensor other) -> Tensor",
    .summary = "Expanded to the shape of another tensor.",
    .forward = "y = expand(self, shape of other)",
    .compute = [](const Arguments& a) { return expand(a.tensor(0), a.tensor(1).shape()); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 1}), indices({3, 4}, 2)}}};
        },
});

extern const Op view_as_op({
    .signature = "view_as(Tensor self, Tensor other) -> Tensor",
    .summary = "Viewed in the shape of another tensor.",
    .forward = "y = view(self, shape of other)",
    .compute = [](const Arguments& a) { return view(a.tensor(0), a.tensor(1).shape()); },
    .composite = true,
    // Non-contiguous inputs cannot be viewed in any shape: this one keeps the sizes.
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), indices({3, 4}, 2)}}};
        },
});

extern const Op ravel_op({
    .signature = "ravel(Tensor self) -> Tensor",
    .summary = "All elements in one dimension.",
    .forward = "y = reshape(self, [-1])",
    .compute = [](const Arguments& a) { return view(contiguous(a.tensor(0)), {-1}); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4})}}, {{uniform({})}}};
        },
});

extern const Op unflatten_op({
    .signature = "unflatten(Tensor self, int dim, int[] sizes) -> Tensor",
    .summary = "One dimension as several.",
    .forward = "y = reshape(self)",
    .compute =
        [](const Arguments& a) {
            const Tensor& x = a.tensor(0);
            const std::size_t dim = wrap_dim(a.integer(1), x.shape().size());
            Dims sizes = a.integers(2);
            if (sizes.empty()) throw Error("unflatten: sizes must be non-empty");
            const std::int64_t size = x.shape().empty() ? 1 : x.shape()[dim];
            std::int64_t known = 1;
            std::int64_t* open = nullptr;
            for (std::int64_t& each : sizes)
                each == -1 ? static_cast<void>(open = &each) : static_cast<void>(known *= each);
            if (open && known > 0) *open = size / known;
            if (element_count(sizes) != size)
                throw Error("unflatten: Provided sizes " + to_string(a.integers(2)) +
                            " don't multiply up to the size of dim " + std::to_string(a.integer(1)) + " (" +
                            std::to_string(size) + ") in the input tensor");
            Shape shape;
            for (std::size_t i = 0; i < x.shape().size(); ++i) {
                if (i != dim) {
                    shape.push_back(x.shape()[i]);
                    continue;
                }
                for (const std::int64_t each : sizes)
                    shape.push_back(each);
            }
            return view(x, shape);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({3, 4}), Scalar(1), Dims{2, -1}}}};
        },
});

extern const Op contiguous_op({
    .signature = "contiguous(Tensor self) -> Tensor",
    .summary = "The tensor itself where it lies row-major in memory, else a copy that does.",
    .forward = "y = self",
    .compute = [](const Arguments& a) { return contiguous(a.tensor(0)); },
    .composite = true,
    .samples = unary_samples,
});

} // namespace hs::ops

namespace hs {

Tensor permute(const Tensor& self, IntList dims) {
    return call(ops::permute_op, {self, dims});
}
Tensor movedim(const Tensor& self, IntList source, IntList destination) {
    return call(ops::movedim_op, {self, source, destination});
}
Tensor squeeze(const Tensor& self) {
    return call(ops::squeeze_op, {self});
}
Tensor repeat(const Tensor& self, IntList repeats) {
    return call(ops::repeat_op, {self, repeats});
}
Tensor flip(const Tensor& self, IntList dims) {
    return call(ops::flip_op, {self, dims});
}
Tensor roll(const Tensor& self, IntList shifts, IntList dims) {
    return call(ops::roll_op, {self, shifts, dims});
}
Tensor unflatten(const Tensor& self, std::int64_t dim, const Dims& sizes) {
    return call(ops::unflatten_op, {self, dim, sizes});
}

} // namespace hs
