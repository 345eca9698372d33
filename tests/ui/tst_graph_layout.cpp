// The autograd graph as items and edges, and where they go.
#include "tests/ui/graph_trace.h"
#include "ui/layout/graph_layout.h"

#include <QTest>

#include <algorithm>
#include <random>
#include <thread>

using namespace hs;
using namespace hs::ui;

namespace {

std::size_t leafSumOf(const AutogradGraph& graph, trace::Id node) {
    for (std::size_t item = 0; item < graph.items.size(); ++item)
        if (graph.items[item].kind == AutogradKind::gradSum && graph.items[item].node == node) return item;
    return graph.items.size();
}

/// A graph of `nodes` nodes in which each leads to some of the `reach` before it, with a leaf now and then, and every
/// hundredth edge anywhere.
std::shared_ptr<trace::Trace> generated(int nodes, int reach, unsigned seed) {
    GraphTrace made;
    std::mt19937 random(seed);
    const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
    std::vector<trace::Id> computing;
    for (int i = 0; i < nodes; ++i) {
        const bool leaf = i % 5 == 4;
        const trace::Id id = leaf ? made.leaf("w" + std::to_string(i)) : made.node("N");
        if (leaf && !computing.empty()) made.edge(computing.back(), id);
        if (leaf) continue;
        const int before = static_cast<int>(computing.size());
        for (int e = 0; e < 1 + below(2) && before > 0; ++e) {
            const int far = below(100) == 0 ? below(before) : below(std::min(reach, before));
            made.edge(id, computing[static_cast<std::size_t>(before - 1 - far)]);
        }
        computing.push_back(id);
    }
    return made.trace;
}

bool inside(const Rect& box, Point a, Point b) {
    const double left = std::min(a.x, b.x), right = std::max(a.x, b.x);
    const double top = std::min(a.y, b.y), bottom = std::max(a.y, b.y);
    return left < box.right() - 0.5 && right > box.x + 0.5 && top < box.bottom() - 0.5 && bottom > box.y + 0.5;
}

QString overlapIn(const AutogradLayout& layout) {
    std::vector<std::pair<Rect, std::size_t>> boxes;
    for (std::size_t item = 0; item < layout.rects.size(); ++item)
        for (const Rect& box : {layout.rects[item], layout.partners[item], layout.leafBoxes[item]})
            if (!box.empty()) boxes.emplace_back(box, item);
    std::sort(boxes.begin(), boxes.end(), [](const auto& a, const auto& b) { return a.first.y < b.first.y; });
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        if (!layout.bounds.contains(boxes[i].first)) return QString("outside: %1").arg(boxes[i].second);
        for (std::size_t j = i + 1; j < boxes.size() && boxes[j].first.y < boxes[i].first.bottom(); ++j)
            if (boxes[i].first.overlaps(boxes[j].first))
                return QString("%1 over %2").arg(boxes[i].second).arg(boxes[j].second);
    }
    return {};
}

/// An edge whose line goes over a box that is not at its ends.
QString lineOverBox(const AutogradGraph& graph, const AutogradLayout& layout) {
    for (std::size_t e = 0; e < layout.routes.size(); ++e) {
        const std::vector<Point>& points = layout.routes[e].points;
        for (std::size_t i = 0; i + 1 < points.size(); ++i) {
            if (points[i].x != points[i + 1].x && points[i].y != points[i + 1].y) return QString("askew: %1").arg(e);
            for (std::size_t item = 0; item < layout.rects.size(); ++item) {
                const bool end = item == graph.edges[e].from || item == graph.edges[e].to;
                for (const Rect& box : {layout.rects[item], layout.partners[item], layout.leafBoxes[item]})
                    if (!end && !box.empty() && inside(box, points[i], points[i + 1]))
                        return QString("edge %1 from %2 to %3 over item %4, part %5")
                            .arg(e)
                            .arg(graph.edges[e].from)
                            .arg(graph.edges[e].to)
                            .arg(item)
                            .arg(i);
            }
        }
    }
    return {};
}

} // namespace

class TestGraphLayout : public QObject {
    Q_OBJECT

  private slots:
    void itemsAreNodesSumsAndLeaves();
    void modulesCollapse();
    void largeGraphsCollapseAtFirst();
    void rowsFollowTheLongestPath();
    void leavesStandAtTheRight();
    void linesJoinWhatTheyShould();
    void boxesKeepApart_data();
    void boxesKeepApart();
    void isAFunctionOfItsInput();
    void stopsWhenAsked();
    void takesAnyGraph();
    void twentyThousandNodes_data();
    void twentyThousandNodes();
    void movesAlongEdges();
};

void TestGraphLayout::itemsAreNodesSumsAndLeaves() {
    const ResidualTrace made;
    const AutogradGraph graph = buildAutogradGraph(*made.trace, {});
    QCOMPARE(graph.itemOf.size(), made.trace->nodes.size());
    QCOMPARE(graph.items.size(), made.trace->nodes.size() + 2); // and two sums
    QVERIFY(graph.items[graph.itemOf[made.conv]].kind == AutogradKind::node);
    QVERIFY(graph.items[graph.itemOf[made.bias]].kind == AutogradKind::leaf);
    QVERIFY(graph.items[graph.itemOf[made.conv]].hasPartner);
    QVERIFY(!graph.items[graph.itemOf[made.bias]].hasPartner);
    const std::size_t sum = leafSumOf(graph, made.stemWeight);
    QVERIFY(sum < graph.items.size());
    QCOMPARE(graph.items[sum].gradients, 2u);
    QCOMPARE(leafSumOf(graph, made.bias), graph.items.size());
    // Nothing goes past a sum.
    for (const AutogradEdge& edge : graph.edges)
        if (edge.to == graph.itemOf[made.stemWeight]) QCOMPARE(edge.from, sum);
    // Gradients for two outputs of one operation are not added.
    GraphTrace two;
    const trace::Id below = two.node("SplitBackward0");
    const trace::Id above = two.node("AddBackward0");
    two.edge(above, below, 0);
    two.edge(above, below, 1);
    QCOMPARE(buildAutogradGraph(*two.trace, {}).items.size(), std::size_t(2));
    QCOMPARE(buildAutogradGraph(*two.trace, {}).edges.size(), std::size_t(1));
}

void TestGraphLayout::modulesCollapse() {
    const ResidualTrace made;
    const AutogradGraph graph = buildAutogradGraph(*made.trace, {2, 3});
    const std::size_t group = graph.itemOf[made.conv];
    QVERIFY(graph.items[group].kind == AutogradKind::group);
    QCOMPARE(graph.items[group].module, trace::Id(2)); // the outer one counts
    QCOMPARE(graph.items[group].inside.size(), std::size_t(5));
    QCOMPARE(graph.items[group].leaves, 2u);
    for (trace::Id id : {made.relu, made.add, made.weight, made.bias})
        QCOMPARE(graph.itemOf[id], group);
    // Both ways out of the block meet at the stem.
    const std::size_t sum = leafSumOf(graph, made.stem);
    const auto out = std::find_if(graph.edges.begin(), graph.edges.end(),
                                  [&](const AutogradEdge& edge) { return edge.from == group && edge.to == sum; });
    QVERIFY(out != graph.edges.end());
    QCOMPARE(out->edges.size(), std::size_t(2));
    QCOMPARE(collapsibleAround(*made.trace, 3), std::vector<trace::Id>({3, 2}));
    QCOMPARE(collapsibleAround(*made.trace, 1), std::vector<trace::Id>()); // two nodes are too few
    QCOMPARE(collapsibleAround(*made.trace, 0), std::vector<trace::Id>()); // the root stays
    QCOMPARE(collapsibleAround(*made.trace, trace::none), std::vector<trace::Id>());
}

void TestGraphLayout::largeGraphsCollapseAtFirst() {
    std::vector<std::string> paths;
    for (int outer = 0; outer < 12; ++outer) {
        paths.push_back("m" + std::to_string(outer));
        for (int inner = 0; inner < 10; ++inner)
            paths.push_back("m" + std::to_string(outer) + "." + std::to_string(inner));
    }
    GraphTrace made(paths);
    trace::Id last = trace::none;
    for (trace::Id module = 1; module <= paths.size(); ++module)
        for (int i = 0; i < 4; ++i) {
            const trace::Id id = made.node("N", "op", module);
            if (last != trace::none) made.edge(id, last);
            last = id;
        }
    QCOMPARE(collapsedAtFirst(*made.trace, 1000), std::set<trace::Id>());
    // 120 inner modules of four nodes each, and the 48 nodes of the outer ones themselves.
    const auto inner = collapsedAtFirst(*made.trace, 200);
    QCOMPARE(inner.size(), std::size_t(120));
    QCOMPARE(buildAutogradGraph(*made.trace, inner).items.size(), std::size_t(120 + 48));
    const auto outer = collapsedAtFirst(*made.trace, 100);
    QCOMPARE(outer.size(), std::size_t(12));
    QVERIFY(outer.contains(1));
    QCOMPARE(collapsedAtFirst(*made.trace, 5), outer); // no level does it
}

void TestGraphLayout::rowsFollowTheLongestPath() {
    const ResidualTrace made;
    const AutogradGraph graph = buildAutogradGraph(*made.trace, {});
    const auto layout = layOutAutograd(graph);
    QVERIFY(layout);
    const auto row = [&](trace::Id id) { return layout->rows[graph.itemOf[id]]; };
    QCOMPARE(row(made.loss), 0u);
    QCOMPARE(row(made.add), 1u);
    QCOMPARE(row(made.penalty), 1u);
    QCOMPARE(row(made.conv), 2u);
    QCOMPARE(row(made.relu), 3u);
    QCOMPARE(layout->rows[leafSumOf(graph, made.stem)], 4u); // below the longer of the two ways
    QCOMPARE(row(made.stem), 5u);
    // The longest path is one column, and the operations stand at its left in their rows.
    const auto rect = [&](trace::Id id) { return layout->rects[graph.itemOf[id]]; };
    for (trace::Id id : {made.add, made.conv, made.relu, made.stem})
        QCOMPARE(rect(id).center().x, rect(made.loss).center().x);
    const Rect& partner = layout->partners[graph.itemOf[made.conv]];
    QVERIFY(partner.right() < rect(made.conv).x);
    QCOMPARE(partner.center().y, rect(made.conv).center().y);
    QVERIFY(layout->partners[graph.itemOf[made.weight]].empty());
    // In a collapsed block the rows inside it are gone.
    const AutogradGraph closed = buildAutogradGraph(*made.trace, {2});
    const auto small = layOutAutograd(closed);
    QCOMPARE(small->rows[closed.itemOf[made.stem]], 3u);
}

void TestGraphLayout::leavesStandAtTheRight() {
    const ResidualTrace made;
    const AutogradGraph graph = buildAutogradGraph(*made.trace, {});
    const auto layout = layOutAutograd(graph);
    const auto rect = [&](trace::Id id) { return layout->rects[graph.itemOf[id]]; };
    const auto box = [&](trace::Id id) { return layout->leafBoxes[graph.itemOf[id]]; };
    QCOMPARE(layout->rows[graph.itemOf[made.weight]], layout->rows[graph.itemOf[made.conv]]);
    QVERIFY(rect(made.weight).x > rect(made.conv).right());
    QCOMPARE(rect(made.weight).center().y, rect(made.conv).center().y);
    QCOMPARE(rect(made.bias).x, rect(made.weight).x);
    QVERIFY(rect(made.bias).y > rect(made.weight).bottom());
    QVERIFY(box(made.bias).x > rect(made.bias).right());
    QVERIFY(box(made.conv).empty());
    // Beside the last that sends it something, behind its sum.
    QCOMPARE(layout->rows[graph.itemOf[made.stemWeight]], layout->rows[graph.itemOf[made.stem]]);
    const Rect sum = layout->rects[leafSumOf(graph, made.stemWeight)];
    QVERIFY(sum.x > rect(made.stem).right() && sum.right() < rect(made.stemWeight).x);
    QCOMPARE(sum.center().y, rect(made.stemWeight).center().y);
}

void TestGraphLayout::linesJoinWhatTheyShould() {
    const ResidualTrace made;
    const AutogradGraph graph = buildAutogradGraph(*made.trace, {});
    const auto layout = layOutAutograd(graph);
    QCOMPARE(layout->routes.size(), graph.edges.size());
    int straight = 0;
    for (std::size_t e = 0; e < graph.edges.size(); ++e) {
        const AutogradRoute& route = layout->routes[e];
        const Rect& from = layout->rects[graph.edges[e].from];
        const Rect& to = layout->rects[graph.edges[e].to];
        const auto touches = [](const Rect& box, Point p) {
            return Rect{box.x - 1, box.y - 1, box.width + 2, box.height + 2}.contains(p);
        };
        QVERIFY(touches(from, route.points.front()));
        QVERIFY(touches(to, route.points.back()));
        straight += route.straight;
        if (route.straight) {
            QCOMPARE(route.points.size(), std::size_t(2));
            QVERIFY(!route.level);
            QVERIFY(route.room > 14); // one line of text
        }
    }
    QCOMPARE(straight, 5); // from loss, add, conv, relu and the sum; penalty is at one side
}

void TestGraphLayout::boxesKeepApart_data() {
    QTest::addColumn<int>("nodes");
    QTest::addColumn<int>("reach");
    for (const auto& [nodes, reach] : {std::pair(7, 2), {40, 1}, {60, 3}, {150, 8}, {300, 40}, {400, 400}})
        QTest::addRow("%d %d", nodes, reach) << nodes << reach;
}

void TestGraphLayout::boxesKeepApart() {
    QFETCH(int, nodes);
    QFETCH(int, reach);
    for (unsigned seed : {1u, 2u, 3u}) {
        const AutogradGraph graph = buildAutogradGraph(*generated(nodes, reach, seed), {});
        const auto layout = layOutAutograd(graph);
        QVERIFY(layout);
        QCOMPARE(overlapIn(*layout), QString());
        QCOMPARE(lineOverBox(graph, *layout), QString());
        for (const AutogradEdge& edge : graph.edges)
            QVERIFY(layout->rows[edge.from] <= layout->rows[edge.to]); // down, or to the right
    }
    const ResidualTrace made;
    for (const std::set<trace::Id>& collapsed : {std::set<trace::Id>{}, {2}, {3}, {1, 2}}) {
        const AutogradGraph graph = buildAutogradGraph(*made.trace, collapsed);
        const auto layout = layOutAutograd(graph);
        QCOMPARE(overlapIn(*layout), QString());
        QCOMPARE(lineOverBox(graph, *layout), QString());
    }
}

void TestGraphLayout::isAFunctionOfItsInput() {
    const auto trace = generated(300, 12, 4);
    const AutogradGraph graph = buildAutogradGraph(*trace, {});
    QVERIFY(graph == buildAutogradGraph(*trace, {}));
    const auto a = layOutAutograd(graph);
    const auto b = layOutAutograd(graph);
    QVERIFY(a->rects == b->rects);
    QVERIFY(a->bounds == b->bounds);
    for (std::size_t e = 0; e < a->routes.size(); ++e)
        QVERIFY(a->routes[e].points == b->routes[e].points);
    // Every row has its own place: the layout is not all in one point.
    QVERIFY(a->bounds.height > 40.0 * static_cast<double>(a->rowCount()));
}

void TestGraphLayout::stopsWhenAsked() {
    const AutogradGraph graph = buildAutogradGraph(*generated(2000, 30, 5), {});
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(!layOutAutograd(graph, {}, stop.get_token()));
    QVERIFY(layOutAutograd(graph, {}, std::stop_source().get_token()));
}

void TestGraphLayout::takesAnyGraph() {
    const GraphTrace nothing;
    const AutogradGraph empty = buildAutogradGraph(*nothing.trace, {});
    QVERIFY(empty.empty());
    QVERIFY(layOutAutograd(empty)->rects.empty());
    QCOMPARE(neighbourOf(empty, *layOutAutograd(empty), 3, Step::down), std::size_t(3));

    GraphTrace odd({"a"});
    const trace::Id one = odd.node("One");
    const trace::Id two = odd.node("Two", "", 1);
    const trace::Id three = odd.node("Three", "", 77); // no such module
    const trace::Id alone = odd.leaf("alone", trace::none);
    const trace::Id leaf = odd.leaf("leaf");
    odd.edge(one, two);
    odd.edge(two, three);
    odd.edge(three, one); // a cycle
    odd.edge(two, two);   // to itself
    odd.edge(one, 99);    // to nowhere
    odd.edge(trace::none, one);
    odd.edge(leaf, one); // a leaf that sends
    odd.edge(two, leaf);
    odd.edge(three, leaf);
    odd.edge(one, leaf);
    const AutogradGraph graph = buildAutogradGraph(*odd.trace, {1, 55});
    const auto layout = layOutAutograd(graph);
    QVERIFY(layout);
    QCOMPARE(overlapIn(*layout), QString());
    QVERIFY(!layout->rects[graph.itemOf[alone]].empty());
    for (const Rect& rect : layout->rects)
        QVERIFY(std::isfinite(rect.x) && std::isfinite(rect.y));
}

void TestGraphLayout::twentyThousandNodes_data() {
    QTest::addColumn<int>("reach");
    for (int reach : {1, 3, 50, 5000})
        QTest::addRow("%d", reach) << reach;
}

void TestGraphLayout::twentyThousandNodes() {
    QFETCH(int, reach);
    const AutogradGraph graph = buildAutogradGraph(*generated(20'000, reach, 6), {});
    const auto layout = layOutAutograd(graph);
    QVERIFY(layout);
    QVERIFY(graph.items.size() >= 20'000);
    QCOMPARE(layout->rects.size(), graph.items.size());
    QCOMPARE(overlapIn(*layout), QString());
}

void TestGraphLayout::movesAlongEdges() {
    const ResidualTrace made;
    const AutogradGraph graph = buildAutogradGraph(*made.trace, {});
    const auto layout = layOutAutograd(graph);
    const auto from = [&](trace::Id id, Step step) { return neighbourOf(graph, *layout, graph.itemOf[id], step); };
    QCOMPARE(neighbourOf(graph, *layout, graph.items.size(), Step::up), graph.itemOf[made.loss]);
    QCOMPARE(from(made.loss, Step::down), graph.itemOf[made.add]);
    QCOMPARE(from(made.loss, Step::up), graph.itemOf[made.loss]);
    QCOMPARE(from(made.add, Step::down), graph.itemOf[made.conv]);
    QCOMPARE(from(made.conv, Step::up), graph.itemOf[made.add]);
    QCOMPARE(from(made.conv, Step::right), graph.itemOf[made.weight]);
    QCOMPARE(from(made.weight, Step::down), graph.itemOf[made.bias]);
    QCOMPARE(from(made.bias, Step::up), graph.itemOf[made.weight]);
    QCOMPARE(from(made.bias, Step::left), graph.itemOf[made.conv]);
    QCOMPARE(from(made.stem, Step::up), leafSumOf(graph, made.stem));
    const bool right = layout->rects[graph.itemOf[made.penalty]].x > layout->rects[graph.itemOf[made.add]].x;
    QCOMPARE(from(made.add, right ? Step::right : Step::left), graph.itemOf[made.penalty]);
    const Rect& conv = layout->rects[graph.itemOf[made.conv]];
    QCOMPARE(layout->itemAt(conv.center()), graph.itemOf[made.conv]);
    QCOMPARE(layout->itemAt(layout->partners[graph.itemOf[made.conv]].center()), graph.itemOf[made.conv]);
    QCOMPARE(layout->itemAt(layout->leafBoxes[graph.itemOf[made.bias]].center()), graph.itemOf[made.bias]);
    QCOMPARE(layout->itemAt({-5, -5}), graph.items.size());
}

QTEST_APPLESS_MAIN(TestGraphLayout)
#include "tst_graph_layout.moc"
