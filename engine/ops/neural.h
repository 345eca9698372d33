#pragma once

#include "engine/ops/op.h"

/// The operations of neural networks as functions, under the names of `torch.nn.functional`; engine/ops/functional.h
/// includes this and says what holds for all operations.
namespace hs {

// Products (ops/matmul.cpp, ops/linear.cpp).
Tensor mm(const Tensor& self, const Tensor& mat2);
/// beta * self + alpha * mat1 mat2
Tensor addmm(const Tensor& self, const Tensor& mat1, const Tensor& mat2, const Scalar& beta = 1,
             const Scalar& alpha = 1);
Tensor bmm(const Tensor& self, const Tensor& mat2);
Tensor baddbmm(const Tensor& self, const Tensor& batch1, const Tensor& batch2, const Scalar& beta = 1,
               const Scalar& alpha = 1);
Tensor mv(const Tensor& self, const Tensor& vec);
Tensor dot(const Tensor& self, const Tensor& tensor);
Tensor matmul(const Tensor& self, const Tensor& other);
/// beta * self + alpha * vec1 vec2^T, and so on (ops/contraction.cpp).
Tensor addr(const Tensor& self, const Tensor& vec1, const Tensor& vec2, const Scalar& beta = 1,
            const Scalar& alpha = 1);
Tensor addmv(const Tensor& self, const Tensor& mat, const Tensor& vec, const Scalar& beta = 1, const Scalar& alpha = 1);
Tensor addbmm(const Tensor& self, const Tensor& batch1, const Tensor& batch2, const Scalar& beta = 1,
              const Scalar& alpha = 1);
Tensor kron(const Tensor& self, const Tensor& other);
/// Sums of products by a formula such as "bij,bjk->bik" (ops/einsum.cpp).
Tensor einsum(std::string_view equation, const Tensors& operands);
/// Over `dims` last dimensions of self and first ones of other, or over paired ones.
Tensor tensordot(const Tensor& self, const Tensor& other, std::int64_t dims = 2);
Tensor tensordot(const Tensor& self, const Tensor& other, const Dims& self_dims, const Dims& other_dims);
/// input [..., in], weight [out, in], bias [out] or undefined; gives [..., out].
Tensor linear(const Tensor& input, const Tensor& weight, const Tensor& bias = {});
/// y[..., o] = input1[..., i] weight[o, i, j] input2[..., j] + bias[o]
Tensor bilinear(const Tensor& input1, const Tensor& input2, const Tensor& weight, const Tensor& bias = {});
struct AttentionOptions {
    Tensor mask = {};     ///< bool (true: takes part) or added to the scores; broadcasts to [..., queries, keys]
    double dropout_p = 0; ///< of the weights, whether in training or not; from the default generator
    bool is_causal = false;
    std::optional<double> scale = std::nullopt; ///< of the scores; 1 / sqrt(width) unless given
};
/// softmax(query key^T * scale) value, over [..., length, width] (ops/attention.cpp).
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    const AttentionOptions& options = {});

// Activations (ops/activation.cpp, ops/smooth_activation.cpp).
Tensor relu(const Tensor& self);
Tensor relu6(const Tensor& self);
Tensor leaky_relu(const Tensor& self, const Scalar& negative_slope = 0.01);
/// x where it is above `limit`, else `value`.
Tensor threshold(const Tensor& self, const Scalar& limit, const Scalar& value);
Tensor hardtanh(const Tensor& self, const Scalar& min_val = -1, const Scalar& max_val = 1);
Tensor hardsigmoid(const Tensor& self);
Tensor hardswish(const Tensor& self);
Tensor tanh(const Tensor& self);
Tensor sigmoid(const Tensor& self);
Tensor elu(const Tensor& self, const Scalar& alpha = 1, const Scalar& scale = 1, const Scalar& input_scale = 1);
Tensor celu(const Tensor& self, const Scalar& alpha = 1);
Tensor selu(const Tensor& self);
Tensor silu(const Tensor& self);
Tensor mish(const Tensor& self);
/// approximate: "none" or "tanh".
Tensor gelu(const Tensor& self, std::string_view approximate = "none");
Tensor softplus(const Tensor& self, const Scalar& beta = 1, const Scalar& threshold = 20);
Tensor logsigmoid(const Tensor& self);
Tensor softsign(const Tensor& self);
/// 0 between -lambd and lambd, else x, or x moved towards 0 by lambd.
Tensor hardshrink(const Tensor& self, const Scalar& lambd = 0.5);
Tensor softshrink(const Tensor& self, const Scalar& lambd = 0.5);
Tensor tanhshrink(const Tensor& self);
/// weight: one slope, or one for each channel (dimension 1).
Tensor prelu(const Tensor& self, const Tensor& weight);
Tensor glu(const Tensor& self, std::int64_t dim = -1);

// Softmax and losses of classes (ops/softmax.cpp, ops/cross_entropy.cpp).
Tensor softmax(const Tensor& self, std::int64_t dim, std::optional<Dtype> dtype = std::nullopt);
Tensor log_softmax(const Tensor& self, std::int64_t dim, std::optional<Dtype> dtype = std::nullopt);
Tensor softmin(const Tensor& self, std::int64_t dim, std::optional<Dtype> dtype = std::nullopt);

struct ClassLossOptions {
    Tensor weight = {}; ///< [classes]; undefined for ones
    std::int64_t ignore_index = -100;
    std::string_view reduction = "mean"; ///< or "sum", "none"
    double label_smoothing = 0;          ///< of cross_entropy, 0 to 1
};
/// input [n, c, ...] or [c] of log probabilities; target int64 (or uint8) class indices [n, ...] or [].
Tensor nll_loss(const Tensor& input, const Tensor& target, const ClassLossOptions& options = {});
/// input of logits; target as in nll_loss, or class probabilities of input's shape.
Tensor cross_entropy(const Tensor& input, const Tensor& target, const ClassLossOptions& options = {});

// Other losses (ops/loss.cpp, ops/binary_loss.cpp). reduction: "mean", "sum" or "none".
Tensor mse_loss(const Tensor& input, const Tensor& target, std::string_view reduction = "mean");
Tensor l1_loss(const Tensor& input, const Tensor& target, std::string_view reduction = "mean");
Tensor smooth_l1_loss(const Tensor& input, const Tensor& target, std::string_view reduction = "mean", double beta = 1);
Tensor huber_loss(const Tensor& input, const Tensor& target, std::string_view reduction = "mean", double delta = 1);
Tensor binary_cross_entropy(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                            std::string_view reduction = "mean");
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                                        std::string_view reduction = "mean", const Tensor& pos_weight = {});
/// Of a normal distribution with mean `input` and variance `var` (ops/margin_loss.cpp).
Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var, bool full = false,
                         double eps = 1e-6, std::string_view reduction = "mean");
/// Of counts by Poisson's distribution, whose rate is exp(input), or input itself.
Tensor poisson_nll_loss(const Tensor& input, const Tensor& target, bool log_input = true, bool full = false,
                        double eps = 1e-8, std::string_view reduction = "mean");
/// Targets of 1 and -1.
Tensor margin_ranking_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin = 0,
                           std::string_view reduction = "mean");
Tensor hinge_embedding_loss(const Tensor& input, const Tensor& target, double margin = 1,
                            std::string_view reduction = "mean");
Tensor soft_margin_loss(const Tensor& input, const Tensor& target, std::string_view reduction = "mean");
Tensor cosine_embedding_loss(const Tensor& input1, const Tensor& input2, const Tensor& target, double margin = 0,
                             std::string_view reduction = "mean");
struct TripletMarginOptions {
    double margin = 1;
    double p = 2; ///< of the distances
    double eps = 1e-6;
    bool swap = false; ///< takes the distance of positive and negative where it is the smaller one
    std::string_view reduction = "mean";
};
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           const TripletMarginOptions& options = {});
// Of several classes at once (ops/multi_class_loss.cpp). input [n, classes] or [classes].
/// target: class indices [n] or []; weight [classes] or undefined; p is 1 or 2.
Tensor multi_margin_loss(const Tensor& input, const Tensor& target, std::int64_t p = 1, double margin = 1,
                         const Tensor& weight = {}, std::string_view reduction = "mean");
/// target: of input's shape; class indices that end at the first -1.
Tensor multilabel_margin_loss(const Tensor& input, const Tensor& target, std::string_view reduction = "mean");
/// target: of input's shape, 0 to 1.
Tensor multilabel_soft_margin_loss(const Tensor& input, const Tensor& target, const Tensor& weight = {},
                                   std::string_view reduction = "mean");
struct CtcLossOptions {
    std::int64_t blank = 0; ///< its class
    std::string_view reduction = "mean";
    bool zero_infinity = false; ///< an impossible target counts 0, without a gradient
};
/// Of log-probabilities [steps, batch, classes] or [steps, classes]; targets [batch, longest] or, one behind another,
/// [sum of the lengths]; lengths [batch] of integers (ops/ctc_loss.cpp).
Tensor ctc_loss(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths,
                const Tensor& target_lengths, const CtcLossOptions& options = {});
/// input of log probabilities; reduction may also be "batchmean".
Tensor kl_div(const Tensor& input, const Tensor& target, std::string_view reduction = "mean", bool log_target = false);

// Distances (ops/distance.cpp).
Tensor normalize(const Tensor& input, double p = 2, std::int64_t dim = 1, double eps = 1e-12);
Tensor cosine_similarity(const Tensor& x1, const Tensor& x2, std::int64_t dim = 1, double eps = 1e-8);
Tensor pairwise_distance(const Tensor& x1, const Tensor& x2, double p = 2, double eps = 1e-6, bool keepdim = false);
/// The distances of all rows of x1 [..., p, m] from all rows of x2 [..., r, m].
Tensor cdist(const Tensor& x1, const Tensor& x2, double p = 2);
/// The norm of self - other.
Tensor dist(const Tensor& self, const Tensor& other, const Scalar& p = 2);

// Convolution (ops/convolution.cpp, ops/convolution_primitive.cpp). Images are [n, channels, height, width], or without
// n.
struct ConvolutionOptions {
    Dims stride = {1}; ///< one number or {height, width} ({depth, height, width} of volumes), as all of these
    Dims padding = {0};
    Dims dilation = {1};
    std::int64_t groups = 1;
};
/// weight [out, in / groups, height, width], bias [out] or undefined.
Tensor conv2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
              const ConvolutionOptions& options = {});
/// The same over [n, channels, length].
Tensor conv1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
              const ConvolutionOptions& options = {});
/// The same over [n, channels, depth, height, width].
Tensor conv3d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
              const ConvolutionOptions& options = {});
/// output_padding is added to one side of the output's size. weight [in, out / groups, height, width].
Tensor conv_transpose2d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const ConvolutionOptions& options = {}, const Dims& output_padding = {0});
Tensor conv_transpose1d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const ConvolutionOptions& options = {}, const Dims& output_padding = {0});
Tensor conv_transpose3d(const Tensor& input, const Tensor& weight, const Tensor& bias = {},
                        const ConvolutionOptions& options = {}, const Dims& output_padding = {0});

// Windows of images as columns (ops/fold.cpp). All sizes are one number or {height, width}.
struct UnfoldOptions {
    Dims dilation = {1};
    Dims padding = {0};
    Dims stride = {1};
};
/// [n, c, h, w] as [n, c * kernel height * kernel width, windows].
Tensor unfold(const Tensor& input, const Dims& kernel_size, const UnfoldOptions& options = {});
/// The other way round: overlapping windows are added.
Tensor fold(const Tensor& input, const Dims& output_size, const Dims& kernel_size, const UnfoldOptions& options = {});

// Pooling (ops/pooling.cpp).
struct PoolOptions {
    Dims stride = {}; ///< empty: the kernel's size
    Dims padding = {0};
    Dims dilation = {1};           ///< of max pooling
    bool ceil_mode = false;        ///< rounds the output's size up
    bool count_include_pad = true; ///< of average pooling
    std::optional<std::int64_t> divisor_override = std::nullopt;
};
Tensor max_pool2d(const Tensor& self, const Dims& kernel_size, const PoolOptions& options = {});
/// The greatest elements and where they are: row * width + column, int64.
std::pair<Tensor, Tensor> max_pool2d_with_indices(const Tensor& self, const Dims& kernel_size,
                                                  const PoolOptions& options = {});
Tensor avg_pool2d(const Tensor& self, const Dims& kernel_size, const PoolOptions& options = {});
/// Windows that divide the image into output_size (one number or {height, width}) parts (ops/adaptive_pooling.cpp).
Tensor adaptive_avg_pool2d(const Tensor& self, const Dims& output_size);
Tensor adaptive_max_pool2d(const Tensor& self, const Dims& output_size);
std::pair<Tensor, Tensor> adaptive_max_pool2d_with_indices(const Tensor& self, const Dims& output_size);
// The same over [n, channels, length] (ops/pooling_1d.cpp).
Tensor max_pool1d(const Tensor& self, const Dims& kernel_size, const PoolOptions& options = {});
std::pair<Tensor, Tensor> max_pool1d_with_indices(const Tensor& self, const Dims& kernel_size,
                                                  const PoolOptions& options = {});
Tensor avg_pool1d(const Tensor& self, const Dims& kernel_size, const PoolOptions& options = {});
Tensor adaptive_avg_pool1d(const Tensor& self, const Dims& output_size);
Tensor adaptive_max_pool1d(const Tensor& self, const Dims& output_size);
std::pair<Tensor, Tensor> adaptive_max_pool1d_with_indices(const Tensor& self, const Dims& output_size);
// The same over [n, channels, depth, height, width] (ops/pooling_3d.cpp).
Tensor max_pool3d(const Tensor& self, const Dims& kernel_size, const PoolOptions& options = {});
std::pair<Tensor, Tensor> max_pool3d_with_indices(const Tensor& self, const Dims& kernel_size,
                                                  const PoolOptions& options = {});
Tensor avg_pool3d(const Tensor& self, const Dims& kernel_size, const PoolOptions& options = {});
Tensor adaptive_avg_pool3d(const Tensor& self, const Dims& output_size);
Tensor adaptive_max_pool3d(const Tensor& self, const Dims& output_size);
std::pair<Tensor, Tensor> adaptive_max_pool3d_with_indices(const Tensor& self, const Dims& output_size);

/// The elements of a max pooling back at their places, zeros elsewhere (ops/unpooling.cpp); the last sizes are
/// output_size, or what the window's size, stride and padding make. Shapes as of the pooling.
struct UnpoolOptions {
    Dims stride = {}; ///< empty: the kernel's size
    Dims padding = {0};
    Dims output_size = {};
};
Tensor max_unpool1d(const Tensor& input, const Tensor& indices, const Dims& kernel_size,
                    const UnpoolOptions& options = {});
Tensor max_unpool2d(const Tensor& input, const Tensor& indices, const Dims& kernel_size,
                    const UnpoolOptions& options = {});
Tensor max_unpool3d(const Tensor& input, const Tensor& indices, const Dims& kernel_size,
                    const UnpoolOptions& options = {});
/// Max pooling whose windows begin at random places (B. Graham 2014; ops/fractional_pooling.cpp): the greatest
/// elements and where they are, int64. samples [n, channels, 2 or 3] in [0, 1) say where; undefined: drawn from the
/// default generator. One of output_size and output_ratio is given.
struct FractionalPoolOptions {
    Dims output_size = {};
    std::vector<double> output_ratio = {};
    Tensor samples = {};
};
std::pair<Tensor, Tensor> fractional_max_pool2d(const Tensor& input, const Dims& kernel_size,
                                                const FractionalPoolOptions& options);
std::pair<Tensor, Tensor> fractional_max_pool3d(const Tensor& input, const Dims& kernel_size,
                                                const FractionalPoolOptions& options);

// Other sizes (ops/interpolate.cpp, ops/grid_sample.cpp, ops/pixel_shuffle.cpp).
struct InterpolateOptions {
    Dims size = {};                        ///< wanted, one number or one a dimension; or else
    std::vector<double> scale_factor = {}; ///< of the sizes
    std::string_view mode = "nearest";     ///< or "nearest-exact", "linear", "bilinear", "trilinear", "bicubic", "area"
    bool align_corners = false;
    bool recompute_scale_factor = false; ///< from the rounded size
};
/// input [n, c, sizes...] of one, two or three sizes.
Tensor interpolate(const Tensor& input, const InterpolateOptions& options);
struct GridSampleOptions {
    std::string_view mode = "bilinear";      ///< or "nearest", "bicubic"
    std::string_view padding_mode = "zeros"; ///< or "border", "reflection"
    bool align_corners = false;
};
/// input [n, c, h, w] at the places grid [n, h', w', 2] of (x, y) in -1 to 1; or one dimension more.
Tensor grid_sample(const Tensor& input, const Tensor& grid, const GridSampleOptions& options = {});
/// The grid of theta [n, 2, 3] for a result of `size` [n, c, h, w]; or of [n, 3, 4] and one dimension more.
Tensor affine_grid(const Tensor& theta, const Dims& size, bool align_corners = false);
/// [..., c * r * r, h, w] as [..., c, h * r, w * r], and back.
Tensor pixel_shuffle(const Tensor& self, std::int64_t upscale_factor);
Tensor pixel_unshuffle(const Tensor& self, std::int64_t downscale_factor);

// Norms (ops/batch_norm.cpp, ops/layer_norm.cpp). weight and bias may be undefined.
struct BatchNormOptions {
    bool training = false;
    double momentum = 0.1; ///< of the new statistics
    double eps = 1e-5;
};
/// input [n, c, ...]. In training the running statistics [c], where defined, are changed in place (rule 118).
Tensor batch_norm(const Tensor& input, const Tensor& running_mean, const Tensor& running_var, const Tensor& weight = {},
                  const Tensor& bias = {}, const BatchNormOptions& options = {});
Tensor layer_norm(const Tensor& input, const Dims& normalized_shape, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);
/// Divides by the root of the mean square; eps: the dtype's epsilon unless given (ops/rms_norm.cpp).
Tensor rms_norm(const Tensor& input, const Dims& normalized_shape, const Tensor& weight = {},
                std::optional<double> eps = std::nullopt);
Tensor group_norm(const Tensor& input, std::int64_t num_groups, const Tensor& weight = {}, const Tensor& bias = {},
                  double eps = 1e-5);
struct InstanceNormOptions {
    bool use_input_stats = true; ///< else the running statistics
    double momentum = 0.1;
    double eps = 1e-5;
};
/// Batch norm of each item by itself (ops/instance_norm.cpp).
Tensor instance_norm(const Tensor& input, const Tensor& running_mean = {}, const Tensor& running_var = {},
                     const Tensor& weight = {}, const Tensor& bias = {}, const InstanceNormOptions& options = {});
/// Divides by (k + alpha * mean of the squares over `size` neighbouring channels)^beta.
Tensor local_response_norm(const Tensor& input, std::int64_t size, double alpha = 1e-4, double beta = 0.75,
                           double k = 1);

// Random (ops/dropout.cpp). There is no hidden generator: the caller gives one (a module its own).
/// 1 with probability p, else 0; an element is 1 where a float64 uniform is below p (rule 135).
Tensor bernoulli(const Shape& shape, double p, Generator& generator, const TensorOptions& options = {});
/// In training each element is 0 with probability p, and what stays is divided by 1 - p; otherwise `input` itself
/// (rule 120).
Tensor dropout(const Tensor& input, double p, bool training, Generator& generator);
/// The same by whole channels of [n, c, ...]: PyTorch's dropout1d, dropout2d.
Tensor feature_dropout(const Tensor& input, double p, bool training, Generator& generator);
/// In training each element is, with probability p, SELU's lower bound; all are then scaled and shifted so that mean 0
/// and variance 1 stay.
Tensor alpha_dropout(const Tensor& input, double p, bool training, Generator& generator);
Tensor feature_alpha_dropout(const Tensor& input, double p, bool training, Generator& generator);

// Indices (ops/embedding.cpp).
struct EmbeddingOptions {
    std::optional<double> max_norm = std::nullopt; ///< longer rows that are taken are first shortened, in place
    double norm_type = 2;
    bool scale_grad_by_freq = false; ///< divides a row's gradient by how often it was taken
    bool sparse = false;             ///< refused: there are no sparse tensors
};
/// Rows of weight [rows, width] for int64 indices of any shape; the row padding_idx gets no gradient.
Tensor embedding(const Tensor& input, const Tensor& weight, std::optional<std::int64_t> padding_idx = std::nullopt,
                 const EmbeddingOptions& options = {});
struct EmbeddingBagOptions {
    Tensor offsets = {};              ///< of 1-D input: where each bag begins; int64
    std::string_view mode = "mean";   ///< or "sum", "max"
    Tensor per_sample_weights = {};   ///< of "sum"; of input's shape
    bool include_last_offset = false; ///< offsets has an entry for the end
    std::optional<std::int64_t> padding_idx = std::nullopt;
    // As of an embedding.
    std::optional<double> max_norm = std::nullopt;
    double norm_type = 2;
    bool scale_grad_by_freq = false;
    bool sparse = false;
};
/// Sums, means or maxima of bags of rows of weight (ops/embedding_bag.cpp).
Tensor embedding_bag(const Tensor& input, const Tensor& weight, const EmbeddingBagOptions& options = {});
/// num_classes -1: one more than the greatest index.
Tensor one_hot(const Tensor& self, std::int64_t num_classes = -1);

/// Adds a border of `value`: pad = {in front, behind} of the last dimension, then of the one before, and so on;
/// negative numbers cut off (ops/pad.cpp).
Tensor constant_pad_nd(const Tensor& self, const Dims& pad, const Scalar& value = 0);
/// The same; mode is "constant", "reflect", "replicate" or "circular".
Tensor pad(const Tensor& self, const Dims& pad, std::string_view mode = "constant", double value = 0);

} // namespace hs
