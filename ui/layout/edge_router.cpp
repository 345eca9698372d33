#include "ui/layout/edge_router.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace hs::ui {

namespace {

class Router {
  public:
    Router(const BlueprintGraph& graph, const BlueprintLayout& layout, const BlueprintMetrics& metrics)
        : m_graph(graph), m_layout(layout), m_metrics(metrics) {
        if (graph.items.empty()) return;
        std::size_t container = 0;
        while (graph.items[container].children.size() == 1 &&
               graph.items[graph.items[container].children[0]].content == Content::group)
            container = graph.items[container].children[0];
        m_columns = graph.items[container].children;
    }

    std::vector<EdgeRoute> route() {
        std::vector<EdgeRoute> routes;
        for (std::size_t i = 0; i < m_graph.edges.size(); ++i) {
            EdgeRoute one = routeOne(m_graph.edges[i]);
            one.edge = i;
            if (!one.forward.empty()) routes.push_back(std::move(one));
        }
        return routes;
    }

  private:
    std::size_t columnOf(std::size_t item) const {
        for (std::size_t up = item;; up = m_graph.items[up].parent) {
            const auto found = std::find(m_columns.begin(), m_columns.end(), up);
            if (found != m_columns.end()) return static_cast<std::size_t>(found - m_columns.begin());
            if (up == 0) return m_columns.size();
        }
    }

    const Rect& rect(std::size_t item) const { return m_layout.rects[item]; }

    EdgeRoute routeOne(const GraphEdge& edge) {
        if (edge.from == BlueprintGraph::input) return fromInput(edge.to);
        if (edge.to == BlueprintGraph::loss)
            return upright(rect(edge.from), m_layout.loss, m_layout.rects[0], m_layout.loss);
        const std::size_t a = columnOf(edge.from);
        const std::size_t b = columnOf(edge.to);
        if (a == b) {
            if (isNext(edge.from, edge.to)) return uprightBetween(edge.from, edge.to);
            return throughLane(rect(edge.from), rect(edge.to), a);
        }
        return throughGutter(rect(edge.from), rect(edge.to), a, b);
    }

    /// Whether `to` is below `from` with no card between them.
    bool isNext(std::size_t from, std::size_t to) const {
        const double top = rect(from).bottom();
        const double bottom = rect(to).y;
        if (bottom < top) return false;
        return std::none_of(m_graph.order.begin(), m_graph.order.end(), [&](std::size_t other) {
            const Rect& r = rect(other);
            return r.y >= top && r.bottom() <= bottom && r.x < rect(from).right() && rect(from).x < r.right();
        });
    }

    /// `above` and `below` are the outermost boxes that the line leaves and enters: text goes between them.
    EdgeRoute upright(const Rect& from, const Rect& to, const Rect& above, const Rect& below) const {
        // Right of the middle: a shape takes more room than a norm.
        const double half = std::min(from.width, to.width) / 2;
        const double aside = half * 0.3;
        const double x = std::round(to.center().x + aside - m_metrics.pairOffset / 2) + 0.5;
        const double top = from.bottom();
        const double bottom = to.y;
        EdgeRoute route;
        route.forward = {{x, top}, {x, bottom}};
        route.backward = {{x + m_metrics.pairOffset, bottom}, {x + m_metrics.pairOffset, top}};
        route.room = std::max(0.0, below.y - above.bottom());
        route.label = {x + m_metrics.pairOffset / 2, (above.bottom() + below.y) / 2};
        route.left = half + aside - m_metrics.pairOffset;
        route.right = half - aside - m_metrics.pairOffset;
        return route;
    }

    /// The boxes around two items of a column, just inside the box that both are in.
    EdgeRoute uprightBetween(std::size_t from, std::size_t to) const {
        const auto holds = [this](std::size_t box, std::size_t item) {
            while (item != box && item != 0)
                item = m_graph.items[item].parent;
            return item == box;
        };
        std::size_t above = from;
        while (above != 0 && !holds(m_graph.items[above].parent, to))
            above = m_graph.items[above].parent;
        std::size_t below = to;
        while (below != 0 && !holds(m_graph.items[below].parent, from))
            below = m_graph.items[below].parent;
        return upright(rect(from), rect(to), rect(above), rect(below));
    }

    EdgeRoute fromInput(std::size_t to) const {
        const Rect& input = m_layout.input;
        const Rect& target = rect(to);
        EdgeRoute route;
        if (columnOf(to) == 0 && !isBelowAnother(to)) {
            const double x = std::max(target.center().x, input.right() + 24) + 0.5;
            const double y = std::round(input.center().y) + 0.5;
            route.forward = {{input.right(), y}, {x, y}, {x, target.y}};
            route.label = {x, (y + m_layout.rects[0].y) / 2};
            route.room = m_layout.rects[0].y - y;
            route.left = route.right = target.width / 2;
            return route;
        }
        // Another reader of the input: down the gutter or the lane at the left of its column.
        const double x = m_layout.rects[0].x + m_metrics.rootPadding / 2;
        const double y = target.y + std::min(14.0, target.height / 2);
        route.forward = {{input.x + input.width / 2, input.bottom()},
                         {input.x + input.width / 2, m_layout.rects[0].y - 8},
                         {x, m_layout.rects[0].y - 8},
                         {x, y},
                         {target.x, y}};
        return route;
    }

    bool isBelowAnother(std::size_t item) const {
        return std::any_of(m_graph.order.begin(), m_graph.order.end(), [&](std::size_t other) {
            return other != item && columnOf(other) == columnOf(item) && rect(other).y < rect(item).y;
        });
    }

    EdgeRoute throughLane(const Rect& from, const Rect& to, std::size_t column) {
        const double left = std::min(from.x, to.x);
        const double step = static_cast<double>(m_lanes[column]++ % 2) * 2;
        const double x = std::round(left - m_metrics.lane * 0.75 + step) + 0.5;
        const bool down = to.y > from.y;
        const double y0 = down ? from.bottom() - from.height / 3 : from.y + from.height / 3;
        const double y1 = down ? to.y + to.height / 3 : to.bottom() - to.height / 3;
        const double offset = down ? 4 : -4;
        EdgeRoute route;
        route.forward = {{from.x, y0}, {x, y0}, {x, y1}, {to.x, y1}};
        route.backward = {{to.x, y1 - offset}, {x + 4, y1 - offset}, {x + 4, y0 + offset}, {from.x, y0 + offset}};
        return route;
    }

    EdgeRoute throughGutter(const Rect& from, const Rect& to, std::size_t a, std::size_t b) {
        const std::size_t before = m_gutters[a]++; // pairs that this gutter already has
        const double x = gutterX(a, before);
        const double y0 = from.bottom() - std::min(18.0 + 6.0 * static_cast<double>(before), from.height / 2);
        double y1 = to.y + std::min(18.0, to.height / 2);
        EdgeRoute route;
        if (b == a + 1 && std::abs(y1 - y0) < 4) y1 = y0;
        const double d = m_metrics.pairOffset;
        const double e = y1 <= y0 ? d : -d; // the gradient's line never crosses its value's
        if (b == a + 1) {
            route.forward = {{from.right(), y0}, {x, y0}, {x, y1}, {to.x, y1}};
            route.backward = {{to.x, y1 + e}, {x + d, y1 + e}, {x + d, y0 + e}, {from.right(), y0 + e}};
            route.label = {x + d / 2, (y0 + y1) / 2};
            route.rotated = true;
            route.room = before == 0 ? std::abs(y1 - y0) : 0;
            route.left = route.right = m_metrics.gutter / 2 - d / 2;
            return route;
        }
        // Past other columns: between the root's header and theirs.
        const double top = m_layout.rects[m_columns[a]].y - 8;
        const std::size_t entry = b > 0 ? b - 1 : 0;
        const double back = gutterX(entry, m_gutters[entry]++);
        route.forward = {{from.right(), y0}, {x, y0}, {x, top}, {back, top}, {back, y1}, {to.x, y1}};
        route.backward = {{to.x, y1 + d},   {back + d, y1 + d}, {back + d, top + 4},
                          {x + d, top + 4}, {x + d, y0 + d},    {from.right(), y0 + d}};
        return route;
    }

    double gutterX(std::size_t column, std::size_t pair) const {
        const Rect& gutter = m_layout.gutters[column];
        // The first pair is at the right, with room for text at both its sides; others are left of it.
        const double first = gutter.right() - m_metrics.gutter / 2 - m_metrics.pairOffset / 2;
        if (pair == 0 || gutter.width <= m_metrics.gutter) return std::round(first) + 0.5;
        return std::round(gutter.x + 8 + m_metrics.gutterMore * static_cast<double>(pair - 1)) + 0.5;
    }

    const BlueprintGraph& m_graph;
    const BlueprintLayout& m_layout;
    const BlueprintMetrics& m_metrics;
    std::vector<std::size_t> m_columns;
    std::map<std::size_t, std::size_t> m_gutters;
    std::map<std::size_t, std::size_t> m_lanes;
};

} // namespace

std::vector<EdgeRoute> routeEdges(const BlueprintGraph& graph, const BlueprintLayout& layout,
                                  const BlueprintMetrics& metrics) {
    return Router(graph, layout, metrics).route();
}

} // namespace hs::ui
