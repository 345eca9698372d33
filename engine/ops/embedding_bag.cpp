#include "engine/ops/embedding.h"
#include "engine/ops/functional.h"
#include "engine/ops/samples.h"
#include "engine/tensor/visit_dtype.h"

/// Sums, means or maxima of bags of an embedding's rows.
namespace hs::ops {

extern const Op embedding_bag_primitive_op;

namespace {

constexpr std::int64_t sum_mode = 0, mean_mode = 1, max_mode = 2;

std::int64_t mode_of(std::string_view name) {
    if (name == "sum") return sum_mode;
    if (name == "mean") return mean_mode;
    if (name == "max") return max_mode;
    throw ValueError("mode has to be one of sum, mean or max");
}

/// The row that is left out, as an index from the begin; -1 for none.
std::int64_t bag_padding_row(const ArgumentRef& given, std::int64_t rows) {
    if (given.is_none()) return -1;
    const std::int64_t row = given.integer();
    if (row >= rows || row < -rows)
        throw Error("padding_idx must be within the number of embeddings, -" + std::to_string(rows) + " through " +
                    std::to_string(rows - 1) + ", but got " + std::to_string(row));
    return row < 0 ? row + rows : row;
}

/// Where each bag begins, and the end of the last one.
std::vector<std::int64_t> bounds_of(const Tensor& offsets, std::int64_t count, bool include_last_offset) {
    std::vector<std::int64_t> bounds = offsets.to_vector<std::int64_t>();
    if (include_last_offset && bounds.empty())
        throw Error("include_last_offset: number of offsets should be at least 1");
    if (!bounds.empty() && bounds.front() != 0)
        throw Error("offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. "
                    "However, got " +
                    std::to_string(bounds.front()));
    if (!bounds.empty() && bounds.back() > count)
        throw Error("offsets[-1] can not be greater than input's length " + std::to_string(count) +
                    " but got offsets[-1] of " + std::to_string(bounds.back()));
    if (!std::ranges::is_sorted(bounds)) throw Error("offsets have to be in ascending order");
    if (include_last_offset)
        bounds.back() = count;
    else
        bounds.push_back(count);
    return bounds;
}

/// Of each bag and column the row with the greatest element; row 0 for a bag that is empty.
template <class T>
void greatest_rows(const Tensor& weight, const std::vector<std::int64_t>& rows, const std::vector<std::int64_t>& bounds,
                   std::int64_t padding, std::int64_t* chosen) {
    const T* from = weight.data<T>();
    const std::int64_t width = weight.size(1);
    for (std::size_t bag = 0; bag + 1 < bounds.size(); ++bag, chosen += width) {
        bool first = true;
        for (std::int64_t i = bounds[bag]; i < bounds[bag + 1]; ++i) {
            const std::int64_t row = rows[static_cast<std::size_t>(i)];
            if (row == padding) continue;
            for (std::int64_t k = 0; k < width; ++k)
                if (first || from[row * width + k] > from[chosen[k] * width + k]) chosen[k] = row;
            first = false;
        }
    }
}

/// y[bag, :] = sum of factor_i * weight[row_i, :] over the bag.
template <class T>
void sum_rows(const Tensor& weight, const std::vector<std::int64_t>& rows, const std::vector<std::int64_t>& bounds,
              const T* factors, T* y) {
    const T* from = weight.data<T>();
    const std::int64_t width = weight.size(1);
    for (std::size_t bag = 0; bag + 1 < bounds.size(); ++bag, y += width) {
        for (std::int64_t i = bounds[bag]; i < bounds[bag + 1]; ++i) {
            if (factors[i] == T(0)) continue;
            const T* row = from + rows[static_cast<std::size_t>(i)] * width;
            for (std::int64_t k = 0; k < width; ++k)
                y[k] += factors[i] * row[k];
        }
    }
}

/// The factor of each index in its bag's sum: [indices, 1].
Tensor factors(const Tensor& indices, const Tensor& bags, const Tensor& sizes, std::int64_t mode, std::int64_t padding,
               const Tensor& per_sample_weights, Dtype dtype) {
    Tensor result = ne(indices, Scalar(padding)).to(dtype);
    if (mode == mean_mode) result = result / index_select(clamp_min(sizes, 1).to(dtype), 0, bags);
    if (per_sample_weights.defined()) result = result * per_sample_weights;
    return unsqueeze(result, 1);
}

/// The result, the bag of each index, the size of each bag, and for the maximum the rows that were chosen.
Tensors compute_bags(const Arguments& a) {
    const Tensor weight = contiguous(a.tensor(0)), indices = a.tensor(1).to(Dtype::int64);
    const std::int64_t mode = a.integer(3), padding = a.integer(6), count = indices.numel();
    if (weight.dim() != 2) throw Error("'weight' must be 2-D");
    const std::vector<std::int64_t> rows = indices.to_vector<std::int64_t>();
    for (const std::int64_t row : rows)
        if (row < 0 || row >= weight.size(0)) throw IndexError("index out of range in self");
    const std::vector<std::int64_t> bounds = bounds_of(a.tensor(2), count, a.boolean(5));
    const auto bag_count = static_cast<std::int64_t>(bounds.size()) - 1;
    const TensorOptions integers{.dtype = Dtype::int64};
    const Tensor bags = zeros({count}, integers), sizes = zeros({bag_count}, integers);
    auto* bag_of = bags.mutable_data<std::int64_t>();
    auto* size_of = sizes.mutable_data<std::int64_t>();
    for (std::int64_t bag = 0; bag < bag_count; ++bag) {
        for (std::int64_t i = bounds[static_cast<std::size_t>(bag)]; i < bounds[static_cast<std::size_t>(bag) + 1];
             ++i) {
            bag_of[i] = bag;
            size_of[bag] += rows[static_cast<std::size_t>(i)] != padding;
        }
    }
    const Shape shape{bag_count, weight.size(1)};
    const Tensor y = zeros(shape, weight.options()), chosen = zeros(mode == max_mode ? shape : Shape{0}, integers);
    if (bag_count == 0 || weight.numel() == 0) return {y, bags, sizes, chosen};
    visit_floating(weight.dtype(), "embedding_bag", [&]<class T>(T) {
        if (mode == max_mode)
            return greatest_rows<T>(weight, rows, bounds, padding, chosen.mutable_data<std::int64_t>());
        const Tensor each =
            contiguous(factors(indices, bags, sizes, mode, padding, a.optional_tensor(4), weight.dtype()));
        sum_rows<T>(weight, rows, bounds, each.data<T>(), y.mutable_data<T>());
    });
    if (mode != max_mode) return {y, bags, sizes, chosen};
    const Tensor filled = unsqueeze(gt(sizes, 0), 1).to(weight.dtype());
    return {gather(weight, 0, chosen) * filled, bags, sizes, chosen};
}

void bags_gradient(const Saved& saved, Gradients& g) {
    const std::int64_t mode = saved.integer("mode"), padding = saved.integer("padding_idx");
    const Tensor indices = saved.tensor("indices").to(Dtype::int64), bags = saved.result(1), sizes = saved.result(2);
    const Tensor zero = zeros(saved.shape("weight"), g[0].options());
    if (g[0].numel() == 0 || zero.numel() == 0) {
        g.set(0, zero);
        if (g.needs(1)) g.set(1, zeros(indices.shape(), g[0].options()));
        return;
    }
    if (mode == max_mode) {
        const Tensor filled = unsqueeze(gt(sizes, 0), 1).to(g[0].dtype());
        return g.set(0, scatter_add(zero, 0, saved.result(3), g[0] * filled));
    }
    const Tensor of_rows = index_select(g[0], 0, bags);
    const Tensor per_sample_weights = saved.tensor("per_sample_weights");
    if (g.needs(0)) {
        Tensor each = factors(indices, bags, sizes, mode, padding, per_sample_weights, g[0].dtype());
        if (saved.boolean("scale_grad_by_freq"))
            each = each * unsqueeze(reciprocal_counts(indices, zero.size(0), g[0].options()), 1);
        g.set(0, index_add(zero, 0, indices, of_rows * each));
    }
    if (g.needs(1)) {
        const Tensor products = sum(of_rows * index_select(saved.tensor("weight"), 0, indices), Dims{1});
        g.set(1, products * ne(indices, Scalar(padding)).to(products.dtype()));
    }
}

Tensor compute_embedding_bag(const Arguments& a) {
    Tensor input = a.tensor(1), offsets = a.optional_tensor(2), per_sample = a.optional_tensor(8);
    const std::int64_t mode = mode_of(a.text(6));
    if (mode == max_mode && a.boolean(5))
        throw ValueError("max mode does not support scaling the gradient by the frequency");
    if (mode == max_mode && a.boolean(7)) throw ValueError("max mode does not support sparse weights");
    check_sparse(a.boolean(7));
    const auto size_text = [](const Tensor& t) { return "(torch.Size(" + to_string(t.shape()) + "))"; };
    if (per_sample.defined() && per_sample.shape() != input.shape())
        throw ValueError("embedding_bag: If per_sample_weights " + size_text(per_sample) +
                         " is not None, then it must have the same shape as the input " + size_text(input));
    if (input.dim() == 2) {
        if (offsets.defined())
            throw ValueError(
                "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed "
                "length sequences. However, found offsets of type <class 'torch.Tensor'>");
        offsets = arange(0, input.size(0)) * Scalar(input.size(1));
        input = reshape(input, {-1});
        if (per_sample.defined()) per_sample = reshape(per_sample, {-1});
    } else if (input.dim() != 1) {
        throw ValueError("input has to be 1D or 2D Tensor, but got Tensor of dimension " + std::to_string(input.dim()));
    }
    if (!offsets.defined()) throw ValueError("offsets has to be a 1D Tensor but got None");
    if (offsets.dim() != 1) throw ValueError("offsets has to be a 1D Tensor");
    if (per_sample.defined() && mode != sum_mode)
        throw NotImplementedError("embedding_bag: per_sample_weights was not None. per_sample_weights is only "
                                  "supported for mode='sum' (got mode='" +
                                  std::string(a.text(6)) + "'). Please open a feature request on GitHub.");
    const Tensor& weight = a.tensor(0);
    const std::int64_t padding = bag_padding_row(a[10], weight.size(0));
    shorten_rows(weight, input, a[3], a.floating(4));
    return call_many(embedding_bag_primitive_op,
                     {weight, input, offsets, mode, per_sample, a[9], padding, a.boolean(5)})[0];
}

} // namespace

extern const Op embedding_bag_primitive_op({
    .signature =
        "_embedding_bag(Tensor weight, Tensor indices, Tensor offsets, int mode, Tensor? per_sample_weights, "
        "bool include_last_offset, int padding_idx, bool scale_grad_by_freq=False) -> (Tensor, Tensor, Tensor, "
        "Tensor)",
    .summary = "Sums (mode 0), means (1) or maxima (2) of bags of rows; gives also the bag of each index, the sizes of "
               "the bags and the rows of the maxima.",
    .forward = "y[b, :] = sum of f_i * weight[indices[i], :] over the bag, with f_i of the sample or 1 / size",
    .gradients = {{"weight", "dL/dweight[r, :] = sum of f_i * dL/dy[b, :] over all i with indices[i] = r"},
                  {"per_sample_weights",
                   "dL/dper_sample_weights[i] = sum over k of dL/dy[b, k] * weight[indices[i], k]"}},
    .dtypes = {floating_dtypes, "embedding_bag"},
    .wide = Wide::halves,
    .compute_many = compute_bags,
    .saves = {{"weight", "per_sample_weights"},
              {"weight.shape"},
              {"indices"},
              {"mode"},
              {"per_sample_weights", "weight"},
              {"padding_idx"},
              {"scale_grad_by_freq"},
              {"result1"},
              {"result2"},
              {"result3"}},
    .backward = bags_gradient,
    .node = "EmbeddingBag",
    .non_differentiable = {1, 2, 3},
    .samples =
        [] {
            const Tensor w = uniform({4, 2}), i = indices({5}, 4), o = tensor({0, 2, 2}, {.dtype = Dtype::int64});
            return std::vector<Sample>{{{w, i, o, Scalar(0), uniform({5}), Scalar(false), Scalar(-1)}},
                                       {{w, i, o, Scalar(1), Argument(), Scalar(false), Scalar(1)}},
                                       {{w, i, o, Scalar(2), Argument(), Scalar(false), Scalar(-1)}}};
        },
});

extern const Op embedding_bag_op({
    .signature = "embedding_bag(Tensor weight, Tensor input, Tensor? offsets=None, float? max_norm=None, float "
                 "norm_type=2.0, bool scale_grad_by_freq=False, str mode='mean', bool sparse=False, Tensor? "
                 "per_sample_weights=None, bool include_last_offset=False, int? padding_idx=None) -> Tensor",
    .summary = "Sums, means or maxima of bags of rows of weight: the rows of a 2-D input, or between the offsets of a "
               "1-D one.",
    .forward = "y[b, :] = mean of weight[input[i], :] over the bag",
    .gradients = {{"weight", "as _embedding_bag"}, {"per_sample_weights", "as _embedding_bag"}},
    .dtypes = {floating_dtypes, "embedding_bag"},
    .compute = compute_embedding_bag,
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({4, 2}), indices({2, 3}, 4)},
                                        {{"mode", std::string("sum")}, {"per_sample_weights", uniform({2, 3})}}},
                                       {{uniform({4, 2}), indices({2, 3}, 4)}, {{"padding_idx", Scalar(-1)}}}};
        },
    .errors =
        [] {
            const Tensor w = uniform({3, 2}), one = full({1}, 1, {.dtype = Dtype::int64});
            const Tensor zero = zeros({1}, {.dtype = Dtype::int64});
            return std::vector<ErrorSample>{
                {{w, one}, {}, "offsets has to be a 1D Tensor but got None"},
                {{w, one, zero}, {{"mode", std::string("foo")}}, "mode has to be one of sum, mean or max"},
                {{w, one, zero},
                 {{"mode", std::string("max")}, {"scale_grad_by_freq", Scalar(true)}},
                 "max mode does not support scaling the gradient by the frequency"},
                {{w, one, zero},
                 {{"mode", std::string("max")}, {"sparse", Scalar(true)}},
                 "max mode does not support sparse weights"},
                {{w, one, one},
                 {},
                 "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. "
                 "However, got 1"},
                {{w, one, zero},
                 {{"padding_idx", Scalar(7)}},
                 "padding_idx must be within the number of embeddings, -3 through 2, but got 7"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor embedding_bag(const Tensor& input, const Tensor& weight, const EmbeddingBagOptions& o) {
    return call(ops::embedding_bag_op, {weight, input, o.offsets, o.max_norm, o.norm_type, o.scale_grad_by_freq, o.mode,
                                        o.sparse, o.per_sample_weights, o.include_last_offset, o.padding_idx});
}

} // namespace hs
