#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

#include <algorithm>

/// Sums of products over named dimensions.
namespace hs::ops {

namespace {

/// A factor of an einsum: a tensor, and a letter for each of its dimensions (each once).
struct Factor {
    Tensor tensor;
    std::string labels;
};

std::int64_t product(const Tensor& x, const std::string& labels, const std::string& wanted) {
    std::int64_t count = 1;
    for (const char label : wanted)
        if (const std::size_t place = labels.find(label); place != std::string::npos) count *= x.shape()[place];
    return count;
}

Tensor in_order(const Factor& factor, const std::string& order) {
    Dims dims;
    for (const char label : order)
        dims.push_back(static_cast<std::int64_t>(factor.labels.find(label)));
    return permute(factor.tensor, dims);
}

/// Takes the diagonal over letters that stand twice.
Factor without_repeats(Factor factor) {
    for (std::size_t i = 0; i < factor.labels.size(); ++i) {
        const std::size_t again = factor.labels.find(factor.labels[i], i + 1);
        if (again == std::string::npos) continue;
        factor.tensor = diagonal(factor.tensor, 0, static_cast<std::int64_t>(i), static_cast<std::int64_t>(again));
        const char label = factor.labels[i];
        factor.labels.erase(again, 1);
        factor.labels.erase(i, 1);
        factor.labels += label;
        i = static_cast<std::size_t>(-1);
    }
    return factor;
}

/// Sums over the letters that nothing wants any more.
Factor summed_down(Factor factor, const std::string& wanted) {
    Dims dims;
    std::string kept;
    for (std::size_t i = 0; i < factor.labels.size(); ++i) {
        if (wanted.find(factor.labels[i]) == std::string::npos)
            dims.push_back(static_cast<std::int64_t>(i));
        else
            kept += factor.labels[i];
    }
    if (dims.empty()) return factor;
    return {sum(factor.tensor, dims), kept};
}

/// The product of two factors, summed over the letters that are not wanted: one batched matrix product.
Factor contracted(const Factor& left, const Factor& right, const std::string& wanted) {
    const Factor a = summed_down(left, wanted + right.labels);
    const Factor b = summed_down(right, wanted + left.labels);
    std::string batch, rows, inner, columns;
    for (const char label : a.labels) {
        const bool shared = b.labels.find(label) != std::string::npos;
        const bool kept = wanted.find(label) != std::string::npos;
        (!shared ? rows : kept ? batch : inner) += label;
    }
    for (const char label : b.labels)
        if (a.labels.find(label) == std::string::npos) columns += label;
    const std::int64_t batches = product(a.tensor, a.labels, batch), inside = product(a.tensor, a.labels, inner);
    const Tensor first =
        reshape(in_order(a, batch + rows + inner), {batches, product(a.tensor, a.labels, rows), inside});
    const Tensor second =
        reshape(in_order(b, batch + inner + columns), {batches, inside, product(b.tensor, b.labels, columns)});
    Shape shape;
    for (const char label : batch + rows)
        shape.push_back(a.tensor.shape()[a.labels.find(label)]);
    for (const char label : columns)
        shape.push_back(b.tensor.shape()[b.labels.find(label)]);
    return {reshape(bmm(first, second), shape), batch + rows + columns};
}

struct Equation {
    std::vector<std::string> inputs;
    std::string output;
};

constexpr std::string_view dots = "...";

/// Splits the text into terms without blanks and checks what may stand in them.
Equation parse(std::string_view text, bool& has_output) {
    Equation equation;
    std::string* term = &equation.inputs.emplace_back();
    has_output = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool ellipsis = text.substr(i, dots.size()) == dots;
        if (text[i] == ' ') continue;
        if (text[i] == ',' && !has_output) {
            term = &equation.inputs.emplace_back();
        } else if (text.substr(i, 2) == "->" && !has_output) {
            has_output = true;
            term = &equation.output;
            ++i;
        } else if (ellipsis && term->find(dots) != std::string::npos) {
            throw Error(has_output ? "einsum(): found '.' for output but an ellipsis (...) was already found"
                                   : "einsum(): found '.' for operand " + std::to_string(equation.inputs.size() - 1) +
                                         " for which an ellipsis was already found");
        } else if (ellipsis) {
            *term += dots;
            i += dots.size() - 1;
        } else if (std::isalpha(static_cast<unsigned char>(text[i]))) {
            *term += text[i];
        } else {
            throw Error("einsum(): invalid subscript given at index " + std::to_string(i) +
                        " in the equation string, subscripts must be in [a-zA-Z]");
        }
    }
    return equation;
}

/// A term with its ellipsis replaced by the last ones of the labels that stand for open dimensions.
std::string spelled_out(std::string term, std::size_t open, const std::string& labels) {
    const std::size_t place = term.find(dots);
    return place == std::string::npos ? term : term.replace(place, dots.size(), labels.substr(labels.size() - open));
}

/// The output that an equation without an arrow has: open dimensions, then the letters that stand once, in order.
std::string default_output(const std::vector<std::string>& inputs, const std::string& open) {
    std::string all;
    for (const std::string& term : inputs)
        all += term;
    std::ranges::sort(all);
    std::string output = open;
    for (const char label : all)
        if (std::isalpha(static_cast<unsigned char>(label)) && std::ranges::count(all, label) == 1) output += label;
    return output;
}

/// Checks the terms against the operands and gives every dimension a label; digits label those that `...` stands for.
Equation labelled(std::string_view text, std::span<const Tensor> operands) {
    bool has_output = false;
    Equation equation = parse(text, has_output);
    if (equation.inputs.size() != operands.size())
        throw Error(equation.inputs.size() < operands.size()
                        ? "einsum(): more operands were provided than specified in the equation"
                        : "einsum(): fewer operands were provided than specified in the equation");
    std::vector<std::size_t> open;
    std::size_t most = 0;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const std::string& term = equation.inputs[i];
        const bool ellipsis = term.find(dots) != std::string::npos;
        const std::size_t named = term.size() - (ellipsis ? dots.size() : 0), rank = operands[i].shape().size();
        if (ellipsis ? named > rank : named != rank)
            throw Error(
                "einsum(): the number of subscripts in the equation (" + std::to_string(named) + ") " +
                (ellipsis ? "is more than the number of dimensions (" : "does not match the number of dimensions (") +
                std::to_string(rank) + ") for operand " + std::to_string(i) +
                (ellipsis ? "" : " and no ellipsis was given"));
        open.push_back(ellipsis ? rank - named : 0);
        most = std::max(most, open.back());
    }
    std::string labels;
    for (std::size_t i = 0; i < most; ++i)
        labels += static_cast<char>('0' + i);
    for (std::size_t i = 0; i < operands.size(); ++i)
        equation.inputs[i] = spelled_out(equation.inputs[i], open[i], labels);
    equation.output = has_output ? spelled_out(equation.output, most, labels) : default_output(equation.inputs, labels);
    return equation;
}

using Sizes = std::map<char, std::int64_t>;

Sizes sizes_of(const Equation& equation, std::span<const Tensor> operands) {
    Sizes sizes;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        Sizes own;
        for (std::size_t k = 0; k < equation.inputs[i].size(); ++k) {
            const char label = equation.inputs[i][k];
            const std::int64_t size = operands[i].shape()[k];
            const auto [here, first] = own.try_emplace(label, size);
            if (!first && here->second != size)
                throw Error("einsum(): subscript " + std::string(1, label) + " is repeated for operand " +
                            std::to_string(i) + " but the sizes don't match, " + std::to_string(size) +
                            " != " + std::to_string(here->second));
            std::int64_t& common = sizes.try_emplace(label, 1).first->second;
            if (size != 1 && common != 1 && size != common)
                throw Error("einsum(): subscript " + std::string(1, label) + " has size " + std::to_string(size) +
                            " for operand " + std::to_string(i) +
                            " which does not broadcast with previously seen size " + std::to_string(common));
            if (size != 1) common = size;
        }
    }
    for (const char label : equation.output) {
        if (!sizes.contains(label))
            throw Error("einsum(): output subscript " + std::string(1, label) +
                        " does not appear in the equation for any input operand");
        if (std::ranges::count(equation.output, label) > 1)
            throw Error("einsum(): output subscript " + std::string(1, label) +
                        " appears more than once in the output");
    }
    return sizes;
}

Tensor compute_einsum(std::string_view text, std::span<const Tensor> operands) {
    if (operands.empty()) throw Error("einsum(): must provide at least one operand");
    const Equation equation = labelled(text, operands);
    const Sizes sizes = sizes_of(equation, operands);
    std::vector<Factor> factors;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        Shape shape;
        for (const char label : equation.inputs[i])
            shape.push_back(sizes.at(label));
        factors.push_back(without_repeats({expand(operands[i], shape), equation.inputs[i]}));
    }
    Factor result = factors.front();
    for (std::size_t i = 1; i < factors.size(); ++i) {
        std::string wanted = equation.output;
        for (std::size_t k = i + 1; k < factors.size(); ++k)
            wanted += factors[k].labels;
        result = contracted(result, factors[i], wanted);
    }
    return in_order(summed_down(result, equation.output), equation.output);
}

std::vector<Sample> einsum_samples() {
    return {{{std::string("ij,jk->ik"), Tensors{uniform({2, 3}), uniform({3, 4})}}},
            {{std::string("ii->i"), Tensors{uniform({3, 3})}}},
            {{std::string("...ij,...j->...i"), Tensors{uniform({2, 3, 2}), uniform({2, 2})}}},
            {{std::string("i,j,k"), Tensors{uniform({2}), uniform({3}), uniform({2})}}}};
}

} // namespace

extern const Op einsum_op({
    .signature = "einsum(str equation, Tensor[] tensors) -> Tensor",
    .summary = "Sum of products by a formula that names the dimensions.",
    .forward = "y[output letters] = sum over the other letters of the product of tensors, by equation",
    .dtypes = {numeric_dtypes},
    .compute = [](const Arguments& a) { return compute_einsum(a.text(0), a.tensors(1)); },
    .composite = true,
    .samples = einsum_samples,
    .errors =
        [] {
            const Tensor x = uniform({2, 3});
            return std::vector<ErrorSample>{
                {{std::string("ij,jk"), Tensors{x}},
                 {},
                 "einsum(): fewer operands were provided than specified in the equation"},
                {{std::string("i"), Tensors{x}},
                 {},
                 "einsum(): the number of subscripts in the equation (1) does not match the number of dimensions (2) "
                 "for operand 0 and no ellipsis was given"},
                {{std::string("ij,jk"), Tensors{x, x}},
                 {},
                 "einsum(): subscript j has size 2 for operand 1 which does not broadcast with previously seen size 3"},
                {{std::string("ij->k"), Tensors{x}},
                 {},
                 "einsum(): output subscript k does not appear in the equation for any input operand"},
                {{std::string("i1"), Tensors{x}},
                 {},
                 "einsum(): invalid subscript given at index 1 in the equation string, subscripts must be in [a-zA-Z]"},
                {{std::string("ii"), Tensors{x}},
                 {},
                 "einsum(): subscript i is repeated for operand 0 but the sizes don't match, 3 != 2"}};
        },
});

extern const Op einsum_list_op({
    .signature = "einsum.list(Tensor[] tensors, str equation) -> Tensor",
    .summary = "einsum with the operands first.",
    .forward = "y = einsum(equation, tensors)",
    .compute = [](const Arguments& a) { return compute_einsum(a.text(1), a.tensors(0)); },
    .composite = true,
    .samples =
        [] {
            return std::vector<Sample>{{{Tensors{uniform({2, 3})}, std::string("ij->ji")}}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor einsum(std::string_view equation, const Tensors& operands) {
    return call(ops::einsum_op, {equation, operands});
}

} // namespace hs
