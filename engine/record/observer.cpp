#include "engine/record/observer.h"

#include "engine/graph/accumulate_grad.h"
#include "engine/graph/current_node.h"

#include <utility>

namespace hs::record {

using trace::Event;
using trace::EventKind;
using trace::Level;

void Recorder::Impl::tell(trace::Id event, const Tensor* about) {
    told = about;
    if (on_event) on_event(event);
}

void Recorder::Impl::on_enter(trace::Id module, const Tensors& inputs) {
    if (!listening()) return;
    Timed timed(*this);
    if (!in_backward_pass()) in_pass = false;
    if (stack.empty()) write_changed_grads();
    ModuleSlot& slot = modules[module];
    stack.push_back(module);
    Event event{.kind = EventKind::module_enter, .module = module};
    if (!inputs.empty() && inputs.front().defined())
        event.value = writer.write(slot.input, inputs.front(), slot.input.keep && slot.level >= Level::summaries).value;
    event.begin_ns = writer.since_begin(timed.begin);
    enter_times.push_back(writer.since_begin(timed.end()));
    event.end_ns = event.begin_ns;
    tell(writer.event(event), event.value == trace::none ? nullptr : &inputs.front());
}

TraceWriter::Ids Recorder::Impl::write_output(ModuleSlot& slot, const Tensor& output) {
    const bool with_summary = slot.level >= Level::summaries;
    const bool same = last_output.tensor == output.impl() && last_output.ops_seen == ops_seen;
    const bool reusable = same && (!with_summary || last_output.ids.summary != trace::none);
    const auto ids = reusable ? writer.write_alias(slot.output, output, last_output.ids, with_summary)
                              : writer.write(slot.output, output, with_summary);
    last_output.tensor = output.impl();
    last_output.ops_seen = ops_seen;
    last_output.ids = ids;
    return ids;
}

void Recorder::Impl::on_leave(trace::Id module, const Tensors& outputs) {
    if (!listening()) return;
    Timed timed(*this);
    // What threw inside left its modules on the stack.
    while (!stack.empty() && stack.back() != module) {
        stack.pop_back();
        enter_times.pop_back();
    }
    if (stack.empty()) return;
    Event event{.kind = EventKind::module_exit, .module = module};
    event.begin_ns = enter_times.back();
    event.end_ns = writer.since_begin(timed.begin);
    stack.pop_back();
    enter_times.pop_back();
    if (!outputs.empty() && outputs.front().defined()) {
        const auto ids = write_output(modules[module], outputs.front());
        event.value = ids.value;
        event.summary = ids.summary;
        bind_output(outputs.front(), module);
    }
    const trace::Id id = writer.event(event);
    timed.end();
    tell(id, event.value == trace::none ? nullptr : &outputs.front());
}

void Recorder::Impl::before_op(const OpCall& call) {
    if (!listening() || call.in_backward || call.op.declaration().composite) return;
    in_pass = false;
    op_begin = writer.since_begin(Clock::now());
}

void Recorder::Impl::after_op(const OpCall& call) {
    if (!listening() || call.in_backward || call.op.declaration().composite) return;
    ++ops_seen;
    const trace::Id module = running();
    if (!at_least(module, Level::structure)) return;
    Timed timed(*this);
    Event event{.kind = EventKind::forward, .module = module};
    event.begin_ns = op_begin;
    event.end_ns = writer.since_begin(timed.begin);
    const trace::Name operation = call.op.name();
    if (call.node) event.node = record_node(*call.node, operation, module);
    const trace::Name path = module == trace::none ? trace::Name() : modules[module].output.key.module;
    if (!call.outputs.empty() && call.outputs.front().defined())
        event.value = writer.write_intermediate(path, operation, call.outputs.front());
    const trace::Id id = writer.event(event);
    timed.end();
    tell(id, event.value == trace::none ? nullptr : &call.outputs.front());
}

trace::Id Recorder::Impl::add_node(const Node& node, trace::Name operation, trace::Id module) {
    const std::uint64_t number = node.sequence_nr();
    const trace::Id id = writer.node({node.name(), operation, number, module});
    if (nodes.empty()) first_sequence_nr = number;
    if (number < first_sequence_nr) return id; // of an older graph
    const std::size_t place = number - first_sequence_nr;
    if (place >= nodes.size()) nodes.resize(place + 1);
    nodes[place].node = id;
    return id;
}

trace::Id Recorder::Impl::record_node(const Node& node, trace::Name operation, trace::Id module) {
    const trace::Id id = add_node(node, operation, module);
    if (writer.keeps_all() && known_node(node) != trace::none) record_edges(node, id);
    return id;
}

/// The AccumulateGrad of a parameter, under the parameter's name.
trace::Id Recorder::Impl::member_leaf(MemberSlot& slot) {
    if (slot.leaf == trace::none)
        slot.leaf = writer.node({slot.name, {}, accumulate_grad_sequence_nr, slot.module, true});
    return slot.leaf;
}

trace::Id Recorder::Impl::leaf_node(const Node& node) {
    const TensorImpl* leaf = static_cast<const AccumulateGrad&>(node).variable().impl();
    const auto member = member_of.find(leaf);
    if (member != member_of.end()) return member_leaf(members[member->second]);
    const auto [place, added] = other_leaves.try_emplace(leaf);
    if (added) place->second = writer.node({{}, {}, accumulate_grad_sequence_nr, trace::none, true});
    return place->second;
}

/// The edges of a node and of those behind it that no operation told of, without recursion: such a chain can be long.
void Recorder::Impl::record_edges(const Node& first, trace::Id first_id) {
    std::vector<std::pair<const Node*, trace::Id>> left{{&first, first_id}};
    while (!left.empty()) {
        const auto [node, from] = left.back();
        left.pop_back();
        for (std::uint32_t i = 0; i < node->edge_count(); ++i) {
            const Edge edge = node->edge(i);
            if (!edge.node) continue;
            trace::Id to = edge.node->is_accumulate_grad() ? leaf_node(*edge.node) : known_node(*edge.node);
            if (to == trace::none) {
                to = add_node(*edge.node, {}, trace::none);
                if (known_node(*edge.node) != trace::none) left.emplace_back(edge.node, to);
            }
            first_edge.try_emplace(from, writer.edge({from, to, i, edge.input_nr}));
        }
    }
}

void Recorder::Impl::record_sent(trace::Id from, trace::Id event, std::span<const Tensor> sent) {
    const auto first = first_edge.find(from);
    if (first == first_edge.end()) return;
    const auto& edges = writer.trace()->edges;
    for (trace::Id id = first->second; id < edges.size() && edges[id].from == from; ++id) {
        const std::uint32_t number = edges[id].output_nr;
        if (number < sent.size() && sent[number].defined()) writer.edge_gradient(id, event, sent[number]);
    }
}

trace::Id Recorder::Impl::known_node(const Node& node) const {
    const std::uint64_t place = node.sequence_nr() - first_sequence_nr; // wraps round for older ones
    return place < nodes.size() ? nodes[place].node : trace::none;
}

void Recorder::Impl::bind_output(const Tensor& output, trace::Id module) {
    const Ref<Node>& node = output.grad_fn();
    if (!node) return;
    const trace::Id known = known_node(*node);
    if (known == trace::none) record_node(*node, {}, module);
    const std::uint64_t place = node->sequence_nr() - first_sequence_nr;
    if (place >= nodes.size()) return;
    // At the end: the innermost module leaves first, and the node's event is about its output.
    std::uint32_t* last = &nodes[place].first_binding;
    while (*last != trace::none)
        last = &bindings[*last].next;
    *last = static_cast<std::uint32_t>(bindings.size());
    bindings.push_back({module, output.impl()->output_nr, trace::none});
}

std::uint32_t Recorder::Impl::first_binding(const Node& node) const {
    const std::uint64_t place = node.sequence_nr() - first_sequence_nr;
    return place < nodes.size() ? nodes[place].first_binding : trace::none;
}

TraceWriter::Ids Recorder::Impl::write_output_gradient(const Binding& binding, std::span<const Tensor> gradients) {
    if (binding.output_nr >= gradients.size() || !gradients[binding.output_nr].defined()) return {};
    ModuleSlot& slot = modules[binding.module];
    const Tensor& gradient = gradients[binding.output_nr];
    const bool with_summary = slot.level >= Level::summaries;
    const bool same = arrived.value != trace::none && arrived_nr == binding.output_nr;
    if (same && (!with_summary || arrived.summary != trace::none))
        return writer.write_alias(slot.output_gradient, gradient, arrived, with_summary);
    return writer.write(slot.output_gradient, gradient, with_summary);
}

void Recorder::Impl::begin_pass(const Node& root) {
    if (!at_least(trace::none, Level::structure)) return;
    Timed timed(*this);
    write_changed_grads();
    Event event{.kind = EventKind::pass_begin, .node = known_node(root)};
    event.begin_ns = event.end_ns = writer.since_begin(timed.begin);
    const trace::Id written = writer.event(event);
    timed.end();
    tell(written);
}

void Recorder::Impl::before_node(const Node& node, std::span<const Tensor> gradients) {
    if (!listening()) return;
    if (!std::exchange(in_pass, true)) begin_pass(node);
    arrived = {};
    const std::uint32_t first = first_binding(node);
    if (first == trace::none) {
        node_begin = writer.since_begin(Clock::now());
        return;
    }
    Timed timed(*this);
    arrived = write_output_gradient(bindings[first], gradients);
    arrived_nr = bindings[first].output_nr;
    node_begin = writer.since_begin(timed.end());
}

void Recorder::Impl::after_node(const Node& node, std::span<const Tensor> sent, std::span<const Tensor> gradients) {
    if (!listening()) return;
    if (node.is_accumulate_grad()) return record_accumulated(node);
    Timed timed(*this);
    trace::Id id = known_node(node);
    const trace::Id module = id == trace::none ? trace::none : writer.trace()->nodes[id].module;
    const std::uint32_t first = first_binding(node);
    if (first == trace::none && !at_least(module, Level::structure)) return;
    if (id == trace::none) id = record_node(node, {}, trace::none);
    Event event{.kind = EventKind::backward, .module = module, .node = id};
    event.value = arrived.value;
    event.summary = arrived.summary;
    event.begin_ns = node_begin;
    event.end_ns = writer.since_begin(timed.begin);
    const trace::Id written = writer.event(event);
    record_sent(id, written, sent);
    // The node's event names one value; for the modules around it the gradient is a note of its own behind it.
    for (std::uint32_t i = first == trace::none ? first : bindings[first].next; i != trace::none;
         i = bindings[i].next) {
        const auto ids = write_output_gradient(bindings[i], gradients);
        if (ids.value == trace::none) continue;
        Event around{.kind = EventKind::summary, .module = bindings[i].module, .node = id};
        around.value = ids.value;
        around.summary = ids.summary;
        around.begin_ns = around.end_ns = event.end_ns;
        writer.event(around);
    }
    timed.end();
    tell(written);
}

void Recorder::Impl::record_accumulated(const Node& node) {
    Timed timed(*this);
    const Tensor& leaf = static_cast<const AccumulateGrad&>(node).variable();
    const auto found = member_of.find(leaf.impl());
    const trace::Id module = found == member_of.end() ? trace::none : members[found->second].module;
    if (!at_least(module, Level::structure)) return;
    Event event{.kind = EventKind::accumulate_grad, .module = module};
    if (found != member_of.end()) {
        MemberSlot& slot = members[found->second];
        write_changed_grads();
        event.node = member_leaf(slot);
        const Tensor& gradient = leaf.mutable_grad();
        if (gradient.defined()) {
            const auto ids = writer.write(slot.gradient, gradient, level_of(module) >= Level::summaries);
            event.value = ids.value;
            event.summary = ids.summary;
        }
    } else if (writer.keeps_all()) {
        event.node = leaf_node(node);
    }
    event.begin_ns = node_begin;
    event.end_ns = writer.since_begin(timed.begin);
    const trace::Id written = writer.event(event);
    timed.end();
    tell(written, event.value == trace::none ? nullptr : &leaf.mutable_grad());
}

void Recorder::Impl::on_grad_sum(const Node& node) {
    if (!listening()) return;
    Timed timed(*this);
    const trace::Id id = known_node(node);
    const trace::Id module = id == trace::none ? trace::none : writer.trace()->nodes[id].module;
    if (!at_least(module, Level::structure)) return;
    Event event{.kind = EventKind::grad_sum, .module = module, .node = id};
    event.begin_ns = event.end_ns = writer.since_begin(timed.begin);
    const trace::Id written = writer.event(event);
    timed.end();
    tell(written);
}

void Recorder::Impl::before_optimizer() {
    if (!listening()) return;
    in_pass = false;
    if (at_least(trace::none, Level::structure)) {
        Event event{.kind = EventKind::optimizer_begin};
        event.begin_ns = event.end_ns = writer.since_begin(Clock::now());
        tell(writer.event(event));
    }
    Timed timed(*this);
    for (MemberSlot& slot : members) {
        if (slot.value.key.role != trace::Role::parameter || !at_least(slot.module, Level::summaries)) continue;
        const bool whole = writer.keeps(slot.update, slot.tensor);
        slot.probe.before(slot.tensor, whole ? 0 : watch.exact_bins_up_to);
    }
    in_optimizer = true;
}

void Recorder::Impl::after_optimizer() {
    if (!writer.open() || !std::exchange(in_optimizer, false)) return;
    for (MemberSlot& slot : members) {
        if (slot.value.key.role != trace::Role::parameter || !at_least(slot.module, Level::structure)) continue;
        if (slot.tensor.version() != slot.version) write_member(slot, EventKind::parameter_update);
    }
}

void Recorder::Impl::write_member(MemberSlot& slot, EventKind kind) {
    Timed timed(*this);
    slot.version = slot.tensor.version();
    slot.written = true;
    const auto ids = writer.write(slot.value, slot.tensor, at_least(slot.module, Level::summaries));
    Event event{.kind = kind, .module = slot.module, .value = ids.value, .summary = ids.summary};
    event.begin_ns = event.end_ns = writer.since_begin(timed.begin);
    const trace::Id written = writer.event(event);
    if (kind == EventKind::parameter_update) write_update(slot);
    timed.end();
    tell(written);
}

void Recorder::Impl::write_update(MemberSlot& slot) {
    if (!at_least(slot.module, Level::summaries) || !slot.probe.changed(slot.tensor)) return;
    const trace::BinRange* range = slot.update.range ? &*slot.update.range : nullptr;
    const trace::Summary summary = slot.probe.after(slot.tensor, range);
    const bool keep = slot.probe.is_whole() && writer.keeps(slot.update, slot.tensor);
    const Tensor shown = keep ? slot.probe.difference(slot.tensor) : slot.tensor;
    const auto ids = writer.write_summary(slot.update, shown, summary, keep);
    Event event{.kind = EventKind::summary, .module = slot.module, .value = ids.value, .summary = ids.summary};
    event.begin_ns = event.end_ns = writer.since_begin(Clock::now());
    writer.event(event);
}

/// What a step did not change is in its Trace too, so that every step shows all parameters and buffers.
void Recorder::Impl::finish_members() {
    for (MemberSlot& slot : members) {
        if (slot.written || !at_least(slot.module, Level::structure)) continue;
        const bool is_buffer = slot.value.key.role == trace::Role::buffer;
        if (is_buffer && slot.tensor.version() != slot.version)
            write_member(slot, EventKind::buffer_update);
        else
            writer.write(slot.value, slot.tensor, slot.value.keep && at_least(slot.module, Level::summaries));
    }
}

} // namespace hs::record
