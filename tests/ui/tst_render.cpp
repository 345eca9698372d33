// What the drawing layer puts into pixels, against what its definitions say, with Vulkan validation on.
#include "tests/ui/render_fixture.h"
#include "ui/render/color_map.h"
#include "ui/render/draw_data.h"
#include "ui/render/plot_series.h"

#include <QDir>
#include <QTemporaryDir>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

using namespace hs::ui;
using hs::ui::test::Drawing;
using hs::ui::test::isNear;

namespace {

const QColor white(Qt::white), black(Qt::black), red(Qt::red), green(0, 255, 0), blue(Qt::blue);
const QColor nanColor(0xFF, 0x3D, 0xF2);

QColor grey(int level) {
    return QColor(level, level, level);
}

} // namespace

class TestRender : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase();
    void cleanupTestCase();

    void deviceNamesItself();
    void noDriverNamesThePackage();
    void unknownDeviceIsRefused();
    void damagedPipelineCacheIsIgnored();
    void mapCellsHaveTheirColours();
    void divergingMapUsesItsPower();
    void notFiniteValuesHaveTheirPattern();
    void mapsKeepTheirGapAndStride();
    void equalEndsGiveTheMiddle();
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
    void barsAreAsHighAsTheirValues();
    void ridgeHeightIsTheSquareRoot();
    void newRidgesHideOldOnes();
    void orderIsKeptWhereThingsOverlap();
    void seriesAreDrawnWhereTheyAre();
    void envelopesReachFromLowestToHighest();
    void layersAndClips();
    void cameraMovesPositionsAndNotWidths();
    void doublePixelRatio();
    void manySizesInOneRenderer();
    void extremeInputDrawsNothingWrong();

  private:
    QImage draw(QSize size, const std::function<void(DrawList&)>& what, double dpr = 1, Camera camera = {});

    hs::ui::test::ValidationWatch m_watch;
    std::shared_ptr<GpuDevice> m_device;
    std::unique_ptr<OffscreenRenderer> m_renderer;
};

void TestRender::initTestCase() {
    const GpuResult result = GpuDevice::create(m_watch.options());
    QVERIFY2(result.device, qPrintable(result.problem));
    m_device = result.device;
    QVERIFY2(m_device->hasValidation(), "install the Debian package vulkan-validationlayers");
    m_renderer = std::make_unique<OffscreenRenderer>(m_device);
}

void TestRender::cleanupTestCase() {
    m_renderer.reset();
    m_device.reset();
    QCOMPARE(m_watch.messages, QStringList());
}

QImage TestRender::draw(QSize size, const std::function<void(DrawList&)>& what, double dpr, Camera camera) {
    Drawing drawing(what);
    QString problem;
    const QImage image = m_renderer->render(drawing, {QSizeF(size), dpr, camera}, &problem);
    if (image.isNull()) qFatal("%s", qPrintable(problem));
    return image;
}

void TestRender::deviceNamesItself() {
    QVERIFY(!m_device->name().isEmpty());
    QVERIFY(m_device->summary().startsWith("Vulkan 1."));
    QCOMPARE(m_device->summary().contains("software device"), m_device->isSoftware());
    QVERIFY(!m_device->isLost());
}

void TestRender::noDriverNamesThePackage() {
    const QByteArray files = qgetenv("VK_DRIVER_FILES"), oldName = qgetenv("VK_ICD_FILENAMES");
    qputenv("VK_DRIVER_FILES", "/nonexistent/driver.json");
    qputenv("VK_ICD_FILENAMES", "/nonexistent/driver.json");
    const GpuResult result = GpuDevice::create({});
    files.isNull() ? qunsetenv("VK_DRIVER_FILES") : qputenv("VK_DRIVER_FILES", files);
    oldName.isNull() ? qunsetenv("VK_ICD_FILENAMES") : qputenv("VK_ICD_FILENAMES", oldName);
    QVERIFY(!result.device);
    QVERIFY2(result.problem.contains("mesa-vulkan-drivers"), qPrintable(result.problem));
}

void TestRender::unknownDeviceIsRefused() {
    GpuOptions options;
    options.deviceName = "no such device";
    const GpuResult result = GpuDevice::create(options);
    QVERIFY(!result.device);
    QVERIFY2(result.problem.contains("no such device"), qPrintable(result.problem));
}

void TestRender::damagedPipelineCacheIsIgnored() {
    const QTemporaryDir folder;
    GpuOptions options = m_watch.options();
    options.pipelineCacheFile = folder.filePath("pipelines");
    QVERIFY(GpuDevice::create(options).device);
    QFile file(options.pipelineCacheFile);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.size() > 20);
    const QByteArray whole = file.readAll();
    for (const QByteArray& damaged : {whole.left(whole.size() / 2), QByteArray("x"), QByteArray()}) {
        file.resize(0);
        file.seek(0);
        file.write(damaged);
        file.flush();
        QVERIFY(GpuDevice::create(options).device);
    }
}

void TestRender::mapCellsHaveTheirColours() {
    const ColorMap viridis = ColorMap::named("viridis");
    std::array<float, 16> values;
    std::iota(values.begin(), values.end(), -2.0f);
    const QImage image = draw({60, 60}, [&](DrawList& list) {
        list.maps.add({10, 10, 40, 40}, values, 4, 4, {.colors = viridis, .low = 0, .high = 11, .nan = nanColor});
    });
    for (int i = 0; i < 16; ++i) {
        const QPoint center(15 + i % 4 * 10, 15 + i / 4 * 10);
        QVERIFY(isNear(image.pixelColor(center), viridis.color(values[std::size_t(i)], 0, 11)));
        // Nearest neighbour: the cell's corner is the same.
        QCOMPARE(image.pixel(center - QPoint(5, 5)), image.pixel(center));
        QCOMPARE(image.pixel(center + QPoint(4, 4)), image.pixel(center));
    }
    QCOMPARE(image.pixelColor(9, 30), black);
    QCOMPARE(image.pixelColor(50, 30), black);
}

void TestRender::divergingMapUsesItsPower() {
    const ColorMap dusk = ColorMap::named("dusk");
    QVERIFY(dusk.isDiverging());
    std::array<float, 41> values;
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = (float(i) - 20) / 20 * 3;
    const QImage image = draw({41, 1}, [&](DrawList& list) {
        list.maps.add({0, 0, 41, 1}, values, 41, 1, {.colors = dusk, .low = -3, .high = 3, .nan = nanColor});
    });
    for (int i = 0; i < 41; ++i) {
        const double c = (i - 20) / 20.0, at = 0.5 + 0.5 * std::copysign(std::pow(std::abs(c), 0.6), c);
        // One entry of the table apart is close enough: the shader's pow is approximate.
        const QColor seen = image.pixelColor(i, 0);
        QVERIFY2(isNear(seen, dusk.at(at)) || isNear(seen, dusk.at(at - 1 / 255.0)) ||
                     isNear(seen, dusk.at(at + 1 / 255.0)),
                 qPrintable(QString::number(i)));
    }
}

void TestRender::notFiniteValuesHaveTheirPattern() {
    const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
    const std::array values{nan, infinity, -infinity, 0.5f};
    const QImage image = draw({80, 20}, [&](DrawList& list) {
        list.maps.add({0, 0, 80, 20}, values, 4, 1, {.colors = ColorMap(), .low = 0, .high = 1, .nan = nanColor});
    });
    const QColor shade(nanColor.red() * 35 / 100, nanColor.green() * 35 / 100, nanColor.blue() * 35 / 100);
    std::array<int, 3> bright{};
    for (int y = 0; y < 20; ++y) {
        for (int x = 0; x < 60; ++x) {
            const QColor seen = image.pixelColor(x, y);
            if (x < 20) QCOMPARE(seen == nanColor, (x + y + 1) % 6 < 3); // diagonal, three pixels of six
            if (seen == nanColor)
                ++bright[std::size_t(x / 20)];
            else
                QVERIFY(isNear(seen, shade));
        }
    }
    QVERIFY(bright[1] > 60 && bright[1] < 180); // dots cover less than half
    QCOMPARE(bright[2], bright[1]);
    QVERIFY(isNear(image.pixelColor(70, 10), grey(128)));
}

void TestRender::mapsKeepTheirGapAndStride() {
    // Two maps of 2x2 inside rows of 5; what lies between must not show.
    const std::array<float, 10> rows{0, 1, 9, 9, 9, 1, 0, 9, 9, 9};
    const QImage strided = draw({4, 4}, [&](DrawList& list) {
        list.maps.add({0, 0, 4, 4}, std::span(rows).first(7), 2, 2, {.colors = ColorMap(), .low = 0, .high = 1}, 5);
    });
    QCOMPARE(strided.pixelColor(1, 1), black);
    QCOMPARE(strided.pixelColor(3, 1), white);
    QCOMPARE(strided.pixelColor(1, 3), white);
    QCOMPARE(strided.pixelColor(3, 3), black);

    const std::vector<float> ones(3 * 4 * 4, 1.0f);
    const MapGrid grid = MapGrid::fit({0, 0, 41, 20}, 2, 4, 4, 1);
    QCOMPARE(grid.columns, 2);
    QCOMPARE(grid.cell, QSizeF(20, 20));
    const QImage pair = draw({41, 20}, [&](DrawList& list) {
        list.maps.addGrid(grid, ones, 4, 4, {.colors = ColorMap(), .low = 0, .high = 1});
    });
    QCOMPARE(pair.pixelColor(19, 10), white);
    QCOMPARE(pair.pixelColor(20, 10), black);
    QCOMPARE(pair.pixelColor(21, 10), white);
    QCOMPARE(pair.pixelColor(4, 10), white); // no gap between the pixels of one map
    QCOMPARE(pair.pixelColor(5, 10), white);
    QCOMPARE(grid.indexAt({19.5, 3}), 0);
    QCOMPARE(grid.indexAt({20.5, 3}), -1);
    QCOMPARE(grid.indexAt({40, 3}), 1);
    QCOMPARE(grid.indexAt({40, 21}), -1);
}

void TestRender::equalEndsGiveTheMiddle() {
    const std::array values{3.0f, 7.0f};
    const QImage image = draw({2, 1}, [&](DrawList& list) {
        list.maps.add({0, 0, 2, 1}, values, 2, 1, {.colors = ColorMap(), .low = 5, .high = 5});
    });
    QVERIFY(isNear(image.pixelColor(0, 0), grey(128)));
    QVERIFY(isNear(image.pixelColor(1, 0), grey(128)));
    QVERIFY(isNear(ColorMap().color(3, 5, 5), grey(128)));
}

void TestRender::rectsCoverWholePixels() {
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

void TestRender::roundedRectLeavesItsCornersFree() {
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

void TestRender::largeBoxesHaveNoSeams() {
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

void TestRender::ringLiesOutside() {
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

void TestRender::linesAreSmoothAndDashed() {
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

void TestRender::translucentBendsAreDrawnOnce() {
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

void TestRender::arrowEndsAtItsPoint() {
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

void TestRender::polygonsInBothDirections() {
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

void TestRender::glowFades() {
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

void TestRender::dotsLieOnTheirGrid() {
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

void TestRender::barsAreAsHighAsTheirValues() {
    const std::array<float, 4> values{10, 5, std::nanf(""), 20};
    const QImage image = draw({43, 40}, [&](DrawList& list) {
        list.shapes.bars({0, 0, 43, 40}, values, 10, green, 1);
    });
    const auto height = [&](int x) {
        int count = 0;
        for (int y = 0; y < 40; ++y)
            count += image.pixelColor(x, y) == green;
        return count;
    };
    QCOMPARE(height(5), 40);
    QCOMPARE(height(15), 20);
    QCOMPARE(height(26), 0);
    QCOMPARE(height(37), 40); // no higher than the rectangle
    QCOMPARE(height(10), 0);  // the gap
}

void TestRender::ridgeHeightIsTheSquareRoot() {
    std::vector<float> counts(64, 0.0f);
    for (std::size_t i = 8; i < 24; ++i)
        counts[i] = 100;
    for (std::size_t i = 40; i < 56; ++i)
        counts[i] = 25;
    const QImage image = draw({256, 102}, [&](DrawList& list) {
        list.ridges.single({0, 0, 256, 102}, counts, {.color = white, .newestWidth = 2, .tint = 0.5});
    });
    const auto top = [&](int x) {
        for (int y = 0; y < 102; ++y) {
            if (image.pixelColor(x, y).red() > 200) return y;
        }
        return -1;
    };
    const int base = top(2), high = top(64), middle = top(192);
    QVERIFY(base >= 99);
    QVERIFY(high >= 0 && high <= 2);
    QVERIFY(std::abs((base - middle) * 2 - (base - high)) <= 2);
    QVERIFY(isNear(image.pixelColor(64, 50), grey(128), 2)); // the tint
    QCOMPARE(image.pixelColor(128, 50), black);
}

void TestRender::newRidgesHideOldOnes() {
    // The old ridge is low and the new one high: where the new one stands, nothing of the old can be seen.
    std::vector<float> counts(2 * 32, 0.0f);
    for (std::size_t i = 0; i < 32; ++i)
        counts[i] = 1;
    for (std::size_t i = 12; i < 20; ++i)
        counts[32 + i] = 100;
    const QColor surface(10, 20, 30);
    const RidgeStyle style{.color = white, .surface = surface, .oldest = 0.5, .tint = 0, .overlap = 4};
    const QImage image = draw({128, 104}, [&](DrawList& list) {
        list.ridges.panel({0, 0, 128, 104}, counts, 2, 32, style, 100);
    });
    const auto brightest = [&](int x, int from, int to) {
        int most = 0;
        for (int y = from; y < to; ++y)
            most = std::max(most, image.pixelColor(x, y).red());
        return most;
    };
    // Spacing is (104 - 2.6) / 5: the old base line is 81, its tenth of the height, 8, above it; the new one is at 101.
    QVERIFY(brightest(20, 68, 82) > 90);
    QVERIFY(brightest(20, 68, 82) < 170); // dim
    QCOMPARE(brightest(64, 30, 95), surface.red());
    QVERIFY(isNear(image.pixelColor(64, 60), surface));
    QVERIFY(brightest(64, 15, 28) > 230); // the new line, bright
    QVERIFY(brightest(20, 98, 104) > 230);
}

void TestRender::orderIsKeptWhereThingsOverlap() {
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

void TestRender::seriesAreDrawnWhereTheyAre() {
    // A parabola over 3,000 steps, with one step of its own: each column has its line where the formula says.
    std::vector<float> values(3001);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double x = double(i) / 1500 - 1;
        values[i] = float(x * x);
    }
    values[1500] = 1;
    const PlotArea area{{0, 0, 100, 100}, 0, 3000, 0, 1};
    const QImage image =
        draw({100, 100}, [&](DrawList& list) { drawSeries(list, area, values, 0, 1, {.color = white, .width = 2}); });
    for (int x = 5; x < 95; ++x) {
        if (std::abs(x - 50) <= 2) continue;
        const double at = (x + 0.5) / 50 - 1, y = 100 - 100 * at * at;
        QVERIFY(image.pixelColor(x, std::min(int(y), 99)).red() > 120);
        QCOMPARE(image.pixelColor(x, std::max(int(y) - 12, 0)), black);
    }
    QVERIFY(image.pixelColor(50, 40).red() > 120); // the peak

    // A straight line is one piece, whatever the number of its points.
    const std::vector<float> straight(2000, 0.5f);
    DrawList list(Viewport{{100, 100}, 1, {}});
    drawSeries(list, {{0, 0, 100, 100}, 0, 2000, 0, 1}, straight, 0, 1, {.color = white});
    QCOMPARE(list.data().items[std::size_t(DrawKind::Line)].size(), itemSize(DrawKind::Line));
}

void TestRender::envelopesReachFromLowestToHighest() {
    std::vector<float> noise(4000);
    for (std::size_t i = 0; i < noise.size(); ++i)
        noise[i] = i % 2 ? 0.75f : 0.25f;
    noise[2001] = 1;
    const PlotArea area{{0, 0, 100, 40}, 0, 4000, 0, 1};
    const QImage image =
        draw({100, 40}, [&](DrawList& list) { drawEnvelope(list, area, noise, 0, 1, QColor(255, 255, 255, 128)); });
    for (int x = 1; x < 99; ++x) {
        if (x == 50) continue;
        QCOMPARE(image.pixelColor(x, 8), black);
        QVERIFY(isNear(image.pixelColor(x, 11), grey(128))); // once, also where columns meet
        QVERIFY(isNear(image.pixelColor(x, 28), grey(128)));
        QCOMPARE(image.pixelColor(x, 31), black);
    }
    QVERIFY(isNear(image.pixelColor(50, 1), grey(128))); // the peak of one step

    const QImage few = draw({100, 40}, [&](DrawList& list) {
        drawEnvelope(list, {{0, 0, 100, 40}, 0, 2, 0, 1}, std::array{0.0f, 1.0f, 0.0f}, 0, 1, white);
    });
    QVERIFY(few.pixelColor(25, 19).red() > 100); // a line
    QCOMPARE(few.pixelColor(50, 20), black);
}

void TestRender::layersAndClips() {
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

void TestRender::cameraMovesPositionsAndNotWidths() {
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

void TestRender::doublePixelRatio() {
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

void TestRender::manySizesInOneRenderer() {
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

void TestRender::extremeInputDrawsNothingWrong() {
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
    return hs::ui::test::runTests<TestRender>(argc, argv);
}

#include "tst_render.moc"
