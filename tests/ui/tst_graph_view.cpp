// The autograd graph as a person meets it: its pixels, its input, what it selects.
#include "tests/ui/graph_trace.h"
#include "tests/ui/render_fixture.h"
#include "tests/ui/residual_training.h"
#include "tests/ui/sample_trace.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/views/graph_canvas.h"
#include "ui/views/graph_view.h"

#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>
#include <QWheelEvent>

using namespace hs;
using namespace hs::ui;
using hs::ui::test::isNear;

namespace {

/// Moves the mouse over a widget, without the real pointer, which a display may keep to itself.
void hover(QWidget& widget, const QPoint& at) {
    QMouseEvent move(QEvent::MouseMove, QPointF(at), QPointF(widget.mapToGlobal(at)), Qt::NoButton, Qt::NoButton,
                     Qt::NoModifier);
    QApplication::sendEvent(&widget, &move);
}

/// A chain of `nodes` nodes that is complete, in modules of 10.
GraphTrace chain(int nodes) {
    std::vector<std::string> modules;
    for (int i = 0; i < nodes / 10; ++i)
        modules.push_back("m" + std::to_string(i));
    GraphTrace made(modules);
    for (int i = 0; i < nodes; ++i) {
        const trace::Id id = made.node("N" + std::to_string(i), "op", static_cast<trace::Id>(i / 10 + 1));
        if (i > 0) made.edge(id, id - 1);
        made.forward(id);
    }
    made.event(trace::EventKind::pass_begin, static_cast<trace::Id>(nodes - 1));
    for (int i = nodes; i-- > 0;) {
        const trace::Id at = made.event(trace::EventKind::backward, static_cast<trace::Id>(i));
        if (i > 0) made.trace->edge_gradients.append({static_cast<trace::Id>(i - 1), at, trace::none, {}});
    }
    made.trace->finish({3, 0.5, 0.5, 0.01});
    return made;
}

} // namespace

class TestGraphView : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase();
    void cleanupTestCase();
    void init();
    void cleanup();

    void statesAreSeen();
    void whatIsNotThereYetIsAGhost();
    void edgesShowWhatWentAlong();
    void leavesShowTheirGradient();
    void selectionGoesBothWays();
    void keysGoAlongEdges();
    void runsToANode();
    void collapsesAndOpens();
    void cardsFold();
    void searchFinds();
    void followsTheStep();
    void saysWhatIsToCome();
    void growsWhileItIsShown();
    void largeGraphsComeLater();
    void layingOutCanBeGivenUp();
    void layingOutEndsWithTheView();
    void describesWhatIsUnderTheMouse();
    void showsEveryMomentOfATraining();
    void bothThemesAndRatios_data();
    void bothThemesAndRatios();

  private:
    void play(const std::shared_ptr<const trace::Trace>& trace, std::size_t position);
    GraphCanvas& show(QSize size = {1000, 760});
    QImage render(double dpr = 1) const;
    std::size_t item(trace::Id node) const { return m_view->canvas().model().itemOf(node); }
    QRectF box(trace::Id node) const { return m_view->canvas().itemRect(item(node)); }
    /// Of a box, where nothing is written.
    QColor fill(const QImage& image, trace::Id node) const {
        return image.pixelColor((box(node).bottomLeft() + QPointF(14, -4)).toPoint());
    }
    QColor outline(const QImage& image, trace::Id node) const {
        return image.pixelColor(int(box(node).left()), int(box(node).center().y()) - 6);
    }

    test::ValidationWatch m_watch;
    std::shared_ptr<GpuDevice> m_device;
    std::unique_ptr<SessionModel> m_session;
    std::unique_ptr<Selection> m_selection;
    std::unique_ptr<TraceCursor> m_cursor;
    std::unique_ptr<GraphView> m_view;
    sample::Source* m_source = nullptr;
};

void TestGraphView::initTestCase() {
    const GpuResult made = GpuDevice::create(m_watch.options());
    if (!made.device) QSKIP(qPrintable(made.problem));
    m_device = made.device;
    theme().setReducedMotion(true);
}

void TestGraphView::cleanupTestCase() {
    m_device.reset();
    QCOMPARE(m_watch.messages, QStringList());
}

void TestGraphView::init() {
    theme().setMode(Theme::Mode::dark);
    m_session = std::make_unique<SessionModel>();
    m_selection = std::make_unique<Selection>();
    m_cursor = std::make_unique<TraceCursor>(*m_session);
}

void TestGraphView::cleanup() {
    m_view.reset();
    m_cursor.reset();
    m_session.reset();
    m_selection.reset();
}

void TestGraphView::play(const std::shared_ptr<const trace::Trace>& trace, std::size_t position) {
    auto source = std::make_unique<sample::Source>(1);
    m_source = source.get();
    source->m_trace = trace;
    source->m_status.state = session::State::paused;
    m_session->setSource(std::move(source));
    m_session->poll();
    m_cursor->moveTo(position);
}

GraphCanvas& TestGraphView::show(QSize size) {
    m_view = std::make_unique<GraphView>(*m_session, *m_selection, *m_cursor);
    m_view->resize(size);
    m_view->show();
    [&] { QVERIFY(QTest::qWaitForWindowExposed(m_view.get())); }();
    return m_view->canvas();
}

QImage TestGraphView::render(double dpr) const {
    QString problem;
    const QImage image = OffscreenRenderer(m_device).render(m_view->canvas(), dpr, &problem);
    if (image.isNull()) qWarning("%s", qPrintable(problem));
    return image;
}

void TestGraphView::statesAreSeen() {
    const ResidualTrace made;
    play(made.trace, made.running);
    GraphCanvas& canvas = show({1800, 1000});
    const GraphModel& model = canvas.model();
    QCOMPARE(canvas.camera().zoom, 1.0);
    QCOMPARE(model.current(), item(made.conv));
    const auto words = [&](trace::Id id) { return model.stateText(item(id)); };
    QCOMPARE(words(made.loss), QString("done"));
    QCOMPARE(words(made.conv), QString("running"));
    QCOMPARE(words(made.relu), QString("ready"));
    QCOMPARE(words(made.stem), QString("waiting for 1")); // one of two has arrived
    QCOMPARE(words(made.bias), QString("+= ready"));
    QCOMPARE(words(made.penalty), QString("ready"));
    QCOMPARE(model.counts().done, 2);
    QCOMPARE(model.counts().running, 1);
    QCOMPARE(model.counts().ready, 4);   // relu, penalty, two leaves
    QCOMPARE(model.counts().waiting, 2); // stem and its weight

    const QImage image = render();
    const Theme& t = theme();
    QVERIFY(isNear(fill(image, made.conv), t.color(Token::backward), 3));
    QVERIFY(isNear(fill(image, made.loss), t.tint(Token::backward, 20, Token::canvas), 3));
    QVERIFY(isNear(fill(image, made.relu), t.color(Token::canvas), 3));
    QVERIFY(isNear(outline(image, made.relu), t.color(Token::backward), 3));
    QVERIFY(isNear(fill(image, made.stem), t.color(Token::canvas), 3));
    // A waiting node has a dashed grey outline: along its side both colours are seen.
    int dashes = 0;
    int gaps = 0;
    for (double y = box(made.stem).top() + 10; y < box(made.stem).bottom() - 10; ++y) {
        const QColor at = image.pixelColor(int(box(made.stem).left()), int(y));
        dashes += at.lightness() > 80;
        gaps += at.lightness() < 40;
        QVERIFY(at.hsvSaturation() < 90);
    }
    QVERIFY(dashes > 3);
    QVERIFY(gaps > 3);
    // The sum in front of the stem has one of two.
    const auto& items = model.graph().items;
    const auto sum = std::find_if(items.begin(), items.end(), [&](const AutogradItem& one) {
        return one.kind == AutogradKind::gradSum && one.node == made.stem;
    });
    QCOMPARE(model.stateText(static_cast<std::size_t>(sum - items.begin())), QString("1 of 2 arrived"));
    // The whole pass.
    m_cursor->moveToEnd();
    QCOMPARE(model.counts().done, 8);
    QCOMPARE(model.counts().running, 1);
    QCOMPARE(words(made.stemWeight), QString("+= running"));
}

void TestGraphView::whatIsNotThereYetIsAGhost() {
    const ResidualTrace made;
    play(made.trace, 2); // penalty and stem have run forward
    GraphCanvas& canvas = show({1800, 1000});
    QCOMPARE(canvas.model().stateText(item(made.relu)), QString("not made yet"));
    QCOMPARE(canvas.model().stateText(item(made.stem)), QString("idle"));
    QVERIFY(canvas.model().progress(item(made.stem)).forwardRuns);
    const QImage image = render();
    const Rect& partner = canvas.model().layout().partners[item(made.stem)];
    const QRectF at = canvas.viewport().toView(QRectF(partner.x, partner.y, partner.width, partner.height));
    QVERIFY(isNear(image.pixelColor((at.bottomLeft() + QPointF(12, -4)).toPoint()), theme().color(Token::forward), 3));
    QVERIFY(isNear(outline(image, made.stem), theme().color(Token::control), 3));
    QCOMPARE(canvas.model().partner(item(made.stem)), QString("stem")); // a module that is one operation
    QCOMPARE(canvas.model().partner(item(made.add)), QString("add"));
    QCOMPARE(canvas.model().shapeText(item(made.stem)), QString("[4, 3]"));
    QCOMPARE(canvas.model().shapeText(item(made.relu)), QString());
}

void TestGraphView::edgesShowWhatWentAlong() {
    ResidualTrace made;
    play(made.trace, made.running);
    GraphCanvas& canvas = show({1800, 1000});
    const GraphModel& model = canvas.model();
    const auto edge = [&](std::size_t from, std::size_t to) {
        const auto& edges = model.graph().edges;
        for (std::size_t e = 0; e < edges.size(); ++e)
            if (edges[e].from == from && edges[e].to == to) return e;
        return edges.size();
    };
    const std::size_t passed = edge(item(made.add), item(made.conv));
    const std::size_t now = edge(item(made.conv), item(made.relu));
    QVERIFY(model.edge(passed).passed);
    QVERIFY(!model.edge(passed).changed);
    QCOMPARE(model.edge(passed).summary->norm, 0.25);
    QVERIFY(model.edge(now).changed);
    QCOMPARE(model.edge(now).summary->norm, 0.125);
    const QImage image = render();
    const auto middle = [&](std::size_t e) {
        const Point at = model.layout().routes[e].label;
        return canvas.viewport().toView(QPointF(at.x, at.y)).toPoint();
    };
    QVERIFY(isNear(image.pixelColor(middle(passed)), theme().color(Token::backward), 40));
    // The norm is written at its left, the ridge drawn at its right, and what the step changed has a mark.
    const auto orange = [&](QPoint from, QSize size) {
        int count = 0;
        for (int x = from.x(); x < from.x() + size.width(); ++x)
            for (int y = from.y(); y < from.y() + size.height(); ++y)
                count += image.pixelColor(x, y).red() > image.pixelColor(x, y).blue() + 60;
        return count;
    };
    const auto marked = [&](QPoint from, QSize size) {
        for (int x = from.x(); x < from.x() + size.width(); ++x)
            if (image.pixelColor(x, from.y() + size.height() / 2) == theme().color(Token::text)) return true;
        return false;
    };
    QVERIFY(orange(middle(passed) + QPoint(-44, -6), {36, 12}) > 30);
    QVERIFY(orange(middle(passed) + QPoint(9, -8), {46, 16}) > 30);
    QVERIFY(!marked(middle(passed) + QPoint(-60, -6), {56, 12}));
    QVERIFY(marked(middle(now) + QPoint(-60, -6), {56, 12}));
    m_cursor->moveTo(made.running - 1);
    QVERIFY(!model.edge(now).passed);
    QVERIFY(model.edge(passed).changed);
    const QColor later = render().pixelColor(middle(now));
    QVERIFY(later.hsvSaturation() < 90); // grey, dashed
}

void TestGraphView::leavesShowTheirGradient() {
    const ResidualTrace made;
    play(made.trace, made.running);
    const GraphModel& model = show().model();
    QCOMPARE(model.leafName(item(made.weight)), QString("block.conv.weight"));
    QCOMPARE(model.leafGrad(item(made.weight)), QString("grad pending"));
    m_cursor->moveTo(made.running + 1);
    QCOMPARE(model.leafGrad(item(made.weight)), QString("grad 4.500"));
    QVERIFY(model.progress(item(made.weight)).changed);
    QCOMPARE(model.leafGrad(item(made.bias)), QString("grad pending"));
    m_cursor->moveTo(made.running + 2);
    QVERIFY(!model.progress(item(made.weight)).changed);
    QCOMPARE(model.leafGrad(item(made.bias)), QString("grad 2.500"));
}

void TestGraphView::selectionGoesBothWays() {
    const ResidualTrace made;
    play(made.trace, made.running);
    GraphCanvas& canvas = show();
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, box(made.conv).center().toPoint());
    QCOMPARE(m_selection->node(), made.conv);
    QCOMPARE(m_selection->module(), std::string("block.conv"));
    QCOMPARE(canvas.selectedItem(), item(made.conv));
    QTest::mouseClick(&canvas, Qt::RightButton, {}, box(made.loss).center().toPoint());
    QCOMPARE(m_selection->node(), made.conv);
    // Beside everything nothing is selected anew.
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, QPoint(canvas.width() - 4, 4));
    QCOMPARE(m_selection->node(), made.conv);

    // Somebody else selects one that is out of sight.
    canvas.setFollowsStep(false);
    canvas.setCamera({QPointF(-5000, -5000), 1});
    QVERIFY(!QRectF(canvas.rect()).contains(box(made.stem)));
    m_selection->selectNode(made.stem);
    QCOMPARE(canvas.selectedItem(), item(made.stem));
    QVERIFY(QRectF(canvas.rect()).contains(box(made.stem)));
    const QImage image = render();
    const QRectF ring = box(made.stem).adjusted(-3, -3, 3, 3);
    QVERIFY(isNear(image.pixelColor(int(ring.left()), int(ring.center().y())), theme().color(Token::selection), 3));
    m_selection->selectNode(trace::none);
    QCOMPARE(canvas.selectedItem(), canvas.model().size());
}

void TestGraphView::keysGoAlongEdges() {
    const ResidualTrace made;
    play(made.trace, made.running);
    GraphCanvas& canvas = show();
    const auto press = [&](Qt::Key key) { QTest::keyClick(&canvas, key); };
    press(Qt::Key_Down); // from nothing: to what runs
    QCOMPARE(m_selection->node(), made.conv);
    press(Qt::Key_Down);
    QCOMPARE(m_selection->node(), made.relu);
    press(Qt::Key_Up);
    press(Qt::Key_Right);
    QCOMPARE(m_selection->node(), made.weight);
    press(Qt::Key_Down);
    QCOMPARE(m_selection->node(), made.bias);
    press(Qt::Key_Left);
    QCOMPARE(m_selection->node(), made.conv);
    press(Qt::Key_Home);
    QCOMPARE(m_selection->node(), made.loss);
    QVERIFY(QRectF(canvas.rect()).contains(box(made.loss)));
    // With Shift they pan.
    const Camera before = canvas.camera();
    QTest::keyClick(&canvas, Qt::Key_Down, Qt::ShiftModifier);
    QCOMPARE(m_selection->node(), made.loss);
    QVERIFY(canvas.camera().origin.y() > before.origin.y());
    QVERIFY(!canvas.followsStep());
}

void TestGraphView::runsToANode() {
    const ResidualTrace made;
    play(made.trace, made.running);
    GraphCanvas& canvas = show();
    QSignalSpy run(m_view.get(), &GraphView::runToRequested);
    m_selection->selectNode(made.stem);
    QTest::keyClick(&canvas, Qt::Key_Return);
    QCOMPARE(run.size(), 1);
    QCOMPARE(run.takeFirst().first().value<trace::Id>(), made.stem);
    QTest::mouseDClick(&canvas, Qt::LeftButton, {}, box(made.relu).center().toPoint());
    QCOMPARE(run.size(), 1);
    QCOMPARE(run.takeFirst().first().value<trace::Id>(), made.relu);
    // A double click on a card is none on what it covers.
    QTest::mouseDClick(&canvas, Qt::LeftButton, {}, canvas.cardRect(GraphCanvas::Card::legend).center().toPoint());
    QCOMPARE(run.size(), 0);
}

void TestGraphView::collapsesAndOpens() {
    const ResidualTrace made;
    play(made.trace, made.running);
    GraphCanvas& canvas = show();
    const std::size_t all = canvas.model().size();
    m_selection->selectNode(made.conv);
    QTest::keyClick(&canvas, Qt::Key_Space);
    QCOMPARE(canvas.collapsed(), std::set<trace::Id>({3}));
    QCOMPARE(canvas.model().size(), all - 2);
    QCOMPARE(canvas.selectedItem(), item(made.weight));
    QCOMPARE(canvas.model().title(canvas.selectedItem()), QString("block.conv"));
    QCOMPARE(canvas.model().detail(canvas.selectedItem()), QString("1 node, 2 leaves"));
    QCOMPARE(canvas.model().stateText(canvas.selectedItem()), QString("running"));
    QCOMPARE(m_selection->node(), made.conv);
    m_cursor->moveTo(made.running + 1);
    m_cursor->moveTo(made.running + 3); // both leaves have theirs; relu runs
    QCOMPARE(canvas.model().stateText(item(made.conv)), QString("done"));
    QTest::keyClick(&canvas, Qt::Key_Space);
    QCOMPARE(canvas.model().size(), all);
    // What was selected stays where it was.
    canvas.setCamera({canvas.camera().origin + QPointF(3, 5), canvas.camera().zoom});
    canvas.setFollowsStep(false);
    const QPointF before = box(made.add).center();
    m_selection->selectNode(made.add);
    canvas.setCollapsed(3, true);
    QVERIFY((box(made.add).center() - before).manhattanLength() < 1);
    QTest::mouseDClick(&canvas, Qt::LeftButton, {}, box(made.conv).center().toPoint());
    QCOMPARE(canvas.collapsed(), std::set<trace::Id>());
    canvas.collapseAll(true);
    QCOMPARE(canvas.collapsed(), std::set<trace::Id>({2}));
    QCOMPARE(canvas.model().stateText(item(made.conv)), QString("running")); // relu is in it
    canvas.collapseAll(false);
    QCOMPARE(canvas.model().size(), all);
}

void TestGraphView::cardsFold() {
    const ResidualTrace made;
    play(made.trace, made.running);
    GraphCanvas& canvas = show();
    using Card = GraphCanvas::Card;
    const QColor panel = theme().color(Token::panel);
    const auto at = [&](Card card) { return (canvas.cardRect(card).bottomRight() - QPointF(20, 8)).toPoint(); };
    const QPoint wave = at(Card::wavefront);
    QVERIFY(isNear(render().pixelColor(wave), panel, 2));
    QTest::keyClick(&canvas, Qt::Key_W);
    QVERIFY(canvas.isFolded(Card::wavefront));
    QVERIFY(!canvas.cardRect(Card::wavefront).contains(wave));
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.cardTitleRect(Card::legend).center().toPoint());
    QVERIFY(canvas.isFolded(Card::legend));
    QVERIFY(render().pixelColor(wave) != panel);
    QTest::keyClick(&canvas, Qt::Key_L);
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.cardTitleRect(Card::wavefront).center().toPoint());
    QVERIFY(!canvas.isFolded(Card::wavefront));
    QVERIFY(!canvas.isFolded(Card::legend));
    // In a small view they are folded until somebody opens them.
    m_view->resize(500, 300);
    QVERIFY(!canvas.isFolded(Card::legend));
    auto* small = new GraphCanvas(*m_session, *m_selection, *m_cursor, m_view.get());
    small->resize(500, 300);
    QVERIFY(small->isFolded(Card::legend) && small->isFolded(Card::wavefront));
    small->setFolded(Card::wavefront, false);
    QVERIFY(!small->isFolded(Card::wavefront));
    // A legend that would hide more than half of the picture is.
    small->resize(1000, 640);
    QVERIFY(small->isFolded(Card::legend));
    small->resize(1000, 800);
    QVERIFY(!small->isFolded(Card::legend));
    m_view->resize(1000, 760);
    // A click inside an open card selects nothing below it.
    canvas.setCamera({QPointF(100, 0), 1});
    canvas.setCamera({canvas.camera().origin + box(made.loss).center() - canvas.cardRect(Card::legend).center(), 1});
    QCOMPARE(canvas.itemAt(canvas.cardRect(Card::legend).center()), item(made.loss));
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.cardRect(Card::legend).center().toPoint());
    QCOMPARE(m_selection->node(), trace::none);
}

void TestGraphView::searchFinds() {
    const ResidualTrace made;
    play(made.trace, made.running);
    GraphCanvas& canvas = show();
    auto* field = m_view->findChild<QLineEdit*>();
    QVERIFY(!field->isVisible());
    QTest::keyClick(&canvas, Qt::Key_Slash);
    QVERIFY(field->isVisible());
    QTest::keyClicks(field, "convolution");
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(m_selection->node(), made.conv); // the later one first: it runs first
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(m_selection->node(), made.stem);
    QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
    QCOMPARE(m_selection->node(), made.conv);
    QTest::keyClick(field, Qt::Key_Escape);
    QVERIFY(!field->isVisible());
    QCOMPARE(canvas.find("no such thing"), 0);
    QCOMPARE(m_selection->node(), made.conv);
    QCOMPARE(canvas.model().findNodes("stem.weight"), std::vector<trace::Id>({made.stemWeight}));
    QCOMPARE(canvas.model().findNodes("#" + QString::number(made.relu)), std::vector<trace::Id>({made.relu}));
    QCOMPARE(canvas.model().findNodes(" "), std::vector<trace::Id>());
}

void TestGraphView::followsTheStep() {
    const GraphTrace made = chain(100);
    play(made.trace, 102);
    GraphCanvas& canvas = show({800, 500});
    QVERIFY(canvas.followsStep());
    for (std::size_t position = 101; position <= made.trace->events.size(); position += 7) {
        m_cursor->moveTo(position);
        const std::size_t now = canvas.model().current();
        QVERIFY(now < canvas.model().size());
        QVERIFY2(QRectF(canvas.rect()).contains(canvas.itemRect(now)), qPrintable(QString::number(position)));
    }
    // Who looks elsewhere is left there.
    QSignalSpy changed(&canvas, &GraphCanvas::followChanged);
    QTest::mousePress(&canvas, Qt::LeftButton, {}, QPoint(600, 250));
    hover(canvas, QPoint(640, 350));
    QMouseEvent drag(QEvent::MouseMove, QPointF(650, 380), canvas.mapToGlobal(QPointF(650, 380)), Qt::NoButton,
                     Qt::LeftButton, Qt::NoModifier);
    QApplication::sendEvent(&canvas, &drag);
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, QPoint(650, 380));
    QVERIFY(!canvas.followsStep());
    QCOMPARE(changed.size(), 1);
    const Camera before = canvas.camera();
    m_cursor->moveTo(103);
    QCOMPARE(canvas.camera(), before);
    QTest::keyClick(&canvas, Qt::Key_T);
    QVERIFY(canvas.followsStep());
    QVERIFY(QRectF(canvas.rect()).contains(canvas.itemRect(canvas.model().current())));
}

void TestGraphView::saysWhatIsToCome() {
    GraphCanvas& canvas = show();
    QVERIFY(canvas.notice().text.startsWith("No model is open"));
    // A step of which no graph was kept.
    const GraphTrace bare;
    bare.trace->finish({3, 0.5, 0.5, 0.01});
    play(bare.trace, 0);
    QVERIFY(canvas.notice().kind == Notice::Kind::empty);
    QVERIFY(canvas.notice().text.startsWith("Pause, and step once"));
    auto* button = canvas.findChild<QPushButton*>();
    QVERIFY(button->isVisible());
    QCOMPARE(button->text(), QString("Step"));
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(m_source->calls.back(), std::string("step"));
    QVERIFY(!canvas.coveredRegion().contains(QPoint(20, 20))); // no cards over nothing
    // In a step that has only begun.
    m_source->m_trace = GraphTrace().trace;
    m_source->announce();
    m_session->poll();
    QVERIFY(canvas.notice().text.startsWith("No operation"));
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(m_source->calls.back(), "stepTo " + std::to_string(static_cast<int>(session::Goal::operation)));
    // And with one.
    m_source->m_trace = ResidualTrace().trace;
    m_session->poll();
    QVERIFY(canvas.notice().kind == Notice::Kind::none);
    QVERIFY(!button->isVisible());
    QCOMPARE(canvas.accessibleName(), QString("Autograd graph"));
}

void TestGraphView::growsWhileItIsShown() {
    GraphTrace made({"a"});
    const trace::Id first = made.node("First", "op", 1);
    const trace::Id second = made.node("Second", "op", 1);
    made.edge(second, first);
    made.forward(first);
    made.forward(second);
    play(made.trace, 2);
    GraphCanvas& canvas = show();
    QCOMPARE(canvas.model().size(), std::size_t(2));
    trace::Id last = second;
    for (int i = 0; i < 30; ++i) {
        const trace::Id next = made.node("Next" + std::to_string(i), "op", 1);
        // Seen with its node, without its edge and its event.
        m_session->poll();
        made.edge(next, last);
        if (i % 3 == 0) made.edge(next, first);
        m_session->poll();
        made.forward(next);
        m_session->poll();
        QVERIFY(canvas.model().graph().itemOf.size() == made.trace->nodes.size());
        QCOMPARE(canvas.model().current(), item(next));
        QVERIFY(QRectF(canvas.rect()).contains(box(next)));
        last = next;
    }
    QVERIFY(!render().isNull());
    // Another step with the same graph stays where it is.
    canvas.setFollowsStep(false);
    const ResidualTrace one;
    const ResidualTrace other;
    play(one.trace, one.running);
    canvas.setCamera({QPointF(12, 34), 1.5});
    m_source->m_trace = other.trace;
    m_session->poll();
    QVERIFY(canvas.model().trace() == other.trace);
    QCOMPARE(canvas.camera(), (Camera{QPointF(12, 34), 1.5}));
}

void TestGraphView::largeGraphsComeLater() {
    const GraphTrace made = chain(3000);
    play(made.trace, 3010);
    GraphCanvas& canvas = show();
    QTRY_VERIFY(!canvas.model().empty());
    // 300 modules of ten: collapsed by itself.
    QCOMPARE(canvas.collapsed().size(), std::size_t(300));
    QCOMPARE(canvas.model().size(), std::size_t(300));
    canvas.collapseAll(false);
    QCOMPARE(canvas.model().size(), std::size_t(300)); // it comes from the other thread
    QTRY_COMPARE(canvas.model().size(), std::size_t(3000));
    QVERIFY(!render().isNull());
    canvas.fit();
    QVERIFY(canvas.camera().zoom < 0.3);
    const QImage far = render();
    int seen = 0;
    for (int y = 0; y < far.height(); ++y)
        for (int x = 300; x < far.width() - 150; ++x)
            seen += far.pixelColor(x, y).lightness() > 60;
    QVERIFY(seen > 100);
    // Another step comes while one is laid out: only the newer is shown.
    const ResidualTrace small;
    canvas.collapseAll(true);
    m_source->m_trace = small.trace;
    m_session->poll();
    QCOMPARE(canvas.model().trace(), std::shared_ptr<const trace::Trace>(small.trace));
    QTest::qWait(200);
    QCOMPARE(canvas.model().trace(), std::shared_ptr<const trace::Trace>(small.trace));
}

void TestGraphView::layingOutCanBeGivenUp() {
    const GraphTrace made = chain(3000);
    GraphLayouter layouter;
    int ready = 0;
    connect(&layouter, &GraphLayouter::ready, this, [&](const std::shared_ptr<LaidOutGraph>& result) {
        ++ready;
        QVERIFY(!result->layout.rects.empty());
    });
    layouter.request({made.trace, {}, false});
    QVERIFY(layouter.isBusy());
    layouter.giveUp();
    QVERIFY(!layouter.isBusy());
    QVERIFY(layouter.gaveUp());
    QTest::qWait(300);
    QCOMPARE(ready, 0);
    layouter.again();
    QTRY_COMPARE(ready, 1);
    QVERIFY(!layouter.gaveUp());
    layouter.again(); // there is nothing to do again
    QVERIFY(!layouter.isBusy());
    // A small one is there at once, and what was asked for before is not wanted any more.
    layouter.request({made.trace, {}, false});
    layouter.request({ResidualTrace().trace, {}, false});
    QCOMPARE(ready, 2);
    QTest::qWait(300);
    QCOMPARE(ready, 2);
}

void TestGraphView::layingOutEndsWithTheView() {
    const GraphTrace made = chain(4000);
    for (int i = 0; i < 5; ++i) {
        play(made.trace, 10);
        show();
        m_view->canvas().collapseAll(i % 2 == 0);
        m_view.reset();
    }
    play(made.trace, 10);
    GraphCanvas& canvas = show();
    QTRY_VERIFY(!canvas.model().empty());
    QCOMPARE(canvas.model().trace(), std::shared_ptr<const trace::Trace>(made.trace));
}

void TestGraphView::describesWhatIsUnderTheMouse() {
    const ResidualTrace made;
    play(made.trace, made.running);
    const GraphModel& model = show().model();
    const QString conv = model.describe(item(made.conv));
    for (const char* part : {"ConvolutionBackward0: running", "sequence number 4", "operation conv2d", "output [4, 3]",
                             "module block.conv", "norm 0.1250", "[4, 3] to block.conv.bias"})
        QVERIFY2(conv.contains(part), qPrintable(conv));
    QVERIFY(model.describe(item(made.bias)).contains("AccumulateGrad of block.conv.bias"));
    QCOMPARE(model.describe(model.size()), QString());
}

void TestGraphView::showsEveryMomentOfATraining() {
    auto session = std::make_unique<session::Session>(
        [](std::uint64_t seed) { return std::make_unique<ResidualTraining>(seed, 2); }, session::Session::Options());
    session->step();
    QVERIFY(session->wait_until_stopped(20));
    const auto trace = session->trace();
    m_session->setSource(makeSource(std::move(session)));
    QTRY_VERIFY(m_session->trace());
    GraphCanvas& canvas = show();
    QVERIFY(!canvas.model().empty());
    for (std::size_t position = 0; position <= trace->events.size(); ++position) {
        m_cursor->moveTo(position);
        if (position % 9 == 0) QVERIFY(!render().isNull());
        for (std::size_t one = 0; one < canvas.model().size(); ++one)
            QVERIFY(!canvas.model().describe(one).isEmpty());
    }
    const std::size_t conv = canvas.model().findNodes("block1.conv1.weight").size();
    QCOMPARE(conv, std::size_t(1));
    QVERIFY(canvas.model().leafGrad(item(canvas.model().findNodes("block1.conv1.weight")[0])).startsWith("grad "));
    // Everything has run.
    QCOMPARE(canvas.model().counts().waiting, 0);
    QCOMPARE(canvas.model().counts().ready, 0);
}

void TestGraphView::bothThemesAndRatios_data() {
    QTest::addColumn<bool>("light");
    QTest::addColumn<double>("dpr");
    for (bool light : {false, true})
        for (double dpr : {1.0, 2.0})
            QTest::newRow(qPrintable(QString("%1 %2").arg(light).arg(dpr))) << light << dpr;
}

void TestGraphView::bothThemesAndRatios() {
    QFETCH(bool, light);
    QFETCH(double, dpr);
    theme().setMode(light ? Theme::Mode::light : Theme::Mode::dark);
    const ResidualTrace made;
    play(made.trace, made.running);
    GraphCanvas& canvas = show({640, 360});
    const QImage image = render(dpr);
    QCOMPARE(image.size(), canvas.size() * dpr);
    QCOMPARE(canvas.background().lightness() > 128, light);
    QVERIFY(isNear(image.pixelColor(int((box(made.conv).left() + 14) * dpr), int((box(made.conv).bottom() - 4) * dpr)),
                   theme().color(Token::backward), 4));
    // After it became small and large again the node that runs can still be seen.
    m_view->resize(300, 200);
    m_view->resize(900, 700);
    m_cursor->moveTo(made.running + 3);
    QVERIFY(QRectF(canvas.rect()).contains(box(made.relu)));
}

int main(int argc, char** argv) {
    return hs::ui::test::runTests<TestGraphView>(argc, argv);
}
#include "tst_graph_view.moc"
