#include "engine/ops/functional.h"
#include "engine/ops/samples.h"

namespace hs::ops {

namespace {

/// Throws for a factor that is not positive, or whose square no integer would hold.
void check_factor(std::int64_t factor, const std::string& op, const char* name) {
    if (factor <= 0) throw Error(op + " expects a positive " + name + ", but got " + std::to_string(factor));
    if (factor > std::int64_t{1} << 20) throw Error(op + ": " + name + " " + std::to_string(factor) + " is too large");
}

/// [..., c * r * r, h, w] as [..., c, h * r, w * r].
Tensor shuffled(const Tensor& x, std::int64_t factor) {
    if (x.dim() < 3)
        throw Error("pixel_shuffle expects input to have at least 3 dimensions, but got input with " +
                    std::to_string(x.dim()) + " dimension(s)");
    check_factor(factor, "pixel_shuffle", "upscale_factor");
    if (x.size(-3) % (factor * factor) != 0)
        throw Error("pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
                    "upscale_factor, but input.size(-3)=" +
                    std::to_string(x.size(-3)) + " is not divisible by " + std::to_string(factor * factor));
    const std::int64_t channels = x.size(-3) / factor / factor, height = x.size(-2), width = x.size(-1);
    Shape shape(std::span(x.shape().begin(), x.shape().end() - 3));
    const std::int64_t batch = element_count(shape);
    const Tensor parts = reshape(x, {batch, channels, factor, factor, height, width});
    for (const std::int64_t size : {channels, height * factor, width * factor})
        shape.push_back(size);
    return reshape(contiguous(permute(parts, Dims{0, 1, 4, 2, 5, 3})), shape);
}

/// [..., c, h * r, w * r] as [..., c * r * r, h, w].
Tensor unshuffled(const Tensor& x, std::int64_t factor) {
    if (x.dim() < 3)
        throw Error("pixel_unshuffle expects input to have at least 3 dimensions, but got input with " +
                    std::to_string(x.dim()) + " dimension(s)");
    check_factor(factor, "pixel_unshuffle", "downscale_factor");
    const std::pair<std::int64_t, const char*> sides[] = {{-2, "height"}, {-1, "width"}};
    for (const auto& [dim, name] : sides)
        if (x.size(dim) % factor != 0)
            throw Error("pixel_unshuffle expects " + std::string(name) + " to be divisible by downscale_factor, but " +
                        "input.size(" + std::to_string(dim) + ")=" + std::to_string(x.size(dim)) +
                        " is not divisible by " + std::to_string(factor));
    const std::int64_t channels = x.size(-3), height = x.size(-2) / factor, width = x.size(-1) / factor;
    Shape shape(std::span(x.shape().begin(), x.shape().end() - 3));
    const std::int64_t batch = element_count(shape);
    const Tensor parts = reshape(x, {batch, channels, height, factor, width, factor});
    for (const std::int64_t size : {channels * factor * factor, height, width})
        shape.push_back(size);
    return reshape(contiguous(permute(parts, Dims{0, 1, 3, 5, 2, 4})), shape);
}

} // namespace

extern const Op pixel_shuffle_op({
    .signature = "pixel_shuffle(Tensor self, int upscale_factor) -> Tensor",
    .summary = "Turns channels into pixels: [..., c * r * r, h, w] becomes [..., c, h * r, w * r].",
    .forward = "y[c, h * r + i, w * r + j] = self[c * r * r + i * r + j, h, w]",
    .gradients = {{"self", "dL/dself = pixel_unshuffle(dL/dy, r)"}},
    .compute = [](const Arguments& a) { return shuffled(a.tensor(0), a.integer(1)); },
    .saves = {{"upscale_factor"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, pixel_unshuffle(g[0], saved.integer("upscale_factor"))); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 8, 2, 3}), Scalar(2)}}, {{uniform({9, 1, 2}), Scalar(3)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{
                {{uniform({2, 2}), Scalar(2)},
                 {},
                 "pixel_shuffle expects input to have at least 3 dimensions, but got input with 2 dimension(s)"},
                {{uniform({3, 2, 2}), Scalar(2)},
                 {},
                 "pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of "
                 "upscale_factor, but input.size(-3)=3 is not divisible by 4"}};
        },
});

extern const Op pixel_unshuffle_op({
    .signature = "pixel_unshuffle(Tensor self, int downscale_factor) -> Tensor",
    .summary = "Turns pixels into channels: [..., c, h * r, w * r] becomes [..., c * r * r, h, w].",
    .forward = "y[c * r * r + i * r + j, h, w] = self[c, h * r + i, w * r + j]",
    .gradients = {{"self", "dL/dself = pixel_shuffle(dL/dy, r)"}},
    .compute = [](const Arguments& a) { return unshuffled(a.tensor(0), a.integer(1)); },
    .saves = {{"downscale_factor"}},
    .backward = [](const Saved& saved,
                   Gradients& g) { g.set(0, pixel_shuffle(g[0], saved.integer("downscale_factor"))); },
    .samples =
        [] {
            return std::vector<Sample>{{{uniform({1, 2, 4, 2}), Scalar(2)}}, {{uniform({1, 3, 6}), Scalar(3)}}};
        },
    .errors =
        [] {
            return std::vector<ErrorSample>{{{uniform({1, 3, 2}), Scalar(2)},
                                             {},
                                             "pixel_unshuffle expects height to be divisible by downscale_factor, but "
                                             "input.size(-2)=3 is not divisible by 2"}};
        },
});

} // namespace hs::ops

namespace hs {

Tensor pixel_shuffle(const Tensor& self, std::int64_t upscale_factor) {
    return call(ops::pixel_shuffle_op, {self, upscale_factor});
}
Tensor pixel_unshuffle(const Tensor& self, std::int64_t downscale_factor) {
    return call(ops::pixel_unshuffle_op, {self, downscale_factor});
}

} // namespace hs
