#include "tests/ui/hand_made.h"
#include "ui/layout/blueprint_layout.h"

#include <QtTest>

using namespace hs;
using namespace hs::ui;

namespace {

struct Case {
    std::shared_ptr<const trace::ModuleTable> modules;
    std::shared_ptr<const trace::Trace> trace;
    std::size_t classes;
};

Case caseOf(const QString& net) {
    if (net == "cnn") {
        auto table = handmade::lenet();
        return {table, handmade::lenetStep(table), 10};
    }
    if (net == "mlp") {
        auto table = handmade::spiralMlp();
        return {table, handmade::spiralStep(table), 2};
    }
    auto table = handmade::resnet();
    return {table, handmade::resnetStep(table), 10};
}

BlueprintGraph graphOf(const Case& c) {
    return buildBlueprintGraph(*c.modules, c.trace.get(), c.classes);
}

std::size_t itemOf(const Case& c, const BlueprintGraph& graph, const std::string& path) {
    for (std::size_t i = 0; i < c.modules->size(); ++i)
        if ((*c.modules)[i].path == path) return graph.itemOf(static_cast<trace::Id>(i));
    return graph.items.size();
}

bool hasEdge(const BlueprintGraph& graph, std::size_t from, std::size_t to) {
    return std::any_of(graph.edges.begin(), graph.edges.end(),
                       [&](const GraphEdge& edge) { return edge.from == from && edge.to == to; });
}

bool isInside(const BlueprintGraph& graph, std::size_t item, std::size_t box) {
    while (item != box && item != 0)
        item = graph.items[item].parent;
    return item == box;
}

QString nameOf(const Case& c, const BlueprintGraph& graph, std::size_t item) {
    const trace::Id module = graph.items[item].module;
    if (graph.items[item].content == Content::join) return "join";
    return module == trace::none ? QString("column") : QString::fromStdString((*c.modules)[module].path);
}

/// Whether a leg of a line lies over the middle of a card that it does not end at.
bool crossesCard(const std::vector<Point>& line, const Rect& card) {
    for (std::size_t i = 1; i < line.size(); ++i) {
        const double left = std::min(line[i - 1].x, line[i].x);
        const double top = std::min(line[i - 1].y, line[i].y);
        const Rect leg{left, top, std::max(0.01, std::abs(line[i].x - line[i - 1].x)),
                       std::max(0.01, std::abs(line[i].y - line[i - 1].y))};
        const Rect inner{card.x + 1, card.y + 1, card.width - 2, card.height - 2};
        if (leg.overlaps(inner)) return true;
    }
    return false;
}

} // namespace

class TestLayout : public QObject {
    Q_OBJECT

  private slots:
    void readsOrderAndContents();
    void guessesBeforeTheFirstStep();
    void findsResidualPaths();
    void boxesNest_data();
    void boxesNest();
    void edgesPassNoCards_data();
    void edgesPassNoCards();
    void fillsTheView();
    void isAFunctionOfItsInput();
    void movesWithArrowKeys();
    void handlesOddModels();
};

void TestLayout::readsOrderAndContents() {
    const Case c = caseOf("cnn");
    const BlueprintGraph graph = graphOf(c);
    QCOMPARE(graph.order.size(), std::size_t(12));
    QCOMPARE(nameOf(c, graph, graph.order.front()), QString("stage1.conv1"));
    QCOMPARE(nameOf(c, graph, graph.order.back()), QString("head.fc3"));
    QVERIFY(graph.items[itemOf(c, graph, "stage1.relu1")].content == Content::maps);
    QVERIFY(graph.items[itemOf(c, graph, "head.flatten")].content == Content::name);
    QVERIFY(graph.items[itemOf(c, graph, "head.fc1")].content == Content::strip);
    QVERIFY(graph.items[itemOf(c, graph, "head.relu3")].content == Content::name);
    QVERIFY(graph.items[itemOf(c, graph, "head.fc3")].content == Content::classes);
    QVERIFY(graph.items[0].content == Content::group);
    QVERIFY(graph.imageInput);
    QVERIFY(!graph.hasPicture);
    QCOMPARE(graph.items[0].children.size(), std::size_t(3));
    QCOMPARE(graph.edges.size(), std::size_t(13));
    QVERIFY(hasEdge(graph, BlueprintGraph::input, itemOf(c, graph, "stage1.conv1")));
    QVERIFY(hasEdge(graph, itemOf(c, graph, "stage2.pool2"), itemOf(c, graph, "head.flatten")));
    QVERIFY(hasEdge(graph, itemOf(c, graph, "head.fc3"), BlueprintGraph::loss));
}

void TestLayout::guessesBeforeTheFirstStep() {
    Case c = caseOf("cnn");
    const BlueprintGraph known = graphOf(c);
    c.trace = nullptr;
    const BlueprintGraph guessed = graphOf(c);
    for (std::size_t i = 0; i < known.items.size(); ++i)
        QVERIFY2(guessed.items[i].content == known.items[i].content, qPrintable(nameOf(c, known, i)));
    QCOMPARE(guessed.edges.size(), known.edges.size());

    const Case mlp = caseOf("mlp");
    const BlueprintGraph points = graphOf(mlp);
    QVERIFY(!points.imageInput);
    QVERIFY(points.hasPicture);
    QCOMPARE(points.items[0].children.size(), std::size_t(3)); // fc1 act1 | fc2 act2 | fc3
    QVERIFY(points.items[itemOf(mlp, points, "fc3")].content == Content::classes);
}

void TestLayout::findsResidualPaths() {
    const Case c = caseOf("resnet");
    const BlueprintGraph graph = graphOf(c);
    std::vector<std::size_t> joins;
    for (std::size_t item : graph.order)
        if (graph.items[item].content == Content::join) joins.push_back(item);
    QCOMPARE(joins.size(), std::size_t(3));
    // The first block's other path is its input, the second one's the shortcut.
    QVERIFY(hasEdge(graph, itemOf(c, graph, "relu"), joins[0]));
    QVERIFY(hasEdge(graph, itemOf(c, graph, "layer1.0.bn2"), joins[0]));
    QVERIFY(hasEdge(graph, itemOf(c, graph, "layer2.0.shortcut.1"), joins[1]));
    QVERIFY(hasEdge(graph, itemOf(c, graph, "layer2.0.bn2"), joins[1]));
    QVERIFY(!hasEdge(graph, itemOf(c, graph, "layer1.0.relu2"), joins[1]));
    QVERIFY(hasEdge(graph, itemOf(c, graph, "layer1.0.relu2"), itemOf(c, graph, "layer2.0.shortcut.0")));
    QVERIFY(!hasEdge(graph, itemOf(c, graph, "layer2.0.bn2"), itemOf(c, graph, "layer2.0.shortcut.0")));
    QVERIFY(hasEdge(graph, joins[2], itemOf(c, graph, "layer3.0.relu2")));
    // relu2 runs after the add: what leaves the add is no module's output.
    QVERIFY(graph.outputModule(joins[0]) == trace::none);
    QCOMPARE(graph.items[joins[1]].operation, std::string("add"));
}

void TestLayout::boxesNest_data() {
    QTest::addColumn<QString>("net");
    QTest::addColumn<QSize>("size");
    for (const QString& net : {QString("cnn"), QString("mlp"), QString("resnet")})
        for (const QSize size : {QSize(800, 600), QSize(400, 300), QSize(1700, 1100), QSize(10, 10)})
            QTest::newRow(qPrintable(net + ' ' + QString::number(size.width()))) << net << size;
}

void TestLayout::boxesNest() {
    QFETCH(QString, net);
    QFETCH(QSize, size);
    const Case c = caseOf(net);
    const BlueprintGraph graph = graphOf(c);
    const BlueprintLayout layout = layOutBlueprint(graph, size.width(), size.height());
    QCOMPARE(layout.rects.size(), graph.items.size());
    for (std::size_t i = 0; i < graph.items.size(); ++i) {
        const QString name = nameOf(c, graph, i);
        QVERIFY2(!layout.rects[i].empty(), qPrintable(name));
        QVERIFY2(layout.bounds.contains(layout.rects[i]), qPrintable(name));
        if (i) QVERIFY2(layout.rects[graph.items[i].parent].contains(layout.rects[i]), qPrintable(name));
        for (std::size_t j = i + 1; j < graph.items.size(); ++j) {
            if (isInside(graph, i, j) || isInside(graph, j, i)) continue;
            QVERIFY2(!layout.rects[i].overlaps(layout.rects[j]), qPrintable(name + " over " + nameOf(c, graph, j)));
        }
        QVERIFY(!layout.rects[i].overlaps(layout.input));
        QVERIFY(!layout.rects[i].overlaps(layout.loss));
        if (i) QVERIFY(!layout.rects[i].overlaps(layout.picture));
    }
    QVERIFY(layout.bounds.contains(layout.input));
    QVERIFY(layout.bounds.contains(layout.loss));
    QCOMPARE(layout.picture.empty(), net != "mlp");
}

void TestLayout::edgesPassNoCards_data() {
    QTest::addColumn<QString>("net");
    for (const char* net : {"cnn", "mlp", "resnet"})
        QTest::newRow(net) << QString(net);
}

void TestLayout::edgesPassNoCards() {
    QFETCH(QString, net);
    const Case c = caseOf(net);
    const BlueprintGraph graph = graphOf(c);
    const BlueprintLayout layout = layOutBlueprint(graph, 800, 600);
    QCOMPARE(layout.routes.size(), graph.edges.size());
    for (const EdgeRoute& route : layout.routes) {
        const GraphEdge& edge = graph.edges[route.edge];
        QVERIFY(route.forward.size() >= 2);
        QCOMPARE(route.backward.empty(), edge.from == BlueprintGraph::input);
        // Between two cards of a column the shape, at the left, has more room than the norm.
        if (route.forward.size() == 2 && !route.backward.empty()) QVERIFY(route.left > route.right && route.right > 0);
        for (std::size_t item : graph.order) {
            const QString what = QString("edge %1 over %2").arg(route.edge).arg(nameOf(c, graph, item));
            QVERIFY2(!crossesCard(route.forward, layout.rects[item]), qPrintable(what));
            QVERIFY2(!crossesCard(route.backward, layout.rects[item]), qPrintable(what));
        }
    }
}

void TestLayout::fillsTheView() {
    const BlueprintGraph graph = graphOf(caseOf("cnn"));
    const BlueprintLayout layout = layOutBlueprint(graph, 800, 620);
    QCOMPARE(layout.bounds.width, 800.0);
    QCOMPARE(layout.bounds.height, 620.0);
    // Too small a view: the picture is larger and the view zooms out.
    QVERIFY(layOutBlueprint(graph, 300, 200).bounds.width > 300);
    QVERIFY(layOutBlueprint(graph, 300, 200).bounds.height > 200);
}

void TestLayout::isAFunctionOfItsInput() {
    const Case c = caseOf("resnet");
    const BlueprintLayout a = layOutBlueprint(graphOf(c), 900, 640);
    const BlueprintLayout b = layOutBlueprint(graphOf(c), 900, 640);
    QVERIFY(a.rects == b.rects);
    QVERIFY(a.bounds == b.bounds);
}

void TestLayout::movesWithArrowKeys() {
    const Case c = caseOf("cnn");
    const BlueprintGraph graph = graphOf(c);
    const BlueprintLayout layout = layOutBlueprint(graph, 800, 620);
    const std::size_t conv1 = itemOf(c, graph, "stage1.conv1");
    QCOMPARE(neighbour(graph, layout, graph.items.size(), Direction::down), conv1);
    QCOMPARE(neighbour(graph, layout, conv1, Direction::down), itemOf(c, graph, "stage1.relu1"));
    QCOMPARE(neighbour(graph, layout, conv1, Direction::up), conv1);
    QCOMPARE(neighbour(graph, layout, conv1, Direction::right), itemOf(c, graph, "stage2.conv2"));
    QCOMPARE(neighbour(graph, layout, itemOf(c, graph, "stage2.pool2"), Direction::left),
             itemOf(c, graph, "stage1.pool1"));
    QCOMPARE(layout.itemAt(graph, layout.rects[conv1].center()), conv1);
    QCOMPARE(layout.itemAt(graph, {layout.rects[conv1].x - 3, layout.rects[conv1].y}), itemOf(c, graph, "stage1"));
    QCOMPARE(layout.itemAt(graph, {1, 1}), graph.items.size());
}

void TestLayout::handlesOddModels() {
    QVERIFY(layOutBlueprint(buildBlueprintGraph({}, nullptr, 0), 800, 600).rects.empty());
    // A model that is one module, and one wrapped in another.
    const auto alone = handmade::Modules("Linear").table();
    QCOMPARE(layOutBlueprint(buildBlueprintGraph(*alone, nullptr, 0), 800, 600).rects.size(), std::size_t(1));
    const auto wrapped =
        handmade::Modules("Net").add("layers", "Sequential").add("layers.0", "Linear").add("layers.1", "ReLU").table();
    const BlueprintGraph graph = buildBlueprintGraph(*wrapped, nullptr, 0);
    const BlueprintLayout layout = layOutBlueprint(graph, 800, 600);
    QVERIFY(layout.rects[0].contains(layout.rects[1]));
    QVERIFY(layout.rects[1].contains(layout.rects[2]));
    QVERIFY(layout.rects[2].bottom() < layout.rects[3].y);
}

QTEST_APPLESS_MAIN(TestLayout)
#include "tst_layout.moc"
