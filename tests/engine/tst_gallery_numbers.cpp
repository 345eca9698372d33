#include "engine/autograd/backward.h"
#include "engine/gallery/catalogue.h"
#include "engine/gallery/cifar_resnet.h"
#include "engine/gallery/dcgan.h"
#include "engine/gallery/gpt2.h"
#include "engine/gallery/lenet.h"
#include "engine/gallery/mlp.h"
#include "engine/gallery/mobilenet.h"
#include "engine/gallery/resnet.h"
#include "engine/gallery/rnn_model.h"
#include "engine/gallery/unet.h"
#include "engine/gallery/vae.h"
#include "engine/gallery/vgg.h"
#include "engine/gallery/vision_transformer.h"
#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "tests/engine/sanitized.h"

#include <QtTest>

#include <cmath>

using namespace hs;

namespace {

constexpr TensorOptions float64{.dtype = Dtype::float64};

/// The sum of cos(i) times element i.
Tensor checksum(const Tensor& tensor) {
    std::vector<double> weights(static_cast<std::size_t>(tensor.numel()));
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = std::cos(static_cast<double>(i));
    return sum(tensor * from_data(weights.data(), tensor.shape(), float64));
}
Tensor checksum(const Tensors& tensors, std::size_t count) {
    Tensor total = checksum(tensors[0]);
    for (std::size_t i = 1; i < count; ++i)
        total = total + checksum(tensors[i]);
    return total;
}

/// Parameter i is 0.2 sin(0.7 k + i + 0.1), a norm's weight 1 more.
void set_parameters(nn::Module& net) {
    const NoGrad scope;
    double i = 0;
    for (const auto& [name, parameter] : net.named_parameters()) {
        const double base = parameter.dim() == 1 && name.ends_with("weight") ? 1 : 0;
        std::vector<double> values(static_cast<std::size_t>(parameter.numel()));
        for (std::size_t k = 0; k < values.size(); ++k)
            values[k] = base + 0.2 * std::sin(0.7 * static_cast<double>(k) + i + 0.1);
        Tensor(parameter).copy_(from_data(values.data(), parameter.shape(), float64));
        ++i;
    }
}

/// 0.5 + 0.5 sin(0.7 k + 0.3), or (5 k + 2) mod `below`.
Tensor input_of(const Shape& shape, std::int64_t below) {
    std::vector<double> values(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t k = 0; k < values.size(); ++k)
        values[k] = below > 0 ? static_cast<double>((static_cast<std::int64_t>(k) * 5 + 2) % below)
                              : 0.5 + 0.5 * std::sin(0.7 * static_cast<double>(k) + 0.3);
    const Tensor input = from_data(values.data(), shape, float64);
    return below > 0 ? to(input, Dtype::int64) : Tensor(input).set_requires_grad();
}

template <class M, class Options>
std::shared_ptr<nn::Module> make(const Options& options) {
    auto net = std::make_shared<M>(options);
    net->to(Dtype::float64);
    return net;
}

/// A small net, its input, and what PyTorch 2.15 gives for the same one (torchvision's, Hugging Face's, or one written
/// down from the reference): the checksum of the first `outputs` outputs, that of the input's gradient, those of the
/// parameters' gradients, the i-th i times, and that of the outputs in evaluation after that step.
struct Row {
    const char* name;
    std::function<std::shared_ptr<nn::Module>()> make;
    Shape input;
    std::int64_t below; ///< of integer input
    std::size_t outputs;
    double output, input_gradient, parameter_gradients, evaluated;
};

using namespace hs::gallery;

const std::vector<Row> rows{
    {"lenet",
     [] { return make<LeNet>(LeNetOptions{.in_channels = 2, .classes = 3, .padding = 2}); },
     {2, 2, 28, 28},
     0,
     1,
     0.0644107635826,
     -0.109217623063,
     1.91210425816,
     0.0644107635826},
    {"mlp",
     [] {
         return make<MLP>(MLPOptions{.inputs = 5, .widths = {4, 3, 2}});
     },
     {3, 5},
     0,
     1,
     0.0245180850474,
     0.0183060479841,
     -0.895136157375,
     0.0245180850474},
    {"vgg13",
     [] { return make<VGG>(VGGOptions{.depth = 13, .classes = 3, .dropout = 0, .width = 2, .hidden_size = 8}); },
     {2, 3, 32, 32},
     0,
     1,
     -0.290387738108,
     0.525882543181,
     107.451392365,
     -0.290387738108},
    {"vgg16_bn",
     [] { return make<VGG>(VGGOptions{.batch_norm = true, .classes = 3, .dropout = 0, .width = 2, .hidden_size = 8}); },
     {2, 3, 64, 64},
     0,
     1,
     -0.0613449593976,
     0.851943591283,
     20.5159060953,
     -0.112883310901},
    {"resnet, basic",
     [] {
         return make<ResNet>(ResNetOptions{.blocks = {1, 1, 1, 1}, .classes = 3});
     },
     {2, 3, 40, 40},
     0,
     1,
     -1.65304345258,
     10.8738635319,
     1654.25539405,
     -1187.10688833},
    {"resnet, bottleneck",
     [] {
         return make<ResNet>(ResNetOptions{.blocks = {1, 2, 1, 1}, .bottleneck = true, .classes = 3});
     },
     {2, 3, 40, 40},
     0,
     1,
     -2.05446716525,
     1882.86803039,
     1834.55825381,
     -79347.9900027},
    {"cifar resnet, padded",
     [] { return make<CifarResNet>(CifarResNetOptions{.depth = 8, .classes = 3, .width = 4}); },
     {2, 3, 8, 8},
     0,
     1,
     0.195773110592,
     -0.417530303507,
     -36.7818622584,
     0.0431732819889},
    {"cifar resnet, projected",
     [] { return make<CifarResNet>(CifarResNetOptions{.depth = 14, .classes = 3, .width = 4, .projection = true}); },
     {2, 3, 8, 8},
     0,
     1,
     -0.419443787672,
     0.46527300358,
     -46.3490365297,
     -24.1304036248},
    {"mobilenet",
     [] {
         return make<MobileNetV2>(MobileNetV2Options{
             .stages = {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 2, 1}}, .width = 0.25, .classes = 3, .dropout = 0});
     },
     {2, 3, 32, 32},
     0,
     1,
     1.63835307056,
     12.2960426859,
     -624.27379043,
     1.13855965182},
    {"vit",
     [] {
         return make<VisionTransformer>(VisionTransformerOptions{.image_size = 8,
                                                                 .patch_size = 4,
                                                                 .layers = 2,
                                                                 .heads = 2,
                                                                 .hidden_size = 8,
                                                                 .mlp_size = 12,
                                                                 .classes = 3});
     },
     {2, 3, 8, 8},
     0,
     1,
     -0.0452859714116,
     -0.141798003264,
     -13.1587893327,
     -0.0452859714116},
    {"unet",
     [] { return make<UNet>(UNetOptions{.in_channels = 2, .classes = 3, .width = 4}); },
     {1, 2, 36, 35},
     0,
     1,
     0.678122822517,
     9.40276276855,
     -1593.33158466,
     0.0144254807899},
    {"unet, bilinear",
     [] { return make<UNet>(UNetOptions{.in_channels = 2, .classes = 3, .width = 4, .bilinear = true}); },
     {1, 2, 36, 35},
     0,
     1,
     -5.15320597174,
     6.36667752016,
     -279.152921341,
     1198.38573983},
    {"gpt2",
     [] {
         return make<GPT2LMHeadModel>(
             GPT2Options{.vocabulary = 11, .positions = 6, .width = 8, .layers = 2, .heads = 2, .dropout = 0});
     },
     {2, 5},
     11,
     1,
     7.81911641678,
     0,
     -374.952024293,
     7.81911641678},
    {"lstm_lm",
     [] {
         return make<RNNModel>(RNNModelOptions{.vocabulary = 11, .embedding_size = 4, .hidden_size = 5, .dropout = 0});
     },
     {4, 2},
     11,
     1,
     -0.105098206917,
     0,
     2.26811874157,
     -0.105098206917},
    {"vae",
     [] { return make<VAE>(VAEOptions{.inputs = 12, .hidden_size = 6, .latent_size = 3}); },
     {2, 12},
     0,
     3,
     0.16505503742,
     0.302455697197,
     28.4399303402,
     0.16505503742},
    {"dcgan generator",
     [] { return make<DCGANGenerator>(DCGANOptions{.latent_size = 4, .channels = 2, .width = 2}); },
     {2, 4, 1, 1},
     0,
     1,
     -1.42032795899,
     -11.8580777304,
     -747.72351488,
     0},
    {"dcgan discriminator",
     [] { return make<DCGANDiscriminator>(DCGANOptions{.channels = 2, .width = 2}); },
     {2, 2, 64, 64},
     0,
     1,
     1.2704288287,
     -0.154432441546,
     -76.5286231196,
     0.69747458321},
};

bool close(double actual, double expected) {
    return std::fabs(actual - expected) <= 1e-8 * std::max(1.0, std::fabs(expected));
}
QByteArray differ(const char* what, double actual, double expected) {
    return QStringLiteral("%1: %2, PyTorch gives %3")
        .arg(what)
        .arg(actual, 0, 'g', 12)
        .arg(expected, 0, 'g', 12)
        .toUtf8();
}

/// First, last and quadratic mean of a weight as PyTorch 2.15 draws it after manual_seed(3).
struct Initial {
    const char* model;
    const char* key;
    double first, last, quadratic_mean;
};
const Initial initials[] = {
    {"lenet", "conv1.weight", -0.198294595, 0.1933323, 0.119373813},
    {"lenet", "fc3.bias", -0.00060581771, 0.0660117492, 0.0632306585},
    {"mlp", "6.bias", -0.00953576621, -0.0557759069, 0.0557927294},
    {"resnet18", "conv1.weight", 0.00568333454, -0.011799599, 0.0253081884},
    {"resnet18", "layer2.0.downsample.0.weight", -0.151424184, -0.0896723121, 0.124437945},
    {"resnet18", "layer4.1.conv2.weight", 0.0326087624, 0.006363919, 0.020824136},
    {"resnet18", "fc.weight", -0.0130778821, -0.0263658352, 0.0254998369},
    {"cifar_resnet20", "layer3.2.conv2.weight", -0.0312615708, -0.0328835137, 0.0589623305},
    {"cifar_resnet20", "linear.bias", 0.05366382, 0.0476235151, 0.0750635001},
    {"mobilenet_v2", "features.18.0.weight", 0.0210623201, 0.0355284736, 0.0395264068},
    {"mobilenet_v2", "classifier.1.weight", 0.0190301035, -0.00666051544, 0.0100054055},
    {"unet", "up1.up.weight", -0.00481738755, 0.0115422411, 0.0127507268},
    {"unet", "outc.conv.bias", 0.103869408, -0.120107919, 0.112282604},
    {"lstm_lm", "encoder.weight", -0.0408671163, 0.0571897514, 0.0577219013},
    {"lstm_lm", "rnn.weight_hh_l1", 0.0501825958, 0.0221078023, 0.0408671064},
    {"lstm_lm", "decoder.weight", -0.0935694575, 0.096137397, 0.0577161482},
    {"vae", "fc4.bias", -0.0310824215, -0.0480517522, 0.0288053065},
    {"dcgan_generator", "main.0.weight", 0.00591085711, 0.0205409639, 0.0199955725},
    {"dcgan_generator", "main.12.weight", 0.0138956616, 0.013558751, 0.0200462456},
    {"dcgan_generator", "main.10.weight", 0.991808176, 0.993367016, 1.00218744},
    {"dcgan_discriminator", "main.11.weight", -0.0389570706, -0.0186397601, 0.0200246746},
    {"dcgan_discriminator", "main.9.weight", 1.00813901, 1.01039648, 1.00076896},
};

} // namespace

class TestGalleryNumbers : public QObject {
    Q_OBJECT

  private slots:
    void computesWhatPyTorchDoes_data() {
        QTest::addColumn<int>("i");
        for (std::size_t i = 0; i < rows.size(); ++i)
            QTest::newRow(rows[i].name) << static_cast<int>(i);
    }
    void computesWhatPyTorchDoes() {
        QFETCH(int, i);
        const Row& row = rows[static_cast<std::size_t>(i)];
        const auto net = row.make();
        set_parameters(*net);
        const Tensor input = input_of(row.input, row.below);
        manual_seed(5);
        const Tensor output = checksum(net->call({input}), row.outputs);
        QVERIFY2(close(output.item<double>(), row.output), differ("output", output.item<double>(), row.output));
        output.backward();
        if (row.below == 0) {
            const double gradient = checksum(input.grad()).item<double>();
            QVERIFY2(close(gradient, row.input_gradient), differ("input's gradient", gradient, row.input_gradient));
        }
        double gradients = 0, number = 1;
        for (const Tensor& parameter : net->parameters())
            gradients += number++ * checksum(parameter.grad()).item<double>();
        QVERIFY2(close(gradients, row.parameter_gradients),
                 differ("parameters' gradients", gradients, row.parameter_gradients));
        net->eval();
        manual_seed(5);
        const NoGrad scope;
        const double evaluated = checksum(net->call({input}), row.outputs).item<double>();
        QVERIFY2(close(evaluated, row.evaluated), differ("in evaluation", evaluated, row.evaluated));
    }

    void startsWithTheReferencesWeights_data() {
        if (test::threads_are_watched) QSKIP("One thread draws them");
        QTest::addColumn<int>("i");
        for (std::size_t i = 0; i < std::size(initials); ++i)
            QTest::addRow("%s %s", initials[i].model, initials[i].key) << static_cast<int>(i);
    }
    void startsWithTheReferencesWeights() {
        QFETCH(int, i);
        const Initial& initial = initials[i];
        Generator generator(3);
        const nn::NamedTensors state = find_model(initial.model).make(generator)->state_dict().tensors();
        const auto found = std::ranges::find(state, initial.key, &std::pair<std::string, Tensor>::first);
        QVERIFY(found != state.end());
        const std::vector<double> values = found->second.to_vector<double>();
        double squares = 0;
        for (const double value : values)
            squares += value * value;
        const double quadratic_mean = std::sqrt(squares / static_cast<double>(values.size()));
        const auto near = [](double actual, double expected) {
            return std::fabs(actual - expected) <= 2e-6 * std::max(0.1, std::fabs(expected));
        };
        QVERIFY2(near(values.front(), initial.first), differ("first", values.front(), initial.first));
        QVERIFY2(near(values.back(), initial.last), differ("last", values.back(), initial.last));
        QVERIFY2(near(quadratic_mean, initial.quadratic_mean),
                 differ("quadratic mean", quadratic_mean, initial.quadratic_mean));
    }

    void vaeLossIsThatOfTheExample() {
        const Tensor images = input_of({2, 3}, 0).detach();
        const Tensor mean = input_of({2, 2}, 0), log_variance = input_of({2, 2}, 0) * 0.5;
        QVERIFY(close(vae_loss({images * 0.5 + 0.25, mean, log_variance}, images.view({2, 3})).item<double>(),
                      4.82216714185));
    }
};

QTEST_GUILESS_MAIN(TestGalleryNumbers)
#include "tst_gallery_numbers.moc"
