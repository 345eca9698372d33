#include "ui/layout/blueprint_graph.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

namespace hs::ui {

namespace {

constexpr std::size_t nowhere = static_cast<std::size_t>(-3);

bool joinsPaths(const std::string& operation) {
    constexpr std::array<std::string_view, 5> names{"add", "sub", "mul", "cat", "stack"};
    std::string_view bare = operation;
    if (const auto dot = bare.find('.'); dot != std::string_view::npos) bare = bare.substr(0, dot);
    if (!bare.empty() && bare.back() == '_') bare.remove_suffix(1);
    return std::find(names.begin(), names.end(), bare) != names.end();
}

bool endsWith(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

class Builder {
  public:
    Builder(const trace::ModuleTable& modules, const trace::Trace* trace, std::size_t classCount)
        : m_modules(modules), m_trace(trace), m_classCount(classCount) {}

    BlueprintGraph build() {
        if (m_modules.empty()) return {};
        addModules();
        if (m_trace) readEvents();
        addUnseenModules();
        if (m_trace) readValues();
        connect();
        sortChildren();
        chooseContents();
        makeColumns();
        return std::move(m_graph);
    }

  private:
    bool isLeaf(std::size_t module) const { return m_isLeaf[module]; }
    std::size_t moduleCount() const { return m_modules.size(); }

    bool isInside(std::size_t item, std::size_t container) const {
        while (item != container && item != 0)
            item = m_graph.items[item].parent;
        return item == container;
    }

    /// Item k is module k; columns and joins follow.
    void addModules() {
        m_graph.items.resize(moduleCount());
        m_isLeaf.assign(moduleCount(), true);
        for (std::size_t i = 0; i < moduleCount(); ++i) {
            const trace::Module& module = m_modules[i];
            GraphItem& item = m_graph.items[i];
            item.module = static_cast<trace::Id>(i);
            item.parent = module.parent < i ? module.parent : 0;
            item.hasParameters = std::any_of(module.members.begin(), module.members.end(),
                                             [](const trace::Member& member) { return !member.is_buffer; });
            m_byPath[module.path] = i;
            if (i == 0) continue;
            m_graph.items[item.parent].children.push_back(i);
            m_isLeaf[item.parent] = false;
        }
        m_isLeaf[0] = false;
    }

    void see(std::size_t item) {
        m_current = item;
        m_seen.resize(m_graph.items.size());
        if (m_seen[item]) return;
        m_seen[item] = true;
        m_graph.order.push_back(item);
    }

    void readEvents() {
        const std::size_t count = m_trace->events.size();
        m_itemOfEvent.assign(count, nowhere);
        std::size_t lastJoin = nowhere; // only while no other operation has followed
        for (std::size_t e = 0; e < count; ++e) {
            const trace::Event& event = m_trace->events[e];
            const bool known = event.module < moduleCount();
            if (event.kind == trace::EventKind::module_enter && known && isLeaf(event.module)) {
                see(event.module);
            } else if (event.kind == trace::EventKind::forward && known) {
                lastJoin = nowhere;
                if (isLeaf(event.module))
                    m_current = event.module;
                else if (joinsPaths(operationOf(event)))
                    lastJoin = addJoin(event);
                m_itemOfEvent[e] = m_current;
            } else if (event.kind == trace::EventKind::module_exit && known && lastJoin != nowhere) {
                if (m_graph.items[lastJoin].module == event.module) m_givesOutput.push_back(lastJoin);
            }
        }
    }

    std::string operationOf(const trace::Event& event) const {
        return event.node < m_trace->nodes.size() ? m_trace->nodes[event.node].operation.str() : std::string();
    }

    std::size_t addJoin(const trace::Event& event) {
        const std::size_t join = m_graph.items.size();
        GraphItem item;
        item.module = event.module;
        item.content = Content::join;
        item.parent = event.module;
        item.operation = operationOf(event);
        m_graph.items.push_back(std::move(item));
        m_graph.items[event.module].children.push_back(join);
        see(join);
        return join;
    }

    void addUnseenModules() {
        for (std::size_t i = 0; i < moduleCount(); ++i)
            if (isLeaf(i) && i != 0) see(i);
    }

    void readValues() {
        const std::size_t count = m_trace->values.size();
        for (std::size_t v = 0; v < count; ++v) {
            const trace::Value& value = m_trace->values[v];
            if (value.key.role == trace::Role::picture) m_graph.hasPicture = true;
            const auto found = m_byPath.find(value.key.module);
            if (found == m_byPath.end()) continue;
            if (value.key.role == trace::Role::output) m_shapes.emplace(found->second, value.shape);
            if (value.key.role != trace::Role::input) continue;
            if (found->second == 0) m_inputRank = value.shape.size();
            const bool made = value.producer < m_itemOfEvent.size();
            m_flowKnown |= made;
            if (found->second == 0 && m_batch.empty()) m_batch = value.shape;
            if (made)
                m_inputs.emplace_back(found->second, m_itemOfEvent[value.producer]);
            else
                m_inputs.emplace_back(found->second, unmadeInput(found->second, value.shape));
        }
    }

    /// Where an input came from that no recorded operation with a gradient made: it is the batch if it looks like it,
    /// else (behind frozen layers) the output of the card before.
    std::size_t unmadeInput(std::size_t module, const Shape& shape) const {
        if (shape == m_batch) return BlueprintGraph::input;
        const auto at = std::find(m_graph.order.begin(), m_graph.order.end(), module);
        return at == m_graph.order.end() || at == m_graph.order.begin() ? BlueprintGraph::input : *(at - 1);
    }

    void addEdge(std::size_t from, std::size_t to) {
        if (from == to || from == nowhere) return;
        const auto same = [&](const GraphEdge& edge) { return edge.from == from && edge.to == to; };
        if (std::none_of(m_graph.edges.begin(), m_graph.edges.end(), same)) m_graph.edges.push_back({from, to});
    }

    bool hasConsumer(std::size_t item) const {
        return std::any_of(m_graph.edges.begin(), m_graph.edges.end(),
                           [item](const GraphEdge& edge) { return edge.from == item; });
    }

    void connect() {
        const auto& order = m_graph.order;
        if (order.empty()) return;
        if (m_flowKnown) {
            for (const auto& [module, from] : m_inputs)
                if (isLeaf(module)) addEdge(from, module);
            for (std::size_t i = 0; i < order.size(); ++i)
                if (m_graph.items[order[i]].content == Content::join) connectJoin(i);
        } else {
            for (std::size_t i = 0; i < order.size(); ++i)
                addEdge(i ? order[i - 1] : BlueprintGraph::input, order[i]);
        }
        // What nobody reads at the end goes to the loss.
        for (auto last = order.rbegin(); last != order.rend(); ++last)
            if (!hasConsumer(*last)) return addEdge(*last, BlueprintGraph::loss);
    }

    void connectJoin(std::size_t position) {
        const std::size_t join = m_graph.order[position];
        const std::size_t container = m_graph.items[join].parent;
        std::size_t paths = 0;
        for (std::size_t i = 0; i < position; ++i) {
            const std::size_t item = m_graph.order[i];
            if (!isInside(item, container) || hasConsumer(item)) continue;
            addEdge(item, join);
            ++paths;
        }
        if (paths >= 2) return;
        const auto input = std::find_if(m_inputs.begin(), m_inputs.end(),
                                        [container](const auto& entry) { return entry.first == container; });
        if (input != m_inputs.end()) addEdge(input->second, join);
    }

    void sortChildren() {
        std::vector<std::size_t> firstRun(m_graph.items.size(), m_graph.order.size());
        for (std::size_t i = m_graph.order.size(); i-- > 0;)
            for (std::size_t item = m_graph.order[i]; item != 0; item = m_graph.items[item].parent)
                firstRun[item] = i;
        for (std::size_t i = 0; i < moduleCount(); ++i) {
            auto& children = m_graph.items[i].children;
            std::stable_sort(children.begin(), children.end(),
                             [&](std::size_t a, std::size_t b) { return firstRun[a] < firstRun[b]; });
        }
        for (std::size_t i = moduleCount(); i < m_graph.items.size(); ++i)
            if (std::find(m_givesOutput.begin(), m_givesOutput.end(), i) == m_givesOutput.end())
                m_graph.items[i].module = trace::none;
    }

    /// Rank of the output as far as types tell, before a step has run.
    static std::size_t guessRank(const std::string& type, std::size_t before) {
        if (endsWith(type, "2d")) return 4;
        if (type == "Linear" || type == "Flatten" || endsWith(type, "1d")) return 2;
        return before;
    }

    void chooseContents() {
        std::size_t rank = 2;
        for (std::size_t item : m_graph.order) {
            if (item >= moduleCount()) continue;
            const std::string& type = m_modules[item].type;
            rank = guessRank(type, rank);
            m_graph.items[item].content = contentOf(item, type, rank);
        }
        for (std::size_t i = 0; i < moduleCount(); ++i)
            if (!isLeaf(i)) m_graph.items[i].content = Content::group;
        chooseLast();
        const bool firstIsMaps =
            !m_graph.order.empty() && m_graph.items[m_graph.order.front()].content == Content::maps;
        m_graph.imageInput = m_inputRank ? m_inputRank == 4 : firstIsMaps;
    }

    Content contentOf(std::size_t item, const std::string& type, std::size_t guessedRank) const {
        if (type == "Flatten" || type == "Identity") return Content::name;
        const auto shape = m_shapes.find(item);
        std::size_t rank = guessedRank;
        if (shape != m_shapes.end()) {
            rank = shape->second.size();
            if (rank == 4 && shape->second[2] * shape->second[3] <= 1) rank = 2;
        }
        if (rank == 4) return Content::maps;
        return m_graph.items[item].hasParameters ? Content::strip : Content::name;
    }

    /// The last card shows the classes when it has one output a class.
    void chooseLast() {
        if (m_graph.order.empty() || m_classCount == 0) return;
        const std::size_t last = m_graph.order.back();
        if (last >= moduleCount()) return;
        const auto shape = m_shapes.find(last);
        const bool fits = shape == m_shapes.end()
                              ? m_graph.items[last].content == Content::strip
                              : shape->second.size() == 2 && shape->second[1] == std::int64_t(m_classCount);
        if (fits) m_graph.items[last].content = Content::classes;
    }

    /// Loose children of the outermost container that has several become columns of their own.
    void makeColumns() {
        std::size_t container = 0;
        while (m_graph.items[container].children.size() == 1 &&
               m_graph.items[m_graph.items[container].children[0]].content == Content::group)
            container = m_graph.items[container].children[0];
        const std::vector<std::size_t> children = m_graph.items[container].children;
        const bool allLoose =
            std::all_of(children.begin(), children.end(), [this](std::size_t c) { return m_graph.isCard(c); });
        const std::size_t starts = static_cast<std::size_t>(std::count_if(
            children.begin(), children.end(), [this](std::size_t c) { return m_graph.items[c].hasParameters; }));
        const std::size_t every = allLoose ? std::max<std::size_t>(1, (starts + 3) / 4) : children.size();

        std::vector<std::size_t> columns;
        std::size_t layers = 0; // loose children with parameters so far
        bool open = false;      // the last column takes more loose children
        bool filled = false;    // and has a layer already
        for (std::size_t child : children) {
            if (!m_graph.isCard(child)) {
                columns.push_back(child);
                open = false;
                continue;
            }
            const bool layer = m_graph.items[child].hasParameters;
            if (!open || (allLoose && layer && filled && layers % every == 0)) {
                columns.push_back(addColumn(container));
                open = true;
                filled = false;
            }
            m_graph.items[columns.back()].children.push_back(child);
            m_graph.items[child].parent = columns.back();
            if (layer) {
                filled = true;
                ++layers;
            }
        }
        m_graph.items[container].children = std::move(columns);
    }

    std::size_t addColumn(std::size_t container) {
        GraphItem item;
        item.content = Content::column;
        item.parent = container;
        m_graph.items.push_back(std::move(item));
        return m_graph.items.size() - 1;
    }

    const trace::ModuleTable& m_modules;
    const trace::Trace* m_trace;
    std::size_t m_classCount;
    BlueprintGraph m_graph;
    std::vector<bool> m_isLeaf;
    std::vector<bool> m_seen;
    std::map<std::string, std::size_t> m_byPath;
    std::map<std::size_t, Shape> m_shapes;
    std::vector<std::size_t> m_itemOfEvent;
    std::vector<std::pair<std::size_t, std::size_t>> m_inputs; ///< module, and the item that made what it read
    std::vector<std::size_t> m_givesOutput;                    ///< joins whose result is their container's output
    std::size_t m_current = BlueprintGraph::input;             ///< the card that ran last
    Shape m_batch;                                             ///< of the root's input
    std::size_t m_inputRank = 0;
    bool m_flowKnown = false;
};

} // namespace

std::size_t BlueprintGraph::itemOf(trace::Id module) const {
    for (std::size_t i = 0; i < items.size(); ++i)
        if (items[i].module == module && items[i].content != Content::join) return i;
    return items.size();
}

trace::Id BlueprintGraph::outputModule(std::size_t item) const {
    return item < items.size() ? items[item].module : trace::none;
}

BlueprintGraph buildBlueprintGraph(const trace::ModuleTable& modules, const trace::Trace* trace,
                                   std::size_t classCount) {
    return Builder(modules, trace, classCount).build();
}

} // namespace hs::ui
