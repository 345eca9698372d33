#pragma once

#include "engine/tensor/dtype.h"
#include "engine/tensor/error.h"
#include "engine/tensor/scalar.h"
#include "engine/tensor/shape.h"
#include "engine/tensor/storage.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hs {

class Node;
void destroy(const Node* node);
class Tensor;
class Generator;
class RemovableHandle;
struct AutogradMeta;

using Tensors = std::vector<Tensor>;

struct TensorOptions {
    Dtype dtype = Dtype::float32;
    Device device = {};
    bool requires_grad = false;
};

/// A separate version counter, which `.data` gives its result (rule 5).
struct VersionCounter : Counted {
    std::uint32_t version = 0;
};
inline void destroy(const VersionCounter* counter) {
    delete counter;
}

/// How a view came about, which decides what changing it in place may mean (rules 31, 55, 56, 93).
enum class ViewOrigin : std::uint8_t { plain, custom_function, multiple_outputs, no_grad_mode, inference_mode };

struct ViewMeta;

/// The object behind a Tensor: where its elements are, and its place in the autograd graph.
class TensorImpl final : public Counted {
  public:
    TensorImpl(Ref<Storage> storage, Shape shape, Strides strides, std::int64_t offset, Dtype dtype);
    ~TensorImpl();

    Ref<Storage> storage;
    Shape shape;
    Strides strides;
    std::int64_t offset; ///< in elements
    std::int64_t count;  ///< number of elements
    Dtype dtype;
    bool requires_grad = false;  ///< set by the person (leaves); a non-leaf requires grad by its grad_fn
    bool is_parameter = false;   ///< of a module: printed with `Parameter containing:`
    bool is_inference = false;   ///< made in inference mode (rule 31)
    bool contiguous;             ///< row-major without gaps
    std::uint32_t output_nr = 0; ///< which output of grad_fn this is
    Ref<Node> grad_fn;
    std::unique_ptr<AutogradMeta> meta; ///< made when first needed
    std::unique_ptr<ViewMeta> view;     ///< of a view that gradients can pass
    Ref<VersionCounter> own_version;
};
void destroy(const TensorImpl* impl);

/// A handle with value semantics to an n-dimensional array: copies of the handle are the same tensor. Behaves like
/// `torch.Tensor` 2.x. Operations are free functions (engine/ops/functional.h) and the members below.
class Tensor {
  public:
    Tensor() = default; ///< the undefined tensor: None
    explicit Tensor(Ref<TensorImpl> impl) : impl_(std::move(impl)) {}

    bool defined() const { return static_cast<bool>(impl_); }
    explicit operator bool() const = delete; // ambiguous: ask defined() or item()
    bool is_same(const Tensor& other) const { return impl_ == other.impl_; }
    TensorImpl* impl() const { return impl_.get(); }
    const Ref<TensorImpl>& ref() const { return impl_; }

    // What it is.
    const Shape& shape() const { return impl_->shape; }
    const Strides& strides() const { return impl_->strides; }
    std::int64_t storage_offset() const { return impl_->offset; }
    std::int64_t dim() const { return static_cast<std::int64_t>(impl_->shape.size()); }
    std::int64_t size(std::int64_t dim) const { return impl_->shape[wrap_dim(dim, impl_->shape.size())]; }
    std::int64_t numel() const { return impl_->count; }
    Dtype dtype() const { return impl_->dtype; }
    Device device() const { return impl_->storage->device(); }
    bool is_contiguous() const { return impl_->contiguous; }
    /// Whether it is a view of another tensor through which gradients can pass; detach() gives none.
    bool is_view() const { return impl_->view != nullptr; }
    /// The tensor, itself no view, whose elements a view shows; undefined for one that is no view.
    Tensor base() const;
    bool is_inference() const { return impl_->is_inference; }
    const Storage& storage() const { return *impl_->storage; }
    bool shares_storage(const Tensor& other) const { return impl_->storage == other.impl_->storage; }
    TensorOptions options() const { return {.dtype = dtype(), .device = device()}; }

    // The bytes. data() is for reading, mutable_data() for writing in place: it clones the block when a snapshot
    // holds it. Both point at the first element and go with strides(). T must match dtype (bool is std::uint8_t).
    template <class T>
    const T* data() const {
        return reinterpret_cast<const T*>(impl_->storage->plain_block()->data()) + impl_->offset;
    }
    template <class T>
    T* mutable_data() const {
        return reinterpret_cast<T*>(impl_->storage->writable(true).data()) + impl_->offset;
    }
    /// The hidden layout when the whole tensor lies channels-last in memory; false otherwise. Kernels that can work
    /// on it read raw_data() then; all others never notice.
    ChannelsLast channels_last() const;
    template <class T>
    const T* raw_data() const {
        return reinterpret_cast<const T*>(impl_->storage->raw_block()->data()) + impl_->offset;
    }
    template <class T>
    T* mutable_raw_data() const {
        return reinterpret_cast<T*>(impl_->storage->writable(false).data()) + impl_->offset;
    }

    /// The one element as a number; rule 10's error when there is not exactly one.
    Scalar item() const;
    template <class T>
    T item() const {
        return item().to<T>();
    }
    /// What Python's `bool()` says of the one element, and `len()` (rule 10).
    bool is_true() const;
    std::int64_t len() const;
    /// Copies the elements, row-major, converted to T.
    template <class T>
    std::vector<T> to_vector() const;

    // Autograd.
    bool requires_grad() const {
        return impl_->requires_grad || impl_->grad_fn || (impl_->view && base_requires_grad());
    }
    Tensor& set_requires_grad(bool requires_grad = true);
    bool is_leaf() const { return !grad_fn(); }
    /// Whether it is an `nn.Parameter`: made by nn::parameter(), or registered with a module.
    bool is_parameter() const { return impl_->is_parameter; }
    /// Of a view whose base was changed in place since: a new node behind the base's (rule 54).
    const Ref<Node>& grad_fn() const { return impl_->view ? grad_fn_of_view() : impl_->grad_fn; }
    /// Warns, like PyTorch, when this is a non-leaf that does not retain its gradient (rule 6).
    const Tensor& grad() const;
    /// Checks as in rule 7; an undefined tensor clears.
    void set_grad(const Tensor& grad) const;
    /// Without checks and warnings.
    Tensor& mutable_grad() const;
    void retain_grad() const;
    bool retains_grad() const;
    /// Called with the gradient each time it is computed; may return a tensor that replaces it (rules 58 to 65).
    RemovableHandle register_hook(std::function<Tensor(const Tensor&)> hook) const;
    /// Leaves only; called when `.grad` has been written (rule 66).
    RemovableHandle register_post_accumulate_grad_hook(std::function<void(const Tensor&)> hook) const;
    /// Shares storage and version counter, has no history (rule 5).
    Tensor detach() const;
    /// Makes this tensor itself a leaf that requires no gradient; refused on views (rule 5).
    Tensor& detach_();
    /// A copy of a leaf with its `.grad` (rule 11).
    Tensor deepcopy() const;
    /// Shares storage but not the version counter: PyTorch's `.data`.
    Tensor data_tensor() const;
    /// Takes over another tensor's elements, shape and dtype, as assigning `.data` does (rule 8).
    void set_data(const Tensor& other) const;
    std::uint32_t version() const;
    void bump_version() const;

    /// Accumulates gradients of this tensor into the leaves of its graph (rules 32 to 45). `gradient` may be left
    /// undefined for a tensor of one element. With `inputs`, only those receive gradients.
    void backward(const Tensor& gradient = {}, std::optional<bool> retain_graph = std::nullopt,
                  bool create_graph = false, const std::optional<Tensors>& inputs = std::nullopt) const;

    // Operations that read better as members; all are in engine/ops/functional.h too.
    Tensor to(Dtype dtype) const;
    Tensor contiguous() const;
    Tensor clone() const;
    Tensor view(const Shape& shape) const;
    Tensor reshape(const Shape& shape) const;
    Tensor flatten(std::int64_t start_dim = 0, std::int64_t end_dim = -1) const;
    Tensor t() const;
    Tensor transpose(std::int64_t dim0, std::int64_t dim1) const;
    Tensor operator[](std::int64_t index) const; ///< select along dimension 0
    Tensor sum() const;
    Tensor mean() const;

    // In place: bump the version and follow rules 51 to 53.
    Tensor& copy_(const Tensor& source);
    Tensor& fill_(const Scalar& value);
    Tensor& zero_();
    Tensor& add_(const Tensor& other, const Scalar& alpha = 1);
    Tensor& mul_(const Tensor& other);
    Tensor& mul_(const Scalar& other);
    Tensor& uniform_(double from, double to, Generator& generator);
    Tensor& normal_(double mean, double std, Generator& generator);

  private:
    bool base_requires_grad() const;
    const Ref<Node>& grad_fn_of_view() const;

    Ref<TensorImpl> impl_;
};

/// What a view knows of the tensor that it shows a part of.
struct ViewMeta {
    Tensor base;           ///< itself no view
    std::uint32_t version; ///< at which the view's grad_fn was right
    ViewOrigin origin;
};

// Factories. A missing dtype means float32 except where rule 15 says otherwise.
Tensor empty(const Shape& shape, const TensorOptions& options = {});
Tensor zeros(const Shape& shape, const TensorOptions& options = {});
Tensor ones(const Shape& shape, const TensorOptions& options = {});
Tensor full(const Shape& shape, const Scalar& value, const TensorOptions& options = {});
/// [0, 1, ..., count-1] times `step` plus `start`.
Tensor arange(const Scalar& start, const Scalar& end, const Scalar& step = 1,
              const TensorOptions& options = {.dtype = Dtype::int64});
Tensor linspace(double start, double end, std::int64_t steps, const TensorOptions& options = {});
Tensor eye(std::int64_t size, const TensorOptions& options = {});
/// A 1-D tensor of the values (0-dim from one number); dtype float32, int64 or bool by T unless options are given.
template <class T>
Tensor tensor(const std::vector<T>& values, const TensorOptions& options);
Tensor tensor(std::initializer_list<double> values, const TensorOptions& options = {});
Tensor scalar_tensor(const Scalar& value, const TensorOptions& options);
/// Views memory row-major as `shape` after copying it.
template <class T>
Tensor from_data(const T* values, const Shape& shape, const TensorOptions& options);
Tensor rand(const Shape& shape, Generator& generator, const TensorOptions& options = {});
Tensor randn(const Shape& shape, Generator& generator, const TensorOptions& options = {});
Tensor randint(std::int64_t low, std::int64_t high, const Shape& shape, Generator& generator);
Tensor randperm(std::int64_t count, Generator& generator);

/// PyTorch's printed text (rules 111 to 114).
std::string to_string(const Tensor& tensor);

/// A tensor on given storage with its own geometry: the building block of views. Does no bounds checks.
Tensor make_tensor(Ref<Storage> storage, Shape shape, Strides strides, std::int64_t offset, Dtype dtype);
/// The elements of `base` with other geometry, without history; view() and its like, which dispatch() calls, become
/// views that gradients can pass.
Tensor make_view(const Tensor& base, Shape shape, Strides strides, std::int64_t offset);

} // namespace hs
