// What boxes, lines and marks put into pixels, against their definitions, with Vulkan validation on.
#include "tests/ui/render_fixture.h"
#include "ui/render/color_map.h"

#include <array>
#include <cmath>

using namespace hs::ui;
using hs::ui::test::isNear;

namespace {

const QColor white(Qt::white), black(Qt::black), red(Qt::red), green(0, 255, 0), blue(Qt::blue);

QColor grey(int level) {
    return QColor(level, level, level);
}

} // namespace

class TestRenderShapes : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        const QString problem = m_pictures.start();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void cleanupTestCase() { QCOMPARE(m_pictures.end(), QStringList()); }

    void rectsCoverWholePixels();
    void roundedRectLeavesItsCornersFree();
    void largeBoxesHaveNoSeams();
    void ringLiesOutside();
    void linesAreSmoothAndDashed();
    void translucentBendsAreDrawnOnce();
    void arrowEndsAtItsPoint();
    void polygonsInBothDirections();
    void glowFades();
    void dotsLieOnTheirGrid();
    void orderIsKeptWhereThingsOverlap();
    void layersAndClips();
    void cameraMovesPositionsAndNotWidths();
    void doublePixelRatio();
    void manySizesInOneRenderer();
    void extremeInputDrawsNothingWrong();

  private:
    QImage draw(QSize size, const std::function<void(DrawList&)>& what, double dpr = 1, Camera camera = {}) {
        return m_pictures.draw(size, what, dpr, camera);
    }

    hs::ui::test::Pictures m_pictures;
};

void TestRenderShapes::rectsCoverWholePixels() {
    const QImage image = draw({20, 20}, [&](DrawList& list) {
        list.shapes.rect({2.4, 2.4, 5, 5}, red);
        list.shapes.rect({12, 2.5, 5, 0}, green); // a hairline
        list.shapes.rect({12, 10, 4, 4}, QColor(255, 255, 255, 128));
    });
    QCOMPARE(image.pixelColor(1, 2), black);
    QCOMPARE(image.pixelColor(2, 2), red);
    QCOMPARE(image.pixelColor(6, 6), red);
    QCOMPARE(image.pixelColor(7, 7), black);
    QCOMPARE(image.pixelColor(14, 3), green);
    QCOMPARE(image.pixelColor(14, 4), black);
    QVERIFY(isNear(image.pixelColor(13, 12), grey(128)));
}

void TestRenderShapes::roundedRectLeavesItsCornersFree() {
    const QImage image = draw({100, 50}, [&](DrawList& list) {
        list.shapes.roundedRect({5, 5, 40, 40},
                                {.fill = red, .outline = green, .outlineWidth = 2, .corners = Corners::all(10)});
        list.shapes.roundedRect({55, 5, 40, 40}, {.fill = red, .corners = Corners::leaf(14)});
    });
    for (const QPoint corner : {QPoint(5, 5), QPoint(44, 5), QPoint(44, 44), QPoint(5, 44)})
        QCOMPARE(image.pixelColor(corner), black);
    QCOMPARE(image.pixelColor(25, 25), red);
    QCOMPARE(image.pixelColor(25, 5), green);
    QCOMPARE(image.pixelColor(25, 6), green);
    QCOMPARE(image.pixelColor(25, 7), red);
    QCOMPARE(image.pixelColor(25, 4), black);
    // The arc's middle: 10 (1 - 1/sqrt 2) = 2.9 from the corner in x and y.
    QVERIFY(image.pixelColor(7, 7) != green);
    QVERIFY(isNear(image.pixelColor(8, 8), green, 60));

    QCOMPARE(image.pixelColor(55, 5), black); // round
    QCOMPARE(image.pixelColor(94, 5), red);   // sharp
    QCOMPARE(image.pixelColor(94, 44), black);
    QCOMPARE(image.pixelColor(55, 44), red);
}

void TestRenderShapes::largeBoxesHaveNoSeams() {
    // Large boxes are drawn in parts; a translucent fill would show where two parts meet or overlap.
    const QColor half(255, 255, 255, 128);
    const QImage image = draw({260, 200}, [&](DrawList& list) {
        list.shapes.roundedRect({10, 10, 240, 180},
                                {.fill = half, .outline = half, .outlineWidth = 3, .corners = Corners::leaf(20)});
    });
    for (int y = 13; y < 187; ++y) {
        for (int x = 30; x < 230; ++x)
            QVERIFY(isNear(image.pixelColor(x, y), grey(128)));
    }
    for (int y = 30; y < 170; ++y) {
        for (int x = 13; x < 247; ++x)
            QVERIFY(isNear(image.pixelColor(x, y), grey(128)));
        QVERIFY(isNear(image.pixelColor(11, y), grey(191), 2)); // the outline over the fill
        QVERIFY(isNear(image.pixelColor(248, y), grey(191), 2));
    }
    QCOMPARE(image.pixelColor(9, 100), black);
    QCOMPARE(image.pixelColor(10, 10), black);
    QCOMPARE(image.pixelColor(12, 12), black);
    QVERIFY(isNear(image.pixelColor(12, 100), grey(191), 2));
    QVERIFY(isNear(image.pixelColor(249, 10), grey(191), 2));
    QCOMPARE(image.pixelColor(249, 189), black);
}

void TestRenderShapes::ringLiesOutside() {
    const QImage image = draw({60, 60}, [&](DrawList& list) {
        list.shapes.roundedRect({20, 20, 20, 20}, {.fill = red});
        list.shapes.ring({20, 20, 20, 20}, {}, {.color = white});
    });
    QCOMPARE(image.pixelColor(30, 20), red);
    QCOMPARE(image.pixelColor(30, 19), black); // a gap of 2
    QCOMPARE(image.pixelColor(30, 18), black);
    QVERIFY(isNear(image.pixelColor(30, 17), white)); // a ring of 2
    QVERIFY(isNear(image.pixelColor(30, 16), white));
    QCOMPARE(image.pixelColor(30, 15), black);
    QVERIFY(isNear(image.pixelColor(16, 16), white, 140)); // and closed at its corners
    QCOMPARE(image.pixelColor(30, 30), red);
}

void TestRenderShapes::linesAreSmoothAndDashed() {
    const QImage image = draw({60, 30}, [&](DrawList& list) {
        list.shapes.line({5, 5}, {55, 5}, {.color = white, .width = 2});
        list.shapes.line({5, 10.5}, {55, 10.5}, {.color = white, .width = 2});
        list.shapes.line({0, 20.5}, {60, 20.5}, {.color = white, .width = 1, .dash = {4, 3}});
        list.shapes.line({5, 25.2}, {55, 25.2}, {.color = white, .width = 1, .snap = true});
    });
    QCOMPARE(image.pixelColor(30, 4), white);
    QCOMPARE(image.pixelColor(30, 5), white);
    QCOMPARE(image.pixelColor(30, 3), black);
    QCOMPARE(image.pixelColor(3, 5), black);                // cut straight at its end
    QVERIFY(isNear(image.pixelColor(30, 9), grey(128), 2)); // half covered
    QCOMPARE(image.pixelColor(30, 10), white);
    QVERIFY(isNear(image.pixelColor(30, 11), grey(128), 2));
    for (int x = 1; x < 56; ++x)
        QVERIFY(isNear(image.pixelColor(x, 20), x % 7 < 4 ? white : black, 2));
    QCOMPARE(image.pixelColor(30, 25), white);
    QCOMPARE(image.pixelColor(30, 24), black);
    QCOMPARE(image.pixelColor(30, 26), black);
}

void TestRenderShapes::translucentBendsAreDrawnOnce() {
    const QColor half(255, 255, 255, 128);
    const std::array points{QPointF(10, 50), QPointF(30, 12), QPointF(50, 50), QPointF(70, 14), QPointF(73, 50)};
    const QImage image =
        draw({80, 60}, [&](DrawList& list) { list.shapes.polyline(points, {.color = half, .width = 8}); });
    for (int y = 0; y < 60; ++y) {
        for (int x = 0; x < 80; ++x) {
            const int level = image.pixelColor(x, y).red();
            QVERIFY2(level <= 130, qPrintable(QStringLiteral("%1 at %2, %3").arg(level).arg(x).arg(y)));
        }
    }
    // And nothing is left out: the middle of each leg is covered from end to end, the bends too.
    for (std::size_t leg = 0; leg + 1 < points.size(); ++leg) {
        for (double t = leg == 0 ? 0.05 : 0; t < 0.95; t += 0.02) {
            const QPointF p = points[leg] + (points[leg + 1] - points[leg]) * t;
            QVERIFY(isNear(image.pixelColor(int(p.x()), int(p.y())), grey(128), 2));
        }
    }
}

void TestRenderShapes::arrowEndsAtItsPoint() {
    const QImage image = draw({60, 40}, [&](DrawList& list) {
        const std::array points{QPointF(5, 30), QPointF(25, 30), QPointF(25, 10), QPointF(50, 10)};
        list.shapes.edge(points, 6, {.color = white, .width = 2, .arrow = true, .arrowLength = 10});
    });
    QCOMPARE(image.pixelColor(51, 10), black);
    QVERIFY(image.pixelColor(48, 9).red() > 100);
    QVERIFY(image.pixelColor(42, 7).red() > 200); // the head is wider than the line
    QCOMPARE(image.pixelColor(37, 7), black);
    QVERIFY(isNear(image.pixelColor(35, 9), white));
    QCOMPARE(image.pixelColor(25, 30), black); // the bend is round
    QVERIFY(image.pixelColor(15, 29).red() > 250);
}

void TestRenderShapes::polygonsInBothDirections() {
    const std::array triangle{QPointF(10, 10), QPointF(30, 10), QPointF(10, 30)};
    const std::array turned{QPointF(50, 10), QPointF(50, 30), QPointF(70, 10)};
    const QImage image = draw({140, 40}, [&](DrawList& list) {
        list.shapes.polygon(triangle, {.fill = red});
        list.shapes.polygon(turned, {.fill = red});
        list.shapes.diamond({80, 10, 20, 20}, {.fill = red, .outline = green, .outlineWidth = 3});
        list.shapes.diamond({110, 10, 20, 20}, {.outline = green, .dash = {4, 3}});
    });
    for (int x : {0, 40}) {
        QCOMPARE(image.pixelColor(15 + x, 15), red);
        QCOMPARE(image.pixelColor(24 + x, 24), black);
        QCOMPARE(image.pixelColor(8 + x, 15), black);
    }
    QCOMPARE(image.pixelColor(90, 20), red);
    QCOMPARE(image.pixelColor(90, 12), green);
    QCOMPARE(image.pixelColor(82, 12), black);
    QCOMPARE(image.pixelColor(120, 20), black);
}

void TestRenderShapes::glowFades() {
    const QImage image = draw({80, 40}, [&](DrawList& list) {
        list.shapes.glow({20, 10, 40, 20}, Corners::all(4), white, 16);
    });
    QCOMPARE(image.pixelColor(10, 20), black);
    QVERIFY(isNear(image.pixelColor(40, 20), white, 8));
    int last = -1;
    for (int x = 12; x < 29; ++x) {
        const int level = image.pixelColor(x, 20).red();
        QVERIFY(level >= last);
        last = level;
    }
    QVERIFY(isNear(image.pixelColor(19, 20), grey(122), 12)); // half at the edge
}

void TestRenderShapes::dotsLieOnTheirGrid() {
    const QColor dot(60, 60, 60);
    const auto grid = [&](double zoom, double dpr) {
        return draw({70, 50}, [&](DrawList& list) { list.shapes.dotGrid(20, dot); }, dpr, {{-5, 13}, zoom});
    };
    const QImage whole = grid(1, 1);
    for (int y = 0; y < 50; ++y) {
        for (int x = 0; x < 70; ++x)
            QVERIFY(isNear(whole.pixelColor(x, y), (x - 5) % 20 == 0 && (y + 13) % 20 == 0 ? dot : black));
    }
    QVERIFY(isNear(grid(1, 2).pixelColor(11, 15), dot)); // two pixels wide and high
    QVERIFY(isNear(grid(2, 1).pixelColor(10, 14), dot));
    QVERIFY(isNear(grid(0.75, 1).pixelColor(18, 5), grey(30), 2)); // half faded
    QCOMPARE(grid(0.5, 1), draw({70, 50}, [](DrawList&) {}));
    const QImage around = draw({70, 50}, [&](DrawList& list) { list.shapes.dotGrid(20, dot, {10, 10, 20, 20}); });
    QVERIFY(isNear(around.pixelColor(20, 20), black));
    QVERIFY(isNear(around.pixelColor(40, 20), dot));
}

void TestRenderShapes::orderIsKeptWhereThingsOverlap() {
    const std::array<float, 1> one{1};
    const QImage image = draw({60, 20}, [&](DrawList& list) {
        for (double x : {0.0, 30.0}) {
            list.shapes.rect({x, 0, 20, 20}, red);
            list.shapes.roundedRect({x + 5, 5, 10, 10}, {.fill = green});
            list.maps.add({x + 6, 6, 8, 8}, one, 1, 1, {.colors = ColorMap()});
            list.shapes.rect({x + 8, 8, 4, 4}, blue);
            list.shapes.roundedRect({x + 9, 0, 4, 20}, {.fill = red});
        }
    });
    for (int x : {0, 30}) {
        QCOMPARE(image.pixelColor(x + 2, 2), red);
        QCOMPARE(image.pixelColor(x + 5, 10), green);
        QCOMPARE(image.pixelColor(x + 7, 10), white);
        QCOMPARE(image.pixelColor(x + 8, 10), blue);
        QCOMPARE(image.pixelColor(x + 10, 10), red);
    }
}

void TestRenderShapes::layersAndClips() {
    const QImage image = draw({60, 20}, [&](DrawList& list) {
        list.setLayer(1);
        list.shapes.rect({0, 0, 10, 10}, red);
        list.setLayer(0);
        list.shapes.rect({0, 0, 20, 20}, green);
        list.pushClip({30, 0, 10, 10});
        list.shapes.rect({20, 0, 40, 20}, blue);
        list.pushClip({35, 5, 20, 20});
        list.shapes.rect({20, 0, 40, 20}, white);
        list.popClip();
        QVERIFY(list.isHidden({0, 0, 20, 20}));
        QVERIFY(!list.isHidden({39, 9, 20, 20}));
        list.popClip();
    });
    QCOMPARE(image.pixelColor(5, 5), red);
    QCOMPARE(image.pixelColor(15, 15), green);
    QCOMPARE(image.pixelColor(31, 1), blue);
    QCOMPARE(image.pixelColor(29, 1), black);
    QCOMPARE(image.pixelColor(31, 11), black);
    QCOMPARE(image.pixelColor(36, 6), white);
    QCOMPARE(image.pixelColor(41, 6), black);
}

void TestRenderShapes::cameraMovesPositionsAndNotWidths() {
    const Camera camera{{10, 10}, 2};
    const QImage image = draw(
        {60, 60},
        [&](DrawList& list) {
            list.shapes.roundedRect({15, 15, 10, 10}, {.fill = red, .outline = green, .outlineWidth = 1});
            list.shapes.line({10, 30}, {40, 30}, {.color = white, .width = 2});
            list.beginFixed();
            list.shapes.rect({50, 0, 10, 10}, blue);
            list.endFixed();
        },
        1, camera);
    QCOMPARE(image.pixelColor(9, 20), black);
    QCOMPARE(image.pixelColor(10, 20), green);
    QCOMPARE(image.pixelColor(11, 20), red);
    QCOMPARE(image.pixelColor(29, 20), green);
    QCOMPARE(image.pixelColor(30, 20), black);
    QCOMPARE(image.pixelColor(30, 39), white);
    QCOMPARE(image.pixelColor(30, 40), white);
    QCOMPARE(image.pixelColor(30, 38), black);
    QCOMPARE(image.pixelColor(30, 41), black);
    QCOMPARE(image.pixelColor(55, 5), blue);

    const Viewport view{{60, 60}, 1, camera};
    QCOMPARE(view.toScene(view.toView(QPointF(3, 4))), QPointF(3, 4));
    QCOMPARE(view.visibleScene(), QRectF(10, 10, 30, 30));
}

void TestRenderShapes::doublePixelRatio() {
    const std::array<float, 4> values{0, 1, 1, 0};
    const QImage image = draw(
        {30, 30},
        [&](DrawList& list) {
            list.maps.add({1, 1, 4, 4}, values, 2, 2, {.colors = ColorMap(), .low = 0, .high = 1});
            list.shapes.line({0, 20}, {30, 20}, {.color = white, .width = 2});
            list.shapes.rect({10, 10, 4, 0}, white);
        },
        2);
    QCOMPARE(image.size(), QSize(60, 60));
    QCOMPARE(image.devicePixelRatio(), 2.0);
    QCOMPARE(image.pixelColor(2, 2), black);
    QCOMPARE(image.pixelColor(6, 2), white);
    QCOMPARE(image.pixelColor(9, 2), white);
    QCOMPARE(image.pixelColor(10, 2), black);
    for (int y : {38, 39, 40, 41})
        QCOMPARE(image.pixelColor(30, y), white);
    QCOMPARE(image.pixelColor(30, 37), black);
    QCOMPARE(image.pixelColor(22, 20), white); // a hairline stays one device pixel
    QCOMPARE(image.pixelColor(22, 21), black);
}

void TestRenderShapes::manySizesInOneRenderer() {
    for (int i = 0; i < 40; ++i) {
        const QSize size(1 + i * 137 % 900, 1 + i * 71 % 500);
        const QImage image = draw(size, [&](DrawList& list) {
            list.shapes.rect({0, 0, double(size.width()), double(size.height())}, green);
        });
        QCOMPARE(image.size(), size);
        QCOMPARE(image.pixelColor(0, 0), green);
        QCOMPARE(image.pixelColor(size.width() - 1, size.height() - 1), green);
    }
}

void TestRenderShapes::extremeInputDrawsNothingWrong() {
    const double huge = 1e30, nan = std::nan("");
    const std::vector<float> few{1, 2, 3};
    const QImage image = draw({40, 40}, [&](DrawList& list) {
        const std::array points{QPointF(0, 0), QPointF(nan, 5), QPointF(0, 0), QPointF(0, 0)};
        list.shapes.polyline(points, {.color = white, .arrow = true});
        list.shapes.edge(std::array{QPointF(1, 1)}, 4, {.color = white});
        list.shapes.polygon(std::array{QPointF(nan, 0), QPointF(1, 0), QPointF(0, 1)}, {.fill = white});
        list.shapes.roundedRect({huge, huge, huge, huge}, {.fill = white});
        list.shapes.rect({nan, 0, 10, 10}, white);
        list.shapes.rect({10, 10, -5, -5}, red); // the same as from 5 to 10
        list.maps.add({0, 0, 40, 40}, few, 2, 2, {});
        list.maps.add({0, 0, 40, 40}, few, 0, 2, {});
        list.ridges.panel({0, 0, 40, 40}, few, 2, 2, {.color = white});
        list.ridges.single({0, 0, 40, 40}, {}, {.color = white});
        list.shapes.bars({0, 0, 40, 40}, few, 0, white);
        list.popClip();
    });
    QCOMPARE(image.pixelColor(7, 7), red);
    QCOMPARE(image.pixelColor(20, 20), black);
    QCOMPARE(image.pixelColor(1, 1), black);
}

int main(int argc, char** argv) {
    return hs::ui::test::runTests<TestRenderShapes>(argc, argv);
}

#include "tst_render_shapes.moc"
