#include "ui/layout/blueprint_layout.h"

#include "ui/layout/edge_router.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hs::ui {

namespace {

/// Least and wanted height of a card, and how much more it may grow in a high view.
struct Heights {
    double least = 28;
    double wanted = 28;
    double most = 28;
};

Heights heightsOf(const GraphItem& item) {
    switch (item.content) {
    case Content::maps:
        return item.hasParameters ? Heights{28, 150, 260} : Heights{28, 92, 180};
    case Content::strip:
        return {28, 96, 220};
    case Content::classes:
        return {100, 118, 220};
    case Content::join:
        return {24, 24, 24};
    default:
        return {28, 28, 28};
    }
}

class Placer {
  public:
    Placer(const BlueprintGraph& graph, const BlueprintMetrics& metrics) : m_graph(graph), m_metrics(metrics) {
        m_layout.rects.resize(graph.items.size());
    }

    BlueprintLayout place(double width, double height) {
        if (m_graph.items.empty()) return {};
        const BlueprintMetrics& m = m_metrics;
        std::size_t container = 0; // the outermost with several children; those around it are frames
        std::size_t frames = 0;
        while (m_graph.items[container].children.size() == 1 && isFrame(m_graph.items[container].children[0])) {
            container = m_graph.items[container].children[0];
            ++frames;
        }
        const auto& columns = m_graph.items[container].children;
        const double inset = m.rootPadding + double(frames) * m.groupPadding;
        const double head = m.rootHeader + double(frames) * m.groupHeader;
        const double room = height - 2 * m.margin - m.topStrip - m.bottomStrip - head - inset;
        const double columnHeight = heightOfColumns(columns, room);

        const std::vector<double> gutters = guttersAfter(columns);
        const double between = std::accumulate(gutters.begin(), gutters.end(), 0.0);
        const auto count = static_cast<double>(columns.size());
        const double free = width - 2 * m.margin - 2 * inset - between;
        // A picture is worth more than a column.
        const double shares = count + (m_graph.hasPicture ? 1.6 : 0);
        const double columnWidth = std::round(std::clamp(free / std::max(1.0, shares), m.columnLeast, m.columnMost));
        const double pictureWidth = m_graph.hasPicture
                                        ? std::clamp(free - count * columnWidth, m.columnLeast,
                                                     std::max(m.columnLeast, columnHeight - m.groupHeader))
                                        : 0;

        const Rect root{m.margin, m.margin + m.topStrip, count * columnWidth + between + pictureWidth + 2 * inset,
                        head + columnHeight + inset};
        frame(root, container, frames);
        double x = root.x + inset;
        const double top = root.y + head;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            placeColumn(columns[i], {x, top, columnWidth, columnHeight});
            m_layout.gutters.push_back({x + columnWidth, top, gutters[i], columnHeight});
            x += columnWidth + gutters[i];
        }
        if (m_graph.hasPicture) placePicture({x, top, pictureWidth, columnHeight});
        placeEnds(root);
        m_layout.bounds = {0, 0, std::max(root.right(), m_layout.loss.right()) + m.margin,
                           root.bottom() + m.bottomStrip + m.margin};
        return std::move(m_layout);
    }

  private:
    bool isFrame(std::size_t item) const { return m_graph.items[item].content == Content::group; }

    /// Heights of an item with all that is in it: least; what gaps need to be clear; what the cards, and then gaps,
    /// want more; what cards, and then gaps, may have beyond that.
    struct Measure {
        double least = 0, clear = 0, cards = 0, gaps = 0, most = 0, wide = 0;

        double all() const { return least + clear + cards + gaps + most + wide; }
    };

    /// As high as there is room for, no higher than the contents can be, and no lower than they must.
    double heightOfColumns(const std::vector<std::size_t>& columns, double room) const {
        double least = 100;
        double most = least;
        for (std::size_t column : columns) {
            least = std::max(least, measure(column).least);
            most = std::max(most, measure(column).all());
        }
        return std::round(std::clamp(room, least, most));
    }

    /// Widths between the columns: wider where several values leave a column.
    std::vector<double> guttersAfter(const std::vector<std::size_t>& columns) const {
        const auto columnOf = [&](std::size_t item) {
            for (;; item = m_graph.items[item].parent) {
                const auto found = std::find(columns.begin(), columns.end(), item);
                if (found != columns.end() || item == 0) return found - columns.begin();
            }
        };
        std::vector<double> widths(columns.size(), m_metrics.gutter - m_metrics.gutterMore);
        for (const GraphEdge& edge : m_graph.edges) {
            if (edge.from == BlueprintGraph::input || edge.to == BlueprintGraph::loss) continue;
            const auto from = static_cast<std::size_t>(columnOf(edge.from));
            if (from < columns.size() && columnOf(edge.to) != static_cast<std::ptrdiff_t>(from))
                widths[from] += m_metrics.gutterMore;
        }
        for (double& width : widths)
            width = std::max(width, m_metrics.gutter);
        if (!m_graph.hasPicture && !widths.empty()) widths.back() = 0;
        return widths;
    }

    Measure measure(std::size_t index) const {
        const GraphItem& item = m_graph.items[index];
        if (m_graph.isCard(index)) {
            const Heights h = heightsOf(item);
            return {h.least, 0, h.wanted - h.least, 0, h.most - h.wanted, 0};
        }
        Measure sum;
        if (item.content == Content::group) sum.least = m_metrics.groupHeader + m_metrics.groupPadding;
        for (std::size_t child : item.children) {
            const Measure part = measure(child);
            sum.least += part.least;
            sum.clear += part.clear;
            sum.cards += part.cards;
            sum.gaps += part.gaps;
            sum.most += part.most;
            sum.wide += part.wide;
        }
        const double gaps = std::max(0.0, static_cast<double>(item.children.size()) - 1);
        sum.least += gaps * m_metrics.gapLeast;
        sum.clear += gaps * (m_metrics.gapClear - m_metrics.gapLeast);
        sum.gaps += gaps * (m_metrics.gapWanted - m_metrics.gapClear);
        sum.wide += gaps * (m_metrics.gapMost - m_metrics.gapWanted);
        return sum;
    }

    void frame(const Rect& root, std::size_t container, std::size_t frames) {
        m_layout.rects[0] = root;
        const BlueprintMetrics& m = m_metrics;
        for (std::size_t item = container, depth = frames; depth > 0; --depth, item = m_graph.items[item].parent) {
            const double d = static_cast<double>(depth - 1);
            const double side = m.rootPadding + d * m.groupPadding;
            const double top = m.rootHeader + d * m.groupHeader;
            m_layout.rects[item] = {root.x + side, root.y + top, root.width - 2 * side, root.height - top - side};
        }
    }

    void placeColumn(std::size_t column, const Rect& rect) {
        const Measure size = measure(column);
        double extra = rect.height - size.least;
        const auto share = [&extra](double wanted) {
            if (wanted <= 0) return 0.0;
            const double part = std::clamp(extra / wanted, 0.0, 1.0);
            extra -= part * wanted;
            return part;
        };
        // A card with less has a smaller picture, a gap with less a text that nobody can read.
        m_clear = share(size.clear);
        m_cards = share(size.cards);
        m_gaps = share(size.gaps);
        m_most = share(size.most);
        m_wide = share(size.wide);
        const double used = put(column, rect.x, rect.y, rect.width);
        m_layout.rects[column] = {rect.x, rect.y, rect.width, isFrame(column) ? rect.height : used};
    }

    /// Places an item and all in it from (x, y) down; returns its height.
    double put(std::size_t index, double x, double y, double width) {
        const GraphItem& item = m_graph.items[index];
        if (m_graph.isCard(index)) {
            const Heights h = heightsOf(item);
            const double height = std::floor(h.least + m_cards * (h.wanted - h.least) + m_most * (h.most - h.wanted));
            m_layout.rects[index] = {x, y, width, height};
            return height;
        }
        const bool framed = item.content == Content::group;
        const double lane = hasLane(index) ? m_metrics.lane : m_metrics.groupPadding;
        const double left = framed ? lane : 0;
        const double right = framed ? m_metrics.groupPadding : 0;
        double bottom = y + (framed ? m_metrics.groupHeader : 0);
        const double gap = std::floor(m_metrics.gapLeast + m_clear * (m_metrics.gapClear - m_metrics.gapLeast) +
                                      m_gaps * (m_metrics.gapWanted - m_metrics.gapClear) +
                                      m_wide * (m_metrics.gapMost - m_metrics.gapWanted));
        for (std::size_t i = 0; i < item.children.size(); ++i) {
            if (i) bottom += gap;
            bottom += put(item.children[i], x + left, bottom, width - left - right);
        }
        const double height = bottom - y + (framed ? m_metrics.groupPadding : 0);
        m_layout.rects[index] = {x, y, width, height};
        return height;
    }

    /// Whether edges pass cards inside this group.
    bool hasLane(std::size_t group) const {
        for (std::size_t child : m_graph.items[group].children)
            if (m_graph.items[child].content == Content::join) return true;
        return false;
    }

    void placePicture(const Rect& column) {
        const double side = std::min(column.width, column.height - m_metrics.groupHeader);
        m_layout.picture = {column.x, column.y, column.width, side + m_metrics.groupHeader};
    }

    void placeEnds(const Rect& root) {
        const BlueprintMetrics& m = m_metrics;
        m_layout.input = {m.margin + 74, m.margin, m.inputSize, m.inputSize};
        std::size_t last = m_graph.items.size();
        for (const GraphEdge& edge : m_graph.edges)
            if (edge.to == BlueprintGraph::loss) last = edge.from;
        const double top = root.bottom() + m.bottomStrip - m.lossHeight;
        const Rect above = last < m_graph.items.size() ? m_layout.rects[last] : root;
        m_layout.loss = {above.x, top, above.width, m.lossHeight};
    }

    const BlueprintGraph& m_graph;
    const BlueprintMetrics& m_metrics;
    BlueprintLayout m_layout;
    /// How far the column that is placed goes towards each, 0 to 1.
    double m_clear = 0, m_cards = 0, m_gaps = 0, m_most = 0, m_wide = 0;
};

} // namespace

BlueprintLayout layOutBlueprint(const BlueprintGraph& graph, double width, double height,
                                const BlueprintMetrics& metrics) {
    BlueprintLayout layout = Placer(graph, metrics).place(width, height);
    layout.routes = routeEdges(graph, layout, metrics);
    return layout;
}

std::size_t BlueprintLayout::itemAt(const BlueprintGraph& graph, Point p) const {
    std::size_t found = graph.items.size();
    double smallest = 0;
    for (std::size_t i = 0; i < rects.size(); ++i) {
        if (graph.items[i].content == Content::column || !rects[i].contains(p)) continue;
        const double area = rects[i].width * rects[i].height;
        if (found == graph.items.size() || area < smallest) {
            found = i;
            smallest = area;
        }
    }
    return found;
}

std::size_t neighbour(const BlueprintGraph& graph, const BlueprintLayout& layout, std::size_t item,
                      Direction direction) {
    if (graph.order.empty()) return item;
    if (item >= graph.items.size()) return graph.order.front();
    const Point from = layout.rects[item].center();
    const bool upright = direction == Direction::up || direction == Direction::down;
    const double sign = direction == Direction::down || direction == Direction::right ? 1 : -1;
    std::size_t best = item;
    double bestCost = 0;
    for (std::size_t other : graph.order) {
        if (other == item || graph.items[other].module == trace::none) continue;
        const Point to = layout.rects[other].center();
        const double along = sign * (upright ? to.y - from.y : to.x - from.x);
        const double across = std::abs(upright ? to.x - from.x : to.y - from.y);
        // Up and down stay in the column; left and right leave it.
        const double width = layout.rects[item].width;
        if (along <= (upright ? 1 : width / 2) || (upright && across > width / 2)) continue;
        const double cost = upright ? along : along * 4 + across;
        if (best == item || cost < bestCost) {
            best = other;
            bestCost = cost;
        }
    }
    return best;
}

} // namespace hs::ui
