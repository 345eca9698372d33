#include "engine/gallery/mlp.h"

#include "engine/nn/activation.h"
#include "engine/nn/dropout.h"
#include "engine/nn/linear.h"

namespace hs::gallery {

MLP::MLP(const MLPOptions& options, Generator& generator) {
    if (options.widths.empty()) throw ValueError("an MLP needs the width of at least one layer");
    std::int64_t inputs = options.inputs;
    for (std::size_t i = 0; i < options.widths.size(); ++i) {
        append(std::make_shared<nn::Linear>(inputs, options.widths[i], nn::Linear::Options{}, generator));
        inputs = options.widths[i];
        if (i + 1 < options.widths.size()) {
            if (options.gelu)
                append(std::make_shared<nn::GELU>());
            else
                append(std::make_shared<nn::ReLU>());
        }
        append(std::make_shared<nn::Dropout>(options.dropout));
    }
}

} // namespace hs::gallery
