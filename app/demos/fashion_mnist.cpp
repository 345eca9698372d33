#include "app/demos/fashion_mnist.h"

#include "app/command_line.h"
#include "engine/io/idx.h"

#include <algorithm>
#include <array>

namespace hs::app {

namespace {

using Path = std::filesystem::path;
using Shape3 = std::vector<std::int64_t>;

// Mean and standard deviation of the 60,000 training pictures' pixels, over 255.
constexpr float mean = 0.2860f;
constexpr float deviation = 0.3530f;

[[noreturn]] void fail(const std::string& reason) {
    throw InputError(reason + "; install the Debian package dataset-fashion-mnist, or say with --data DIR where its "
                              "files are");
}

/// The gzipped file or, where only that is there, the unpacked one.
Path file_of(const Path& folder, const std::string& name) {
    Path packed = folder / (name + ".gz");
    std::error_code code;
    if (!std::filesystem::exists(packed, code) && std::filesystem::exists(folder / name, code)) return folder / name;
    return packed;
}

struct Files {
    Path images;
    Path labels;
};

Files files_of(const Path& folder, const std::string& set) {
    return {file_of(folder, set + "-images-idx3-ubyte"), file_of(folder, set + "-labels-idx1-ubyte")};
}

void check_shapes(const Files& files, const Shape3& images, const Shape3& labels) {
    const std::int64_t side = FashionMnist::side;
    if (images.size() != 3 || images[1] != side || images[2] != side)
        fail(files.images.string() + ": in the header: the shape is " + to_string(images) + ", not [count, 28, 28]");
    if (labels.size() != 1)
        fail(files.labels.string() + ": in the header: the shape is " + to_string(labels) + ", not [count]");
    if (labels[0] != images[0])
        fail(files.labels.string() + ": in the header: " + std::to_string(labels[0]) + " labels for " +
             std::to_string(images[0]) + " pictures");
}

LabelledImages read_set(const Path& folder, const std::string& set) {
    const Files files = files_of(folder, set);
    io::IdxArray labels = io::read_idx(files.labels);
    io::IdxArray images = io::read_idx(files.images);
    check_shapes(files, images.shape, labels.shape);
    const auto wrong =
        std::ranges::find_if(labels.bytes, [](std::uint8_t label) { return label >= FashionMnist::classes; });
    if (wrong != labels.bytes.end())
        fail(files.labels.string() + ": at element " + std::to_string(wrong - labels.bytes.begin()) + ": label " +
             std::to_string(*wrong) + " is not one of 0 to 9");
    return {std::move(images.bytes), std::move(labels.bytes)};
}

} // namespace

FashionMnist::FashionMnist(const Path& folder) {
    try {
        train_ = read_set(folder, "train");
        test_ = read_set(folder, "t10k");
    } catch (const io::FileError& error) {
        fail(error.what());
    }
}

void FashionMnist::check(const Path& folder) {
    try {
        for (const char* set : {"train", "t10k"}) {
            const Files files = files_of(folder, set);
            check_shapes(files, io::check_idx(files.images), io::check_idx(files.labels));
        }
    } catch (const io::FileError& error) {
        fail(error.what());
    }
}

const std::vector<std::string>& FashionMnist::class_names() {
    static const std::vector<std::string> names{"T-shirt", "Trouser", "Pullover", "Dress", "Coat",
                                                "Sandal",  "Shirt",   "Sneaker",  "Bag",   "Boot"};
    return names;
}

Batch FashionMnist::batch(const LabelledImages& from, std::span<const std::int64_t> indices) {
    constexpr std::size_t pixels = side * side;
    static const auto scaled = [] {
        std::array<float, 256> table{};
        for (std::size_t i = 0; i < table.size(); ++i)
            table[i] = (static_cast<float>(i) / 255.0f - mean) / deviation;
        return table;
    }();
    const auto count = static_cast<std::int64_t>(indices.size());
    Batch batch{empty({count, 1, side, side}), empty({count}, {.dtype = Dtype::int64})};
    auto* out = batch.images.mutable_data<float>();
    auto* label = batch.labels.mutable_data<std::int64_t>();
    for (const std::int64_t index : indices) {
        const auto first = from.pixels.begin() + index * static_cast<std::int64_t>(pixels);
        out = std::transform(first, first + pixels, out, [](std::uint8_t pixel) { return scaled[pixel]; });
        *label++ = from.labels[static_cast<std::size_t>(index)];
    }
    return batch;
}

} // namespace hs::app
