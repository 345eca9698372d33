#include "engine/nn/activation.h"
#include "engine/script/module_factory.h"

namespace hs::script {

namespace {

using Made = std::unique_ptr<nn::Module>;
using Reader = ConstructorReader;

template <class M>
Made plain(Reader&) {
    return std::make_unique<M>();
}

template <class M>
Made in_place(Reader& r) {
    return std::make_unique<M>(r.boolean(0, "inplace", false));
}

template <class M>
Made along(Reader& r) {
    return std::make_unique<M>(r.optional_integer(0, "dim"));
}

} // namespace

void add_activations(Factories& all) {
    all["ReLU"] = in_place<nn::ReLU>;
    all["ReLU6"] = in_place<nn::ReLU6>;
    all["SELU"] = in_place<nn::SELU>;
    all["SiLU"] = in_place<nn::SiLU>;
    all["Mish"] = in_place<nn::Mish>;
    all["Hardswish"] = in_place<nn::Hardswish>;
    all["Hardsigmoid"] = in_place<nn::Hardsigmoid>;
    all["Tanh"] = plain<nn::Tanh>;
    all["Sigmoid"] = plain<nn::Sigmoid>;
    all["Softsign"] = plain<nn::Softsign>;
    all["LogSigmoid"] = plain<nn::LogSigmoid>;
    all["Tanhshrink"] = plain<nn::Tanhshrink>;
    all["Softmax2d"] = plain<nn::Softmax2d>;
    all["Softmax"] = along<nn::Softmax>;
    all["LogSoftmax"] = along<nn::LogSoftmax>;
    all["Softmin"] = along<nn::Softmin>;
    all["LeakyReLU"] = [](Reader& r) {
        return std::make_unique<nn::LeakyReLU>(r.number(0, "negative_slope", 0.01), r.boolean(1, "inplace", false));
    };
    all["ELU"] = [](Reader& r) {
        return std::make_unique<nn::ELU>(r.number(0, "alpha", 1.0), r.boolean(1, "inplace", false));
    };
    all["CELU"] = [](Reader& r) {
        return std::make_unique<nn::CELU>(r.number(0, "alpha", 1.0), r.boolean(1, "inplace", false));
    };
    all["GELU"] = [](Reader& r) { return std::make_unique<nn::GELU>(r.text(0, "approximate", "none")); };
    all["GLU"] = [](Reader& r) { return std::make_unique<nn::GLU>(r.integer(0, "dim", -1)); };
    all["Hardshrink"] = [](Reader& r) { return std::make_unique<nn::Hardshrink>(r.number(0, "lambd", 0.5)); };
    all["Softshrink"] = [](Reader& r) { return std::make_unique<nn::Softshrink>(r.number(0, "lambd", 0.5)); };
    all["Hardtanh"] = [](Reader& r) {
        return std::make_unique<nn::Hardtanh>(r.number(0, "min_val", -1.0), r.number(1, "max_val", 1.0),
                                              r.boolean(2, "inplace", false));
    };
    all["PReLU"] = [](Reader& r) {
        return std::make_unique<nn::PReLU>(r.integer(0, "num_parameters", 1), r.floating(1, "init", 0.25));
    };
    all["RReLU"] = [](Reader& r) {
        return std::make_unique<nn::RReLU>(r.floating(0, "lower", 1.0 / 8), r.floating(1, "upper", 1.0 / 3),
                                           r.boolean(2, "inplace", false));
    };
    all["Softplus"] = [](Reader& r) {
        return std::make_unique<nn::Softplus>(r.number(0, "beta", 1.0), r.number(1, "threshold", 20.0));
    };
    all["Threshold"] = [](Reader& r) {
        return std::make_unique<nn::Threshold>(r.number(0, "threshold", 0), r.number(1, "value", 0),
                                               r.boolean(2, "inplace", false));
    };
}

} // namespace hs::script
