#include "ui/views/graph_model.h"

#include "ui/theme/numbers.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <utility>

namespace hs::ui {

using trace::NodeState;

namespace {

struct GraphText {
    Q_DECLARE_TR_FUNCTIONS(GraphModel)
};

/// How much a node's state says about the group that it is in: the highest is the group's, but for `done`.
int weightOf(NodeState state) {
    switch (state) {
    case NodeState::running:
        return 5;
    case NodeState::ready:
        return 4;
    case NodeState::waiting:
        return 3;
    case NodeState::done:
        return 2;
    case NodeState::idle:
        return 1;
    case NodeState::absent:
        return 0;
    }
    return 0;
}

} // namespace

void GraphModel::setGraph(std::shared_ptr<const trace::Trace> trace, AutogradGraph graph, AutogradLayout layout) {
    m_graph = std::move(graph);
    m_layout = std::move(layout);
    setTrace(std::move(trace));
}

void GraphModel::setTrace(std::shared_ptr<const trace::Trace> trace) {
    if (trace != m_trace || !m_wave) {
        m_trace = std::move(trace);
        m_wave.emplace(m_trace);
    }
    m_operations.assign(m_trace->modules->size(), 0);
    for (std::size_t node = 0; node < m_graph.itemOf.size(); ++node) {
        const trace::Node& one = m_trace->nodes[node];
        if (one.module < m_operations.size() && !one.operation.empty()) ++m_operations[one.module];
    }
    moveTo(m_wave->position());
}

void GraphModel::clear() {
    *this = GraphModel();
}

void GraphModel::moveTo(std::size_t position) {
    if (!m_wave) return;
    m_wave->move_to(position);
    readEvents(m_wave->position());
    readItems();
    readEdges();
    readSums();
    m_marks.read(*m_trace, m_graph.itemOf.size(), m_wave->position());
}

NodeState GraphModel::stateOf(trace::Id node) const {
    return node < m_wave->size() ? m_wave->state(node) : NodeState::absent;
}

void GraphModel::readEvents(std::size_t position) {
    const std::size_t nodes = m_graph.itemOf.size();
    m_made.assign(nodes, trace::none);
    m_written.assign(nodes, trace::none);
    m_event = position > 0 ? static_cast<trace::Id>(position - 1) : trace::none;
    m_current = size();
    for (std::size_t i = 0; i < position; ++i) {
        const trace::Event& event = m_trace->events[i];
        if (event.node >= nodes) continue;
        if (event.kind == trace::EventKind::forward) m_made[event.node] = event.value;
        if (event.kind == trace::EventKind::accumulate_grad) m_written[event.node] = event.summary;
        if (i + 1 == position) m_current = m_graph.itemOf[event.node];
    }
}

void GraphModel::readItems() {
    m_items.assign(size(), {});
    m_counts = {};
    const std::size_t nodes = m_graph.itemOf.size();
    for (trace::Id node = 0; node < nodes; ++node) {
        const NodeState state = stateOf(node);
        m_counts.done += state == NodeState::done;
        m_counts.running += state == NodeState::running;
        m_counts.ready += state == NodeState::ready;
        m_counts.waiting += state == NodeState::waiting;
        ItemProgress& item = m_items[m_graph.itemOf[node]];
        if (m_graph.items[m_graph.itemOf[node]].kind != AutogradKind::group) {
            item.state = state;
            if (node >= m_wave->size()) continue;
            item.arrived = m_wave->arrived(node);
            item.expected = m_wave->expected(node);
            continue;
        }
        ++item.expected;
        item.arrived += state == NodeState::done;
        if (weightOf(state) > weightOf(item.state)) item.state = state;
    }
    for (std::size_t i = 0; i < size(); ++i) {
        ItemProgress& item = m_items[i];
        const bool begun = m_graph.items[i].kind == AutogradKind::group && item.arrived > 0;
        // Between two of its nodes a group is under way all the same.
        if (begun && item.state == NodeState::idle) item.state = NodeState::waiting;
    }
    if (m_current >= size()) return;
    const trace::EventKind kind = m_trace->events[m_event].kind;
    m_items[m_current].forwardRuns = kind == trace::EventKind::forward;
    m_items[m_current].changed = kind == trace::EventKind::accumulate_grad;
}

void GraphModel::readEdges() {
    m_edges.assign(m_graph.edges.size(), {});
    const std::size_t gradients = m_trace->edge_gradients.size();
    const std::size_t summaries = m_trace->summaries.size();
    for (std::size_t i = 0; i < m_edges.size(); ++i) {
        const std::vector<trace::Id>& edges = m_graph.edges[i].edges;
        EdgeProgress& shown = m_edges[i];
        for (trace::Id edge : edges) {
            shown.passed |= m_wave->passed(edge);
            const trace::Id sent = m_wave->gradient_on(edge);
            if (sent >= gradients) continue;
            const trace::EdgeGradient& gradient = m_trace->edge_gradients[sent];
            shown.changed |= gradient.event == m_event;
            if (edges.size() == 1 && gradient.summary < summaries)
                shown.summary = &m_trace->summaries[gradient.summary].summary;
        }
    }
}

void GraphModel::readSums() {
    for (std::size_t i = 0; i < m_edges.size(); ++i) {
        const AutogradEdge& edge = m_graph.edges[i];
        if (m_graph.items[edge.to].kind != AutogradKind::gradSum) continue;
        for (trace::Id sent : edge.edges) {
            const NodeState from = stateOf(m_trace->edges[sent].from);
            m_items[edge.to].arrived += m_wave->passed(sent);
            m_items[edge.to].expected += from != NodeState::idle && from != NodeState::absent;
        }
    }
    for (std::size_t i = 0; i < size(); ++i) {
        if (m_graph.items[i].kind != AutogradKind::gradSum) continue;
        ItemProgress& sum = m_items[i];
        const NodeState taker = stateOf(m_graph.items[i].node);
        if (taker == NodeState::absent || taker == NodeState::idle)
            sum.state = taker;
        else if (sum.arrived >= sum.expected && sum.arrived > 0)
            sum.state = NodeState::done;
        else
            sum.state = sum.arrived > 0 ? NodeState::ready : NodeState::waiting;
    }
    for (std::size_t i = 0; i < m_edges.size(); ++i)
        if (m_graph.edges[i].edges.empty()) m_edges[i].passed = m_items[m_graph.edges[i].from].state == NodeState::done;
}

std::size_t GraphModel::itemOf(trace::Id node) const {
    return node < m_graph.itemOf.size() ? m_graph.itemOf[node] : size();
}

trace::Id GraphModel::nodeOf(std::size_t item) const {
    if (item >= size()) return trace::none;
    const AutogradItem& shown = m_graph.items[item];
    if (shown.kind != AutogradKind::group) return shown.node;
    for (trace::Id node : shown.inside)
        if (stateOf(node) == NodeState::running) return node;
    return shown.inside.empty() ? trace::none : shown.inside.back();
}

std::string GraphModel::moduleOf(std::size_t item) const {
    const trace::Id module = item < size() ? m_graph.items[item].module : trace::none;
    return module < m_trace->modules->size() ? (*m_trace->modules)[module].path : std::string();
}

QString GraphModel::title(std::size_t item) const {
    const AutogradItem& shown = m_graph.items[item];
    switch (shown.kind) {
    case AutogradKind::node:
        return QString::fromStdString(m_trace->nodes[shown.node].name);
    case AutogradKind::group:
        return QString::fromStdString(moduleOf(item));
    case AutogradKind::gradSum:
        return QStringLiteral("GradSum");
    case AutogradKind::leaf:
        return QStringLiteral("AccumulateGrad");
    }
    return {};
}

QString GraphModel::detail(std::size_t item) const {
    const AutogradItem& shown = m_graph.items[item];
    if (shown.kind == AutogradKind::node) return QStringLiteral("#%1").arg(m_trace->nodes[shown.node].sequence_nr);
    if (shown.kind != AutogradKind::group) return {};
    const auto nodes = static_cast<int>(shown.inside.size() - shown.leaves);
    const QString of = nodes == 1 ? GraphText::tr("1 node") : GraphText::tr("%L1 nodes").arg(nodes);
    if (shown.leaves == 0) return of;
    const QString leaves = shown.leaves == 1 ? GraphText::tr("1 leaf") : GraphText::tr("%L1 leaves").arg(shown.leaves);
    return GraphText::tr("%1, %2").arg(of, leaves);
}

QString GraphModel::stateText(std::size_t item) const {
    const ItemProgress& now = m_items[item];
    const AutogradKind kind = m_graph.items[item].kind;
    if (kind == AutogradKind::gradSum) {
        const bool known = now.expected > 0;
        const std::uint32_t all = known ? now.expected : m_graph.items[item].gradients;
        return GraphText::tr("%1 of %2 arrived").arg(now.arrived).arg(all);
    }
    const bool begun = kind == AutogradKind::group && now.arrived > 0 && now.arrived < now.expected;
    switch (now.state) {
    case NodeState::absent:
        return GraphText::tr("not made yet");
    case NodeState::idle:
        return kind == AutogradKind::leaf ? GraphText::tr("+= idle") : GraphText::tr("idle");
    case NodeState::waiting:
        if (kind == AutogradKind::leaf) return GraphText::tr("+= waiting");
        if (begun) return GraphText::tr("%1 of %2 done").arg(now.arrived).arg(now.expected);
        if (kind == AutogradKind::group) return GraphText::tr("waiting");
        return GraphText::tr("waiting for %1").arg(std::max(now.expected, now.arrived) - now.arrived);
    case NodeState::ready:
        if (begun) return GraphText::tr("ready, %1 of %2 done").arg(now.arrived).arg(now.expected);
        return kind == AutogradKind::leaf ? GraphText::tr("+= ready") : GraphText::tr("ready");
    case NodeState::running:
        return kind == AutogradKind::leaf ? GraphText::tr("+= running") : GraphText::tr("running");
    case NodeState::done:
        return kind == AutogradKind::leaf ? GraphText::tr("+= done") : GraphText::tr("done");
    }
    return {};
}

QString GraphModel::partner(std::size_t item) const {
    const AutogradItem& shown = m_graph.items[item];
    if (shown.kind == AutogradKind::group) return QString::fromStdString(moduleOf(item));
    if (shown.node == trace::none) return {};
    const trace::Node& node = m_trace->nodes[shown.node];
    // A module that is one operation says more than the operation.
    const bool alone = node.module < m_operations.size() && m_operations[node.module] == 1;
    const std::string path = alone ? moduleOf(item) : std::string();
    return QString::fromStdString(path.empty() ? node.operation.str() : path);
}

QString GraphModel::shapeText(std::size_t item) const {
    const AutogradItem& shown = m_graph.items[item];
    trace::Id made = trace::none;
    if (shown.kind == AutogradKind::node) made = m_made[shown.node];
    for (trace::Id node : shown.inside) // of a group the last that was made
        if (m_made[node] != trace::none) made = m_made[node];
    return made < m_trace->values.size() ? formatShape(m_trace->values[made].shape) : QString();
}

QString GraphModel::leafName(std::size_t item) const {
    const std::string& name = m_trace->nodes[m_graph.items[item].node].name;
    return name.empty() ? GraphText::tr("a leaf") : QString::fromStdString(name);
}

QString GraphModel::leafGrad(std::size_t item) const {
    const trace::Id summary = m_written[m_graph.items[item].node];
    if (summary < m_trace->summaries.size())
        return GraphText::tr("grad %1").arg(formatNumber(m_trace->summaries[summary].summary.norm));
    return m_items[item].state == NodeState::done ? GraphText::tr("grad written") : GraphText::tr("grad pending");
}

QString GraphModel::describe(std::size_t item) const {
    if (item >= size()) return {};
    const AutogradItem& shown = m_graph.items[item];
    QStringList lines;
    const bool leaf = shown.kind == AutogradKind::leaf;
    lines << (leaf ? GraphText::tr("AccumulateGrad of %1").arg(leafName(item)) : title(item)) + QStringLiteral(": ") +
                 stateText(item);
    if (shown.kind == AutogradKind::node) {
        const trace::Node& node = m_trace->nodes[shown.node];
        lines << GraphText::tr("sequence number %1").arg(node.sequence_nr);
        if (!node.operation.empty()) lines << GraphText::tr("operation %1").arg(QString::fromStdString(node.operation));
    }
    if (const QString marks = m_marks.describe(ownNode(item)); !marks.isEmpty()) lines << marks;
    if (shown.kind == AutogradKind::group) lines << detail(item);
    if (shown.kind == AutogradKind::gradSum) lines << GraphText::tr("gradients that meet here are added");
    if (leaf) lines << leafGrad(item);
    if (const QString shape = shapeText(item); !shape.isEmpty()) lines << GraphText::tr("output %1").arg(shape);
    for (std::size_t i = 0; i < m_edges.size(); ++i) {
        if (m_graph.edges[i].from != item || !m_edges[i].summary) continue;
        const trace::Id sent = m_wave->gradient_on(m_graph.edges[i].edges.front());
        const std::size_t to = m_graph.edges[i].to;
        const bool toLeaf = m_graph.items[to].kind == AutogradKind::leaf;
        lines << GraphText::tr("sent %1 to %2, norm %3")
                     .arg(formatShape(m_trace->edge_gradients[sent].shape), toLeaf ? leafName(to) : title(to),
                          formatNumber(m_edges[i].summary->norm));
    }
    if (const std::string module = moduleOf(item); !module.empty())
        lines << GraphText::tr("module %1").arg(QString::fromStdString(module));
    return lines.join(QLatin1Char('\n'));
}

std::vector<trace::Id> GraphModel::findNodes(const QString& text) const {
    std::vector<trace::Id> found;
    const QString wanted = text.trimmed();
    if (wanted.isEmpty() || !m_trace) return found;
    const trace::ModuleTable& modules = *m_trace->modules;
    for (auto node = static_cast<trace::Id>(m_graph.itemOf.size()); node-- > 0;) {
        const trace::Node& one = m_trace->nodes[node];
        const auto holds = [&](const std::string& where) {
            return QString::fromStdString(where).contains(wanted, Qt::CaseInsensitive);
        };
        const bool numbered = QStringLiteral("#%1").arg(one.sequence_nr) == wanted;
        if (numbered || holds(one.name) || holds(one.operation) ||
            (one.module < modules.size() && holds(modules[one.module].path)))
            found.push_back(node);
    }
    return found;
}

} // namespace hs::ui
