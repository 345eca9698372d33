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

#include <algorithm>
#include <vector>

namespace hs::gallery {

namespace {

using Made = std::shared_ptr<nn::Module>;

template <int depth, bool batch_norm>
Made vgg(Generator& generator) {
    return std::make_shared<VGG>(VGGOptions{.depth = depth, .batch_norm = batch_norm}, generator);
}
template <int depth>
Made resnet(Generator& generator) {
    return std::make_shared<ResNet>(resnet_options(depth), generator);
}
template <int depth>
Made cifar_resnet(Generator& generator) {
    return std::make_shared<CifarResNet>(CifarResNetOptions{.depth = depth}, generator);
}
/// With all options as they are by default.
template <class M, class Options>
Made usual(Generator& generator) {
    return std::make_shared<M>(Options{}, generator);
}

const ModelInput imagenet{{1, 3, 224, 224}}, cifar{{1, 3, 32, 32}};

constexpr const char* vgg_paper =
    "Simonyan and Zisserman 2014, Very Deep Convolutional Networks for Large-Scale Image Recognition";
constexpr const char* resnet_paper = "He, Zhang, Ren and Sun 2015, Deep Residual Learning for Image Recognition";
constexpr const char* dcgan_paper = "Radford, Metz and Chintala 2015, Unsupervised Representation Learning with Deep "
                                    "Convolutional Generative Adversarial Networks";

std::vector<Model> first_nets() {
    return {
        {"lenet", "Two convolutions and three linear layers that read a written digit.",
         "LeCun, Bottou, Bengio and Haffner 1998, Gradient-Based Learning Applied to Document Recognition", 61'706,
         ModelInput{{1, 1, 32, 32}}, usual<LeNet, LeNetOptions>},
        {"mlp", "Three linear layers with ReLU between them.",
         "Rumelhart, Hinton and Williams 1986, Learning Representations by Back-propagating Errors", 235'146,
         ModelInput{{1, 784}}, usual<MLP, MLPOptions>},
    };
}

std::vector<Model> vggs() {
    return {
        {"vgg11", "Eight 3x3 convolutions and three linear layers.", vgg_paper, 132'863'336, imagenet, vgg<11, false>},
        {"vgg11_bn", "VGG-11 with batch norm.", vgg_paper, 132'868'840, imagenet, vgg<11, true>},
        {"vgg13", "Ten 3x3 convolutions and three linear layers.", vgg_paper, 133'047'848, imagenet, vgg<13, false>},
        {"vgg13_bn", "VGG-13 with batch norm.", vgg_paper, 133'053'736, imagenet, vgg<13, true>},
        {"vgg16", "Thirteen 3x3 convolutions and three linear layers.", vgg_paper, 138'357'544, imagenet,
         vgg<16, false>},
        {"vgg16_bn", "VGG-16 with batch norm.", vgg_paper, 138'365'992, imagenet, vgg<16, true>},
        {"vgg19", "Sixteen 3x3 convolutions and three linear layers.", vgg_paper, 143'667'240, imagenet,
         vgg<19, false>},
        {"vgg19_bn", "VGG-19 with batch norm.", vgg_paper, 143'678'248, imagenet, vgg<19, true>},
    };
}

std::vector<Model> resnets() {
    return {
        {"resnet18", "Eight residual blocks of two convolutions.", resnet_paper, 11'689'512, imagenet, resnet<18>},
        {"resnet34", "Sixteen residual blocks of two convolutions.", resnet_paper, 21'797'672, imagenet, resnet<34>},
        {"resnet50", "Sixteen residual blocks of three convolutions, of which two are 1x1.", resnet_paper, 25'557'032,
         imagenet, resnet<50>},
        {"cifar_resnet20", "Nine small residual blocks for images of 32x32.", resnet_paper, 269'722, cifar,
         cifar_resnet<20>},
        {"cifar_resnet32", "Fifteen small residual blocks for images of 32x32.", resnet_paper, 464'154, cifar,
         cifar_resnet<32>},
        {"cifar_resnet44", "Twenty-one small residual blocks for images of 32x32.", resnet_paper, 658'586, cifar,
         cifar_resnet<44>},
        {"cifar_resnet56", "Twenty-seven small residual blocks for images of 32x32.", resnet_paper, 853'018, cifar,
         cifar_resnet<56>},
    };
}

std::vector<Model> later_nets() {
    return {
        {"mobilenet_v2", "Residual blocks that convolve each channel by itself, for phones.",
         "Sandler, Howard, Zhu, Zhmoginov and Chen 2018, MobileNetV2: Inverted Residuals and Linear Bottlenecks",
         3'504'872, imagenet, usual<MobileNetV2, MobileNetV2Options>},
        {"vit_b_16", "A transformer over the 16x16 patches of an image.",
         "Dosovitskiy et al. 2020, An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
         86'567'656, imagenet, usual<VisionTransformer, VisionTransformerOptions>},
        {"unet", "Convolutions down to small images and up again, with ways across: a class for each pixel.",
         "Ronneberger, Fischer and Brox 2015, U-Net: Convolutional Networks for Biomedical Image Segmentation",
         31'037'698, ModelInput{{1, 3, 64, 64}}, usual<UNet, UNetOptions>},
        {"gpt2", "A transformer that predicts the next token of a text.",
         "Radford, Wu, Child, Luan, Amodei and Sutskever 2019, Language Models are Unsupervised Multitask Learners",
         124'439'808, ModelInput{{1, 32}, Dtype::int64, 50'257}, usual<GPT2LMHeadModel, GPT2Options>},
        {"lstm_lm", "Two LSTM layers that predict the next word of a text.",
         "Zaremba, Sutskever and Vinyals 2014, Recurrent Neural Network Regularization", 13'987'678,
         ModelInput{{35, 1}, Dtype::int64, 33'278}, usual<RNNModel, RNNModelOptions>},
        {"vae", "Finds a short random code from which it draws a digit again.",
         "Kingma and Welling 2013, Auto-Encoding Variational Bayes", 652'824, ModelInput{{1, 784}},
         usual<VAE, VAEOptions>},
        {"dcgan_generator", "Transposed convolutions that draw an image from random numbers.", dcgan_paper, 3'576'704,
         ModelInput{{1, 100, 1, 1}}, usual<DCGANGenerator, DCGANOptions>},
        {"dcgan_discriminator", "Convolutions that tell drawn images from real ones.", dcgan_paper, 2'765'568,
         ModelInput{{1, 3, 64, 64}}, usual<DCGANDiscriminator, DCGANOptions>},
    };
}

std::vector<Model> all_models() {
    std::vector<Model> all;
    for (const std::vector<Model>& family : {first_nets(), vggs(), resnets(), later_nets()})
        all.insert(all.end(), family.begin(), family.end());
    return all;
}

} // namespace

std::span<const Model> models() {
    static const std::vector<Model> all = all_models();
    return all;
}

const Model& find_model(const std::string& name) {
    const auto found = std::ranges::find(models(), name, &Model::name);
    if (found != models().end()) return *found;
    std::string names;
    for (const Model& model : models())
        names += (names.empty() ? "" : ", ") + model.name;
    throw KeyError("there is no model '" + name + "'; there are " + names);
}

Tensor example_input(const Model& model, Generator& generator) {
    const ModelInput& input = model.input;
    if (is_floating_point(input.dtype)) return randn(input.shape, generator, {.dtype = input.dtype});
    return randint(0, input.below, input.shape, generator);
}

} // namespace hs::gallery
