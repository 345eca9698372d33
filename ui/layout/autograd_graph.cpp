#include "ui/layout/autograd_graph.h"

#include <algorithm>
#include <map>
#include <utility>

namespace hs::ui {

namespace {

constexpr std::size_t noItem = static_cast<std::size_t>(-1);

/// For each module the outermost of `collapsed` that it is or lies in, or none. Parents come before their children.
std::vector<trace::Id> representatives(const trace::ModuleTable& modules, const std::set<trace::Id>& collapsed) {
    std::vector<trace::Id> result(modules.size(), trace::none);
    for (trace::Id id = 0; id < modules.size(); ++id) {
        const trace::Id parent = modules[id].parent;
        const trace::Id above = parent < id ? result[parent] : trace::none;
        result[id] = above != trace::none ? above : collapsed.contains(id) ? id : trace::none;
    }
    return result;
}

class AutogradBuilder {
  public:
    AutogradBuilder(const trace::Trace& trace, const std::set<trace::Id>& collapsed)
        : m_trace(trace), m_groupOf(representatives(*trace.modules, collapsed)) {
        // Edges first: the nodes of an edge are written before it.
        m_graph.traceEdges = trace.edges.size();
        m_graph.itemOf.assign(trace.nodes.size(), noItem);
    }

    AutogradGraph build() {
        addItems();
        countTakers();
        addEdges();
        return std::move(m_graph);
    }

  private:
    using Port = std::pair<trace::Id, std::uint32_t>; // a node, and which of the gradients that it takes

    void addItems() {
        std::vector<std::size_t> groups(m_groupOf.size(), noItem);
        for (trace::Id id = 0; id < m_graph.itemOf.size(); ++id) {
            const trace::Node& node = m_trace.nodes[id];
            const trace::Id group = node.module < m_groupOf.size() ? m_groupOf[node.module] : trace::none;
            if (group == trace::none) {
                AutogradItem item;
                item.kind = node.is_accumulate_grad ? AutogradKind::leaf : AutogradKind::node;
                item.node = id;
                item.module = node.module;
                item.hasPartner = !node.operation.empty();
                m_graph.itemOf[id] = add(std::move(item));
                continue;
            }
            if (groups[group] == noItem) {
                AutogradItem item;
                item.kind = AutogradKind::group;
                item.module = group;
                groups[group] = add(std::move(item));
            }
            AutogradItem& item = m_graph.items[groups[group]];
            item.inside.push_back(id);
            item.leaves += node.is_accumulate_grad;
            item.hasPartner |= !node.operation.empty();
            m_graph.itemOf[id] = groups[group];
        }
    }

    bool isShown(const trace::GraphEdge& edge) const {
        const std::size_t nodes = m_graph.itemOf.size();
        if (edge.from >= nodes || edge.to >= nodes) return false;
        return m_graph.itemOf[edge.from] != m_graph.itemOf[edge.to];
    }

    /// How many gradients meet where; what a group takes is summed inside it.
    void countTakers() {
        for (trace::Id id = 0; id < m_graph.traceEdges; ++id) {
            const trace::GraphEdge edge = m_trace.edges[id];
            if (!isShown(edge)) continue;
            if (m_graph.items[m_graph.itemOf[edge.to]].kind == AutogradKind::group) continue;
            ++m_takers[{edge.to, edge.input_nr}];
        }
        std::erase_if(m_takers, [](const auto& taker) { return taker.second < 2; });
    }

    void addEdges() {
        std::map<Port, std::size_t> sums;
        std::map<std::pair<std::size_t, std::size_t>, std::size_t> known;
        const auto join = [&](std::size_t from, std::size_t to, trace::Id edge) {
            const auto [place, isNew] = known.try_emplace({from, to}, m_graph.edges.size());
            if (isNew) m_graph.edges.push_back({from, to, {}});
            if (edge != trace::none) m_graph.edges[place->second].edges.push_back(edge);
        };
        for (trace::Id id = 0; id < m_graph.traceEdges; ++id) {
            const trace::GraphEdge edge = m_trace.edges[id];
            if (!isShown(edge)) continue;
            const std::size_t from = m_graph.itemOf[edge.from];
            const std::size_t to = m_graph.itemOf[edge.to];
            const auto meeting = m_takers.find({edge.to, edge.input_nr});
            if (meeting == m_takers.end()) {
                join(from, to, id);
                continue;
            }
            const auto [sum, isNew] = sums.try_emplace(meeting->first, m_graph.items.size());
            if (isNew) {
                AutogradItem item;
                item.kind = AutogradKind::gradSum;
                item.node = edge.to;
                item.module = m_trace.nodes[edge.to].module;
                item.gradients = meeting->second;
                add(std::move(item));
                join(sum->second, to, trace::none);
            }
            join(from, sum->second, id);
        }
    }

    std::size_t add(AutogradItem item) {
        m_graph.items.push_back(std::move(item));
        return m_graph.items.size() - 1;
    }

    const trace::Trace& m_trace;
    std::vector<trace::Id> m_groupOf; ///< by module
    std::map<Port, std::uint32_t> m_takers;
    AutogradGraph m_graph;
};

/// Nodes of each module and of all modules in it.
std::vector<std::size_t> nodesInside(const trace::Trace& trace) {
    const trace::ModuleTable& modules = *trace.modules;
    std::vector<std::size_t> counts(modules.size(), 0);
    const std::size_t nodes = trace.nodes.size();
    for (std::size_t id = 0; id < nodes; ++id)
        if (trace.nodes[id].module < counts.size()) ++counts[trace.nodes[id].module];
    for (std::size_t id = modules.size(); id-- > 0;)
        if (modules[id].parent < id) counts[modules[id].parent] += counts[id];
    return counts;
}

} // namespace

AutogradGraph buildAutogradGraph(const trace::Trace& trace, const std::set<trace::Id>& collapsed) {
    return AutogradBuilder(trace, collapsed).build();
}

std::vector<trace::Id> collapsibleAround(const trace::Trace& trace, trace::Id module, std::size_t least) {
    const trace::ModuleTable& modules = *trace.modules;
    const std::vector<std::size_t> counts = nodesInside(trace);
    std::vector<trace::Id> result;
    for (trace::Id id = module; id < modules.size() && modules[id].parent < id; id = modules[id].parent)
        if (counts[id] >= least) result.push_back(id);
    return result;
}

std::set<trace::Id> collapsedAtFirst(const trace::Trace& trace, std::size_t most) {
    if (buildAutogradGraph(trace, {}).items.size() <= most) return {};
    const trace::ModuleTable& modules = *trace.modules;
    const std::vector<std::size_t> counts = nodesInside(trace);
    std::vector<std::size_t> depths(modules.size(), 0);
    std::size_t deepest = 0;
    for (std::size_t id = 0; id < modules.size(); ++id) {
        if (modules[id].parent < id) depths[id] = depths[modules[id].parent] + 1;
        deepest = std::max(deepest, depths[id]);
    }
    std::set<trace::Id> collapsed;
    for (std::size_t depth = deepest; depth > 0; --depth) {
        collapsed.clear();
        for (trace::Id id = 0; id < modules.size(); ++id)
            if (depths[id] == depth && counts[id] >= 3) collapsed.insert(id);
        if (buildAutogradGraph(trace, collapsed).items.size() <= most) break;
    }
    return collapsed;
}

} // namespace hs::ui
