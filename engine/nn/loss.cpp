#include "engine/nn/loss.h"

#include "engine/ops/functional.h"

namespace hs::nn {

Tensor Loss::operator()(const Tensor& input, const Tensor& target) {
    return call({input, target}).at(0);
}

Tensor Loss::operator()(const Tensor& first, const Tensor& second, const Tensor& third) {
    return call({first, second, third}).at(0);
}

Tensors Loss::forward_all(const Tensors& inputs) {
    check_count(inputs, inputs_);
    return {loss(inputs)};
}

ClassLoss::ClassLoss(const ClassLossOptions& options)
    : Loss(2), weight(register_buffer("weight", options.weight)), ignore_index_(options.ignore_index),
      reduction_(options.reduction), label_smoothing_(options.label_smoothing) {}

ClassLossOptions ClassLoss::options() const {
    return {
        .weight = weight, .ignore_index = ignore_index_, .reduction = reduction_, .label_smoothing = label_smoothing_};
}

Tensor CrossEntropyLoss::loss(const Tensors& in) {
    return cross_entropy(in[0], in[1], options());
}

Tensor NLLLoss::loss(const Tensors& in) {
    return nll_loss(in[0], in[1], options());
}

BCELoss::BCELoss(const Tensor& given, std::string reduction)
    : Loss(2), weight(register_buffer("weight", given)), reduction_(std::move(reduction)) {}

Tensor BCELoss::loss(const Tensors& in) {
    return binary_cross_entropy(in[0], in[1], weight, reduction_);
}

BCEWithLogitsLoss::BCEWithLogitsLoss(const Tensor& given, std::string reduction, const Tensor& positive)
    : Loss(2), weight(register_buffer("weight", given)), pos_weight(register_buffer("pos_weight", positive)),
      reduction_(std::move(reduction)) {}

Tensor BCEWithLogitsLoss::loss(const Tensors& in) {
    return binary_cross_entropy_with_logits(in[0], in[1], weight, reduction_, pos_weight);
}

MultiMarginLoss::MultiMarginLoss(std::int64_t p, double margin, const Tensor& given, std::string reduction)
    : Loss(2), weight(register_buffer("weight", given)), p_(p), margin_(margin), reduction_(std::move(reduction)) {
    if (p != 1 && p != 2) throw ValueError("only p == 1 and p == 2 supported");
    if (given.defined() && given.dim() != 1) throw ValueError("weight must be None or 1-dimensional");
}

Tensor MultiMarginLoss::loss(const Tensors& in) {
    return multi_margin_loss(in[0], in[1], p_, margin_, weight, reduction_);
}

MultiLabelSoftMarginLoss::MultiLabelSoftMarginLoss(const Tensor& given, std::string reduction)
    : Loss(2), weight(register_buffer("weight", given)), reduction_(std::move(reduction)) {}

Tensor MultiLabelSoftMarginLoss::loss(const Tensors& in) {
    return multilabel_soft_margin_loss(in[0], in[1], weight, reduction_);
}

MSELoss::MSELoss(const std::string& reduction)
    : PlainLoss(2, [=](const Tensors& in) { return mse_loss(in[0], in[1], reduction); }) {}
L1Loss::L1Loss(const std::string& reduction)
    : PlainLoss(2, [=](const Tensors& in) { return l1_loss(in[0], in[1], reduction); }) {}
SmoothL1Loss::SmoothL1Loss(const std::string& reduction, double beta)
    : PlainLoss(2, [=](const Tensors& in) { return smooth_l1_loss(in[0], in[1], reduction, beta); }) {}
HuberLoss::HuberLoss(const std::string& reduction, double delta)
    : PlainLoss(2, [=](const Tensors& in) { return huber_loss(in[0], in[1], reduction, delta); }) {}
KLDivLoss::KLDivLoss(const std::string& reduction, bool log_target)
    : PlainLoss(2, [=](const Tensors& in) { return kl_div(in[0], in[1], reduction, log_target); }) {}
PoissonNLLLoss::PoissonNLLLoss(bool log_input, bool full, double eps, const std::string& reduction)
    : PlainLoss(2, [=](const Tensors& in) { return poisson_nll_loss(in[0], in[1], log_input, full, eps, reduction); }) {
}
GaussianNLLLoss::GaussianNLLLoss(const Options& o)
    : PlainLoss(3,
                [=](const Tensors& in) { return gaussian_nll_loss(in[0], in[1], in[2], o.full, o.eps, o.reduction); }) {
}
HingeEmbeddingLoss::HingeEmbeddingLoss(double margin, const std::string& reduction)
    : PlainLoss(2, [=](const Tensors& in) { return hinge_embedding_loss(in[0], in[1], margin, reduction); }) {}
SoftMarginLoss::SoftMarginLoss(const std::string& reduction)
    : PlainLoss(2, [=](const Tensors& in) { return soft_margin_loss(in[0], in[1], reduction); }) {}
MarginRankingLoss::MarginRankingLoss(double margin, const std::string& reduction)
    : PlainLoss(3, [=](const Tensors& in) { return margin_ranking_loss(in[0], in[1], in[2], margin, reduction); }) {}
CosineEmbeddingLoss::CosineEmbeddingLoss(double margin, const std::string& reduction)
    : PlainLoss(3, [=](const Tensors& in) { return cosine_embedding_loss(in[0], in[1], in[2], margin, reduction); }) {}
TripletMarginLoss::TripletMarginLoss(const Options& o)
    : PlainLoss(3, [=](const Tensors& in) {
          return triplet_margin_loss(
              in[0], in[1], in[2],
              {.margin = o.margin, .p = o.p, .eps = o.eps, .swap = o.swap, .reduction = o.reduction});
      }) {}
MultiLabelMarginLoss::MultiLabelMarginLoss(const std::string& reduction)
    : PlainLoss(2, [=](const Tensors& in) { return multilabel_margin_loss(in[0], in[1], reduction); }) {}

} // namespace hs::nn
