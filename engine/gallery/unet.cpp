#include "engine/gallery/unet.h"

#include "engine/nn/activation.h"
#include "engine/nn/batch_norm.h"
#include "engine/nn/pooling.h"
#include "engine/nn/upsample.h"
#include "engine/ops/functional.h"

namespace hs::gallery {

namespace {

nn::Conv2d conv3x3(std::int64_t in, std::int64_t out, Generator& generator) {
    return {in, out, {.kernel_size = 3, .padding = 1, .bias = false}, generator};
}

std::shared_ptr<nn::Module> doubling(std::int64_t channels, bool bilinear, Generator& generator) {
    if (bilinear)
        return std::make_shared<nn::Upsample>(
            nn::Upsample::Options{.scale_factor = {2}, .mode = "bilinear", .align_corners = true});
    return std::make_shared<nn::ConvTranspose2d>(
        channels, channels / 2, nn::ConvTranspose2d::Options{.kernel_size = 2, .stride = 2}, generator);
}

} // namespace

DoubleConv::DoubleConv(std::int64_t in_channels, std::int64_t mid_channels, std::int64_t out_channels,
                       Generator& generator)
    : double_conv(add("double_conv",
                      nn::Sequential(conv3x3(in_channels, mid_channels, generator), nn::BatchNorm2d(mid_channels),
                                     nn::ReLU(true), conv3x3(mid_channels, out_channels, generator),
                                     nn::BatchNorm2d(out_channels), nn::ReLU(true)))) {}

Down::Down(std::int64_t in_channels, std::int64_t out_channels, Generator& generator)
    : maxpool_conv(add("maxpool_conv", nn::Sequential(nn::MaxPool2d(2), DoubleConv(in_channels, out_channels,
                                                                                   out_channels, generator)))) {}

Up::Up(std::int64_t in_channels, std::int64_t out_channels, bool bilinear, Generator& generator)
    : up(add("up", doubling(in_channels, bilinear, generator))),
      conv(add("conv", DoubleConv(in_channels, bilinear ? in_channels / 2 : out_channels, out_channels, generator))) {}

Tensors Up::forward_all(const Tensors& inputs) {
    check_count(inputs, 2);
    const Tensor &below = inputs[0], &beside = inputs[1];
    Tensor x = up(below);
    // An odd size was rounded down on the way down: what is missing is zeros.
    const std::int64_t rows = beside.size(2) - x.size(2), columns = beside.size(3) - x.size(3);
    if (rows != 0 || columns != 0)
        x = constant_pad_nd(x, {columns / 2, columns - columns / 2, rows / 2, rows - rows / 2});
    return {conv(cat({beside, x}, 1))};
}

OutConv::OutConv(std::int64_t in_channels, std::int64_t out_channels, Generator& generator)
    : conv(add("conv", nn::Conv2d(in_channels, out_channels, {.kernel_size = 1}, generator))) {}

UNet::UNet(const UNetOptions& o, Generator& generator)
    : inc(add("inc", DoubleConv(o.in_channels, o.width, o.width, generator))),
      down1(add("down1", Down(o.width, 2 * o.width, generator))),
      down2(add("down2", Down(2 * o.width, 4 * o.width, generator))),
      down3(add("down3", Down(4 * o.width, 8 * o.width, generator))),
      down4(add("down4", Down(8 * o.width, (o.bilinear ? 8 : 16) * o.width, generator))),
      up1(add("up1", Up(16 * o.width, (o.bilinear ? 4 : 8) * o.width, o.bilinear, generator))),
      up2(add("up2", Up(8 * o.width, (o.bilinear ? 2 : 4) * o.width, o.bilinear, generator))),
      up3(add("up3", Up(4 * o.width, (o.bilinear ? 1 : 2) * o.width, o.bilinear, generator))),
      up4(add("up4", Up(2 * o.width, o.width, o.bilinear, generator))),
      outc(add("outc", OutConv(o.width, o.classes, generator))) {}

Tensor UNet::forward(const Tensor& images) {
    const Tensor x1 = inc(images), x2 = down1(x1), x3 = down2(x2), x4 = down3(x3);
    Tensor x = up1.call({down4(x4), x4})[0];
    x = up2.call({x, x3})[0];
    x = up3.call({x, x2})[0];
    return outc(up4.call({x, x1})[0]);
}

} // namespace hs::gallery
