#include "ui/layout/graph_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hs::ui {

namespace {

constexpr std::size_t none = GraphRows::none;
constexpr std::size_t mostBends = 60'000;
constexpr int orderSweeps = 6;
constexpr int placeSweeps = 5;

class RowArranger {
  public:
    RowArranger(const AutogradGraph& graph, const AutogradMetrics& metrics, const std::stop_token& stop)
        : m_graph(graph), m_metrics(metrics), m_stop(stop) {}

    std::optional<GraphRows> arrange() {
        const std::size_t items = m_graph.items.size();
        m_rows.vertices.resize(items);
        m_rows.host.assign(items, none);
        m_rows.sumOf.assign(items, none);
        m_rows.leaves.resize(items);
        m_rows.chains.resize(m_graph.edges.size());
        findLeafSums();
        sortByDepth();
        if (m_stop.stop_requested()) return std::nullopt;
        findHosts();
        addVertices();
        orderRows();
        if (m_stop.stop_requested()) return std::nullopt;
        placeVertices();
        if (m_stop.stop_requested()) return std::nullopt;
        return std::move(m_rows);
    }

  private:
    bool isLeaf(std::size_t item) const { return m_graph.items[item].kind == AutogradKind::leaf; }
    /// A leaf, or a GradSum in front of one: it stands beside another item.
    bool standsBeside(std::size_t item) const { return isLeaf(item) || m_leafOf[item] != none; }

    void findLeafSums() {
        m_leafOf.assign(m_graph.items.size(), none);
        for (const AutogradEdge& edge : m_graph.edges) {
            if (m_graph.items[edge.from].kind != AutogradKind::gradSum || !isLeaf(edge.to)) continue;
            m_leafOf[edge.from] = edge.to;
            m_rows.sumOf[edge.to] = edge.from;
        }
    }

    /// Depth-first: marks edges that close a cycle and gives each item the length of the longest path to it.
    void sortByDepth() {
        const std::size_t items = m_graph.items.size();
        m_out.assign(items, {});
        std::vector<bool> hasParent(items, false);
        for (std::size_t e = 0; e < m_graph.edges.size(); ++e) {
            const AutogradEdge& edge = m_graph.edges[e];
            if (standsBeside(edge.to) || standsBeside(edge.from)) continue;
            m_out[edge.from].push_back(e);
            hasParent[edge.to] = true;
        }
        m_closesCycle.assign(m_graph.edges.size(), false);
        std::vector<std::uint8_t> state(items, 0); // 1: on the path, 2: done
        std::vector<std::size_t> finished;
        finished.reserve(items);
        const auto visit = [&](std::size_t root) {
            std::vector<std::pair<std::size_t, std::size_t>> path{{root, 0}};
            state[root] = 1;
            while (!path.empty()) {
                auto& [item, next] = path.back();
                if (next == m_out[item].size()) {
                    state[item] = 2;
                    finished.push_back(item);
                    path.pop_back();
                    continue;
                }
                const std::size_t e = m_out[item][next++];
                const std::size_t to = m_graph.edges[e].to;
                if (state[to] == 1) m_closesCycle[e] = true;
                if (state[to] != 0) continue;
                state[to] = 1;
                path.emplace_back(to, 0);
            }
        };
        // Newest first: a Trace has a node before what leads to it.
        for (const bool withParents : {false, true})
            for (std::size_t item = items; item-- > 0;)
                if (state[item] == 0 && hasParent[item] == withParents && !standsBeside(item)) visit(item);
        m_height.assign(items, 0);
        for (std::size_t item : finished)
            for (std::size_t e : m_out[item])
                if (!m_closesCycle[e]) m_height[item] = std::max(m_height[item], m_height[m_graph.edges[e].to] + 1);
        for (std::size_t i = finished.size(); i-- > 0;)
            for (std::size_t e : m_out[finished[i]])
                if (!m_closesCycle[e]) {
                    RowVertex& to = m_rows.vertices[m_graph.edges[e].to];
                    to.row = std::max(to.row, m_rows.vertices[finished[i]].row + 1);
                }
        m_byDepth.assign(finished.rbegin(), finished.rend());
    }

    /// A leaf stands beside the lowest of the items that send it a gradient.
    void findHosts() {
        for (const AutogradEdge& edge : m_graph.edges) {
            if (!standsBeside(edge.to) || standsBeside(edge.from)) continue;
            std::size_t& host = m_rows.host[edge.to];
            if (host == none || m_rows.vertices[edge.from].row > m_rows.vertices[host].row) host = edge.from;
        }
        std::vector<std::size_t> summed;
        for (std::size_t item = 0; item < m_graph.items.size(); ++item) {
            if (!isLeaf(item)) continue;
            const std::size_t sum = m_rows.sumOf[item];
            if (sum != none) m_rows.host[item] = m_rows.host[sum];
            if (m_rows.host[item] == none) continue; // nothing leads to it: it has a place of its own
            if (sum != none)
                summed.push_back(item);
            else
                m_rows.leaves[m_rows.host[item]].push_back(item);
        }
        for (std::size_t item : summed) // last, so that lines from elsewhere reach them from below
            m_rows.leaves[m_rows.host[item]].push_back(item);
    }

    void setExtents(std::size_t item) {
        const AutogradMetrics& m = m_metrics;
        RowVertex& vertex = m_rows.vertices[item];
        const AutogradItem& shown = m_graph.items[item];
        if (shown.kind == AutogradKind::gradSum) {
            vertex.left = m.sumSize / 2 + m.sumEntry;
            vertex.right = m.sumSize / 2 + m.sumText;
            return;
        }
        if (shown.kind == AutogradKind::leaf) {
            vertex.left = m.pillWidth / 2;
            vertex.right = m.pillWidth / 2 + m.leafBoxGap + m.leafBoxWidth;
            return;
        }
        vertex.left = m.nodeWidth / 2 + (shown.hasPartner ? m.partnerGap + m.partnerWidth : 0);
        vertex.right = m.nodeWidth / 2;
        if (m_rows.leaves[item].empty()) return;
        double sums = 0;
        for (std::size_t leaf : m_rows.leaves[item])
            if (m_rows.sumOf[leaf] != none) sums += m.sumSize + m.leafSumGap;
        vertex.right += m.leafGap + sums + m.pillWidth + m.leafBoxGap + m.leafBoxWidth;
    }

    void addVertices() {
        std::uint32_t last = 0;
        for (std::size_t item = 0; item < m_graph.items.size(); ++item)
            if (!m_rows.isBeside(item)) last = std::max(last, m_rows.vertices[item].row);
        m_rows.rows.resize(m_graph.items.empty() ? 0 : last + 1);
        for (std::size_t item : m_byDepth) {
            setExtents(item);
            m_rows.vertices[item].item = item;
            m_rows.rows[m_rows.vertices[item].row].push_back(item);
        }
        // What much follows begins at the left: short side branches, such as a weight's, stand at the right of the
        // chain.
        for (auto& row : m_rows.rows)
            std::stable_sort(row.begin(), row.end(),
                             [this](std::size_t a, std::size_t b) { return m_height[a] > m_height[b]; });
        for (std::size_t item = 0; item < m_graph.items.size(); ++item) {
            if (m_rows.isBeside(item) || m_rows.vertices[item].item == item) continue;
            setExtents(item); // a leaf (or its sum) that nothing leads to
            m_rows.vertices[item].item = item;
            m_rows.rows[0].push_back(item);
        }
        const std::uint32_t span = spanWithBends();
        for (std::size_t e = 0; e < m_graph.edges.size(); ++e)
            addChain(e, span);
    }

    /// The row below which an edge ends: the row of its target, or the one below a leaf's sum beside another item.
    std::uint32_t endRow(const AutogradEdge& edge) const {
        const std::size_t host = m_rows.host[edge.to];
        return host == none ? m_rows.vertices[edge.to].row : m_rows.vertices[host].row + 1;
    }

    bool isBesideOnly(const AutogradEdge& edge) const {
        return m_rows.isBeside(edge.from) || (m_rows.isBeside(edge.to) && m_rows.host[edge.to] == edge.from);
    }

    /// Over how many rows edges may go so that there are not too many bends.
    std::uint32_t spanWithBends() const {
        for (std::uint32_t span = m_metrics.mostRows; span > 1; span /= 2) {
            std::size_t bends = 0;
            for (std::size_t e = 0; e < m_graph.edges.size(); ++e) {
                const AutogradEdge& edge = m_graph.edges[e];
                const std::uint32_t from = m_rows.vertices[edge.from].row;
                if (isBesideOnly(edge) || m_closesCycle[e] || endRow(edge) <= from) continue;
                if (endRow(edge) - from <= span) bends += endRow(edge) - from - 1;
            }
            if (bends <= mostBends) return span;
        }
        return 1;
    }

    void addChain(std::size_t e, std::uint32_t span) {
        const AutogradEdge& edge = m_graph.edges[e];
        const std::uint32_t first = m_rows.vertices[edge.from].row;
        if (isBesideOnly(edge) || m_closesCycle[e] || endRow(edge) <= first || endRow(edge) - first > span) return;
        std::vector<std::size_t>& chain = m_rows.chains[e];
        chain.push_back(edge.from);
        for (std::uint32_t row = first + 1; row < endRow(edge); ++row) {
            RowVertex bend;
            bend.row = row;
            bend.left = bend.right = m_metrics.bendWidth;
            m_rows.rows[row].push_back(m_rows.vertices.size());
            chain.push_back(m_rows.vertices.size());
            m_rows.vertices.push_back(std::move(bend));
        }
        chain.push_back(edge.to);
        const std::size_t last = m_rows.isBeside(edge.to) ? chain.size() - 1 : chain.size();
        for (std::size_t i = 0; i + 1 < last; ++i) {
            m_rows.vertices[chain[i]].down.push_back(chain[i + 1]);
            m_rows.vertices[chain[i + 1]].up.push_back(chain[i]);
        }
    }

    void orderRows() {
        m_place.assign(m_rows.vertices.size(), 0);
        numberPlaces();
        auto best = m_rows.rows;
        std::size_t fewest = crossings();
        for (int sweep = 0; sweep < orderSweeps && fewest > 0 && !m_stop.stop_requested(); ++sweep) {
            const bool down = sweep % 2 == 0;
            const std::size_t count = m_rows.rows.size();
            for (std::size_t i = 1; i < count; ++i)
                orderRow(m_rows.rows[down ? i : count - 1 - i], down);
            const std::size_t now = crossings();
            if (now >= fewest) continue;
            fewest = now;
            best = m_rows.rows;
        }
        m_rows.rows = std::move(best);
        numberPlaces();
    }

    void numberPlaces() {
        for (const auto& row : m_rows.rows)
            numberPlaces(row);
    }

    void numberPlaces(const std::vector<std::size_t>& row) {
        for (std::size_t i = 0; i < row.size(); ++i)
            m_place[row[i]] = i;
    }

    /// By the mean place of what each vertex is joined to in the row before.
    void orderRow(std::vector<std::size_t>& row, bool down) {
        if (row.size() < 2) return;
        m_wanted.resize(m_rows.vertices.size());
        for (std::size_t vertex : row) {
            const auto& joined = down ? m_rows.vertices[vertex].up : m_rows.vertices[vertex].down;
            double sum = 0;
            for (std::size_t other : joined)
                sum += static_cast<double>(m_place[other]);
            m_wanted[vertex] =
                joined.empty() ? static_cast<double>(m_place[vertex]) : sum / static_cast<double>(joined.size());
        }
        std::stable_sort(row.begin(), row.end(), [&](auto a, auto b) { return m_wanted[a] < m_wanted[b]; });
        numberPlaces(row);
    }

    /// Pairs of lines between neighbouring rows that cross: inversions, counted with a tree of sums.
    std::size_t crossings() const {
        std::size_t total = 0;
        std::vector<std::size_t> tree, ends;
        for (std::size_t i = 0; i + 1 < m_rows.rows.size(); ++i) {
            ends.clear();
            for (std::size_t vertex : m_rows.rows[i]) {
                const std::size_t first = ends.size();
                for (std::size_t other : m_rows.vertices[vertex].down)
                    ends.push_back(m_place[other]);
                std::sort(ends.begin() + static_cast<std::ptrdiff_t>(first), ends.end());
            }
            const std::size_t width = m_rows.rows[i + 1].size();
            tree.assign(width + 1, 0);
            for (std::size_t seen = 0; seen < ends.size(); ++seen) {
                std::size_t notBeyond = 0;
                for (std::size_t at = ends[seen] + 1; at > 0; at -= at & (~at + 1))
                    notBeyond += tree[at];
                total += seen - notBeyond;
                for (std::size_t at = ends[seen] + 1; at <= width; at += at & (~at + 1))
                    ++tree[at];
            }
        }
        return total;
    }

    /// The longest path from the top stays upright; everything else comes as near to what it is joined to as it can.
    void placeVertices() {
        m_weight.assign(m_rows.vertices.size(), 1);
        for (std::size_t vertex = m_graph.items.size(); vertex < m_weight.size(); ++vertex)
            m_weight[vertex] = 4; // a long line is better straight
        std::size_t spine = none;
        for (std::size_t item : m_byDepth)
            if (m_rows.vertices[item].row == 0 && (spine == none || m_height[item] > m_height[spine])) spine = item;
        while (spine != none) {
            m_weight[spine] = 1e6;
            std::size_t next = none;
            for (std::size_t e : m_out[spine])
                if (!m_closesCycle[e] && m_height[m_graph.edges[e].to] + 1 == m_height[spine] && next == none)
                    next = m_graph.edges[e].to;
            spine = next;
        }
        for (const auto& row : m_rows.rows)
            packRow(row);
        for (int sweep = 0; sweep < placeSweeps && !m_stop.stop_requested(); ++sweep) {
            const bool down = sweep % 2 == 0; // the last one too
            const std::size_t count = m_rows.rows.size();
            for (std::size_t i = 0; i < count; ++i)
                placeRow(m_rows.rows[down ? i : count - 1 - i], down);
        }
        for (RowVertex& vertex : m_rows.vertices)
            vertex.x = std::round(vertex.x); // so that lines are upright or have a bend that is seen
    }

    double distance(std::size_t a, std::size_t b) const {
        return m_rows.vertices[a].right + m_metrics.columnGap + m_rows.vertices[b].left;
    }

    void packRow(const std::vector<std::size_t>& row) {
        double x = 0;
        double zero = 0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i) x += distance(row[i - 1], row[i]);
            m_rows.vertices[row[i]].x = x;
            if (m_weight[row[i]] > 1e5) zero = x;
        }
        for (std::size_t vertex : row)
            m_rows.vertices[vertex].x -= zero;
    }

    /// Least squares that keep order and distances: blocks of neighbours that push each other move together.
    void placeRow(const std::vector<std::size_t>& row, bool down) {
        struct Block {
            double sum, weight;
            std::size_t count;
            double mean() const { return sum / weight; }
        };
        std::vector<Block> blocks;
        double offset = 0;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i) offset += distance(row[i - 1], row[i]);
            const RowVertex& vertex = m_rows.vertices[row[i]];
            const auto& joined = down ? vertex.up : vertex.down;
            const double weight = m_weight[row[i]];
            double wanted = vertex.x;
            if (weight > 1e5) {
                wanted = 0;
            } else if (!joined.empty()) {
                wanted = 0;
                for (std::size_t other : joined)
                    wanted += m_rows.vertices[other].x;
                wanted /= static_cast<double>(joined.size());
            }
            blocks.push_back({(wanted - offset) * weight, weight, 1});
            while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() >= blocks.back().mean()) {
                const Block last = blocks.back();
                blocks.pop_back();
                blocks.back().sum += last.sum;
                blocks.back().weight += last.weight;
                blocks.back().count += last.count;
            }
        }
        std::size_t at = 0;
        offset = 0;
        for (const Block& block : blocks) {
            for (std::size_t i = 0; i < block.count; ++i, ++at) {
                if (at) offset += distance(row[at - 1], row[at]);
                m_rows.vertices[row[at]].x = block.mean() + offset;
            }
        }
    }

    const AutogradGraph& m_graph;
    const AutogradMetrics& m_metrics;
    const std::stop_token& m_stop;
    GraphRows m_rows;
    std::vector<std::size_t> m_leafOf;           ///< by GradSum: the leaf it is for
    std::vector<std::vector<std::size_t>> m_out; ///< by item: edges between items in rows
    std::vector<bool> m_closesCycle;             ///< by edge
    std::vector<std::uint32_t> m_height;         ///< by item: of the longest path from it
    std::vector<std::size_t> m_byDepth;          ///< items in rows, each before what it leads to
    std::vector<std::size_t> m_place;            ///< by vertex: in its row
    std::vector<double> m_wanted;
    std::vector<double> m_weight;
};

} // namespace

std::optional<GraphRows> arrangeRows(const AutogradGraph& graph, const AutogradMetrics& metrics,
                                     const std::stop_token& stop) {
    return RowArranger(graph, metrics, stop).arrange();
}

} // namespace hs::ui
