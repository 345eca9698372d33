#include "engine/autograd/backward.h"
#include "engine/gallery/catalogue.h"
#include "engine/gallery/cifar_resnet.h"
#include "engine/gallery/gpt2.h"
#include "engine/gallery/mlp.h"
#include "engine/gallery/mobilenet.h"
#include "engine/gallery/resnet.h"
#include "engine/gallery/unet.h"
#include "engine/gallery/vgg.h"
#include "engine/gallery/vision_transformer.h"
#include "engine/graph/grad_mode.h"
#include "engine/io/safetensors.h"
#include "engine/nn/init.h"
#include "engine/ops/functional.h"
#include "tests/engine/sanitized.h"
#include "tests/engine/throws.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <optional>

using namespace hs;
using hs::test::thrown;

namespace {

/// FNV-1a over `key sizes\n` of the state_dict, in its order.
std::uint64_t digest(const nn::NamedTensors& state) {
    std::string text;
    for (const auto& [key, tensor] : state) {
        text += key + " ";
        for (std::size_t i = 0; i < tensor.shape().size(); ++i)
            text += (i > 0 ? "," : "") + std::to_string(tensor.shape()[i]);
        text += "\n";
    }
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char byte : text)
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    return hash;
}

std::vector<std::string> keys_of(const nn::NamedTensors& state) {
    std::vector<std::string> keys;
    for (const auto& [key, tensor] : state)
        keys.push_back(key);
    return keys;
}

/// What torchvision and Hugging Face's transformers have: the digest of keys and shapes. The nets that neither has were
/// written down in Python for this.
struct Reference {
    const char* name;
    std::uint64_t digest;
    Shape output;
};
const Reference references[] = {
    {"lenet", 0x8fa9e5ccea4937b6, {1, 10}},
    {"mlp", 0xea4ca0c4ebf4c85d, {1, 10}},
    {"vgg11", 0x9a2c0054d38b26b5, {1, 1000}},
    {"vgg11_bn", 0x5eefb152f360f089, {1, 1000}},
    {"vgg13", 0x4d9535b2b8f2e6e2, {1, 1000}},
    {"vgg13_bn", 0x19892c162d08225b, {1, 1000}},
    {"vgg16", 0x6842c022fd75eca8, {1, 1000}},
    {"vgg16_bn", 0x95783bb77a39a13a, {1, 1000}},
    {"vgg19", 0x67f1a1f3558d1192, {1, 1000}},
    {"vgg19_bn", 0x89bd06fe94013de7, {1, 1000}},
    {"resnet18", 0xbae69ed15adb3638, {1, 1000}},
    {"resnet34", 0x2da47aedc56f5418, {1, 1000}},
    {"resnet50", 0x4ac2fd3316287fbe, {1, 1000}},
    {"cifar_resnet20", 0xbd6ad160cd0b75b2, {1, 10}},
    {"cifar_resnet32", 0xdbcdceb49d282bd6, {1, 10}},
    {"cifar_resnet44", 0xfe20d26e2c7b482a, {1, 10}},
    {"cifar_resnet56", 0x5f0c22f45d40894e, {1, 10}},
    {"mobilenet_v2", 0x3867fefd9ab03c31, {1, 1000}},
    {"vit_b_16", 0x40eb48fa67f8e816, {1, 1000}},
    {"unet", 0xe05debbeee7ea5a4, {1, 2, 64, 64}},
    {"gpt2", 0xc7438e07bf0a909c, {1, 32, 50257}},
    {"lstm_lm", 0xf8bd9d93661af78f, {35, 33278}},
    {"vae", 0xf634e1a6bc15b18d, {1, 784}},
    {"dcgan_generator", 0xe854366e551deb44, {1, 3, 64, 64}},
    {"dcgan_discriminator", 0x58d10a6c63e5e539, {1}},
};

QString text_of(const char* name) {
    QFile file(QStringLiteral(HOOKSCOPE_SOURCE_DIR "/tests/engine/gallery/") + name);
    if (!file.open(QIODevice::ReadOnly)) return "cannot be read";
    return QString::fromUtf8(file.readAll()).trimmed();
}

} // namespace

class TestGallery : public QObject {
    Q_OBJECT

  private slots:
    void listsEveryModelOnce() {
        QCOMPARE(gallery::models().size(), std::size(references));
        for (std::size_t i = 0; i < std::size(references); ++i) {
            const gallery::Model& model = gallery::models()[i];
            QCOMPARE(model.name, std::string(references[i].name));
            QVERIFY(model.summary.ends_with('.') && model.paper.size() > 20);
            QCOMPARE(&gallery::find_model(model.name), &model);
        }
        const std::string text = thrown<KeyError>([] { gallery::find_model("resnet19"); });
        QVERIFY2(text.starts_with("there is no model 'resnet19'; there are lenet, mlp, vgg11"), text.c_str());
    }

    void hasTheReferencesNamesAndShapes_data() {
        QTest::addColumn<int>("i");
        for (std::size_t i = 0; i < std::size(references); ++i)
            QTest::newRow(references[i].name) << static_cast<int>(i);
    }
    void hasTheReferencesNamesAndShapes() {
        QFETCH(int, i);
        const gallery::Model& model = gallery::find_model(references[i].name);
        const nn::init::Skip scope; // 138 million numbers would take seconds
        Generator generator(1);
        const auto net = model.make(generator);
        QCOMPARE(net->parameter_count(), model.parameter_count);
        QCOMPARE(digest(net->state_dict().tensors()), references[i].digest);
        QCOMPARE(generator.random(), Generator(1).random());
    }

    void runsForwardAndBackward_data() {
        QTest::addColumn<int>("i");
        for (std::size_t i = 0; i < std::size(references); ++i) {
            const std::string name = references[i].name;
            if (!name.starts_with("vgg") || name == "vgg11" || name == "vgg11_bn") // the others differ in depth
                QTest::newRow(references[i].name) << static_cast<int>(i);
        }
    }
    void runsForwardAndBackward() {
        QFETCH(int, i);
        const gallery::Model& model = gallery::find_model(references[i].name);
        if (test::threads_are_watched && model.parameter_count > 20'000'000)
            QSKIP("Takes a minute under TSan, which sees the same operations in the smaller models");
        Generator generator(1);
        std::optional<nn::init::Skip> scope;
        if (model.parameter_count > 50'000'000) scope.emplace();
        const auto net = model.make(generator);
        if (scope) // what was skipped is something that is quick to make
            for (const Tensor& parameter : net->parameters())
                parameter.detach().fill_(0.01);
        manual_seed(1);
        const Tensor output = (*net)(gallery::example_input(model, generator));
        QCOMPARE(output.shape(), references[i].output);
        sum(output * output).backward();
        for (const auto& [name, parameter] : net->named_parameters()) {
            QVERIFY2(parameter.grad().defined(), name.c_str());
            QVERIFY2(std::isfinite(sum(parameter.grad()).item<double>()), name.c_str());
        }
    }

    void namesAreThoseThatPeopleKnow() {
        Generator generator(1);
        const auto has = [](const nn::NamedTensors& state, const std::string& key, const Shape& shape) {
            return std::ranges::any_of(
                state, [&](const auto& entry) { return entry.first == key && entry.second.shape() == shape; });
        };
        const auto resnet = gallery::ResNet(gallery::resnet_options(50), generator).state_dict().tensors();
        QVERIFY(has(resnet, "layer2.0.downsample.0.weight", {512, 256, 1, 1}));
        QVERIFY(has(resnet, "layer4.2.conv3.weight", {2048, 512, 1, 1}));
        QVERIFY(has(resnet, "bn1.running_var", {64}));
        const auto gpt2 = gallery::GPT2LMHeadModel({.vocabulary = 9, .width = 8, .layers = 2, .heads = 2}, generator)
                              .state_dict()
                              .tensors();
        QVERIFY(has(gpt2, "transformer.h.1.attn.c_attn.weight", {8, 24}));
        QVERIFY(has(gpt2, "transformer.h.0.mlp.c_proj.weight", {32, 8}));
        QVERIFY(has(gpt2, "lm_head.weight", {9, 8}));
    }

    void optionsChangeNamesAndShapes() {
        Generator generator(1);
        QCOMPARE(digest(gallery::CifarResNet({.projection = true}, generator).state_dict().tensors()),
                 0xc4d8627b4470b549);
        QCOMPARE(digest(gallery::UNet({.bilinear = true}, generator).state_dict().tensors()), 0xa4713a3d40e33560);
        QCOMPARE(digest(gallery::ResNet(gallery::resnet_options(101), generator).state_dict().tensors()),
                 0xa70be0474695b85d);
        gallery::ResNet small(
            {.blocks = {1, 1, 1, 1}, .in_channels = 1, .classes = 4, .width = 4, .small_images = true}, generator);
        QCOMPARE(small.conv1.weight.shape(), Shape({4, 1, 3, 3}));
        QCOMPARE(small(randn({2, 1, 32, 32}, generator)).shape(), Shape({2, 4}));
        gallery::ResNet still({.blocks = {1, 1, 1, 1}, .width = 4, .zero_init_residual = true}, generator);
        QCOMPARE(sum(abs(still.get_submodule("layer2.0.bn2").named_parameters()[0].second)).item<double>(), 0.0);
    }

    void refusesWhatNoModelHas() {
        QCOMPARE(thrown<ValueError>([] { gallery::resnet_options(20); }),
                 std::string("a ResNet has 18, 34, 50, 101 or 152 layers, not 20"));
        QCOMPARE(thrown<ValueError>([] { gallery::VGG({.depth = 12}); }),
                 std::string("a VGG has 11, 13, 16 or 19 layers, not 12"));
        QCOMPARE(thrown<ValueError>([] { gallery::CifarResNet({.depth = 18}); }),
                 std::string("a CIFAR ResNet has 6 n + 2 layers (20, 32, 44, 56, ...), not 18"));
        QCOMPARE(thrown<ValueError>([] { gallery::MLP({.widths = {}}); }),
                 std::string("an MLP needs the width of at least one layer"));
        QCOMPARE(thrown<ValueError>([] { gallery::VisionTransformer({.image_size = 30}); }),
                 std::string("an image of 30 pixels cannot be cut into patches of 16"));
        QCOMPARE(thrown<ValueError>([] { gallery::GPT2LMHeadModel({.vocabulary = 3, .width = 8, .heads = 3}); }),
                 std::string("a width of 8 cannot be shared by 3 heads"));
        gallery::VisionTransformer net(
            {.image_size = 8, .patch_size = 4, .layers = 1, .heads = 1, .hidden_size = 4, .mlp_size = 4});
        QCOMPARE(thrown<ValueError>([&] {
                     net(zeros({1, 3, 8, 4}));
                 }),
                 std::string("expected images of shape [n, 3, 8, 8], got [1, 3, 8, 4]"));
    }

    void printsAsPyTorchDoes_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("resnet18") << "resnet18";
        QTest::newRow("mobilenet_v2") << "mobilenet_v2";
    }
    void printsAsPyTorchDoes() {
        QFETCH(QString, name);
        Generator generator(1);
        const auto net = gallery::find_model(name.toStdString()).make(generator);
        const QStringList ours = QString::fromStdString(net->to_string()).split('\n');
        const QStringList theirs = text_of(qPrintable(name + ".txt")).split('\n');
        for (qsizetype i = 0; i < std::min(ours.size(), theirs.size()); ++i)
            QCOMPARE(ours[i], theirs[i]);
        QCOMPARE(ours.size(), theirs.size());
    }

    void sameSeedSameWeights() {
        const gallery::Model& model = gallery::find_model("cifar_resnet20");
        Generator first(7), again(7), other(8);
        const auto a = model.make(first)->state_dict().tensors(), b = model.make(again)->state_dict().tensors(),
                   c = model.make(other)->state_dict().tensors();
        QCOMPARE(a[0].second.to_vector<double>(), b[0].second.to_vector<double>());
        QVERIFY(a[0].second.to_vector<double>() != c[0].second.to_vector<double>());
    }

    void gpt2SharesItsFirstAndLastWeight() {
        gallery::GPT2LMHeadModel net({.vocabulary = 9, .positions = 4, .width = 8, .layers = 1, .heads = 2});
        QVERIFY(net.lm_head->weight.is_same(net.transformer.wte.weight));
        const auto keys = keys_of(net.named_parameters());
        QVERIFY(std::ranges::find(keys, "transformer.wte.weight") != keys.end());
        QVERIFY(std::ranges::find(keys, "lm_head.weight") == keys.end());
        net.load_state_dict({{"lm_head.weight", ones({9, 8})}}, {.strict = false});
        QCOMPARE(sum(net.transformer.wte.weight).item<double>(), 72.0);
    }

    void gpt2LooksOnlyBack() {
        gallery::GPT2LMHeadModel net({.vocabulary = 9, .positions = 4, .width = 8, .layers = 2, .heads = 2});
        net.eval();
        const NoGrad scope;
        const std::vector<std::int64_t> first{1, 2, 3, 4}, second{1, 2, 8, 0};
        const auto logits = [&](const std::vector<std::int64_t>& tokens) {
            return net(from_data(tokens.data(), {1, 4}, {.dtype = Dtype::int64}));
        };
        const Tensor difference = abs(logits(first) - logits(second));
        QCOMPARE(sum(slice(difference, 1, 0, 2)).item<double>(), 0.0);
        QVERIFY(sum(slice(difference, 1, 2, 4)).item<double>() > 0);
    }

    void weightsGoThroughAFile_data() {
        QTest::addColumn<QString>("name");
        for (const char* name : {"cifar_resnet20", "mobilenet_v2", "lenet", "vae"})
            QTest::newRow(name) << name;
    }
    void weightsGoThroughAFile() {
        QFETCH(QString, name);
        const QTemporaryDir folder;
        const std::string file = folder.filePath("weights.safetensors").toStdString();
        const gallery::Model& model = gallery::find_model(name.toStdString());
        Generator generator(1);
        const auto from = model.make(generator), to = model.make(generator);
        const Tensor input = gallery::example_input(model, generator);
        (*from)(input); // changes running statistics
        io::write_safetensors(file, from->state_dict().tensors());
        const auto read = io::read_safetensors(file);
        const nn::LoadResult result = to->load_state_dict(nn::NamedTensors(read.begin(), read.end()));
        QCOMPARE(nn::to_string(result), std::string("<All keys matched successfully>"));
        const nn::NamedTensors before = from->state_dict().tensors(), after = to->state_dict().tensors();
        QCOMPARE(keys_of(after), keys_of(before));
        for (std::size_t i = 0; i < before.size(); ++i) {
            QCOMPARE(after[i].second.dtype(), before[i].second.dtype());
            QVERIFY2(after[i].second.to_vector<double>() == before[i].second.to_vector<double>(),
                     before[i].first.c_str());
        }
        from->eval();
        to->eval();
        manual_seed(2);
        const auto expected = (*from)(input).to_vector<double>();
        manual_seed(2);
        QCOMPARE((*to)(input).to_vector<double>(), expected);
    }
};

QTEST_GUILESS_MAIN(TestGallery)
#include "tst_gallery.moc"
