#include "engine/autograd/pass.h"

#include "engine/graph/accumulate_grad.h"
#include "engine/graph/anomaly_mode.h"
#include "engine/graph/current_node.h"
#include "engine/graph/grad_mode.h"
#include "engine/ops/functional.h"
#include "engine/tensor/printing.h"
#include "engine/tensor/warning.h"

namespace hs {

namespace {
thread_local const Node* running = nullptr;
thread_local int passes_under_way = 0; // one inside the other
} // namespace

const Node* current_node() {
    return running;
}
void set_current_node(const Node* node) {
    running = node;
}
bool in_backward_pass() {
    return passes_under_way > 0;
}

} // namespace hs

namespace hs::autograd {

namespace {

thread_local NodeHooks node_hooks_here;

/// Names the running node for the time of a scope.
class RunningNode {
  public:
    explicit RunningNode(const Node* node) : previous_(current_node()) { set_current_node(node); }
    RunningNode(const RunningNode&) = delete;
    RunningNode& operator=(const RunningNode&) = delete;
    ~RunningNode() { set_current_node(previous_); }

  private:
    const Node* previous_;
};

struct UnderWay {
    UnderWay() { ++passes_under_way; }
    UnderWay(const UnderWay&) = delete;
    UnderWay& operator=(const UnderWay&) = delete;
    ~UnderWay() { --passes_under_way; }
};

/// Undoes broadcasting and dtype conversion of the forward (rule 38).
Tensor fit(Tensor gradient, const Node& from, std::size_t index, const InputMeta& meta) {
    if (!std::ranges::equal(gradient.shape(), meta.shape)) {
        bool expandable = gradient.shape().size() >= meta.shape.size();
        for (std::size_t i = 0; expandable && i < meta.shape.size(); ++i) {
            const std::int64_t size = gradient.shape()[gradient.shape().size() - meta.shape.size() + i];
            expandable = meta.shape[i] == size || meta.shape[i] == 1;
        }
        if (!expandable)
            throw Error("Function " + std::string(from.name()) + " returned an invalid gradient at index " +
                        std::to_string(index) + " - got " + to_string(gradient.shape()) +
                        " but expected shape compatible with " + to_string(meta.shape));
        gradient = sum_to_size(gradient, Shape(meta.shape));
    }
    if (gradient.dtype() != meta.dtype) gradient = gradient.to(meta.dtype);
    return gradient;
}

/// Puts what a node hook returned in the place of `gradients` (rule 67).
void replace(std::span<Tensor> gradients, const std::optional<Tensors>& replaced) {
    if (!replaced) return;
    if (replaced->size() != gradients.size())
        throw TypeError("hook has returned an incorrect number of values (got " + std::to_string(replaced->size()) +
                        ", but expected " + std::to_string(gradients.size()) + ")");
    std::ranges::copy(*replaced, gradients.begin());
}

void warn_of_forward(const Node& node) {
    const NodeExtras* extras = node.extras_if_any();
    const std::string call = extras ? extras->forward_call : std::string();
    const std::string start = "Error detected in " + std::string(node.name()) + ". ";
    warn(start + (call.empty() ? "No forward pass information available. Enable detect anomaly during forward pass for "
                                 "more information."
                               : "Traceback of forward call that caused the error:\n  " + call));
}

/// Rule 45.
void check_nan(const Node& node, std::span<const Tensor> results) {
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!results[i].defined() || !is_floating_point(results[i].dtype())) continue;
        const NoGrad scope;
        if (any(isnan(results[i])).is_true())
            throw Error("Function '" + std::string(node.name()) + "' returned nan values in its " + std::to_string(i) +
                        "th output.");
    }
}

void apply(Node& node, std::span<const Tensor> incoming, std::span<Tensor> results) {
    const RunningNode scope(&node);
    if (!anomaly_mode_enabled()) return node.apply(incoming, results);
    try {
        node.apply(incoming, results);
        if (anomaly_mode_checks_nan()) check_nan(node, results);
    } catch (const std::exception&) {
        warn_of_forward(node);
        throw;
    }
}

Tensor apply_hooks(const HookList<GradientHook>& hooks, Tensor gradient) {
    const auto entries = hooks.snapshot();
    if (!entries) return gradient;
    for (const auto& hook : *entries) {
        Tensor result = hook.function(gradient);
        if (!result.defined()) continue;
        if (!gradient.defined()) throw Error("can't replace a None gradient with a non-None value");
        if (result.shape() != gradient.shape()) throw Error("hook has changed the size of value");
        if (result.dtype() != gradient.dtype())
            throw Error("hook has changed the type of value (was " + legacy_type_name(gradient) + " got " +
                        legacy_type_name(result) + ")");
        gradient = std::move(result);
    }
    return gradient;
}

} // namespace

NodeHooks& node_hooks() {
    return node_hooks_here;
}

Pass::~Pass() {
    for (const Entry& entry : entries_)
        if (entry.node && !contested_.contains(entry.node)) entry.node->pass_slot.store(0, std::memory_order_relaxed);
}

std::uint32_t Pass::known_entry(const Node* node) const {
    const std::uint32_t slot = node->pass_slot.load(std::memory_order_relaxed);
    if (slot != 0 && slot < entries_.size() && entries_[slot].node == node) return slot;
    if (contested_.empty()) return 0;
    const auto found = contested_.find(node);
    return found == contested_.end() ? 0 : found->second;
}

std::uint32_t Pass::entry_of(Node* node, bool& is_new) {
    if (const std::uint32_t known = known_entry(node)) {
        is_new = false;
        return known;
    }
    is_new = true;
    const auto made = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({node, 0, static_cast<std::uint32_t>(gradients_.size())});
    gradients_.resize(gradients_.size() + node->input_count());
    // The node remembers its entry, unless a pass around this one, or of another thread, is in its place.
    std::uint32_t expected = 0;
    if (!node->pass_slot.compare_exchange_strong(expected, made, std::memory_order_relaxed))
        contested_.emplace(node, made);
    return made;
}

std::size_t Pass::capture(const GradientEdge& edge, bool accumulate) {
    captures_.push_back({edge.node, edge.input_nr, accumulate, {}});
    return captures_.size() - 1;
}

void Pass::count_dependencies(std::span<const GradientEdge> roots) {
    std::vector<std::uint32_t> stack;
    bool is_new = false;
    for (const GradientEdge& root : roots) {
        const std::uint32_t entry = entry_of(root.node.get(), is_new);
        if (is_new) stack.push_back(entry);
    }
    while (!stack.empty()) {
        Node* node = entries_[stack.back()].node;
        stack.pop_back();
        for (std::size_t i = 0; i < node->edge_count(); ++i) {
            const Edge edge = node->edge(i);
            if (!edge.node) continue;
            const std::uint32_t entry = entry_of(edge.node, is_new);
            ++entries_[entry].dependencies;
            if (is_new) stack.push_back(entry);
        }
    }
}

/// Keeps the nodes from which a captured edge can be reached. Visits every node after those that its edges lead to.
void Pass::mark_needed() {
    for (Entry& entry : entries_)
        entry.needed = false;
    for (const Capture& capture : captures_)
        if (const std::uint32_t entry = known_entry(capture.node.get())) entries_[entry].needed = true;
    enum class Mark : std::uint8_t { fresh, open, closed };
    std::vector<Mark> marks(entries_.size(), Mark::fresh);
    std::vector<std::uint32_t> stack;
    for (std::uint32_t start = 1; start < entries_.size(); ++start) {
        stack.push_back(start);
        while (!stack.empty()) {
            const std::uint32_t entry = stack.back();
            const Node& node = *entries_[entry].node;
            if (marks[entry] == Mark::closed) {
                stack.pop_back();
                continue;
            }
            const bool finish = marks[entry] == Mark::open;
            marks[entry] = finish ? Mark::closed : Mark::open;
            for (std::size_t i = 0; i < node.edge_count(); ++i) {
                if (!node.edge(i).node) continue;
                const std::uint32_t next = known_entry(node.edge(i).node);
                if (finish)
                    entries_[entry].needed = entries_[entry].needed || entries_[next].needed;
                else if (marks[next] == Mark::fresh)
                    stack.push_back(next);
            }
            if (finish) stack.pop_back();
        }
    }
}

void Pass::push(std::uint32_t entry) {
    if (entries_[entry].queued || !entries_[entry].needed) return;
    entries_[entry].queued = true;
    ready_.push({entries_[entry].node->sequence_nr(), order_++, entry});
}

void Pass::deliver(std::uint32_t entry, std::size_t input_nr, Tensor gradient) {
    if (!gradient.defined()) return;
    Tensor& waiting = gradients_[entries_[entry].first_gradient + input_nr];
    if (!waiting.defined()) {
        waiting = std::move(gradient);
        return;
    }
    waiting = add(waiting, gradient);
    if (!node_hooks_here.grad_sum.empty()) node_hooks_here.grad_sum.call(*entries_[entry].node, input_nr, waiting);
}

void Pass::run(std::span<const GradientEdge> roots, std::span<const Tensor> grad_outputs) {
    const GradMode mode(create_graph_);
    const UnderWay under_way;
    for (const GradientEdge& root : roots)
        roots_.push_back(root.node);
    count_dependencies(roots);
    if (!captures_.empty()) mark_needed();
    for (std::size_t i = 0; i < roots.size(); ++i)
        deliver(known_entry(roots[i].node.get()), roots[i].input_nr, grad_outputs[i]);
    for (const GradientEdge& root : roots) {
        const std::uint32_t entry = known_entry(root.node.get());
        if (entries_[entry].dependencies == 0) push(entry);
    }
    while (!ready_.empty()) {
        const std::uint32_t entry = ready_.top().entry;
        ready_.pop();
        run_node(entry);
    }
}

void Pass::run_tensor_hooks(Node& node, std::span<Tensor> gradients) {
    if (node.is_accumulate_grad()) {
        const Tensor& leaf = static_cast<AccumulateGrad&>(node).variable();
        gradients[0] = apply_hooks(leaf.impl()->meta->hooks, std::move(gradients[0]));
        return;
    }
    const NodeExtras* extras = node.extras_if_any();
    if (!extras) return;
    for (std::size_t i = 0; i < gradients.size(); ++i) {
        gradients[i] = apply_hooks(extras->tensor_hooks[i], std::move(gradients[i]));
        const auto retained = extras->retained[i].lock();
        if (!retained || !gradients[i].defined()) continue;
        *retained = retained->defined() ? add(*retained, gradients[i])
                    : create_graph_     ? gradients[i]
                                        : gradients[i].clone();
    }
}

void Pass::take_captures(const Node& node, std::span<const Tensor> gradients) {
    for (Capture& capture : captures_)
        if (capture.node.get() == &node && !capture.accumulate) capture.gradient = gradients[capture.input_nr];
}

/// Whether a node of a pass with captures is more than the place of one.
bool Pass::must_run(const Node& node) const {
    bool captured_here = false;
    bool accumulate = false;
    for (const Capture& capture : captures_) {
        if (capture.node.get() != &node) continue;
        captured_here = true;
        accumulate = accumulate || capture.accumulate;
    }
    if (node.is_accumulate_grad()) return accumulate;
    if (!captured_here) return true;
    // A captured non-leaf goes on only when another captured tensor lies behind it.
    for (std::size_t i = 0; i < node.edge_count(); ++i)
        if (node.edge(i).node && entries_[known_entry(node.edge(i).node)].needed) return true;
    return false;
}

namespace {

/// Fits the gradient for edge `i` of `node` to what the edge leads to.
void fit_to_edge(Tensor& gradient, const Node& node, std::size_t i) {
    const Edge edge = node.edge(i);
    if (!gradient.defined() || !edge.node) return;
    if (const auto meta = edge.node->input_meta(edge.input_nr)) gradient = fit(std::move(gradient), node, i, *meta);
}

} // namespace

void Pass::run_node(std::uint32_t index) {
    Node& node = *entries_[index].node;
    std::array<Tensor, 4> few;
    std::vector<Tensor> many;
    const std::size_t input_count = node.input_count();
    if (input_count > few.size()) many.resize(input_count);
    const std::span<Tensor> incoming = many.empty() ? std::span(few).first(input_count) : std::span(many);
    for (std::size_t i = 0; i < input_count; ++i)
        incoming[i] = std::move(gradients_[entries_[index].first_gradient + i]);
    // What is captured of a node that runs is what arrived, of one that does not, what its tensor hooks made of it
    // (rule 64).
    const bool runs = captures_.empty() || must_run(node);
    if (runs && !captures_.empty()) take_captures(node, incoming);
    run_tensor_hooks(node, incoming);
    if (!runs) return take_captures(node, incoming);

    const NodeExtras* extras = node.extras_if_any();
    if (extras) {
        if (const auto hooks = extras->pre_hooks.snapshot())
            for (const auto& hook : *hooks)
                replace(incoming, hook.function(incoming));
    }
    std::array<Tensor, 4> few_results;
    std::vector<Tensor> many_results;
    const std::size_t edge_count = node.edge_count();
    if (edge_count > few_results.size()) many_results.resize(edge_count);
    const std::span<Tensor> results =
        many_results.empty() ? std::span(few_results).first(edge_count) : std::span(many_results);

    if (!node_hooks_here.before.empty()) node_hooks_here.before.call(node, std::span<const Tensor>(incoming));
    apply(node, incoming, results);
    if (!keep_graph_) node.release_saved();
    const bool is_seen = (extras && !extras->post_hooks.empty()) || !node_hooks_here.after.empty();
    if (is_seen) // what goes on from here
        for (std::size_t i = 0; i < edge_count; ++i)
            fit_to_edge(results[i], node, i);
    if (extras) {
        if (const auto hooks = extras->post_hooks.snapshot())
            for (const auto& hook : *hooks)
                replace(results, hook.function(results, incoming));
    }
    if (!node_hooks_here.after.empty())
        node_hooks_here.after.call(node, std::span<const Tensor>(results), std::span<const Tensor>(incoming));
    for (Tensor& gradient : incoming)
        gradient = Tensor();
    send(node, results);
}

void Pass::send(Node& node, std::span<Tensor> results) {
    for (std::size_t i = 0; i < results.size(); ++i) {
        const Edge edge = node.edge(i);
        if (!edge.node) continue;
        const std::uint32_t next = known_entry(edge.node);
        if (entries_[next].needed) {
            fit_to_edge(results[i], node, i);
            deliver(next, edge.input_nr, std::move(results[i]));
        }
        if (--entries_[next].dependencies == 0) push(next);
    }
}

} // namespace hs::autograd
