#include "engine/ops/op.h"

#include <algorithm>

// One line an operation.
// clang-format off
#define HS_CATALOGUE(X) \
    X(add) X(sub) X(rsub) X(mul) X(div) X(neg) X(reciprocal) \
    X(sum) X(sum_dim) \
    X(view) X(reshape) X(flatten) X(expand) X(transpose) X(t) X(unsqueeze) X(squeeze_dim) X(clone) X(to) \
    HS_NEURAL(X)
#define HS_NEURAL(X) \
    X(mm) X(addmm) X(bmm) X(baddbmm) X(mv) X(dot) X(matmul) X(linear) X(unsafe_view) X(unsafe_squeeze) \
    X(relu) X(threshold_backward) \
    X(softmax) X(log_softmax) X(softmax_backward) X(log_softmax_backward) \
    X(nll_loss) X(nll_loss_forward) X(nll_loss2d_forward) X(nll_loss_backward) X(cross_entropy) \
    X(convolution) X(convolution_backward_input) X(convolution_backward_weight) X(conv2d) X(conv2d_padding) \
    X(conv1d) X(conv1d_padding) X(conv_transpose2d) X(conv_transpose1d) X(constant_pad_nd) \
    X(max_pool2d) X(max_pool2d_primitive) X(max_pool2d_backward) X(avg_pool2d) X(avg_pool2d_backward)
// clang-format on

namespace hs {

namespace ops {
#define HS_DECLARE(name) extern const Op name##_op;
HS_CATALOGUE(HS_DECLARE)
#undef HS_DECLARE
} // namespace ops

std::span<const Op* const> catalogue() {
    static const std::vector<const Op*> all = [] {
        std::vector<const Op*> list{
#define HS_LIST(name) &ops::name##_op,
            HS_CATALOGUE(HS_LIST)
#undef HS_LIST
        };
        std::ranges::stable_sort(list, {}, [](const Op* op) -> const std::string& { return op->name(); });
        return list;
    }();
    return all;
}

namespace {

bool has_alias(const Op& op, std::string_view name) {
    std::string_view rest = op.declaration().aliases;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        if (rest.substr(0, comma) == name) return true;
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
}

} // namespace

std::vector<const Op*> find_ops(std::string_view name) {
    std::vector<const Op*> found;
    for (const Op* op : catalogue())
        if (op->name() == name || has_alias(*op, name)) found.push_back(op);
    return found;
}

Tensors call_by_name(std::string_view name, const std::vector<Argument>& positional,
                     const std::map<std::string, Argument>& keywords) {
    const std::vector<const Op*> overloads = find_ops(name);
    if (overloads.empty()) throw TypeError("there is no operation '" + std::string(name) + "'");
    std::string reasons;
    for (const Op* op : overloads) {
        std::vector<Argument> bound;
        try {
            bound = op->schema().bind(positional, keywords);
        } catch (const TypeError& error) {
            reasons += std::string("\n  ") + op->declaration().signature + ": " + error.what();
            continue;
        }
        std::vector<ArgumentRef> references;
        for (const Argument& argument : bound)
            references.push_back(argument.ref());
        return call_many(*op, references);
    }
    throw TypeError("no form of '" + std::string(name) + "' takes these arguments:" + reasons);
}

} // namespace hs
