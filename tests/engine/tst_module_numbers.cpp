#include "engine/hookscope.h"

#include <QtTest>

#include <cmath>

using namespace hs;

namespace {

constexpr TensorOptions float64{.dtype = Dtype::float64};

/// scale * sin(0.7 i + phase), row-major.
Tensor wave(const Shape& shape, double phase = 0, double scale = 1) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = std::sin(static_cast<double>(i) * 0.7 + phase) * scale;
    return from_data(values.data(), shape, float64).set_requires_grad();
}
Tensor constant(const Tensor& tensor) {
    return tensor.detach();
}
/// Between 0.1 and 0.9.
Tensor positive(const Shape& shape) {
    return (abs(wave(shape, 0.3)) * 0.8 + 0.1).detach().set_requires_grad();
}
/// 1 and -1.
Tensor signs(const Shape& shape) {
    return sign(wave(shape, 0.9)).detach();
}
Tensor integers(const std::vector<std::int64_t>& values, const Shape& shape) {
    return from_data(values.data(), shape, {.dtype = Dtype::int64});
}
/// (5 i + 2) mod count.
Tensor classes(std::int64_t count, const Shape& shape) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = (static_cast<std::int64_t>(i) * 5 + 2) % count;
    return integers(values, shape);
}
/// The sum of cos(i) times element i.
Tensor checksum(const Tensor& tensor) {
    std::vector<double> weights(static_cast<std::size_t>(tensor.numel()));
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = std::cos(static_cast<double>(i));
    return (tensor * from_data(weights.data(), tensor.shape(), float64)).sum();
}

template <class M, class... Arguments>
std::shared_ptr<nn::Module> make(Arguments&&... arguments) {
    return std::make_shared<M>(std::forward<Arguments>(arguments)...);
}

/// A module, its inputs, and what PyTorch 1.13 gives: the checksum of the outputs, and those of the gradients of the
/// inputs and of the parameters, the i-th i times. Parameter i is 0.5 sin(0.7 k + i + 0.1).
struct Row {
    const char* name;
    std::function<std::shared_ptr<nn::Module>()> make;
    Tensors inputs;
    double output, inputs_gradient, parameters_gradient;
    bool training = true;
};

double weighted_gradients(const Tensors& tensors) {
    double total = 0;
    for (std::size_t i = 0; i < tensors.size(); ++i)
        if (tensors[i].is_leaf() && tensors[i].grad().defined())
            total += static_cast<double>(i + 1) * checksum(tensors[i].grad()).item<double>();
    return total;
}

/// What differs, or nothing.
std::string difference(const Row& row) {
    const std::shared_ptr<nn::Module> module = row.make();
    module->to(Dtype::float64);
    module->train(row.training);
    const Tensors parameters = module->parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i)
        Tensor(parameters[i].detach()).copy_(wave(parameters[i].shape(), static_cast<double>(i) + 0.1, 0.5).detach());
    Tensor total = zeros({}, float64);
    for (const Tensor& output : module->call(row.inputs))
        if (is_floating_point(output.dtype())) total = total + checksum(output);
    total.backward();
    const auto check = [](const char* what, double actual, double expected) {
        if (std::abs(actual - expected) <= 1e-9 * std::max(1.0, std::abs(expected))) return std::string();
        return std::string(what) + " is " + std::to_string(actual) + ", expected " + std::to_string(expected) + "; ";
    };
    return check("output", total.item<double>(), row.output) +
           check("gradient of the inputs", weighted_gradients(row.inputs), row.inputs_gradient) +
           check("gradient of the parameters", weighted_gradients(parameters), row.parameters_gradient);
}

void run(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        const std::string text = difference(row);
        QVERIFY2(text.empty(), (std::string(row.name) + ": " + text).c_str());
    }
}

} // namespace

/// What modules compute, against numbers of PyTorch.
class TestModuleNumbers : public QObject {
    Q_OBJECT

  private slots:
    void activations() {
        run({
            {"nn.ReLU6()",
             [] { return make<nn::ReLU6>(); },
             {wave({3, 4}, 0, 3)},
             -5.093274655692244,
             3.4066588695469164,
             0},
            {"nn.LeakyReLU(0.2)",
             [] { return make<nn::LeakyReLU>(0.2); },
             {wave({3, 4}, 0, 3)},
             -6.044388066802103,
             3.925044886300965,
             0},
            {"nn.SELU()",
             [] { return make<nn::SELU>(); },
             {wave({3, 4}, 0, 3)},
             -8.279210050514896,
             5.563532416451293,
             0},
            {"nn.CELU(0.5)",
             [] { return make<nn::CELU>(0.5); },
             {wave({3, 4}, 0, 3)},
             -6.000143423278109,
             4.423449056587311,
             0},
            {"nn.GELU()",
             [] { return make<nn::GELU>(); },
             {wave({3, 4}, 0, 3)},
             -4.9915242050791875,
             3.638446549667678,
             0},
            {"nn.GELU('tanh')",
             [] { return make<nn::GELU>("tanh"); },
             {wave({3, 4}, 0, 3)},
             -4.9913737651022405,
             3.639335342131583,
             0},
            {"nn.SiLU()",
             [] { return make<nn::SiLU>(); },
             {wave({3, 4}, 0, 3)},
             -4.908726726493086,
             3.543845488413881,
             0},
            {"nn.Mish()",
             [] { return make<nn::Mish>(); },
             {wave({3, 4}, 0, 3)},
             -5.2799701720105565,
             3.682217311420917,
             0},
            {"nn.Hardtanh(-2,1)",
             [] { return make<nn::Hardtanh>(-2, 1); },
             {wave({3, 4}, 0, 3)},
             -5.851194381386456,
             1.9317928494221213,
             0},
            {"nn.Hardsigmoid()",
             [] { return make<nn::Hardsigmoid>(); },
             {wave({3, 4}, 0, 3)},
             -1.8479846427741844,
             0.9997648553481738,
             0},
            {"nn.Hardswish()",
             [] { return make<nn::Hardswish>(); },
             {wave({3, 4}, 0, 3)},
             -4.796969487106179,
             3.420168551639321,
             0},
            {"nn.Softplus(2,1)",
             [] { return make<nn::Softplus>(2, 1); },
             {wave({3, 4}, 0, 3)},
             -5.021790918309584,
             3.5281827510671415,
             0},
            {"nn.Softsign()",
             [] { return make<nn::Softsign>(); },
             {wave({3, 4}, 0, 3)},
             -2.901502357183512,
             2.1881281327423863,
             0},
            {"nn.LogSigmoid()",
             [] { return make<nn::LogSigmoid>(); },
             {wave({3, 4}, 0, 3)},
             -4.677977344866358,
             2.6962196904221365,
             0},
            {"nn.Tanhshrink()",
             [] { return make<nn::Tanhshrink>(); },
             {wave({3, 4}, 0, 3)},
             -5.8436812967985645,
             3.8339105433390417,
             0},
            {"nn.Hardshrink()",
             [] { return make<nn::Hardshrink>(); },
             {wave({3, 4}, 0, 3)},
             -9.802882750586715,
             4.168430599195121,
             0},
            {"nn.Softshrink(0.25)",
             [] { return make<nn::Softshrink>(0.25); },
             {wave({3, 4}, 0, 3)},
             -8.751292457616778,
             4.168430599195121,
             0},
            {"nn.Threshold(0.1,20)",
             [] { return make<nn::Threshold>(0.1, 20); },
             {wave({3, 4}, 0, 3)},
             33.77477292023471,
             2.576500515424877,
             0},
            {"nn.GLU()",
             [] { return make<nn::GLU>(); },
             {wave({3, 4}, 0, 3)},
             2.094849956868401,
             0.8974445002146496,
             0},
            {"nn.Softmin(1)",
             [] { return make<nn::Softmin>(1); },
             {wave({3, 4}, 0, 3)},
             1.3024276334723188,
             -0.41049806720172194,
             0},
            {"nn.LogSoftmax(0)",
             [] { return make<nn::LogSoftmax>(0); },
             {wave({3, 4}, 0, 3)},
             -8.161715912328262,
             5.822631406308524,
             0},
            {"nn.PReLU(4)",
             [] { return make<nn::PReLU>(4); },
             {wave({3, 4}, 0, 3)},
             -7.336984533847597,
             4.176063840478504,
             3.3588155522409466},
            {"nn.RReLU() eval",
             [] { return make<nn::RReLU>(); },
             {wave({3, 4}, 0, 3)},
             -6.18309210592229,
             4.000642847077597,
             0,
             false},
            {"nn.Softmax2d()",
             [] { return make<nn::Softmax2d>(); },
             {wave({2, 3, 2, 2})},
             -0.07098805617213703,
             3.288583113386461,
             0},
        });
    }
    void layers() {
        run({
            {"nn.GroupNorm(2,4)",
             [] { return make<nn::GroupNorm>(2, 4); },
             {wave({2, 4, 3})},
             0.3948982240090062,
             4.802644409840493,
             9.338340480925783},
            {"nn.LocalResponseNorm(2)",
             [] { return make<nn::LocalResponseNorm>(2, 0.5); },
             {wave({2, 4, 3, 3})},
             -2.215648080740549,
             29.84217129839538,
             0},
            {"nn.InstanceNorm1d(3,affine=True)",
             [] { return make<nn::InstanceNorm1d>(3, nn::InstanceNorm::Options{.affine = true}); },
             {wave({2, 3, 4})},
             1.0932431543345449,
             1.4704418792577256,
             7.107235573216545},
            {"nn.InstanceNorm1d(3,affine=True) unbatched",
             [] { return make<nn::InstanceNorm1d>(3, nn::InstanceNorm::Options{.affine = true}); },
             {wave({3, 4})},
             -0.8420178710943867,
             0.6700992799414532,
             -0.662898005853422},
            {"nn.LPPool1d(2,3)",
             [] { return make<nn::LPPool1d>(nn::LPPool1d::Options{.norm_type = 2, .kernel_size = 3}); },
             {wave({2, 2, 7})},
             1.1754745543310177,
             -2.507502764066967,
             0},
            {"nn.LPPool2d(3,(2,3),1)",
             [] {
                 return make<nn::LPPool2d>(nn::LPPool2d::Options{.norm_type = 3, .kernel_size = {2, 3}, .stride = 1});
             },
             {positive({1, 2, 4, 5})},
             -0.47505977462989857,
             -1.5571599556457827,
             0},
            {"nn.AdaptiveMaxPool1d(2)",
             [] { return make<nn::AdaptiveMaxPool1d>(2); },
             {wave({2, 2, 5})},
             1.15500298308041,
             0.8606346778955515,
             0},
            {"nn.AdaptiveAvgPool1d(3)",
             [] { return make<nn::AdaptiveAvgPool1d>(3); },
             {wave({2, 2, 5})},
             4.203462040414989,
             0.7595793736098586,
             0},
            {"nn.AdaptiveAvgPool3d((1,2,2))",
             [] { return make<nn::AdaptiveAvgPool3d>(nn::Sizes<3>(1, 2, 2)); },
             {wave({1, 2, 3, 3, 4})},
             0.0017826825621821965,
             0.5057351793011806,
             0},
            {"nn.AdaptiveMaxPool3d(2)",
             [] { return make<nn::AdaptiveMaxPool3d>(2); },
             {wave({1, 2, 3, 3, 4})},
             0.40818089736855045,
             -1.8210523796533702,
             0},
            {"nn.MaxPool1d(3,2,1)",
             [] { return make<nn::MaxPool1d>(nn::MaxPool1d::Options{.kernel_size = 3, .stride = 2, .padding = 1}); },
             {wave({2, 2, 7})},
             4.2836241340105765,
             -0.7120547893116111,
             0},
            {"nn.MaxPool3d(2)",
             [] { return make<nn::MaxPool3d>(2); },
             {wave({1, 2, 4, 4, 4})},
             0.7953605387508544,
             3.906786209596008,
             0},
            {"nn.AvgPool3d(2,1,divisor_override=3)",
             [] {
                 return make<nn::AvgPool3d>(
                     nn::AvgPool3d::Options{.kernel_size = 2, .stride = 1, .divisor_override = 3});
             },
             {wave({1, 1, 3, 3, 3})},
             1.2911687574378354,
             -0.1393022778180093,
             0},
            {"nn.ConstantPad1d(1,3.5)",
             [] { return make<nn::ConstantPad1d>(1, 3.5); },
             {wave({2, 2, 3})},
             -3.7018856305842176,
             0.8575777264293034,
             0},
            {"nn.ZeroPad2d((1,-1,0,2))",
             [] { return make<nn::ZeroPad2d>(nn::Sizes<4>(1, -1, 0, 2)); },
             {wave({1, 2, 3, 3})},
             0.9282500848829752,
             4.969327314801376,
             0},
            {"nn.ReflectionPad2d((1,0,2,1))",
             [] { return make<nn::ReflectionPad2d>(nn::Sizes<4>(1, 0, 2, 1)); },
             {wave({1, 2, 3, 3})},
             -0.6555434056702124,
             -1.261558356702335,
             0},
            {"nn.ReplicationPad3d(1)",
             [] { return make<nn::ReplicationPad3d>(1); },
             {wave({1, 1, 2, 2, 3})},
             -9.889139843920484,
             -2.134217506823463,
             0},
            {"nn.Upsample(scale_factor=2)",
             [] { return make<nn::Upsample>(nn::Upsample::Options{.scale_factor = {2}}); },
             {wave({1, 2, 2, 3})},
             -1.4825593554770533,
             -0.49222585693320164,
             0},
            {"nn.Upsample bilinear",
             [] {
                 return make<nn::Upsample>(
                     nn::Upsample::Options{.size = {3, 5}, .mode = "bilinear", .align_corners = true});
             },
             {wave({1, 2, 2, 3})},
             -2.0565927505406565,
             -0.9171730560581923,
             0},
            {"nn.UpsamplingBilinear2d(4)",
             [] { return make<nn::UpsamplingBilinear2d>(Dims{4}); },
             {wave({1, 2, 2, 3})},
             1.3348376923813436,
             -0.10375354946471238,
             0},
            {"nn.PixelShuffle(2)",
             [] { return make<nn::PixelShuffle>(2); },
             {wave({1, 4, 2, 3})},
             0.7775206043797065,
             -0.7736574542591639,
             0},
            {"nn.PixelUnshuffle(2)",
             [] { return make<nn::PixelUnshuffle>(2); },
             {wave({1, 1, 4, 6})},
             -2.240026188500182,
             -0.7736574542591647,
             0},
            {"nn.Unflatten",
             [] {
                 return make<nn::Unflatten>(1, Dims{2, -1});
             },
             {wave({2, 6})},
             -3.282947237080513,
             5.998588953317161,
             0},
            {"nn.Unfold(2,padding=1)",
             [] { return make<nn::Unfold>(nn::FoldOptions{.kernel_size = 2, .padding = 1}); },
             {wave({1, 2, 3, 3})},
             0.023927772174173523,
             -0.0467302158710195,
             0},
            {"nn.Fold((4,5),(2,2))",
             [] {
                 return make<nn::Fold>(nn::Pair(4, 5), nn::FoldOptions{.kernel_size = {2, 2}});
             },
             {wave({1, 8, 12})},
             1.6941418095744518,
             2.6459235831264847,
             0},
            {"nn.CosineSimilarity()",
             [] { return make<nn::CosineSimilarity>(); },
             {wave({3, 4}), wave({3, 4}, 1)},
             0.7220129082176173,
             -1.199493628438305,
             0},
            {"nn.PairwiseDistance(3,keepdim)",
             [] { return make<nn::PairwiseDistance>(3, 1e-6, true); },
             {wave({3, 4}), wave({3, 4}, 1)},
             1.1867902747867256,
             1.9075514537842029,
             0},
            {"nn.EmbeddingBag(5,3,sum)",
             [] { return make<nn::EmbeddingBag>(5, 3, nn::EmbeddingBag::Options{.mode = "sum", .padding_idx = 1}); },
             {classes(5, {2, 4})},
             0.34494917302565686,
             0,
             -0.22625137706273568},
            {"nn.EmbeddingBag(5,3,max)",
             [] { return make<nn::EmbeddingBag>(5, 3, nn::EmbeddingBag::Options{.mode = "max"}); },
             {classes(5, {7}), integers({0, 3}, {2})},
             0.08623729325641422,
             0,
             -0.05656284426568406},
            {"nn.Conv1d circular",
             [] {
                 return make<nn::Conv1d>(
                     2, 4,
                     nn::Conv1d::Options{
                         .kernel_size = 3, .padding = 2, .dilation = 2, .groups = 2, .padding_mode = "circular"});
             },
             {wave({2, 2, 6})},
             -0.2464159834623676,
             -0.6841835858685967,
             -0.7879186600842017},
            {"nn.Conv3d same",
             [] {
                 return make<nn::Conv3d>(1, 2, nn::Conv3d::Options{.kernel_size = {2, 3, 2}, .padding = "same"});
             },
             {wave({1, 1, 3, 3, 3})},
             0.8435539218448938,
             11.208343942888895,
             7.517194716053015},
            {"nn.ConvTranspose1d",
             [] {
                 return make<nn::ConvTranspose1d>(
                     2, 4,
                     nn::ConvTranspose1d::Options{
                         .kernel_size = 3, .stride = 2, .padding = 1, .output_padding = 1, .groups = 2});
             },
             {wave({2, 2, 5})},
             -0.35694137830341577,
             0.20970993262398085,
             -1.7524246024703551},
            {"nn.ConvTranspose3d",
             [] {
                 return make<nn::ConvTranspose3d>(2, 1, nn::ConvTranspose3d::Options{.kernel_size = 2, .stride = 2});
             },
             {wave({1, 2, 2, 2, 2})},
             4.306991428573923,
             0.3034695761553812,
             1.4764153004186853},
            {"nn.Bilinear",
             [] { return make<nn::Bilinear>(2, 3, 4); },
             {wave({5, 2}), wave({5, 3})},
             0.2797772944742781,
             0.1376703329231519,
             3.7395835457178928},
        });
    }
    void losses() {
        run({
            {"nn.MSELoss()",
             [] { return make<nn::MSELoss>(); },
             {wave({3, 4}), wave({3, 4}, 1)},
             0.4216526886070399,
             0.28051330804766844,
             0},
            {"nn.SmoothL1Loss(beta=0.5)",
             [] { return make<nn::SmoothL1Loss>("mean", 0.5); },
             {wave({3, 4}), wave({3, 4}, 1)},
             0.3587397388293693,
             0.175603463148465,
             0},
            {"nn.HuberLoss(delta=0.5)",
             [] { return make<nn::HuberLoss>("mean", 0.5); },
             {wave({3, 4}), wave({3, 4}, 1)},
             0.17936986941468466,
             0.0878017315742325,
             0},
            {"nn.L1Loss(reduction='sum')",
             [] { return make<nn::L1Loss>("sum"); },
             {wave({3, 4}), wave({3, 4}, 1)},
             6.948582497079653,
             1.2100275193512582,
             0},
            {"nn.KLDivLoss(log_target=True)",
             [] { return make<nn::KLDivLoss>("mean", true); },
             {wave({3, 4}), wave({3, 4}, 1)},
             0.3824208581358981,
             0.07145268866205254,
             0},
            {"nn.PoissonNLLLoss()",
             [] { return make<nn::PoissonNLLLoss>(); },
             {wave({3, 4}), wave({3, 4}, 1)},
             1.1062323594356434,
             0.3410099742427656,
             0},
            {"nn.BCELoss(w)",
             [] { return make<nn::BCELoss>(positive({4})); },
             {positive({3, 4}), constant(positive({3, 4}))},
             0.33842917017841784,
             0,
             0},
            {"nn.BCEWithLogitsLoss(w,pos)",
             [] { return make<nn::BCEWithLogitsLoss>(positive({4}), "mean", positive({4}) * 2.0); },
             {wave({3, 4}), constant(positive({3, 4}))},
             0.6182136124582512,
             -0.09584779377221148,
             0},
            {"nn.HingeEmbeddingLoss(0.5)",
             [] { return make<nn::HingeEmbeddingLoss>(0.5); },
             {wave({3, 4}), signs({3, 4})},
             0.6161168618045398,
             -0.2584336883045354,
             0},
            {"nn.SoftMarginLoss()",
             [] { return make<nn::SoftMarginLoss>(); },
             {wave({3, 4}), signs({3, 4})},
             0.5280103409304345,
             0.06478963900087914,
             0},
            {"nn.MarginRankingLoss(0.2)",
             [] { return make<nn::MarginRankingLoss>(0.2); },
             {wave({3, 4}), wave({3, 4}, 1), signs({3, 4})},
             0.5402660243198206,
             -0.07879903084596526,
             0},
            {"nn.CosineEmbeddingLoss(0.1)",
             [] { return make<nn::CosineEmbeddingLoss>(0.1); },
             {wave({3, 4}), wave({3, 4}, 1), signs({3})},
             0.4027650043313444,
             0.7277051689949913,
             0},
            {"nn.TripletMarginLoss(swap)",
             [] { return make<nn::TripletMarginLoss>(nn::TripletMarginLoss::Options{.p = 3, .swap = true}); },
             {wave({3, 4}), wave({3, 4}, 1), wave({3, 4}, 2)},
             0.970363211574539,
             -0.22852080703903455,
             0},
            {"nn.MultiMarginLoss()",
             [] { return make<nn::MultiMarginLoss>(1, 1, positive({4})); },
             {wave({3, 4}), classes(4, {3})},
             0.5692800355298672,
             0.008002375290814184,
             0},
            {"nn.MultiMarginLoss(2)",
             [] { return make<nn::MultiMarginLoss>(2, 0.5); },
             {wave({4}), integers({2}, {})},
             0.04197740183472536,
             -0.032461125743419,
             0},
            {"nn.MultiLabelMarginLoss()",
             [] { return make<nn::MultiLabelMarginLoss>(); },
             {wave({3, 4}), integers({1, 3, -1, 2, 0, 0, 2, 1, -1, 1, 1, 1}, {3, 4})},
             0.35112492725486105,
             0.19425489541194532,
             0},
            {"nn.MultiLabelSoftMarginLoss(w)",
             [] { return make<nn::MultiLabelSoftMarginLoss>(positive({4})); },
             {wave({3, 4}), constant(positive({3, 4}))},
             0.46456478006926133,
             -0.0739580078753207,
             0},
        });
    }
    void models() {
        run({
            {"nn.LSTM proj",
             [] {
                 return make<nn::LSTM>(
                     3, 4,
                     nn::Recurrent::Options{
                         .num_layers = 2, .batch_first = true, .bidirectional = true, .proj_size = 2});
             },
             {wave({2, 3, 3})},
             -0.1703106909126777,
             0.19067905087311157,
             -31.832776176037598},
            {"nn.GRU",
             [] { return make<nn::GRU>(3, 4, nn::Recurrent::Options{.num_layers = 2, .bidirectional = true}); },
             {wave({3, 2, 3})},
             -1.2825619067060259,
             -0.397089109434804,
             -25.579675894529558},
            {"nn.RNN relu",
             [] { return make<nn::RNN>(3, 4, nn::Recurrent::Options{.bidirectional = true}, "relu"); },
             {wave({3, 3})},
             3.253034931105921,
             -0.9824172056258045,
             -0.222909894403017},
            {"nn.MultiheadAttention kdim",
             [] {
                 return make<nn::MultiheadAttention>(
                     4, 2, nn::MultiheadAttention::Options{.add_bias_kv = true, .kdim = 3, .vdim = 5});
             },
             {wave({2, 3, 4}), wave({5, 3, 3}), wave({5, 3, 5})},
             -0.3600953429140023,
             -0.20159193274516363,
             9.940506185223953},
            {"nn.TransformerEncoderLayer gelu",
             [] {
                 return make<nn::TransformerEncoderLayer>(
                     4, 2,
                     nn::TransformerLayerOptions{
                         .dim_feedforward = 6, .dropout = 0.0, .activation = "gelu", .norm_first = true});
             },
             {wave({3, 2, 4})},
             0.7417758411476599,
             12.354117597965704,
             24.393767612820877},
            {"nn.TransformerDecoderLayer",
             [] {
                 return make<nn::TransformerDecoderLayer>(
                     4, 2, nn::TransformerLayerOptions{.dim_feedforward = 6, .dropout = 0.0, .batch_first = true});
             },
             {wave({2, 3, 4}), wave({2, 5, 4}, 1)},
             -0.7564762838584079,
             -0.8728732910705639,
             -113.07463785600015},
        });
    }
};

QTEST_APPLESS_MAIN(TestModuleNumbers)
#include "tst_module_numbers.moc"
