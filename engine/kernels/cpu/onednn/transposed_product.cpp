#include "engine/kernels/cpu/onednn/transposed_product.h"

#include "engine/kernels/cpu/onednn/primitive_cache.h"
#include "engine/kernels/cpu/parallel.h"
#include "engine/kernels/cpu/scratch.h"
#include "engine/tensor/error.h"

#include <dnnl.hpp>
#include <string_view>

namespace hs {

namespace {

using dnnl::memory;
using Tag = memory::format_tag;

/// To make a primitive takes as long as this many multiplications.
constexpr double least_work = 1 << 21;
/// With fewer rows oneDNN's packing of the weights is not paid back: up to four times slower than gemm.
constexpr std::int64_t least_rows = 16;

struct ProductKey {
    std::int64_t m, n, k;
    bool add;
    int threads; ///< oneDNN divides the work when it makes the primitive

    bool operator==(const ProductKey&) const = default;
};

struct ProductKeyHash {
    std::size_t operator()(const ProductKey& key) const {
        std::uint64_t hash = key.add ? 1 : 0;
        for (const std::int64_t value : {key.m, key.n, key.k, std::int64_t{key.threads}}) {
            hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x9e3779b97f4a7c15ULL;
            hash ^= hash >> 29;
        }
        return hash;
    }
};

class Product {
  public:
    explicit Product(const ProductKey& key) : stream_(cpu_engine()) {
        const auto f32 = memory::data_type::f32;
        const memory::desc x({key.m, key.k}, f32, Tag::ab), w({key.k, key.n}, f32, Tag::ba),
            y({key.m, key.n}, f32, Tag::ab);
        dnnl::primitive_attr attr;
        attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
        if (key.add) {
            dnnl::post_ops sum;
            sum.append_sum(1.0F);
            attr.set_post_ops(sum);
        }
        const dnnl::matmul::primitive_desc chosen(dnnl::matmul::desc(x, w, y), attr, cpu_engine());
        faster_ = std::string_view(chosen.impl_info_str()).starts_with("brg");
        if (!faster_) return;
        primitive_ = dnnl::matmul(chosen);
        x_ = memory(x, cpu_engine(), nullptr);
        w_ = memory(w, cpu_engine(), nullptr);
        y_ = memory(y, cpu_engine(), nullptr);
        scratchpad_ = memory(chosen.scratchpad_desc(), cpu_engine(), nullptr);
        scratchpad_size_ = static_cast<std::int64_t>((chosen.scratchpad_desc().get_size() + 3) / sizeof(float));
        arguments_ = {
            {DNNL_ARG_SRC, x_}, {DNNL_ARG_WEIGHTS, w_}, {DNNL_ARG_DST, y_}, {DNNL_ARG_SCRATCHPAD, scratchpad_}};
    }

    bool run(const float* x, const float* w, float* y) {
        if (!faster_) return false;
        x_.set_data_handle(const_cast<float*>(x));
        w_.set_data_handle(const_cast<float*>(w));
        y_.set_data_handle(y);
        scratchpad_.set_data_handle(thread_scratch(scratchpad_size_));
        primitive_.execute(stream_, arguments_);
        return true;
    }

  private:
    dnnl::stream stream_;
    dnnl::matmul primitive_;
    memory x_, w_, y_, scratchpad_;
    std::int64_t scratchpad_size_ = 0;
    std::unordered_map<int, memory> arguments_;
    bool faster_ = false;
};

} // namespace

bool transposed_product(std::int64_t m, std::int64_t n, std::int64_t k, const float* x, const float* w, bool add,
                        float* y) {
    if (m < least_rows) return false;
    if (static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k) < least_work) return false;
    thread_local PrimitiveCache<ProductKey, ProductKeyHash, Product, 256> cache;
    try {
        return cache.find({m, n, k, add, get_num_threads()}).run(x, w, y);
    } catch (const dnnl::error& error) {
        throw Error("product: oneDNN: " + std::string(error.what()) + " ([" + std::to_string(m) + ", " +
                    std::to_string(k) + "] and [" + std::to_string(n) + ", " + std::to_string(k) + "])");
    }
}

} // namespace hs
