// Canvases as widgets: when they draw, what they show, and how they follow mouse and keyboard.
#include "tests/ui/render_fixture.h"
#include "ui/render/canvas_widget.h"

#include <QPainter>
#include <QProcess>
#include <QSignalSpy>
#include <QWheelEvent>

#include <cmath>

using namespace hs::ui;
using hs::ui::test::isNear;

namespace {

const QColor ground(10, 20, 30), box(200, 100, 50), label(0, 255, 0);

/// A box from (20, 20) to (60, 40) and a label at its right in the overlay; counts what is asked of it.
struct Canvas : CanvasWidget {
    int prepared = 0;
    int painted = 0;
    QPointF clicked{-1, -1}, hovered{-1, -1};
    QColor boxColor = box, labelColor = label, groundColor = ground;

    QColor background() const override { return groundColor; }
    void prepareScene(const Viewport&, DrawList& list) override {
        ++prepared;
        list.shapes.rect({20, 20, 40, 20}, boxColor);
    }
    void paintOverlay(QPainter& painter, const Viewport& view) override {
        ++painted;
        painter.fillRect(QRectF(view.toView(QPointF(60, 20)), QSizeF(10, 10)), labelColor);
    }
    QRectF contentBounds() const override { return {20, 20, 40, 20}; }
    void canvasClicked(QPointF scene, Qt::MouseButton, Qt::KeyboardModifiers) override { clicked = scene; }
    void canvasHovered(QPointF scene) override { hovered = scene; }
};

} // namespace

class TestRenderCanvas : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        const QString problem = m_pictures.start();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void cleanupTestCase() { QCOMPARE(m_pictures.end(), QStringList()); }

    void showsWhatTheRendererDraws();
    void atDoubleScale();
    void drawsOnDemandOnly();
    void eachChangeIsSeen();
    void joinsRequests();
    void hiddenDrawsNothing();
    void resizeStorm();
    void endsWhileFramesAreUnderWay();
    void withoutADevice();
    void changesItsDevice();
    void mouseMovesTheCamera();
    void keysMoveTheCamera();
    void fitFollowsTheSize();
    void cameraArrives();
    void statsAreMeasured();
    void startsOnAnotherThread();

  private:
    void show(Canvas& canvas, QSize size = {160, 100});

    hs::ui::test::Pictures m_pictures;
};

/// Shown, with its first picture painted.
void TestRenderCanvas::show(Canvas& canvas, QSize size) {
    QSignalSpy shown(&canvas, &CanvasWidget::frameShown);
    canvas.setDevice(m_pictures.device);
    canvas.resize(size);
    canvas.show();
    QVERIFY(shown.wait(5000));
}

void TestRenderCanvas::showsWhatTheRendererDraws() {
    Canvas canvas;
    show(canvas);
    const QImage seen = canvas.grab().toImage();
    const double dpr = canvas.devicePixelRatioF();
    const auto at = [&](double x, double y) { return seen.pixelColor(int(x * dpr), int(y * dpr)); };
    QCOMPARE(at(5, 5), ground);
    QCOMPARE(at(21, 21), box);
    QCOMPARE(at(59, 39), box);
    QCOMPARE(at(61, 25), label);
    QCOMPARE(at(159, 99), ground);

    OffscreenRenderer renderer(m_pictures.device);
    QCOMPARE(renderer.render(canvas).convertToFormat(QImage::Format_RGB32), seen.convertToFormat(QImage::Format_RGB32));
    const QImage twice = renderer.render(canvas, 2 * dpr);
    QCOMPARE(twice.size(), 2 * seen.size());
    QCOMPARE(twice.pixelColor(int(42 * dpr), int(42 * dpr)), box);
}

void TestRenderCanvas::atDoubleScale() {
    // The scale is the process's: run the test above in one of its own.
    QProcess child;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("QT_SCALE_FACTOR", "2");
    child.setProcessEnvironment(environment);
    child.start(QCoreApplication::applicationFilePath(), {"showsWhatTheRendererDraws"});
    QVERIFY(child.waitForFinished(60000));
    QVERIFY2(child.exitCode() == 0, child.readAllStandardOutput());
}

void TestRenderCanvas::drawsOnDemandOnly() {
    Canvas canvas;
    show(canvas);
    QTest::qWait(60);
    const int before = canvas.prepared;
    QTest::qWait(120);
    QCOMPARE(canvas.prepared, before);

    QSignalSpy shown(&canvas, &CanvasWidget::frameShown);
    canvas.boxColor = Qt::white;
    canvas.requestFrame();
    QVERIFY(shown.wait(5000));
    QCOMPARE(canvas.prepared, before + 1);
    QCOMPARE(canvas.grab().toImage().pixelColor(30, 30), QColor(Qt::white));
}

void TestRenderCanvas::eachChangeIsSeen() {
    Canvas canvas;
    show(canvas);
    const auto after = [&] {
        QSignalSpy shown(&canvas, &CanvasWidget::frameShown);
        canvas.requestFrame();
        return shown.wait(5000) ? canvas.grab().toImage() : QImage();
    };
    // The overlay alone, the background alone, the scene alone, and nothing at all.
    canvas.labelColor = Qt::blue;
    QCOMPARE(after().pixelColor(61, 25), QColor(Qt::blue));
    canvas.groundColor = QColor(90, 0, 0);
    QCOMPARE(after().pixelColor(5, 5), QColor(90, 0, 0));
    canvas.boxColor = Qt::yellow;
    QCOMPARE(after().pixelColor(30, 30), QColor(Qt::yellow));
    const QImage seen = after();
    QCOMPARE(seen.pixelColor(30, 30), QColor(Qt::yellow));
    QCOMPARE(seen.pixelColor(61, 25), QColor(Qt::blue));
    QCOMPARE(seen.pixelColor(5, 5), QColor(90, 0, 0));
}

void TestRenderCanvas::joinsRequests() {
    Canvas canvas;
    show(canvas);
    QTest::qWait(60);
    const int before = canvas.prepared;
    for (int i = 0; i < 1000; ++i)
        canvas.requestFrame();
    QTest::qWait(120);
    QCOMPARE(canvas.prepared, before + 1);

    // A request while a frame is under way is not lost.
    struct Repeating : Canvas {
        int left = 5;
        void prepareScene(const Viewport& view, DrawList& list) override {
            Canvas::prepareScene(view, list);
            if (left-- > 0) requestFrame();
        }
    } repeating;
    show(repeating);
    QTRY_COMPARE(repeating.prepared, 6);
    QTest::qWait(60);
    QCOMPARE(repeating.prepared, 6);
}

void TestRenderCanvas::hiddenDrawsNothing() {
    Canvas canvas;
    canvas.setDevice(m_pictures.device);
    canvas.requestFrame();
    QTest::qWait(50);
    QCOMPARE(canvas.prepared, 0);
    show(canvas);
    canvas.hide();
    QTest::qWait(60);
    const int before = canvas.prepared;
    canvas.boxColor = Qt::white;
    canvas.requestFrame();
    QTest::qWait(60);
    QCOMPARE(canvas.prepared, before);
    QSignalSpy shown(&canvas, &CanvasWidget::frameShown);
    canvas.show();
    QVERIFY(shown.wait(5000));
    QCOMPARE(canvas.grab().toImage().pixelColor(30, 30), QColor(Qt::white));
}

void TestRenderCanvas::resizeStorm() {
    Canvas canvas;
    show(canvas);
    for (int i = 0; i < 80; ++i) {
        canvas.resize(100 + i * 97 % 700, 60 + i * 53 % 500);
        canvas.requestFrame();
        QTest::qWait(i % 3);
        const QImage seen = canvas.grab().toImage(); // the old picture meanwhile, never rubbish
        QCOMPARE(seen.pixelColor(30, 30), box);
        QCOMPARE(seen.pixelColor(seen.width() - 1, seen.height() - 1), ground);
    }
    canvas.resize(300, 200);
    QTest::qWait(100);
    // Before any new picture can be there, what it does not cover yet has the background.
    canvas.resize(700, 200);
    QCOMPARE(canvas.grab().toImage().pixelColor(690, 20), ground);
    canvas.resize(700, 500);
    QCOMPARE(canvas.grab().toImage().pixelColor(20, 490), ground);
}

void TestRenderCanvas::endsWhileFramesAreUnderWay() {
    for (int i = 0; i < 30; ++i) {
        Canvas canvas;
        canvas.setDevice(m_pictures.device);
        canvas.resize(300, 200);
        canvas.show();
        for (int k = 0; k < i % 5; ++k) {
            canvas.requestFrame();
            QTest::qWait(1);
        }
    }
    QVERIFY(!m_pictures.device->isLost());
}

void TestRenderCanvas::withoutADevice() {
    Canvas canvas;
    canvas.resize(400, 200);
    canvas.setDevice(nullptr, "Install the Debian package mesa-vulkan-drivers.");
    canvas.show();
    QTRY_VERIFY(canvas.painted > 0);
    const QImage seen = canvas.grab().toImage();
    int strip = 0;
    for (int x = 0; x < 400; ++x)
        strip += seen.pixelColor(x, 20) != ground;
    QCOMPARE(strip, 400);
    QCOMPARE(seen.pixelColor(30, 150), ground);
    const int before = canvas.painted;
    canvas.requestFrame();
    QTRY_VERIFY(canvas.painted > before); // the overlay still follows
    QCOMPARE(canvas.prepared, 0);

    OffscreenRenderer renderer(nullptr);
    QString problem;
    QVERIFY(renderer.render(canvas, 1, &problem).isNull());
    QVERIFY2(problem.contains("Vulkan"), qPrintable(problem));
}

void TestRenderCanvas::changesItsDevice() {
    Canvas canvas;
    show(canvas);
    const GpuResult other = GpuDevice::create(m_pictures.watch.options());
    QVERIFY(other.device);
    canvas.requestFrame();
    QTest::qWait(1);
    QSignalSpy shown(&canvas, &CanvasWidget::frameShown);
    canvas.setDevice(other.device);
    QVERIFY(shown.wait(5000));
    QCOMPARE(canvas.grab().toImage().pixelColor(30, 30), box);
    canvas.setDevice(nullptr, "gone");
    QVERIFY(canvas.grab().toImage().pixelColor(30, 90) == ground);
}

void TestRenderCanvas::mouseMovesTheCamera() {
    Canvas canvas;
    canvas.setCameraEnabled(true);
    show(canvas);
    QTest::mouseMove(&canvas, {40, 30});
    QTRY_COMPARE(canvas.hovered, QPointF(40, 30));
    QTest::mouseClick(&canvas, Qt::LeftButton, {}, {45, 30});
    QCOMPARE(canvas.clicked, QPointF(45, 30));

    canvas.clicked = {-1, -1};
    QTest::mousePress(&canvas, Qt::LeftButton, {}, {50, 50});
    QTest::mouseMove(&canvas, {80, 60});
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, {80, 60});
    QCOMPARE(canvas.camera().origin, QPointF(-30, -10));
    QCOMPARE(canvas.clicked, QPointF(-1, -1)); // a drag is no click

    const QPointF anchor(100, 70), under = canvas.viewport().toScene(anchor);
    QWheelEvent wheel(anchor, canvas.mapToGlobal(anchor), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QCoreApplication::sendEvent(&canvas, &wheel);
    QVERIFY(canvas.camera().zoom > 1.1);
    const QPointF after = canvas.viewport().toScene(anchor);
    QVERIFY(std::abs(after.x() - under.x()) < 1e-9 && std::abs(after.y() - under.y()) < 1e-9);

    // The picture and the overlay move together.
    QTest::qWait(100);
    const QImage seen = canvas.grab().toImage();
    const QPoint inBox = canvas.viewport().toView(QPointF(40, 30)).toPoint();
    const QPoint inLabel = (canvas.viewport().toView(QPointF(60, 20)) + QPointF(4, 4)).toPoint();
    QCOMPARE(seen.pixelColor(inBox), box);
    QCOMPARE(seen.pixelColor(inLabel), label);

    Canvas still;
    show(still);
    QTest::mousePress(&still, Qt::LeftButton, {}, {50, 50});
    QTest::mouseMove(&still, {80, 60});
    QTest::mouseRelease(&still, Qt::LeftButton, {}, {80, 60});
    QCOMPARE(still.camera(), Camera());
}

void TestRenderCanvas::keysMoveTheCamera() {
    Canvas canvas;
    canvas.setCameraEnabled(true);
    canvas.setZoomRange(0.5, 2);
    show(canvas);
    QTest::keyClick(&canvas, Qt::Key_Right);
    QTest::keyClick(&canvas, Qt::Key_Down);
    QCOMPARE(canvas.camera().origin, QPointF(40, 40));
    QTest::keyClick(&canvas, Qt::Key_Left);
    QTest::keyClick(&canvas, Qt::Key_Up);
    QCOMPARE(canvas.camera().origin, QPointF(0, 0));
    for (int i = 0; i < 10; ++i)
        QTest::keyClick(&canvas, Qt::Key_Plus);
    QCOMPARE(canvas.camera().zoom, 2.0);
    QTest::keyClick(&canvas, Qt::Key_0);
    QCOMPARE(canvas.camera().zoom, 1.0);
    for (int i = 0; i < 20; ++i)
        QTest::keyClick(&canvas, Qt::Key_Minus);
    QCOMPARE(canvas.camera().zoom, 0.5);
    QTest::keyClick(&canvas, Qt::Key_0);
    QCOMPARE(canvas.camera().zoom, 1.0);
}

void TestRenderCanvas::fitFollowsTheSize() {
    Canvas canvas;
    canvas.setCameraEnabled(true);
    show(canvas, {248, 148});
    QTest::keyClick(&canvas, Qt::Key_F);
    // 40x20 into 200x100: five times.
    QCOMPARE(canvas.camera().zoom, 5.0);
    QCOMPARE(canvas.viewport().toView(QPointF(40, 30)), QPointF(124, 74));
    canvas.resize(448, 248);
    QTRY_COMPARE(canvas.camera().zoom, 10.0);
    canvas.zoomBy(0.5);
    canvas.resize(248, 148);
    QTest::qWait(30);
    QCOMPARE(canvas.camera().zoom, 5.0); // moved by hand: it stays
    QCOMPARE(fitCamera({}, {100, 100}, 10, 0.1, 10), Camera());
}

void TestRenderCanvas::cameraArrives() {
    Canvas canvas;
    canvas.setCameraEnabled(true);
    show(canvas);
    const Camera target{{100, 50}, 3};
    QSignalSpy steps(&canvas, &CanvasWidget::cameraChanged);
    canvas.moveCamera(target);
    QTRY_COMPARE(canvas.camera(), target);
    QVERIFY(steps.count() > 2);
    canvas.setReducedMotion(true);
    canvas.moveCamera({});
    QCOMPARE(canvas.camera(), Camera());
}

void TestRenderCanvas::statsAreMeasured() {
    Canvas canvas;
    show(canvas);
    canvas.resetStats();
    QCOMPARE(canvas.stats().frames, quint64(0));
    for (int i = 0; i < 5; ++i) {
        QSignalSpy shown(&canvas, &CanvasWidget::frameShown);
        canvas.requestFrame();
        QVERIFY(shown.wait(5000));
    }
    const FrameStats stats = canvas.stats();
    QVERIFY(stats.frames >= 5);
    QVERIFY(stats.framesPerSecond >= 1 && stats.framesPerSecond <= 62);
    QVERIFY(stats.longestUiMs > 0 && stats.longestUiMs >= stats.lastUiMs);
    QVERIFY(stats.lastFrameMs > 0);
}

void TestRenderCanvas::startsOnAnotherThread() {
    GpuStart start(m_pictures.watch.options());
    std::shared_ptr<GpuDevice> device;
    int calls = 0;
    start.whenReady(this, [&](const GpuResult& result) {
        device = result.device;
        ++calls;
    });
    QCOMPARE(calls, 0);
    QTRY_COMPARE_WITH_TIMEOUT(calls, 1, 20000);
    QVERIFY(device);
    QCOMPARE(start.result().device, device);
}

int main(int argc, char** argv) {
    return hs::ui::test::runTests<TestRenderCanvas>(argc, argv);
}

#include "tst_render_canvas.moc"
