#include "engine/nn/ctc_loss.h"
#include "engine/nn/loss.h"
#include "engine/script/module_factory.h"

namespace hs::script {

namespace {

using Made = std::unique_ptr<nn::Module>;
using Reader = ConstructorReader;

/// PyTorch's deprecated `size_average` and `reduce`, which stand before the reduction.
void ignore_old_names(Reader& r, std::size_t at) {
    r.ignore(at, "size_average");
    r.ignore(at + 1, "reduce");
}

/// `at`: the position of `size_average`.
std::string reduction(Reader& r, std::size_t at) {
    ignore_old_names(r, at);
    return r.text(at + 2, "reduction", "mean");
}

template <class M>
Made class_loss(Reader& r) {
    r.ignore(1, "size_average");
    r.ignore(3, "reduce");
    const std::string name = r.text(4, "reduction", "mean");
    return std::make_unique<M>(ClassLossOptions{.weight = r.tensor(0, "weight"),
                                                .ignore_index = r.integer(2, "ignore_index", -100),
                                                .reduction = name,
                                                .label_smoothing = r.floating(5, "label_smoothing", 0)});
}

template <class M>
Made reduced(Reader& r) {
    return std::make_unique<M>(reduction(r, 0));
}

template <class M>
Made with_margin(Reader& r, double margin) {
    return std::make_unique<M>(r.floating(0, "margin", margin), reduction(r, 1));
}

Made triplet(Reader& r) {
    nn::TripletMarginLoss::Options options;
    options.margin = r.floating(0, "margin", options.margin);
    options.p = r.floating(1, "p", options.p);
    options.eps = r.floating(2, "eps", options.eps);
    options.swap = r.boolean(3, "swap", false);
    options.reduction = reduction(r, 4);
    return std::make_unique<nn::TripletMarginLoss>(options);
}

} // namespace

void add_losses(Factories& all) {
    all["CrossEntropyLoss"] = class_loss<nn::CrossEntropyLoss>;
    all["NLLLoss"] = class_loss<nn::NLLLoss>;
    all["L1Loss"] = reduced<nn::L1Loss>;
    all["MSELoss"] = reduced<nn::MSELoss>;
    all["SoftMarginLoss"] = reduced<nn::SoftMarginLoss>;
    all["MultiLabelMarginLoss"] = reduced<nn::MultiLabelMarginLoss>;
    all["HingeEmbeddingLoss"] = [](Reader& r) { return with_margin<nn::HingeEmbeddingLoss>(r, 1); };
    all["MarginRankingLoss"] = [](Reader& r) { return with_margin<nn::MarginRankingLoss>(r, 0); };
    all["CosineEmbeddingLoss"] = [](Reader& r) { return with_margin<nn::CosineEmbeddingLoss>(r, 0); };
    all["TripletMarginLoss"] = triplet;
    all["SmoothL1Loss"] = [](Reader& r) {
        return std::make_unique<nn::SmoothL1Loss>(reduction(r, 0), r.floating(3, "beta", 1));
    };
    all["HuberLoss"] = [](Reader& r) {
        return std::make_unique<nn::HuberLoss>(r.text(0, "reduction", "mean"), r.floating(1, "delta", 1));
    };
    all["CTCLoss"] = [](Reader& r) {
        return std::make_unique<nn::CTCLoss>(r.integer(0, "blank", 0), r.text(1, "reduction", "mean"),
                                             r.boolean(2, "zero_infinity", false));
    };
    all["KLDivLoss"] = [](Reader& r) {
        return std::make_unique<nn::KLDivLoss>(reduction(r, 0), r.boolean(3, "log_target", false));
    };
    all["BCELoss"] = [](Reader& r) { return std::make_unique<nn::BCELoss>(r.tensor(0, "weight"), reduction(r, 1)); };
    all["BCEWithLogitsLoss"] = [](Reader& r) {
        return std::make_unique<nn::BCEWithLogitsLoss>(r.tensor(0, "weight"), reduction(r, 1),
                                                       r.tensor(4, "pos_weight"));
    };
    all["MultiLabelSoftMarginLoss"] = [](Reader& r) {
        return std::make_unique<nn::MultiLabelSoftMarginLoss>(r.tensor(0, "weight"), reduction(r, 1));
    };
    all["MultiMarginLoss"] = [](Reader& r) {
        return std::make_unique<nn::MultiMarginLoss>(r.integer(0, "p", 1), r.floating(1, "margin", 1),
                                                     r.tensor(2, "weight"), reduction(r, 3));
    };
    all["PoissonNLLLoss"] = [](Reader& r) {
        r.ignore(2, "size_average");
        r.ignore(4, "reduce");
        return std::make_unique<nn::PoissonNLLLoss>(r.boolean(0, "log_input", true), r.boolean(1, "full", false),
                                                    r.floating(3, "eps", 1e-8), r.text(5, "reduction", "mean"));
    };
    all["GaussianNLLLoss"] = [](Reader& r) {
        return std::make_unique<nn::GaussianNLLLoss>(
            nn::GaussianNLLLoss::Options{.full = r.boolean(Reader::by_name, "full", false),
                                         .eps = r.floating(Reader::by_name, "eps", 1e-6),
                                         .reduction = r.text(Reader::by_name, "reduction", "mean")});
    };
}

} // namespace hs::script
