#include "engine/ops/view_history.h"

#include "engine/graph/autograd_meta.h"
#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"

namespace hs {

namespace ops {
extern const Op as_strided_op;
}

namespace {

/// A tensor of its own with this geometry.
Tensor empty_strided(const Shape& shape, const Strides& strides, const TensorOptions& options) {
    std::int64_t extent = element_count(shape) == 0 ? 0 : 1;
    for (std::size_t i = 0; extent != 0 && i < shape.size(); ++i)
        extent += (shape[i] - 1) * strides[i];
    return make_view(zeros({extent}, options), shape, strides, 0);
}

/// What a write into a view is to its base: the gradient of the base goes on without the part that was overwritten,
/// and that part through the operation that wrote it.
class CopySlices final : public Node {
  public:
    struct Geometry {
        Shape shape;
        Strides strides;
        std::int64_t offset;
    };
    /// `writer` computed what was written; null when it came from elsewhere, along edge 1.
    CopySlices(const Tensor& base, const Tensor& view, Ref<Node> writer)
        : base_{base.shape(), base.strides(), 0}, view_{view.shape(), view.strides(),
                                                        view.storage_offset() - base.storage_offset()},
          writer_(std::move(writer)) {}

    std::string_view name() const override { return "CopySlices"; }

    void apply(std::span<const Tensor> grad_outputs, std::span<Tensor> grad_inputs) override {
        const Tensor& gradient = grad_outputs[0];
        if (!gradient.defined()) return;
        Tensor whole = empty_strided(base_.shape, base_.strides, gradient.options());
        whole.copy_(gradient);
        Tensor part = as_strided(whole);
        const Tensor incoming = clone(part);
        if (writer_) {
            Tensors results(grad_inputs.size());
            writer_->apply(std::span(&incoming, 1), results);
            std::ranges::move(results, grad_inputs.begin());
        } else {
            grad_inputs[1] = incoming;
        }
        Tensor& of_base = grad_inputs[0];
        if (!edge(0).node) return;
        if (writer_ && of_base.defined())
            part.copy_(sum_to_size(of_base, view_.shape));
        else
            part.zero_();
        of_base = whole;
    }

    void release_saved() override {
        if (writer_) writer_->release_saved();
    }

  private:
    Tensor as_strided(const Tensor& whole) const {
        return call(ops::as_strided_op, {whole, view_.shape, view_.strides, Scalar(view_.offset)});
    }

    Geometry base_;
    Geometry view_; ///< offset from the base's first element
    Ref<Node> writer_;
};

void replace_history(const Tensor& tensor, const Ref<Node>& node, std::uint32_t output_nr) {
    AutogradMeta* meta = tensor.impl()->meta.get();
    if (meta && meta->retained_grad) { // follows the new version (rule 61)
        if (const Ref<Node>& old = tensor.impl()->grad_fn) old->extras().retained[tensor.impl()->output_nr].reset();
        node->extras().retained[output_nr] = meta->retained_grad;
    }
    set_history(tensor, node, output_nr);
}

/// Whether the first gradient of `node` is that of `self`.
bool starts_at(const Node& node, const Tensor& self) {
    if (node.input_count() != 1 || node.edge_count() == 0) return false;
    const GradientEdge edge = gradient_edge(self);
    return node.edge(0).node == edge.node.get() && node.edge(0).input_nr == edge.input_nr;
}

} // namespace

void become_view(const Tensor& alias, const Tensor& shown, ViewOrigin origin) {
    const ViewMeta* outer = shown.impl()->view.get();
    if (outer && origin == ViewOrigin::plain) origin = outer->origin;
    const std::uint32_t version = shown.is_inference() ? 0 : shown.version();
    alias.impl()->view = std::make_unique<ViewMeta>(ViewMeta{outer ? outer->base : shown, version, origin});
}

void check_view_origin(const Tensor& view, bool indirect) {
    const ViewOrigin origin = view.impl()->view->origin;
    if (origin == ViewOrigin::plain) return;
    const bool inference = origin == ViewOrigin::inference_mode;
    const Ref<Node>& node = view.impl()->grad_fn;
    const std::string changed = indirect ? "its base or another view of its base has been" : "is being";
    std::string text =
        node ? "Output " + std::to_string(view.impl()->output_nr) + " of " + std::string(node->name()) + " is a view"
             : "A view was created";
    if (inference || origin == ViewOrigin::no_grad_mode || !node)
        text += std::string(node ? " of a view which was created" : "") + " in " +
                (inference ? "inference mode and " : "no_grad mode and ") + changed + " modified inplace " +
                (inference ? "in normal mode." : "with grad mode enabled.");
    else
        text += " and " + changed + " modified inplace.";
    switch (origin) {
    case ViewOrigin::multiple_outputs:
        throw Error(text + " This view is the output of a function that returns multiple views. Such functions do not "
                           "allow the output views to be modified inplace. You should replace the inplace operation by "
                           "an out-of-place one.");
    case ViewOrigin::custom_function:
        throw Error(text + " This view was created inside a custom Function (or because an input was returned as-is) "
                           "and the autograd logic to handle view+inplace would override the custom backward "
                           "associated with the custom Function, leading to incorrect gradients. This behavior is "
                           "forbidden. You can fix this by cloning the output of the custom Function.");
    default: {
        const std::string block = inference ? "inference_mode" : "no_grad";
        throw Error(text +
                    " Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify "
                    "your code by moving both the view and the inplace either both inside the " +
                    block +
                    " block (if you don't want the inplace to be tracked) or both outside (if you want the "
                    "inplace to be tracked).");
    }
    }
}

void rebase_history(const Tensor& self, const Tensor& value) {
    const Ref<Node>& made = value.grad_fn();
    if (!self.is_view()) return replace_history(self, made, value.impl()->output_nr);
    const Tensor base = self.base();
    const bool direct = starts_at(*made, self);
    const GradientEdge of_base = gradient_edge(base);
    std::vector<Edge> edges{{of_base.node.get(), of_base.input_nr}};
    if (direct)
        for (std::size_t i = 1; i < made->edge_count(); ++i)
            edges.push_back(made->edge(i));
    else
        edges.push_back({made.get(), value.impl()->output_nr});
    const Ref<Node> node =
        make_node<CopySlices>(edges, std::span(&base, 1), 0, base, self, direct ? made : Ref<Node>());
    replace_history(base, node, 0);
}

Tensor Tensor::base() const {
    return impl_->view ? impl_->view->base : Tensor();
}

bool Tensor::base_requires_grad() const {
    return impl_->view->base.requires_grad();
}

const Ref<Node>& Tensor::grad_fn_of_view() const {
    ViewMeta& view = *impl_->view;
    if (is_inference() || (!impl_->grad_fn && !view.base.requires_grad())) return impl_->grad_fn;
    const std::uint32_t now = version();
    if (view.version == now) return impl_->grad_fn;
    check_view_origin(*this, true);
    view.version = now; // recording reads it again
    const Tensor fresh = make_view(*this, impl_->shape, impl_->strides, impl_->offset);
    record_call(ops::as_strided_op,
                std::array<ArgumentRef, 4>{view.base, impl_->shape, impl_->strides, Scalar(impl_->offset)},
                std::span(&fresh, 1));
    replace_history(*this, fresh.impl()->grad_fn, 0);
    return impl_->grad_fn;
}

} // namespace hs
