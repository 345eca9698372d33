#include "engine/nn/dropout.h"

#include "engine/ops/functional.h"
#include "engine/ops/in_place.h"
#include "engine/tensor/number_text.h"
#include "engine/tensor/warning.h"

namespace hs::nn {

namespace {

std::string rank_error(const char* name, const char* expected, const Tensor& input, const char* note = "") {
    return std::string(name) + ": Expected " + expected + " input, but received a " + std::to_string(input.dim()) +
           "D input." + note;
}

/// Channels of input with `rank` dimensions, or of one item of such a batch.
Tensor of_channels(std::int64_t rank, const Tensor& input, double p, bool training, Generator& generator) {
    if (input.dim() == rank) return feature_dropout(input, p, training, generator);
    return squeeze(feature_dropout(unsqueeze(input, 0), p, training, generator), 0);
}

Tensor dropout1d(const Tensor& input, double p, bool training, Generator& generator) {
    if (input.dim() != 2 && input.dim() != 3)
        throw Error(rank_error("dropout1d", "2D or 3D", input,
                               " Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial "
                               "dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D "
                               "inputs)."));
    return of_channels(3, input, p, training, generator);
}

Tensor dropout2d(const Tensor& input, double p, bool training, Generator& generator) {
    if (input.dim() != 3 && input.dim() != 4)
        warn("dropout2d: Received a " + std::to_string(input.dim()) +
             "-D input to dropout2d, which is deprecated and will result in an error in a future release. To retain "
             "the behavior and silence this warning, please use dropout instead. Note that dropout2d exists to provide "
             "channel-wise dropout on inputs with 2 spatial dimensions, a channel dimension, and an optional batch "
             "dimension (i.e. 3D or 4D inputs).");
    if (input.dim() == 3)
        warn("dropout2d: Received a 3D input to dropout2d and assuming that channel-wise 1D dropout behavior is "
             "desired - input is interpreted as shape (N, C, L), where C is the channel dim. This behavior will change "
             "in a future release to interpret the input as one without a batch dimension, i.e. shape (C, H, W). To "
             "maintain the 1D channel-wise dropout behavior, please switch to using dropout1d instead.");
    return feature_dropout(input, p, training, generator);
}

Tensor dropout3d(const Tensor& input, double p, bool training, Generator& generator) {
    if (input.dim() != 4 && input.dim() != 5)
        warn("dropout3d: Received a " + std::to_string(input.dim()) +
             "-D input to dropout3d, which is deprecated and will result in an error in a future release. To retain "
             "the behavior and silence this warning, please use dropout instead. Note that dropout3d exists to provide "
             "channel-wise dropout on inputs with 3 spatial dimensions, a channel dimension, and an optional batch "
             "dimension (i.e. 4D or 5D inputs).");
    if (input.dim() != 4) return feature_dropout(input, p, training, generator);
    return of_channels(5, input, p, training, generator);
}

} // namespace

DropoutLayer::DropoutLayer(Scalar p, bool inplace, Function function) : p_(p), inplace_(inplace), function_(function) {
    if (!(p.to_double() >= 0 && p.to_double() <= 1))
        throw ValueError("dropout probability has to be between 0 and 1, but got " + number_text(p));
}

Tensor DropoutLayer::forward(const Tensor& input) {
    if (!is_training()) return input;
    const auto function = [this](const Tensor& x) { return function_(x, p_.to_double(), true, default_generator()); };
    if (!inplace_) return function(input);
    Tensor self = input;
    return in_place(self, function);
}

std::string DropoutLayer::extra_repr() const {
    return "p=" + number_text(p_) + ", inplace=" + flag_text(inplace_);
}

Dropout::Dropout(Scalar p, bool inplace) : DropoutLayer(p, inplace, dropout) {}
Dropout1d::Dropout1d(Scalar p, bool inplace) : DropoutLayer(p, inplace, dropout1d) {}
Dropout2d::Dropout2d(Scalar p, bool inplace) : DropoutLayer(p, inplace, dropout2d) {}
Dropout3d::Dropout3d(Scalar p, bool inplace) : DropoutLayer(p, inplace, dropout3d) {}
AlphaDropout::AlphaDropout(Scalar p, bool inplace) : DropoutLayer(p, inplace, alpha_dropout) {}
FeatureAlphaDropout::FeatureAlphaDropout(Scalar p, bool inplace) : DropoutLayer(p, inplace, feature_alpha_dropout) {}

} // namespace hs::nn
