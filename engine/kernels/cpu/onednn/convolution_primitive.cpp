#include "engine/kernels/cpu/onednn/convolution_primitive.h"

#include "engine/kernels/cpu/onednn/convolution_shape.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/scratch.h"
#include "engine/tensor/error.h"

#include <dnnl.hpp>
#include <functional>
#include <list>
#include <optional>
#include <unordered_map>

namespace hs {

namespace {

using dnnl::memory;
using Tag = memory::format_tag;

const dnnl::engine& cpu_engine() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

struct Key {
    ConvolutionShape shape;
    ConvolutionDirection direction;
    bool bias;
    int threads; ///< oneDNN divides the work when it makes the primitive

    bool operator==(const Key&) const = default;
};

struct KeyHash {
    std::size_t operator()(const Key& key) const {
        std::uint64_t hash = static_cast<std::uint64_t>(key.direction) * 2 + (key.bias ? 1 : 0);
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

/// What oneDNN's descriptors are made of.
struct Description {
    memory::desc source, any_weights, plain_weights, bias, destination;
    memory::dims strides, dilation, padding;

    explicit Description(const Key& key) {
        const ConvolutionShape& s = key.shape;
        const auto out = output_size(s);
        const auto f32 = memory::data_type::f32;
        source = {{s.batch, s.in_channels, s.input[0], s.input[1]}, f32, Tag::nhwc};
        destination = {{s.batch, s.out_channels, out[0], out[1]}, f32, Tag::nhwc};
        memory::dims sizes{s.out_channels / s.groups, s.in_channels / s.groups, s.kernel[0], s.kernel[1]};
        if (s.groups > 1) sizes.insert(sizes.begin(), s.groups);
        any_weights = {sizes, f32, Tag::any};
        plain_weights = {sizes, f32, s.groups > 1 ? Tag::goihw : Tag::oihw};
        if (key.bias) bias = {{s.out_channels}, f32, Tag::x};
        strides = {s.stride[0], s.stride[1]};
        dilation = {s.dilation[0] - 1, s.dilation[1] - 1};
        padding = {s.padding[0], s.padding[1]};
    }
};

dnnl::convolution_forward::primitive_desc forward_descriptor(const Description& d, const dnnl::primitive_attr& attr,
                                                             dnnl::prop_kind kind) {
    const dnnl::convolution_forward::desc desc(kind, dnnl::algorithm::convolution_direct, d.source, d.any_weights,
                                               d.bias, d.destination, d.strides, d.dilation, d.padding, d.padding);
    return {desc, attr, cpu_engine()};
}

/// Bytes for the packed weights and the scratchpad of whichever convolution of a thread runs: kept with each of them
/// they would be several times the size of a net's weights.
class Workspace {
  public:
    /// At least `count` floats, until the next call.
    float* floats(std::int64_t count) {
        if (count > size_) {
            floats_.emplace(count);
            size_ = count;
        }
        return floats_->data();
    }

  private:
    std::optional<Scratch> floats_;
    std::int64_t size_ = -1;
};

/// A primitive with the memory objects of its arguments. Weights travel through `packed_`, in the layout that the
/// primitive asked for, unless that is the plain one.
class Convolution {
  public:
    explicit Convolution(const Key& key) : stream_(cpu_engine()) {
        const Description d(key);
        dnnl::primitive_attr attr;
        attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
        if (key.direction == ConvolutionDirection::forward) {
            const auto chosen = forward_descriptor(d, attr, dnnl::prop_kind::forward_training);
            primitive_ = dnnl::convolution_forward(chosen);
            set_arguments(d, chosen.weights_desc(), chosen.scratchpad_desc(),
                          {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST});
            if (reorders_) reorder_ = dnnl::reorder(plain_, packed_);
        } else if (key.direction == ConvolutionDirection::backward_input) {
            const auto hint = forward_descriptor(d, attr, dnnl::prop_kind::forward_training);
            const dnnl::convolution_backward_data::desc desc(dnnl::algorithm::convolution_direct, d.source,
                                                             d.any_weights, d.destination, d.strides, d.dilation,
                                                             d.padding, d.padding);
            const dnnl::convolution_backward_data::primitive_desc chosen(desc, attr, cpu_engine(), hint);
            primitive_ = dnnl::convolution_backward_data(chosen);
            set_arguments(d, chosen.weights_desc(), chosen.scratchpad_desc(),
                          {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DIFF_DST});
            if (reorders_) reorder_ = dnnl::reorder(plain_, packed_);
        } else {
            const auto hint = forward_descriptor(d, attr, dnnl::prop_kind::forward_training);
            const dnnl::convolution_backward_weights::desc desc(dnnl::algorithm::convolution_direct, d.source,
                                                                d.any_weights, d.bias, d.destination, d.strides,
                                                                d.dilation, d.padding, d.padding);
            const dnnl::convolution_backward_weights::primitive_desc chosen(desc, attr, cpu_engine(), hint);
            primitive_ = dnnl::convolution_backward_weights(chosen);
            set_arguments(d, chosen.diff_weights_desc(), chosen.scratchpad_desc(),
                          {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_BIAS, DNNL_ARG_DIFF_DST});
            if (reorders_) reorder_ = dnnl::reorder(packed_, plain_);
            packs_last_ = true;
        }
    }

    void run(const ConvolutionArrays& arrays, Workspace& workspace) {
        float* scratch = workspace.floats(packed_size_ + scratchpad_size_);
        if (reorders_) packed_.set_data_handle(scratch);
        scratchpad_.set_data_handle(scratch + packed_size_);
        source_.set_data_handle(const_cast<void*>(arrays.source));
        destination_.set_data_handle(const_cast<void*>(arrays.destination));
        plain_.set_data_handle(const_cast<void*>(arrays.weights));
        if (arrays.bias) bias_.set_data_handle(const_cast<void*>(arrays.bias));
        if (reorders_ && !packs_last_) reorder_.execute(stream_, plain_, packed_);
        primitive_.execute(stream_, arguments_);
        if (reorders_ && packs_last_) reorder_.execute(stream_, packed_, plain_);
    }

  private:
    /// The names that the direction gives to its arguments.
    struct Names {
        int source, weights, bias, destination;
    };

    /// Floats of `d` in whole cache lines.
    static std::int64_t whole_lines(const memory::desc& d) {
        constexpr std::size_t line = 64;
        return static_cast<std::int64_t>((d.get_size() + line - 1) / line * line / sizeof(float));
    }

    void set_arguments(const Description& d, const memory::desc& weights, const memory::desc& scratchpad,
                       const Names& names) {
        reorders_ = weights != d.plain_weights;
        source_ = memory(d.source, cpu_engine(), nullptr);
        destination_ = memory(d.destination, cpu_engine(), nullptr);
        plain_ = memory(d.plain_weights, cpu_engine(), nullptr);
        if (reorders_) packed_ = memory(weights, cpu_engine(), nullptr);
        packed_size_ = reorders_ ? whole_lines(weights) : 0;
        scratchpad_ = memory(scratchpad, cpu_engine(), nullptr);
        scratchpad_size_ = whole_lines(scratchpad);
        arguments_ = {{names.source, source_},
                      {names.destination, destination_},
                      {names.weights, reorders_ ? packed_ : plain_},
                      {DNNL_ARG_SCRATCHPAD, scratchpad_}};
        if (d.bias.get_size() == 0) return;
        bias_ = memory(d.bias, cpu_engine(), nullptr);
        arguments_.emplace(names.bias, bias_);
    }

    dnnl::stream stream_;
    dnnl::primitive primitive_;
    dnnl::reorder reorder_;
    memory source_, destination_, plain_, packed_, bias_, scratchpad_;
    std::int64_t packed_size_ = 0, scratchpad_size_ = 0; ///< floats
    std::unordered_map<int, memory> arguments_;
    bool reorders_ = false;
    bool packs_last_ = false;
};

/// The convolutions that a thread has run last, at most convolution_cache_size.
class Cache {
  public:
    Convolution& find(const Key& key) {
        if (const auto found = places_.find(key); found != places_.end()) {
            if (found->second != entries_.begin()) entries_.splice(entries_.begin(), entries_, found->second);
            return found->second->second;
        }
        if (entries_.size() == convolution_cache_size) {
            places_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(key, Convolution(key));
        places_.emplace(key, entries_.begin());
        return entries_.front().second;
    }

  private:
    using Entries = std::list<std::pair<Key, Convolution>>;
    Entries entries_; ///< the one used last comes first
    std::unordered_map<Key, Entries::iterator, KeyHash> places_;
};

} // namespace

void run_convolution(ConvolutionDirection direction, const ConvolutionShape& shape, const ConvolutionArrays& arrays) {
    thread_local Cache cache;
    thread_local Workspace workspace;
    try {
        cache.find({shape, direction, arrays.bias != nullptr, get_num_threads()}).run(arrays, workspace);
    } catch (const dnnl::error& error) {
        throw Error("convolution: oneDNN: " + std::string(error.what()) + " (" + describe(shape) + ")");
    }
}

} // namespace hs
