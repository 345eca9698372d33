#include "ui/layout/graph_layout.h"

#include "ui/layout/graph_routes.h"
#include "ui/layout/graph_rows.h"

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

/// Gives each item its box, with y counted from the top of its row.
class BoxPlacer {
  public:
    BoxPlacer(const AutogradGraph& graph, const GraphRows& rows, const AutogradMetrics& metrics, AutogradLayout& layout)
        : m_graph(graph), m_rows(rows), m_metrics(metrics), m_layout(layout) {}

    void place() {
        const std::size_t items = m_graph.items.size();
        m_layout.rects.resize(items);
        m_layout.partners.resize(items);
        m_layout.leafBoxes.resize(items);
        m_layout.rows.resize(items, 0);
        for (std::size_t item = 0; item < items; ++item)
            if (!m_rows.isBeside(item)) placeInRow(item);
    }

  private:
    void placeInRow(std::size_t item) {
        const RowVertex& vertex = m_rows.vertices[item];
        const AutogradMetrics& m = m_metrics;
        const double x = vertex.x;
        m_layout.rows[item] = vertex.row;
        if (m_graph.items[item].kind == AutogradKind::gradSum) {
            m_layout.rects[item] = {x - m.sumSize / 2, 0, m.sumSize, m.sumSize};
            return;
        }
        if (m_graph.items[item].kind == AutogradKind::leaf) {
            putLeaf(item, x - m.pillWidth / 2, m.nodeHeight / 2);
            return;
        }
        const Rect box{x - m.nodeWidth / 2, 0, m.nodeWidth, m.nodeHeight};
        m_layout.rects[item] = box;
        if (m_graph.items[item].hasPartner)
            m_layout.partners[item] = {box.x - m.partnerGap - m.partnerWidth, 3, m.partnerWidth, m.nodeHeight - 6};
        placeLeaves(item, vertex.row, box);
    }

    /// Above each other; the more of those below have a GradSum, the further right a leaf's own one stands.
    void placeLeaves(std::size_t host, std::uint32_t row, const Rect& box) {
        const AutogradMetrics& m = m_metrics;
        const std::vector<std::size_t>& leaves = m_rows.leaves[host];
        std::size_t sums = 0;
        for (std::size_t leaf : leaves)
            sums += m_rows.sumOf[leaf] != GraphRows::none;
        const double width = m.sumSize + m.leafSumGap;
        const double pill = box.right() + m.leafGap + width * static_cast<double>(sums);
        double middle = box.center().y;
        for (std::size_t leaf : leaves) {
            const std::size_t sum = m_rows.sumOf[leaf];
            m_layout.rows[leaf] = row;
            if (sum != GraphRows::none) {
                --sums;
                const double x = box.right() + m.leafGap + width * static_cast<double>(sums);
                m_layout.rects[sum] = {x, middle - m.sumSize / 2, m.sumSize, m.sumSize};
                m_layout.rows[sum] = row;
            }
            putLeaf(leaf, pill, middle);
            middle += std::max(m.pillHeight, sum == GraphRows::none ? 0 : m.sumSize) + m.stackGap;
        }
    }

    void putLeaf(std::size_t leaf, double left, double middle) {
        const AutogradMetrics& m = m_metrics;
        const Rect pill{left, middle - m.pillHeight / 2, m.pillWidth, m.pillHeight};
        m_layout.rects[leaf] = pill;
        m_layout.leafBoxes[leaf] = {pill.right() + m.leafBoxGap, pill.y, m.leafBoxWidth, m.pillHeight};
    }

    const AutogradGraph& m_graph;
    const GraphRows& m_rows;
    const AutogradMetrics& m_metrics;
    AutogradLayout& m_layout;
};

/// Moves everything so that it begins at the margin, across; down it does already.
void shiftToMargin(AutogradLayout& layout, double margin) {
    Rect all;
    for (std::size_t item = 0; item < layout.rects.size(); ++item)
        for (const Rect& rect : {layout.rects[item], layout.partners[item], layout.leafBoxes[item]})
            all = all.united(rect);
    for (const AutogradRoute& route : layout.routes)
        all = all.united(route.bounds);
    const double by = margin - std::floor(all.x);
    for (auto* rects : {&layout.rects, &layout.partners, &layout.leafBoxes})
        for (Rect& rect : *rects)
            if (!rect.empty()) rect.x += by;
    for (AutogradRoute& route : layout.routes) {
        for (Point& point : route.points)
            point.x += by;
        route.label.x += by;
        route.bounds.x += by;
    }
    layout.bounds.width = all.width + 2 * margin;
}

} // namespace

std::size_t AutogradLayout::rowCount() const {
    return rows.empty() ? 0 : static_cast<std::size_t>(*std::max_element(rows.begin(), rows.end())) + 1;
}

std::size_t AutogradLayout::itemAt(Point p) const {
    for (std::size_t item = 0; item < rects.size(); ++item)
        if (rects[item].contains(p) || partners[item].contains(p) || leafBoxes[item].contains(p)) return item;
    return rects.size();
}

std::optional<AutogradLayout> layOutAutograd(const AutogradGraph& graph, const AutogradMetrics& metrics,
                                             const std::stop_token& stop) {
    AutogradLayout layout;
    if (graph.empty()) return layout;
    const std::optional<GraphRows> rows = arrangeRows(graph, metrics, stop);
    if (!rows) return std::nullopt;
    BoxPlacer(graph, *rows, metrics, layout).place();
    routeAutograd(graph, *rows, metrics, layout);
    if (stop.stop_requested()) return std::nullopt;
    shiftToMargin(layout, metrics.margin);
    return layout;
}

std::size_t neighbourOf(const AutogradGraph& graph, const AutogradLayout& layout, std::size_t item, Step step) {
    const std::size_t items = layout.rects.size();
    if (items == 0) return item;
    if (item >= items) {
        const auto isHigher = [&](const Rect& a, const Rect& b) { return a.y != b.y ? a.y < b.y : a.x < b.x; };
        return static_cast<std::size_t>(std::min_element(layout.rects.begin(), layout.rects.end(), isHigher) -
                                        layout.rects.begin());
    }
    const Point at = layout.rects[item].center();
    const bool across = step == Step::left || step == Step::right;
    std::size_t best = item;
    double bestCost = 0;
    const auto offer = [&](std::size_t other, double cost) {
        if (other == item || (best != item && cost >= bestCost)) return;
        best = other;
        bestCost = cost;
    };
    const bool onwards = step == Step::down || step == Step::right;
    for (const AutogradEdge& edge : graph.edges) {
        if ((onwards ? edge.from : edge.to) != item) continue;
        const std::size_t other = onwards ? edge.to : edge.from;
        const Point to = layout.rects[other].center();
        const bool beside = layout.rows[other] == layout.rows[item];
        if (beside == across) offer(other, std::abs(to.x - at.x) + std::abs(to.y - at.y));
    }
    if (best != item) return best;
    // No edge goes there: along the row, or down the pile of leaves.
    const double sign = onwards ? 1 : -1;
    for (std::size_t other = 0; other < items; ++other) {
        if (layout.rows[other] != layout.rows[item]) continue;
        const Point to = layout.rects[other].center();
        const double along = sign * (across ? to.x - at.x : to.y - at.y);
        const double off = std::abs(across ? to.y - at.y : to.x - at.x);
        if (along > 1 && (across || off < 1)) offer(other, along + 4 * off);
    }
    return best;
}

} // namespace hs::ui
