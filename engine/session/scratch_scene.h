#pragma once

#include "engine/hooks/removable_handle.h"
#include "engine/ops/op.h"
#include "engine/script/environment.h"
#include "engine/session/scratch.h"

#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

namespace hs::session {

/// Watches the operations and nodes that a script runs on this thread, and writes them into a ScratchRun as tensors and
/// edges. Lives no longer than one run.
class ScratchScene {
  public:
    /// The most tensors that are shown.
    static constexpr std::size_t limit = 60;

    /// `changed` is called after each event that changed the run.
    ScratchScene(ScratchRun& run, std::function<void()> changed);

    /// After each line: names, `.grad`s and values that no hook tells of.
    void look_at(const script::Variables& names);
    const ScratchMark& mark() const { return mark_; }
    /// Of one element the number, of a few all, else the shape.
    static std::string short_text(const Tensor& tensor);

  private:
    void after_op(const OpCall& call);
    void after_node(const Node& node, std::span<const Tensor> sent, std::span<const Tensor> gradients);
    std::optional<std::uint32_t> index_of(const Tensor& tensor) const;
    std::optional<std::uint32_t> add(const Tensor& tensor);
    std::optional<std::uint32_t> add_number(const Scalar& number);
    void add_edge(std::optional<std::uint32_t> from, std::uint32_t to);
    std::optional<std::uint32_t> behind(const Edge& edge) const;
    void note(std::vector<ScratchChange>& changes, const std::string& text) const;

    ScratchRun& run_;
    std::function<void()> changed_;
    ScratchMark mark_;
    bool in_optimizer_ = false;
    std::vector<Tensor> held_;       ///< by index; undefined for numbers
    std::vector<const Node*> nodes_; ///< by index
    std::unordered_map<const TensorImpl*, std::uint32_t> known_;
    std::unordered_map<const Node*, std::uint32_t> made_by_;
    std::vector<ScopedHook> hooks_;
};

} // namespace hs::session
