// The views as a person meets them: their pixels, their input, what they watch.
#include "tests/ui/hand_made_session.h"
#include "tests/ui/render_fixture.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/views/activations_canvas.h"
#include "ui/views/activations_view.h"
#include "ui/views/blueprint_canvas.h"
#include "ui/views/blueprint_view.h"
#include "ui/views/gradients_canvas.h"
#include "ui/views/gradients_view.h"
#include "ui/views/plots_view.h"

#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QToolButton>
#include <QWheelEvent>

#include <limits>

using namespace hs;
using namespace hs::ui;
using hs::ui::test::isNear;

namespace {

/// Maps of one number each: map c of every output is c; one NaN, one Inf.
float plain(const trace::ValueKey& key, const Shape& shape, std::int64_t at) {
    if (key.role == trace::Role::target) return static_cast<float>(at % 10);
    if (shape.size() != 4) return static_cast<float>(at % shape.back());
    const std::int64_t each = shape[2] * shape[3];
    if (key.module == "stage2.pool2" && at == 0) return std::numeric_limits<float>::quiet_NaN();
    return static_cast<float>(at / each % shape[1]);
}

/// Moves the mouse over a widget, without the real pointer, which a display may keep to itself.
void hover(QWidget& widget, const QPoint& at) {
    QMouseEvent move(QEvent::MouseMove, QPointF(at), QPointF(widget.mapToGlobal(at)), Qt::NoButton, Qt::NoButton,
                     Qt::NoModifier);
    QApplication::sendEvent(&widget, &move);
}

} // namespace

class TestViewsCanvas : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase();
    void cleanupTestCase();
    void init();
    void cleanup();

    void blueprintDrawsMapsInTheirColours();
    void blueprintFollowsTheMouse();
    void blueprintMovesWithKeys();
    void blueprintZooms();
    void blueprintSharesTheSample();
    void blueprintSaysNothingIsThere();
    void blueprintNamesTheFirstNaN();
    void blueprintDrawsEveryDemo_data();
    void blueprintDrawsEveryDemo();
    void hiddenViewsWatchNothing();
    void watchesOnlyWhatCanBeSeen();
    void mapsHaveKnownColours();
    void mapsReadOutTheNumber();
    void mapsTakeRangeAndColours();
    void mapsShowLinearLayersAsAStrip();
    void ridgesHitTheBin();
    void ridgesScrollAndSelect();
    void plotDrawsAndReadsOut();
    void everyViewHasBothThemesAndRatios_data();
    void everyViewHasBothThemesAndRatios();

  private:
    QImage render(CanvasWidget& canvas, double dpr = 1);
    void load(const std::string& net, const handmade::Fill& fill = {});
    void show(QWidget& view, QSize size);

    test::ValidationWatch m_watch;
    std::shared_ptr<GpuDevice> m_device;
    std::unique_ptr<SessionModel> m_session;
    std::unique_ptr<Selection> m_selection;
    handmade::Player* m_player = nullptr;
};

void TestViewsCanvas::initTestCase() {
    const GpuResult made = GpuDevice::create(m_watch.options());
    if (!made.device) QSKIP(qPrintable(made.problem));
    m_device = made.device;
    theme().setReducedMotion(true);
}

void TestViewsCanvas::cleanupTestCase() {
    m_device.reset();
    QCOMPARE(m_watch.messages, QStringList());
}

void TestViewsCanvas::init() {
    theme().setMode(Theme::Mode::dark);
    m_session = std::make_unique<SessionModel>();
    m_selection = std::make_unique<Selection>();
}

void TestViewsCanvas::cleanup() {
    m_session.reset();
    m_selection.reset();
}

void TestViewsCanvas::load(const std::string& net, const handmade::Fill& fill) {
    auto player = std::make_unique<handmade::Player>(net, 300, fill);
    m_player = player.get();
    m_session->setSource(std::move(player));
    m_session->poll();
}

void TestViewsCanvas::show(QWidget& view, QSize size) {
    view.resize(size);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
}

QImage TestViewsCanvas::render(CanvasWidget& canvas, double dpr) {
    QString problem;
    const QImage image = OffscreenRenderer(m_device).render(canvas, dpr, &problem);
    if (image.isNull()) qWarning("%s", qPrintable(problem));
    return image;
}

void TestViewsCanvas::blueprintDrawsMapsInTheirColours() {
    load("fashion-cnn", plain);
    BlueprintView view(*m_session, *m_selection);
    show(view, {810, 610});
    BlueprintCanvas& canvas = view.canvas();
    const std::size_t conv1 = canvas.model().itemOf("stage1.conv1");
    const QImage image = render(canvas);
    const GraphItem& item = canvas.model().graph().items[conv1];
    const CardFrame frame = cardFrame(canvas.itemRect(conv1), item, canvas.camera().zoom, false);
    QVERIFY(!frame.maps.isEmpty());
    // Map 0 is 0 and map 5 is 5 everywhere; the range is the module's.
    const ColorMap viridis = ColorMap::named("viridis");
    MapGrid grid = MapGrid::fit(frame.maps, 6, 28, 28, 2);
    const MapGrid whole = MapGrid::fit(frame.maps, 6, 28, 28, 2, false, true);
    if (whole.cell.width() >= 0.8 * grid.cell.width()) grid = whole;
    QVERIFY(isNear(image.pixelColor(grid.cellRect(0).center().toPoint()), viridis.color(0, 0, 5), 2));
    QVERIFY(isNear(image.pixelColor(grid.cellRect(5).center().toPoint()), viridis.color(5, 0, 5), 2));
    // Between the boxes is the canvas, and a card is raised.
    QVERIFY(isNear(image.pixelColor(3, 300), theme().color(Token::canvas), 2));
    const QRectF flatten = canvas.itemRect(canvas.model().itemOf("head.flatten"));
    QVERIFY(isNear(image.pixelColor(QPoint(int(flatten.right()) - 6, int(flatten.center().y()))),
                   theme().color(Token::raised), 2));
    // A module with a NaN in it is outlined.
    const QRectF pool2 = canvas.itemRect(canvas.model().itemOf("stage2.pool2"));
    QVERIFY(
        isNear(image.pixelColor(QPoint(int(pool2.left()), int(pool2.center().y()))), theme().color(Token::nan), 40));
}

void TestViewsCanvas::blueprintFollowsTheMouse() {
    load("fashion-cnn");
    BlueprintView view(*m_session, *m_selection);
    show(view, {810, 610});
    BlueprintCanvas& canvas = view.canvas();
    const QPoint fc1 = canvas.itemRect(canvas.model().itemOf("head.fc1")).center().toPoint();
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, fc1);
    QCOMPARE(m_selection->module(), std::string("head.fc1"));
    QCOMPARE(canvas.itemAt(fc1), canvas.model().itemOf("head.fc1"));
    QTest::mouseClick(&canvas, Qt::RightButton, {},
                      canvas.itemRect(canvas.model().itemOf("head.fc2")).center().toPoint());
    QCOMPARE(m_selection->module(), std::string("head.fc1"));
    QSignalSpy open(&view, &BlueprintView::openRequested);
    QTest::mouseDClick(&canvas, Qt::LeftButton, {},
                       canvas.itemRect(canvas.model().itemOf("stage2.conv2")).center().toPoint());
    QCOMPARE(open.size(), 1);
    QCOMPARE(open.first().first().toString(), QString("stage2.conv2"));
    // Dragging pans and selects nothing.
    const Camera before = canvas.camera();
    QTest::mousePress(&canvas, Qt::LeftButton, {}, fc1);
    hover(canvas, fc1 + QPoint(60, 30));
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, fc1 + QPoint(60, 30));
    QCOMPARE(canvas.camera().origin, before.origin - QPointF(60, 30) / before.zoom);
}

void TestViewsCanvas::blueprintMovesWithKeys() {
    load("fashion-cnn");
    BlueprintView view(*m_session, *m_selection);
    show(view, {810, 610});
    BlueprintCanvas& canvas = view.canvas();
    const auto press = [&](Qt::Key key) { QTest::keyClick(&canvas, key); };
    press(Qt::Key_Down);
    QCOMPARE(m_selection->module(), std::string("stage1.conv1"));
    press(Qt::Key_Down);
    QCOMPARE(m_selection->module(), std::string("stage1.relu1"));
    press(Qt::Key_Right);
    QCOMPARE(m_selection->module(), std::string("stage2.relu2"));
    press(Qt::Key_Left);
    press(Qt::Key_Up);
    QCOMPARE(m_selection->module(), std::string("stage1.conv1"));
    QSignalSpy open(&view, &BlueprintView::openRequested);
    press(Qt::Key_Return);
    QCOMPARE(open.first().first().toString(), QString("stage1.conv1"));
    const double zoom = canvas.camera().zoom;
    press(Qt::Key_Plus);
    QVERIFY(canvas.camera().zoom > zoom);
    press(Qt::Key_F);
    QCOMPARE(canvas.camera().zoom, zoom);
}

void TestViewsCanvas::blueprintZooms() {
    load("fashion-cnn");
    BlueprintView view(*m_session, *m_selection);
    show(view, {810, 610});
    BlueprintCanvas& canvas = view.canvas();
    QCOMPARE(canvas.camera().zoom, 1.0); // laid out for this size
    const QPointF at(400, 300);
    const QPointF scene = canvas.viewport().toScene(at);
    QWheelEvent wheel(at, canvas.mapToGlobal(at), {}, {0, 120}, {}, {}, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&canvas, &wheel);
    QVERIFY(canvas.camera().zoom > 1);
    QVERIFY((canvas.viewport().toScene(at) - scene).manhattanLength() < 0.01);
    // The zoom bar: out, the figure, in, fit.
    const auto buttons = view.findChildren<QToolButton*>();
    QCOMPARE(buttons.size(), 4);
    QCOMPARE(buttons[1]->text(), QString("%1 %").arg(std::lround(canvas.camera().zoom * 100)));
    QTest::mouseClick(buttons[3], Qt::LeftButton);
    QCOMPARE(canvas.camera().zoom, 1.0);
    QTest::mouseClick(buttons[0], Qt::LeftButton);
    QCOMPARE(canvas.camera().zoom, 0.8);
    for (const QToolButton* button : buttons)
        QVERIFY(!button->toolTip().isEmpty() && !button->accessibleName().isEmpty());
    // A small view shows all of it, smaller.
    QTest::mouseClick(buttons[3], Qt::LeftButton);
    view.resize(400, 300);
    QTRY_VERIFY(canvas.camera().zoom < 1);
    for (std::size_t item : canvas.model().graph().order)
        QVERIFY(QRectF(canvas.rect()).contains(canvas.itemRect(item)));
}

void TestViewsCanvas::blueprintSharesTheSample() {
    load("fashion-cnn");
    BlueprintView view(*m_session, *m_selection);
    show(view, {810, 610});
    auto* picker = view.findChild<QSpinBox*>();
    QVERIFY(picker->isVisible());
    QCOMPARE(picker->maximum(), 64);
    picker->setValue(5);
    QCOMPARE(m_selection->sample(), 4);
    const std::size_t conv1 = view.canvas().model().itemOf("stage1.conv1");
    const float shown = view.canvas().model().card(conv1).values.front();
    const trace::Snapshot& all =
        m_player->m_trace->values[m_player->m_trace->find({trace::Role::output, "stage1.conv1", {}})].snapshot;
    QCOMPARE(shown, static_cast<float>(all.at(4 * 6 * 28 * 28)));
    m_selection->setSample(7);
    QCOMPARE(picker->value(), 8);
    view.setDevice(nullptr, "there is no device"); // and so no maps; the message stands where the picker was
    QVERIFY(!picker->isVisible());
}

void TestViewsCanvas::blueprintSaysNothingIsThere() {
    BlueprintView view(*m_session, *m_selection);
    show(view, {600, 400});
    QCOMPARE(view.canvas().notice().kind, Notice::Kind::empty);
    QVERIFY(view.canvas().notice().text.contains("File"));

    auto player = std::make_unique<handmade::Player>("fashion-cnn", 0);
    handmade::Player* source = player.get();
    const auto trace = source->m_trace;
    source->m_trace.reset();
    source->m_ready = false;
    m_session->setSource(std::move(player));
    m_session->poll();
    QCOMPARE(view.canvas().notice().kind, Notice::Kind::loading);
    source->m_ready = true;
    m_session->poll();
    QCOMPARE(view.canvas().notice().kind, Notice::Kind::empty);
    auto* run = view.canvas().findChild<QPushButton*>();
    QTRY_VERIFY(run->isVisible());
    QTest::mouseClick(run, Qt::LeftButton);
    QVERIFY(std::find(source->calls.begin(), source->calls.end(), "run") != source->calls.end());
    source->m_trace = trace;
    m_session->poll();
    QTRY_COMPARE(view.canvas().notice().kind, Notice::Kind::none);
    QVERIFY(!run->isVisible());

    source->m_status.state = session::State::failed;
    source->m_status.message = "no data: install dataset-fashion-mnist";
    m_session->poll();
    QTRY_COMPARE(view.canvas().notice().kind, Notice::Kind::error);
    QVERIFY(view.canvas().notice().text.contains("dataset-fashion-mnist"));
}

void TestViewsCanvas::blueprintNamesTheFirstNaN() {
    load("fashion-cnn");
    BlueprintView view(*m_session, *m_selection);
    show(view, {810, 610});
    m_player->m_status.has_non_finite = true;
    m_player->m_status.non_finite = {412, "stage2.conv2", "output"};
    m_session->poll();
    QTRY_COMPARE(view.canvas().notice().kind, Notice::Kind::warning);
    QVERIFY(view.canvas().notice().text.contains("412"));
    QVERIFY(view.canvas().notice().text.contains("output of stage2.conv2"));
    auto* button = view.canvas().findChild<QPushButton*>();
    QTRY_VERIFY(button->isVisible());
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(m_selection->module(), std::string("stage2.conv2"));
}

void TestViewsCanvas::blueprintDrawsEveryDemo_data() {
    QTest::addColumn<QString>("net");
    for (const QString& net : {QString("fashion-cnn"), QString("spiral-mlp"), QString("fashion-resnet")})
        QTest::newRow(qPrintable(net)) << net;
}

void TestViewsCanvas::blueprintDrawsEveryDemo() {
    QFETCH(QString, net);
    load(net.toStdString());
    BlueprintView view(*m_session, *m_selection);
    show(view, {810, 610});
    const QImage image = render(view.canvas());
    // Values and gradients flow: both hues are there, and none of them without an edge.
    int forward = 0;
    int backward = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
            const QColor color = image.pixelColor(x, y);
            forward += color == theme().color(Token::forward);
            backward += color == theme().color(Token::backward);
        }
    QVERIFY(forward > 100);
    QVERIFY(backward > 100);
    for (std::size_t item : view.canvas().model().graph().order)
        QVERIFY(QRectF(view.canvas().rect()).contains(view.canvas().itemRect(item)));
}

void TestViewsCanvas::hiddenViewsWatchNothing() {
    load("fashion-cnn");
    BlueprintView view(*m_session, *m_selection);
    ActivationsView maps(*m_session, *m_selection);
    show(view, {810, 610});
    const auto watched = [&] {
        QCoreApplication::processEvents();
        QTest::qWait(1);
        return m_session->currentWatch().values;
    };
    QVERIFY(watched().contains({trace::Role::output, "stage1.conv1", {}}));
    view.hide();
    QVERIFY(watched().empty());
    m_selection->selectModule("head.fc1");
    QVERIFY(watched().empty());
    show(maps, {700, 300});
    QCOMPARE(watched().size(), std::size_t(3));
    QVERIFY(watched().contains({trace::Role::output, "head.fc1", {}}));
    m_selection->selectModule("stage1.relu1");
    QVERIFY(watched().contains({trace::Role::output, "stage1.relu1", {}}));
    QVERIFY(!watched().contains({trace::Role::output, "head.fc1", {}}));
}

void TestViewsCanvas::watchesOnlyWhatCanBeSeen() {
    load("fashion-cnn");
    BlueprintView view(*m_session, *m_selection);
    show(view, {810, 610});
    BlueprintCanvas& canvas = view.canvas();
    const QRectF conv1 = canvas.itemRect(canvas.model().itemOf("stage1.conv1"));
    canvas.setCamera({conv1.topLeft(), 4});
    QTest::qWait(1);
    const auto& values = m_session->currentWatch().values;
    QVERIFY(values.contains({trace::Role::output, "stage1.conv1", {}}));
    QVERIFY(!values.contains({trace::Role::output, "stage2.conv2", {}}));
    // Far away nothing has thumbnails.
    canvas.setCamera({{-2000, -2000}, 0.1});
    QTest::qWait(1);
    QVERIFY(!m_session->currentWatch().values.contains({trace::Role::output, "stage1.conv1", {}}));
}

void TestViewsCanvas::mapsHaveKnownColours() {
    load("fashion-cnn", plain);
    m_selection->selectModule("stage2.pool2");
    ActivationsView view(*m_session, *m_selection);
    show(view, {760, 420});
    ActivationsCanvas& canvas = view.canvas();
    QCOMPARE(canvas.camera().zoom, 1.0);
    const QImage image = render(canvas);
    const ColorMap viridis = ColorMap::named("viridis");
    for (int map : {0, 7, 15}) {
        const QPoint at = canvas.grid().cellRect(map).center().toPoint();
        QVERIFY(isNear(image.pixelColor(at), viridis.color(map, 0, 15), 2));
    }
    // The first number is NaN: hatched in its own colour, which no map has.
    const QRectF first = canvas.grid().cellRect(0);
    int hatched = 0;
    for (int y = 0; y < int(first.height() / 5); ++y)
        for (int x = 0; x < int(first.width() / 5); ++x) {
            const QColor color = image.pixelColor(QPoint(int(first.left()) + x, int(first.top()) + y));
            hatched += color.red() > 200 && color.blue() > 200 && color.green() < 100;
        }
    QVERIFY(hatched > 10);
}

void TestViewsCanvas::mapsReadOutTheNumber() {
    load("fashion-cnn", plain);
    m_selection->selectModule("stage2.pool2");
    ActivationsView view(*m_session, *m_selection);
    show(view, {760, 420});
    ActivationsCanvas& canvas = view.canvas();
    QVERIFY(canvas.readOut().contains("step 300"));
    const QRectF map = canvas.grid().cellRect(6);
    hover(canvas, map.center().toPoint());
    QCOMPARE(canvas.readOut(), QString("[0, 6, 2, 2] · 6.000"));
    QCOMPARE(canvas.hitAt(map.topLeft() + QPointF(1, 1)), (ActivationsCanvas::Hit{6, 0, 0}));
    QCOMPARE(canvas.hitAt(map.bottomRight() - QPointF(1, 1)), (ActivationsCanvas::Hit{6, 4, 4}));
    QCOMPARE(canvas.hitAt({1, 1}).map, std::int64_t(-1));
    QTest::keyClick(&canvas, Qt::Key_Right);
    QCOMPARE(canvas.readOut(), QString("[0, 6, 2, 3] · 6.000"));
    for (int i = 0; i < 2; ++i)
        QTest::keyClick(&canvas, Qt::Key_Right);
    QCOMPARE(canvas.readOut(), QString("[0, 7, 2, 0] · 7.000")); // over the edge is the next map
    QTest::keyClick(&canvas, Qt::Key_Escape);
    QVERIFY(canvas.readOut().contains("step 300"));
    // The same place after zooming in on it.
    canvas.zoomBy(3);
    const QPointF at = canvas.viewport().toView(map.center());
    if (canvas.rect().contains(at.toPoint())) QCOMPARE(canvas.hitAt(at), (ActivationsCanvas::Hit{6, 2, 2}));
    m_selection->setSample(3);
    canvas.fit();
    hover(canvas, map.center().toPoint() + QPoint(1, 0));
    QCOMPARE(canvas.readOut(), QString("[3, 6, 2, 2] · 6.000"));
}

void TestViewsCanvas::mapsTakeRangeAndColours() {
    load("fashion-cnn", plain);
    m_selection->selectModule("stage2.pool2");
    ActivationsView view(*m_session, *m_selection);
    show(view, {900, 420});
    ActivationsCanvas& canvas = view.canvas();
    canvas.setColorMap("grey");
    const QPoint at = canvas.grid().cellRect(15).center().toPoint();
    QVERIFY(isNear(render(canvas).pixelColor(at), QColor(255, 255, 255), 2));
    canvas.setRange(MapRange::map); // one number in the map: the middle of the colours
    QVERIFY(isNear(render(canvas).pixelColor(at), QColor(128, 128, 128), 3));
    canvas.setRange(MapRange::shared); // fc1 has numbers to 119, so 15 is dark
    QVERIFY(render(canvas).pixelColor(at).red() < 60);
    // The gradient has the theme's diverging colours.
    canvas.setGradient(true);
    QVERIFY(canvas.model().isGradient());
    canvas.setRange(MapRange::module);
    const QColor seen = render(canvas).pixelColor(canvas.grid().cellRect(15).center().toPoint());
    QVERIFY(isNear(seen, ColorMap::named(theme().divergingMap()).color(15, -15, 15), 3));
}

void TestViewsCanvas::mapsShowLinearLayersAsAStrip() {
    load("fashion-cnn", plain);
    m_selection->selectModule("head.fc2");
    ActivationsView view(*m_session, *m_selection);
    show(view, {760, 300});
    ActivationsCanvas& canvas = view.canvas();
    const std::int64_t columns = canvas.columnsOfStrip();
    QVERIFY(columns > 1);
    const QRectF all = canvas.grid().cellRect(0);
    const double cell = all.width() / double(columns);
    const QPointF fifth(all.left() + 4.5 * cell, all.top() + 2);
    QCOMPARE(canvas.hitAt(fifth).column, std::int64_t(4));
    QVERIFY(isNear(render(canvas).pixelColor(fifth.toPoint()), ColorMap::named("viridis").color(4, 0, 83), 2));
    hover(canvas, fifth.toPoint());
    QCOMPARE(canvas.readOut(), QString("[0, 4] · 4.000"));
    m_selection->selectModule("head"); // a container: its output is that of fc3
    QVERIFY(!canvas.model().isEmpty());
}

void TestViewsCanvas::ridgesHitTheBin() {
    load("fashion-cnn");
    GradientsView view(*m_session, *m_selection);
    show(view, {1200, 220});
    GradientsCanvas& canvas = view.canvas();
    QVERIFY(canvas.readOut().startsWith("steps "));
    QVERIFY(canvas.readOut().contains("every 6th shown"));
    const QRectF ridges = canvas.ridgeRect(1);
    hover(canvas, QPoint(int(ridges.right()) - 1, int(ridges.bottom()) - 2));
    QCOMPARE(canvas.hitAt({ridges.right() - 0.5, ridges.bottom() - 2}).bin, 63);
    QCOMPARE(canvas.hitAt({ridges.left() + 0.5, ridges.top() + 1}).bin, 0);
    QCOMPARE(canvas.hitAt({ridges.left() + 0.5, ridges.top() + 1}).point, std::size_t(0));
    const std::size_t points = canvas.model().panels()[1].points.size();
    QCOMPARE(canvas.hitAt({ridges.left() + 0.5, ridges.bottom() - 2}).point, points - 1);
    QVERIFY2(canvas.readOut().startsWith("conv2.weight · step 300 · "), qPrintable(canvas.readOut()));
    hover(canvas, QPoint(2, 2));
    QVERIFY(canvas.readOut().startsWith("steps "));
    const QImage image = render(canvas);
    int ridgePixels = 0;
    for (int x = int(ridges.left()); x < int(ridges.right()); ++x)
        for (int y = int(ridges.top()); y < int(ridges.bottom()); ++y)
            ridgePixels += image.pixelColor(x, y) == theme().color(Token::backward);
    QVERIFY(ridgePixels > 50);
}

void TestViewsCanvas::ridgesScrollAndSelect() {
    load("fashion-cnn");
    GradientsView view(*m_session, *m_selection);
    show(view, {700, 220});
    GradientsCanvas& canvas = view.canvas();
    auto* bar = view.findChild<QScrollBar*>();
    QTRY_VERIFY(bar->isVisible());
    QCOMPARE(canvas.offset(), 0.0);
    QWheelEvent wheel({400, 100}, canvas.mapToGlobal(QPointF(400, 100)), {}, {0, -120}, {}, {}, Qt::NoScrollPhase,
                      false);
    QApplication::sendEvent(&canvas, &wheel);
    QVERIFY(canvas.offset() > 0);
    bar->setValue(0);
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.panelRect(0).center().toPoint());
    QVERIFY(m_selection->value().has_value());
    QCOMPARE(*m_selection->value(), (trace::ValueKey{trace::Role::gradient, "stage1.conv1", "weight"}));
    for (int i = 0; i < 4; ++i)
        QTest::keyClick(&canvas, Qt::Key_Right);
    QCOMPARE(m_selection->value()->module, std::string("head.fc3"));
    QVERIFY(canvas.panelRect(4).right() <= canvas.width()); // scrolled into sight
    // A row of the overview selects too.
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, canvas.overviewRect().topLeft().toPoint() + QPoint(20, 30));
    QCOMPARE(m_selection->module(), std::string("stage1.conv1"));
    canvas.setWhich(GradientsModel::Which::all);
    QCOMPARE(canvas.model().panels().size(), std::size_t(10));
}

void TestViewsCanvas::plotDrawsAndReadsOut() {
    load("fashion-cnn");
    PlotsView view(*m_session, *m_selection);
    view.setDevice(m_device);
    show(view, {420, 240});
    QVERIFY(view.readOut().isEmpty());
    const QRectF plot = view.plotRect();
    hover(view, plot.center().toPoint());
    QVERIFY2(view.readOut().startsWith("step 1"), qPrintable(view.readOut()));
    QVERIFY(view.readOut().contains("test accuracy"));
    hover(view, QPoint(1, 1));
    QVERIFY(view.readOut().isEmpty());
    QTest::keyClick(&view, Qt::Key_Left);
    QVERIFY(view.readOut().startsWith("step 297"));
    QTest::keyClick(&view, Qt::Key_Escape);
    QVERIFY(view.readOut().isEmpty());
    // The smoothed line is in text colour where the model says.
    const QImage image = render(view);
    const PlotPoint& last = view.model().smooth()[view.model().smooth().size() / 2];
    const PlotArea area{plot, 0, 300, view.model().lossLow(), view.model().lossHigh()};
    const QPoint at = area.toScene(last.x, last.y).toPoint();
    int bright = 0;
    for (int y = -3; y <= 3; ++y)
        bright = std::max(bright, image.pixelColor(at + QPoint(0, y)).red());
    QVERIFY(bright > 200);
}

void TestViewsCanvas::everyViewHasBothThemesAndRatios_data() {
    QTest::addColumn<bool>("light");
    QTest::addColumn<double>("dpr");
    for (bool light : {false, true})
        for (double dpr : {1.0, 2.0, 3.0})
            QTest::newRow(qPrintable(QString("%1 %2").arg(light).arg(dpr))) << light << dpr;
}

void TestViewsCanvas::everyViewHasBothThemesAndRatios() {
    QFETCH(bool, light);
    QFETCH(double, dpr);
    theme().setMode(light ? Theme::Mode::light : Theme::Mode::dark);
    load("fashion-cnn");
    m_selection->selectModule("stage1.conv1");
    BlueprintView blueprint(*m_session, *m_selection);
    ActivationsView maps(*m_session, *m_selection);
    GradientsView gradients(*m_session, *m_selection);
    PlotsView plots(*m_session, *m_selection);
    for (QWidget* view : {static_cast<QWidget*>(&blueprint), static_cast<QWidget*>(&maps),
                          static_cast<QWidget*>(&gradients), static_cast<QWidget*>(&plots)})
        show(*view, {640, 360});
    for (CanvasWidget* canvas :
         {static_cast<CanvasWidget*>(&blueprint.canvas()), static_cast<CanvasWidget*>(&maps.canvas()),
          static_cast<CanvasWidget*>(&gradients.canvas()), static_cast<CanvasWidget*>(&plots)}) {
        const QImage image = render(*canvas, dpr);
        QCOMPARE(image.size(), canvas->size() * dpr);
        // Something is drawn over the theme's own background.
        const QColor behind = canvas->background();
        QCOMPARE(behind.lightness() > 128, light);
        int others = 0;
        for (int x = 0; x < image.width(); x += 3)
            for (int y = 0; y < image.height(); y += 3)
                others += image.pixelColor(x, y) != behind;
        QVERIFY(others > 200);
    }
}

int main(int argc, char** argv) {
    return hs::ui::test::runTests<TestViewsCanvas>(argc, argv);
}
#include "tst_views_canvas.moc"
