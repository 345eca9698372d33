#include "engine/kernels/cpu/onednn/convolution_primitive.h"

#include "engine/kernels/cpu/onednn/convolution_shape.h"
#include "engine/kernels/cpu/onednn/few_pixels.h"
#include "engine/kernels/cpu/onednn/primitive_cache.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/scratch.h"
#include "engine/tensor/error.h"

#include <dnnl.hpp>
#include <functional>
#include <string_view>

namespace hs {

namespace {

using dnnl::memory;
using Tag = memory::format_tag;

thread_local bool may_use_winograd = false;

/// With fewer tiles of 4x4, transforming the weights takes longer than the products save.
constexpr std::int64_t least_tiles = 32;

bool suits_winograd(const ConvolutionShape& s) {
    if (s.groups != 1 || s.kernel != std::array<std::int64_t, 2>{3, 3} ||
        s.stride != std::array<std::int64_t, 2>{1, 1} || s.dilation != std::array<std::int64_t, 2>{1, 1})
        return false;
    const auto out = output_size(s);
    return s.in_channels >= 16 && s.out_channels >= 16 &&
           s.batch * ((out[0] + 3) / 4) * ((out[1] + 3) / 4) >= least_tiles;
}

struct Key {
    ConvolutionShape shape;
    ConvolutionDirection direction;
    bool bias;
    bool winograd;
    int threads; ///< oneDNN divides the work when it makes the primitive

    bool operator==(const Key&) const = default;
};

struct KeyHash {
    std::size_t operator()(const Key& key) const {
        std::uint64_t hash =
            static_cast<std::uint64_t>(key.direction) * 4 + (key.winograd ? 2 : 0) + (key.bias ? 1 : 0);
        const auto mix = [&hash](std::int64_t value) {
            hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x9e3779b97f4a7c15ULL;
            hash ^= hash >> 29;
        };
        const ConvolutionShape& s = key.shape;
        for (const std::int64_t value : {s.batch, s.in_channels, s.out_channels, s.groups})
            mix(value);
        for (const auto* pair : {&s.input, &s.kernel, &s.stride, &s.padding, &s.dilation}) {
            mix((*pair)[0]);
            mix((*pair)[1]);
        }
        mix(key.threads);
        return hash;
    }
};

/// What oneDNN's descriptors are made of: `plain` as our arrays lie, `chosen` where oneDNN may choose.
struct Description {
    struct Layouts {
        memory::desc source, weights, destination;
    };
    Layouts plain, chosen;
    memory::desc bias;
    memory::dims strides, dilation, padding;
    dnnl::algorithm algorithm;

    Description(const Key& key, bool winograd)
        : algorithm(winograd ? dnnl::algorithm::convolution_winograd : dnnl::algorithm::convolution_direct) {
        const ConvolutionShape& s = key.shape;
        const auto out = output_size(s);
        const auto f32 = memory::data_type::f32;
        const memory::dims from{s.batch, s.in_channels, s.input[0], s.input[1]};
        const memory::dims to{s.batch, s.out_channels, out[0], out[1]};
        memory::dims sizes{s.out_channels / s.groups, s.in_channels / s.groups, s.kernel[0], s.kernel[1]};
        if (s.groups > 1) sizes.insert(sizes.begin(), s.groups);
        plain = {{from, f32, Tag::nhwc}, {sizes, f32, s.groups > 1 ? Tag::goihw : Tag::oihw}, {to, f32, Tag::nhwc}};
        chosen = plain;
        chosen.weights = {sizes, f32, Tag::any};
        if (winograd) { // it knows no channels-last
            chosen.source = {from, f32, Tag::any};
            chosen.destination = {to, f32, Tag::any};
        }
        if (key.bias) bias = {{s.out_channels}, f32, Tag::x};
        strides = {s.stride[0], s.stride[1]};
        dilation = {s.dilation[0] - 1, s.dilation[1] - 1};
        padding = {s.padding[0], s.padding[1]};
    }
};

dnnl::convolution_forward::primitive_desc forward_descriptor(const Description& d, const dnnl::primitive_attr& attr) {
    const dnnl::convolution_forward::desc desc(dnnl::prop_kind::forward_training, d.algorithm, d.chosen.source,
                                               d.chosen.weights, d.bias, d.chosen.destination, d.strides, d.dilation,
                                               d.padding, d.padding);
    return {desc, attr, cpu_engine()};
}

/// Where few pixels lie in a row, the implementation that passes over padding: the one that oneDNN takes first
/// multiplies it, too, with up to a third more work.
void skip_padding(const ConvolutionShape& shape, dnnl::convolution_forward::primitive_desc& chosen) {
    if (!few_pixels_in_a_row(shape) || shape.padding == std::array<std::int64_t, 2>{0, 0}) return;
    auto other = chosen;
    if (!std::string_view(chosen.impl_info_str()).starts_with("brgconv")) return;
    while (other.next_impl()) {
        if (std::string_view(other.impl_info_str()) != "jit:avx512_core") continue;
        chosen = other;
        return;
    }
}

/// Floats of `d` in whole cache lines.
std::int64_t whole_lines(const memory::desc& d) {
    constexpr std::size_t line = 64;
    return static_cast<std::int64_t>((d.get_size() + line - 1) / line * line / sizeof(float));
}

/// An array of ours that travels through `packed`, in the layout that the primitive asked for, unless that is its own.
struct Traveller {
    memory plain, packed;
    dnnl::reorder reorder;
    std::int64_t packed_size = 0; ///< floats; 0 where it does not travel
    bool is_result = false;

    Traveller() = default;
    Traveller(const memory::desc& own, const memory::desc& wanted, bool result)
        : plain(own, cpu_engine(), nullptr), is_result(result) {
        if (own == wanted) return;
        packed = memory(wanted, cpu_engine(), nullptr);
        packed_size = whole_lines(wanted);
        reorder = result ? dnnl::reorder(packed, plain) : dnnl::reorder(plain, packed);
    }
    const memory& argument() const { return packed_size > 0 ? packed : plain; }
};

/// A primitive with the memory objects of its arguments. Packed arrays and the scratchpad are thread_scratch(): kept
/// with each primitive they would be several times the size of a net's weights.
class Convolution {
  public:
    explicit Convolution(const Key& key) : stream_(cpu_engine()) {
        if (key.winograd) {
            try {
                make(key, Description(key, true));
                return;
            } catch (const dnnl::error& error) {
                if (error.status != dnnl_unimplemented) throw; // not for this shape or this processor
            }
        }
        make(key, Description(key, false));
    }

    void run(const ConvolutionArrays& arrays) {
        source_.plain.set_data_handle(const_cast<void*>(arrays.source));
        weights_.plain.set_data_handle(const_cast<void*>(arrays.weights));
        destination_.plain.set_data_handle(const_cast<void*>(arrays.destination));
        if (arrays.bias) bias_.set_data_handle(const_cast<void*>(arrays.bias));
        float* scratch =
            thread_scratch(source_.packed_size + weights_.packed_size + destination_.packed_size + scratchpad_size_);
        for (Traveller* array : {&source_, &weights_, &destination_}) {
            if (array->packed_size == 0) continue;
            array->packed.set_data_handle(scratch);
            scratch += array->packed_size;
            if (!array->is_result) array->reorder.execute(stream_, array->plain, array->packed);
        }
        scratchpad_.set_data_handle(scratch);
        primitive_.execute(stream_, arguments_);
        for (Traveller* array : {&source_, &weights_, &destination_})
            if (array->packed_size > 0 && array->is_result)
                array->reorder.execute(stream_, array->packed, array->plain);
    }

  private:
    /// The names that the direction gives to its arguments.
    struct Names {
        int source, weights, bias, destination;
    };

    void make(const Key& key, const Description& d) {
        dnnl::primitive_attr attr;
        attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
        auto forward = forward_descriptor(d, attr);
        if (key.direction == ConvolutionDirection::forward) {
            skip_padding(key.shape, forward);
            primitive_ = dnnl::convolution_forward(forward);
            set_arguments(key, d, {forward.src_desc(), forward.weights_desc(), forward.dst_desc()},
                          forward.scratchpad_desc(), {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST});
        } else if (key.direction == ConvolutionDirection::backward_input) {
            const dnnl::convolution_backward_data::desc desc(d.algorithm, d.chosen.source, d.chosen.weights,
                                                             d.chosen.destination, d.strides, d.dilation, d.padding,
                                                             d.padding);
            const dnnl::convolution_backward_data::primitive_desc chosen(desc, attr, cpu_engine(), forward);
            primitive_ = dnnl::convolution_backward_data(chosen);
            set_arguments(key, d, {chosen.diff_src_desc(), chosen.weights_desc(), chosen.diff_dst_desc()},
                          chosen.scratchpad_desc(),
                          {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DIFF_DST});
        } else {
            const dnnl::convolution_backward_weights::desc desc(d.algorithm, d.chosen.source, d.chosen.weights, d.bias,
                                                                d.chosen.destination, d.strides, d.dilation, d.padding,
                                                                d.padding);
            const dnnl::convolution_backward_weights::primitive_desc chosen(desc, attr, cpu_engine(), forward);
            primitive_ = dnnl::convolution_backward_weights(chosen);
            set_arguments(key, d, {chosen.src_desc(), chosen.diff_weights_desc(), chosen.diff_dst_desc()},
                          chosen.scratchpad_desc(),
                          {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_BIAS, DNNL_ARG_DIFF_DST});
        }
    }

    void set_arguments(const Key& key, const Description& d, const Description::Layouts& wanted,
                       const memory::desc& scratchpad, const Names& names) {
        source_ = {d.plain.source, wanted.source, key.direction == ConvolutionDirection::backward_input};
        weights_ = {d.plain.weights, wanted.weights, key.direction == ConvolutionDirection::backward_weights};
        destination_ = {d.plain.destination, wanted.destination, key.direction == ConvolutionDirection::forward};
        scratchpad_ = memory(scratchpad, cpu_engine(), nullptr);
        scratchpad_size_ = whole_lines(scratchpad);
        arguments_ = {{names.source, source_.argument()},
                      {names.weights, weights_.argument()},
                      {names.destination, destination_.argument()},
                      {DNNL_ARG_SCRATCHPAD, scratchpad_}};
        if (!key.bias) return;
        bias_ = memory(d.bias, cpu_engine(), nullptr);
        arguments_.emplace(names.bias, bias_);
    }

    dnnl::stream stream_;
    dnnl::primitive primitive_;
    Traveller source_, weights_, destination_;
    memory bias_, scratchpad_;
    std::int64_t scratchpad_size_ = 0; ///< floats
    std::unordered_map<int, memory> arguments_;
};

} // namespace

void allow_winograd(bool allowed) {
    may_use_winograd = allowed;
}
bool winograd_allowed() {
    return may_use_winograd;
}

void run_convolution(ConvolutionDirection direction, const ConvolutionShape& shape, const ConvolutionArrays& arrays) {
    thread_local PrimitiveCache<Key, KeyHash, Convolution, convolution_cache_size> cache;
    try {
        cache
            .find({shape, direction, arrays.bias != nullptr, may_use_winograd && suits_winograd(shape),
                   get_num_threads()})
            .run(arrays);
    } catch (const dnnl::error& error) {
        throw Error("convolution: oneDNN: " + std::string(error.what()) + " (" + describe(shape) + ")");
    }
}

} // namespace hs
