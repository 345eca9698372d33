#include "ui/layout/graph_routes.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <utility>

namespace hs::ui {

namespace {

constexpr double straightWithin = 0.5;
constexpr double labelRoom = 56; // the least for a norm above a level line

/// A part of an edge in a channel: from `from` above to `to` below, over a level line on one of the channel's tracks.
struct Crossing {
    std::size_t edge = 0;
    std::size_t channel = 0; ///< above the row of that number
    double from = 0;
    double to = 0;
    std::size_t track = 0;

    bool straight() const { return std::abs(from - to) < straightWithin; }
    double low() const { return std::min(from, to); }
    double high() const { return std::max(from, to); }
};

class AutogradRouter {
  public:
    AutogradRouter(const AutogradGraph& graph, const GraphRows& rows, const AutogradMetrics& metrics,
                   AutogradLayout& layout)
        : m_graph(graph), m_rows(rows), m_metrics(metrics), m_layout(layout) {}

    void route() {
        assignPorts();
        assignLanes();
        for (std::size_t e = 0; e < m_graph.edges.size(); ++e)
            addCrossings(e);
        assignTracks();
        placeRows();
        m_layout.routes.resize(m_graph.edges.size());
        std::size_t next = 0;
        for (std::size_t e = 0; e < m_graph.edges.size(); ++e) {
            std::size_t end = next;
            while (end < m_crossings.size() && m_crossings[end].edge == e)
                ++end;
            m_layout.routes[e] = m_beside[e] ? besideRoute(m_graph.edges[e]) : rowsRoute(e, next, end);
            next = end;
            finish(m_layout.routes[e]);
        }
    }

  private:
    const Rect& rect(std::size_t item) const { return m_layout.rects[item]; }
    std::uint32_t rowOf(std::size_t item) const { return m_layout.rows[item]; }
    bool isSum(std::size_t item) const { return m_graph.items[item].kind == AutogradKind::gradSum; }
    /// Beside another item: lines from elsewhere come to it from below.
    bool fromBelow(std::size_t e) const { return m_rows.isBeside(m_graph.edges[e].to); }
    std::size_t firstChannel(std::size_t e) const { return rowOf(m_graph.edges[e].from) + 1; }
    std::size_t lastChannel(std::size_t e) const { return rowOf(m_graph.edges[e].to) + (fromBelow(e) ? 1 : 0); }

    /// Where edges leave the lower side of their source and reach the upper side of their target. What goes straight
    /// down is in the middle, what comes from a side at that side.
    void assignPorts() {
        const std::size_t edges = m_graph.edges.size();
        m_beside.assign(edges, false);
        m_start.assign(edges, 0);
        m_end.assign(edges, 0);
        std::vector<std::uint32_t> leftOut(m_layout.rects.size()), rightOut(leftOut), leftIn(leftOut), rightIn(leftOut);
        for (std::size_t e = 0; e < edges; ++e) {
            const AutogradEdge& edge = m_graph.edges[e];
            m_beside[e] = m_rows.isBeside(edge.to) && (m_rows.host[edge.to] == edge.from || m_rows.isBeside(edge.from));
            if (m_beside[e]) continue;
            const std::vector<std::size_t>& chain = m_rows.chains[e];
            const double from = rect(edge.from).center().x;
            const double to = rect(edge.to).center().x;
            const bool outside = chain.empty();
            const double next = chain.size() > 2 ? m_rows.vertices[chain[1]].x : outside ? from + 1e6 : to;
            const double before = chain.size() > 2 ? m_rows.vertices[chain[chain.size() - 2]].x
                                  : outside        ? to + 1e6
                                                   : from;
            m_start[e] = from + aside(next - from, leftOut[edge.from], rightOut[edge.from], 20, rect(edge.from));
            if (fromBelow(e))
                m_end[e] = to;
            else if (isSum(edge.to) && std::abs(before - to) >= straightWithin)
                m_end[e] = rect(edge.to).x - m_metrics.sumEntry + 8;
            else
                m_end[e] = to + aside(before - to, leftIn[edge.to], rightIn[edge.to], 32, rect(edge.to));
        }
    }

    static double aside(double towards, std::uint32_t& left, std::uint32_t& right, double first, const Rect& box) {
        if (std::abs(towards) < straightWithin) return 0;
        std::uint32_t& taken = towards < 0 ? left : right;
        const double most = box.width / 2 - 8;
        const double offset = std::min(first + 24 * taken++, std::max(most, 0.0));
        return towards < 0 ? -offset : offset;
    }

    /// Upright lines right of everything, for edges that pass too many rows or close a cycle.
    void assignLanes() {
        struct Span {
            std::size_t first, last, edge;
        };
        std::vector<Span> spans;
        for (std::size_t e = 0; e < m_graph.edges.size(); ++e) {
            if (m_beside[e] || !m_rows.chains[e].empty()) continue;
            const auto [first, last] = std::minmax({firstChannel(e), lastChannel(e)});
            spans.push_back({first, last, e});
        }
        std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
            return a.first != b.first ? a.first < b.first : a.edge < b.edge;
        });
        double right = 0;
        for (const RowVertex& vertex : m_rows.vertices)
            right = std::max(right, vertex.x + vertex.right);
        m_lane.assign(m_graph.edges.size(), 0);
        using Free = std::pair<std::size_t, std::size_t>; // until which channel a lane is taken, and which
        std::priority_queue<Free, std::vector<Free>, std::greater<>> taken;
        std::size_t lanes = 0;
        for (const Span& span : spans) {
            std::size_t lane = lanes;
            if (!taken.empty() && taken.top().first < span.first) {
                lane = taken.top().second;
                taken.pop();
            } else {
                ++lanes;
            }
            taken.push({span.last, lane});
            m_lane[span.edge] = right + m_metrics.columnGap + m_metrics.lane * static_cast<double>(lane);
        }
    }

    void addCrossings(std::size_t e) {
        if (m_beside[e]) return;
        const std::vector<std::size_t>& chain = m_rows.chains[e];
        if (chain.empty()) {
            m_crossings.push_back({e, firstChannel(e), m_start[e], m_lane[e]});
            m_crossings.push_back({e, lastChannel(e), m_lane[e], m_end[e]});
            return;
        }
        double x = m_start[e];
        for (std::size_t i = 1; i < chain.size(); ++i) {
            const double next = i + 1 < chain.size() ? m_rows.vertices[chain[i]].x : m_end[e];
            m_crossings.push_back({e, firstChannel(e) + i - 1, x, next});
            x = next;
        }
    }

    /// Level lines that overlap get tracks of their own, the ones that begin further left above.
    void assignTracks() {
        std::vector<std::vector<std::size_t>> inChannel(m_layout.rowCount() + 1);
        for (std::size_t i = 0; i < m_crossings.size(); ++i)
            if (!m_crossings[i].straight()) inChannel[m_crossings[i].channel].push_back(i);
        m_tracks.assign(inChannel.size(), 0);
        for (std::size_t channel = 0; channel < inChannel.size(); ++channel) {
            std::vector<std::size_t>& all = inChannel[channel];
            std::sort(all.begin(), all.end(), [&](std::size_t a, std::size_t b) {
                const Crossing &x = m_crossings[a], &y = m_crossings[b];
                return x.low() != y.low() ? x.low() < y.low() : a < b;
            });
            using Free = std::pair<double, std::size_t>;
            std::priority_queue<Free, std::vector<Free>, std::greater<>> taken;
            for (std::size_t i : all) {
                Crossing& crossing = m_crossings[i];
                if (!taken.empty() && taken.top().first + 10 < crossing.low()) {
                    crossing.track = taken.top().second;
                    taken.pop();
                } else {
                    crossing.track = m_tracks[channel]++;
                }
                taken.push({crossing.high(), crossing.track});
            }
        }
    }

    void placeRows() {
        const std::size_t count = m_layout.rowCount();
        std::vector<double> heights(count, 0);
        for (std::size_t item = 0; item < m_layout.rects.size(); ++item)
            heights[rowOf(item)] = std::max(heights[rowOf(item)], rect(item).bottom());
        std::vector<double> tops(count, 0);
        m_channelTop.assign(count + 1, 0);
        double y = m_metrics.margin;
        for (std::size_t channel = 0; channel <= count; ++channel) {
            m_channelTop[channel] = y;
            const auto tracks = static_cast<double>(m_tracks[channel]);
            const bool inner = channel > 0 && channel < count;
            if (tracks > 0)
                y += m_metrics.trackTop + m_metrics.track * tracks + m_metrics.trackBottom;
            else if (inner)
                y += m_metrics.rowGap;
            if (channel == count) break;
            tops[channel] = y;
            y += heights[channel];
        }
        for (std::size_t item = 0; item < m_layout.rects.size(); ++item) {
            const double top = tops[rowOf(item)];
            m_layout.rects[item].y += top;
            if (!m_layout.partners[item].empty()) m_layout.partners[item].y += top;
            if (!m_layout.leafBoxes[item].empty()) m_layout.leafBoxes[item].y += top;
        }
        m_layout.bounds.height = y + m_metrics.margin;
    }

    double trackY(const Crossing& crossing) const {
        return m_channelTop[crossing.channel] + m_metrics.trackTop +
               m_metrics.track * (static_cast<double>(crossing.track) + 0.5);
    }

    AutogradRoute rowsRoute(std::size_t e, std::size_t first, std::size_t end) const {
        const AutogradEdge& edge = m_graph.edges[e];
        AutogradRoute route;
        route.points.push_back({m_start[e], rect(edge.from).bottom()});
        double longest = 0;
        for (std::size_t i = first; i < end; ++i) {
            const Crossing& crossing = m_crossings[i];
            if (crossing.straight()) continue;
            const double y = trackY(crossing);
            route.points.push_back({crossing.from, y});
            route.points.push_back({crossing.to, y});
            const double length = crossing.high() - crossing.low();
            if (length < labelRoom || length <= longest) continue;
            longest = length;
            route.level = true;
            route.room = length;
            route.label = {(crossing.low() + crossing.high()) / 2, y};
        }
        route.straight = route.points.size() == 1 && rowOf(edge.to) == rowOf(edge.from) + 1;
        const Rect& to = rect(edge.to);
        if (fromBelow(e)) {
            route.points.push_back({m_end[e], to.bottom()});
        } else if (m_end[e] < to.x) { // into the side of a GradSum
            route.points.push_back({m_end[e], to.center().y});
            route.points.push_back({to.x, to.center().y});
        } else {
            route.points.push_back({m_end[e], to.y});
        }
        if (!route.level) labelUpright(route, lastChannel(e), to);
        return route;
    }

    /// Beside the last upright part, in the channel above the target.
    void labelUpright(AutogradRoute& route, std::size_t channel, const Rect& to) const {
        const Point& last = route.points[route.points.size() - (route.points.back().y == to.center().y ? 2 : 1)];
        const double top = std::max(m_channelTop[channel], route.points[route.points.size() - 2].y);
        const double bottom = std::min(last.y, to.y);
        const double high = m_tracks[channel] > 0 ? m_metrics.trackBottom : m_metrics.rowGap;
        const double from = std::max(top, bottom - high);
        route.room = std::max(0.0, bottom - from);
        route.label = {last.x, (from + bottom) / 2 - 2};
    }

    /// From an item to a leaf at its right, or from a leaf's GradSum to the leaf.
    AutogradRoute besideRoute(const AutogradEdge& edge) const {
        AutogradRoute route;
        const Rect& from = rect(edge.from);
        const Rect& to = rect(edge.to);
        const double y = to.center().y;
        const double start = from.center().y;
        const bool back = to.x < from.right(); // only in graphs that no backward pass has
        const double x = back ? from.x : from.right();
        if (std::abs(y - start) < straightWithin) {
            route.points = {{x, y}, {to.x, y}};
        } else {
            const double lane = x + 14;
            route.points = {{x, start}, {lane, start}, {lane, y}, {to.x, y}};
        }
        const double begin = route.points[route.points.size() - 2].x;
        if (edge.edges.empty()) return route; // a GradSum stands close to its leaf
        const double end = std::min(to.x, x + m_metrics.leafGap);
        route.level = true;
        route.room = std::max(0.0, end - begin);
        route.label = {(begin + end) / 2 - 3, y};
        return route;
    }

    void finish(AutogradRoute& route) {
        double left = route.points[0].x, right = left, top = route.points[0].y, bottom = top;
        for (const Point& p : route.points) {
            left = std::min(left, p.x);
            right = std::max(right, p.x);
            top = std::min(top, p.y);
            bottom = std::max(bottom, p.y);
        }
        route.bounds = {left, top, std::max(right - left, 1.0), std::max(bottom - top, 1.0)};
    }

    const AutogradGraph& m_graph;
    const GraphRows& m_rows;
    const AutogradMetrics& m_metrics;
    AutogradLayout& m_layout;
    std::vector<bool> m_beside;  ///< by edge: between an item and what stands at its right
    std::vector<double> m_start; ///< by edge
    std::vector<double> m_end;
    std::vector<double> m_lane;
    std::vector<Crossing> m_crossings; ///< those of an edge one behind the other
    std::vector<std::size_t> m_tracks; ///< by channel
    std::vector<double> m_channelTop;
};

} // namespace

void routeAutograd(const AutogradGraph& graph, const GraphRows& rows, const AutogradMetrics& metrics,
                   AutogradLayout& layout) {
    AutogradRouter(graph, rows, metrics, layout).route();
}

} // namespace hs::ui
