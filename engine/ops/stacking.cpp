#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

/// Ways to put together and take apart that are made of others.
namespace hs::ops {

namespace {

Tensor at_least(const Tensor& x, std::int64_t rank) {
    Tensor result = x;
    while (result.dim() < rank)
        result = unsqueeze(result, 0);
    return result;
}

Tensors at_least(std::span<const Tensor> tensors, std::int64_t rank) {
    Tensors result;
    for (const Tensor& tensor : tensors)
        result.push_back(at_least(tensor, rank));
    return result;
}

/// Slices between the given places.
Tensors between(const Tensor& x, const Dims& places, std::int64_t dim) {
    Tensors result;
    std::int64_t start = 0;
    for (const std::int64_t place : places) {
        result.push_back(slice(x, dim, start, place));
        start = place;
    }
    result.push_back(slice(x, dim, start));
    return result;
}

Tensors in_sections(const Tensor& x, std::int64_t sections, std::int64_t dim) {
    if (x.shape().empty())
        throw Error("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
    if (sections <= 0) throw Error("number of sections must be larger than 0, got " + std::to_string(sections));
    const std::int64_t size = x.size(dim);
    Dims places;
    std::int64_t place = 0;
    for (std::int64_t i = 0; i + 1 < sections; ++i) {
        place += size / sections + (i < size % sections);
        places.push_back(place);
    }
    return between(x, places, dim);
}

Tensors mesh(std::span<const Tensor> given, std::string_view indexing) {
    if (indexing != "ij" && indexing != "xy")
        throw Error("torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: " + std::string(indexing));
    if (given.empty()) throw Error("meshgrid expects a non-empty TensorList");
    Tensors tensors(given.begin(), given.end());
    for (const Tensor& tensor : tensors)
        if (tensor.dtype() != tensors[0].dtype()) throw Error("meshgrid expects all tensors to have the same dtype");
    const bool exchanged = indexing == "xy" && tensors.size() >= 2;
    if (exchanged) std::swap(tensors[0], tensors[1]);
    Shape shape;
    for (const Tensor& tensor : tensors) {
        if (tensor.dim() > 1)
            throw Error("torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: " +
                        to_string(tensor.shape()));
        shape.push_back(tensor.numel());
    }
    Tensors result;
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        Shape own(shape.size(), 1);
        own[i] = shape[i];
        result.push_back(expand(view(tensors[i], own), shape));
    }
    if (exchanged) std::swap(result[0], result[1]);
    return result;
}

/// Every place as often as `repeats` says.
Tensor repeated(const Tensor& x, const std::vector<std::int64_t>& repeats, const ArgumentRef& given_dim) {
    const Tensor source = given_dim.is_none() ? reshape(x, {-1}) : x;
    const std::int64_t dim = given_dim.is_none() ? 0 : given_dim.integer();
    const std::int64_t size = source.size(dim);
    if (repeats.size() != 1 && static_cast<std::int64_t>(repeats.size()) != size)
        throw Error("repeats must have the same size as input along dim");
    std::vector<std::int64_t> places;
    for (std::int64_t i = 0; i < size; ++i) {
        const std::int64_t count = repeats[repeats.size() == 1 ? 0 : static_cast<std::size_t>(i)];
        if (count < 0) throw Error("repeats can not be negative");
        places.insert(places.end(), static_cast<std::size_t>(count), i);
    }
    return index_select(source, dim,
                        from_data(places.data(), {static_cast<std::int64_t>(places.size())}, {.dtype = Dtype::int64}));
}

} // namespace

extern const Op hstack_op({
    .signature = "hstack(Tensor[] tensors) -> Tensor",
    .summary = "Tensors one behind the other along the second dimension; vectors along their only one.",
    .forward = "y = cat(tensors, dim = 1)",
    .compute =
        [](const Arguments& a) {
            const Tensors tensors = at_least(a.tensors(0), 1);
            if (tensors.empty()) throw Error("hstack expects a non-empty TensorList");
            return cat(tensors, tensors.front().dim() == 1 ? 0 : 1);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{Tensors{uniform({2, 3}), uniform({2, 1})}}}};
        },
});

extern const Op vstack_op({
    .signature = "vstack(Tensor[] tensors) -> Tensor",
    .summary = "Tensors one behind the other along the first dimension, vectors as rows.",
    .forward = "y = cat(tensors, dim = 0)",
    .compute =
        [](const Arguments& a) {
            if (a.tensors(0).empty()) throw Error("vstack expects a non-empty TensorList");
            return cat(at_least(a.tensors(0), 2), 0);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{Tensors{uniform({3}), uniform({2, 3})}}}};
        },
    .aliases = "row_stack",
});

extern const Op tensor_split_op({
    .signature = "tensor_split.sections(Tensor self, int sections, int dim=0) -> Tensor[]",
    .summary = "So many pieces along a dimension, the first ones larger by one where it does not divide.",
    .forward = "y_i = self[start_i : start_(i+1)]",
    .compute_many = [](const Arguments& a) { return in_sections(a.tensor(0), a.integer(1), a.integer(2)); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({5, 2}), Scalar(3)}}};
        },
});

extern const Op tensor_split_indices_op({
    .signature = "tensor_split.indices(Tensor self, int[] indices, int dim=0) -> Tensor[]",
    .summary = "The pieces between the given places along a dimension.",
    .forward = "y_0 = self[: i_0], y_1 = self[i_0 : i_1], ...",
    .compute_many = [](const Arguments& a) { return between(a.tensor(0), a.integers(1), a.integer(2)); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({5, 2}), Dims{1, 3}}}};
        },
});

extern const Op tensor_split_tensor_op({
    .signature =
        "tensor_split.tensor_indices_or_sections(Tensor self, Tensor tensor_indices_or_sections, int dim=0) -> "
        "Tensor[]",
    .summary = "tensor_split by the places, or the number of pieces, in a tensor.",
    .forward = "y = tensor_split(self, tensor_indices_or_sections, dim)",
    .compute_many =
        [](const Arguments& a) {
            const Tensor& given = a.tensor(1);
            if (given.dtype() != Dtype::int64 || given.dim() > 1)
                throw Error("tensor_split expected tensor_indices_or_sections to be a zero-dimensional or "
                            "one-dimensional tensor of dtype Long");
            if (given.shape().empty()) return in_sections(a.tensor(0), given.item<std::int64_t>(), a.integer(2));
            return between(a.tensor(0), Dims(given.to_vector<std::int64_t>()), a.integer(2));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({5, 2}), tensor({2, 4}, {.dtype = Dtype::int64})}}};
        },
});

extern const Op meshgrid_op({
    .signature = "meshgrid(Tensor[] tensors, *, str indexing='ij') -> Tensor[]",
    .summary = "The coordinates of a grid whose axes are the given vectors.",
    .forward = "y[k][i_0][i_1]... = tensors[k][i_k]",
    .compute_many = [](const Arguments& a) { return mesh(a.tensors(0), a.text(1)); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{Tensors{uniform({2}), uniform({3})}}},
                                       {{Tensors{uniform({2}), uniform({3})}}, {{"indexing", std::string("xy")}}}};
        },
});

extern const Op meshgrid_variadic_op({
    .signature = "meshgrid.variadic(Tensor first, Tensor? second=None, Tensor? third=None, Tensor? fourth=None, *, str "
                 "indexing='ij') -> Tensor[]",
    .summary = "meshgrid of up to four vectors that are given one by one.",
    .forward = "y[k][i_0][i_1]... = k-th of first, second, third ... [i_k]",
    .compute_many =
        [](const Arguments& a) {
            Tensors tensors{a.tensor(0)};
            for (std::size_t i = 1; i < 4; ++i)
                if (!a.is_none(i)) tensors.push_back(a.optional_tensor(i));
            return mesh(tensors, a.text(4));
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2}), uniform({3})}}};
        },
});

extern const Op repeat_interleave_op({
    .signature = "repeat_interleave.self_int(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> "
                 "Tensor",
    .summary = "Every place along a dimension several times in a row; without a dimension, of the flattened tensor.",
    .forward = "y[i] = self[i / repeats]",
    .compute = [](const Arguments& a) { return repeated(a.tensor(0), {a.integer(1)}, a[2]); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3}), Scalar(2)}}, {{uniform({2, 3}), Scalar(2), Scalar(1)}}};
        },
});

extern const Op repeat_interleave_tensor_op({
    .signature = "repeat_interleave.self_Tensor(Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None) "
                 "-> Tensor",
    .summary = "Every place along a dimension as often as a tensor of integers says.",
    .forward = "y = [self[0], ..., self[0], self[1], ...], element i repeats[i] times",
    .compute =
        [](const Arguments& a) {
            const Tensor& repeats = a.tensor(1);
            if (repeats.dim() > 1) throw Error("repeats must be 0-dim or 1-dim tensor");
            if (repeats.dtype() != Dtype::int64 && repeats.dtype() != Dtype::int32)
                throw Error("repeats has to be Long or Int tensor");
            return repeated(a.tensor(0), repeats.to_vector<std::int64_t>(), a[2]);
        },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({2, 3}), tensor({2, 1}, {.dtype = Dtype::int64}), Scalar(0)}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor hstack(const Tensors& tensors) {
    return call(ops::hstack_op, {tensors});
}
Tensor vstack(const Tensors& tensors) {
    return call(ops::vstack_op, {tensors});
}
Tensors tensor_split(const Tensor& self, std::int64_t sections, std::int64_t dim) {
    return call_many(ops::tensor_split_op, {self, sections, dim});
}
Tensors tensor_split(const Tensor& self, IntList indices, std::int64_t dim) {
    return call_many(ops::tensor_split_indices_op, {self, indices, dim});
}
Tensors meshgrid(const Tensors& tensors, std::string_view indexing) {
    return call_many(ops::meshgrid_op, {tensors, indexing});
}
Tensor repeat_interleave(const Tensor& self, std::int64_t repeats, std::optional<std::int64_t> dim) {
    return call(ops::repeat_interleave_op, {self, repeats, dim});
}
Tensor repeat_interleave(const Tensor& self, const Tensor& repeats, std::optional<std::int64_t> dim) {
    return call(ops::repeat_interleave_tensor_op, {self, repeats, dim});
}

} // namespace hs
