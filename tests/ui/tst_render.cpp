// The device, and what maps, ridges and series put into pixels, against their definitions, with Vulkan validation on.
#include "tests/ui/render_fixture.h"
#include "ui/render/color_map.h"
#include "ui/render/draw_data.h"
#include "ui/render/plot_series.h"

#include <QTemporaryDir>

#include <array>
#include <cmath>
#include <limits>
#include <numeric>

using namespace hs::ui;
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
    void initTestCase() {
        const QString problem = m_pictures.start();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void cleanupTestCase() { QCOMPARE(m_pictures.end(), QStringList()); }

    void deviceNamesItself();
    void noDriverNamesThePackage();
    void unknownDeviceIsRefused();
    void damagedPipelineCacheIsIgnored();
    void mapCellsHaveTheirColours();
    void divergingMapUsesItsPower();
    void notFiniteValuesHaveTheirPattern();
    void mapsKeepTheirGapAndStride();
    void equalEndsGiveTheMiddle();
    void barsAreAsHighAsTheirValues();
    void ridgeHeightIsTheSquareRoot();
    void newRidgesHideOldOnes();
    void seriesAreDrawnWhereTheyAre();
    void envelopesReachFromLowestToHighest();

  private:
    QImage draw(QSize size, const std::function<void(DrawList&)>& what, double dpr = 1, Camera camera = {}) {
        return m_pictures.draw(size, what, dpr, camera);
    }

    hs::ui::test::Pictures m_pictures;
};

void TestRender::deviceNamesItself() {
    QVERIFY(!m_pictures.device->name().isEmpty());
    QVERIFY(m_pictures.device->summary().startsWith("Vulkan 1."));
    QCOMPARE(m_pictures.device->summary().contains("software device"), m_pictures.device->isSoftware());
    QVERIFY(!m_pictures.device->isLost());
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
    GpuOptions options = m_pictures.watch.options();
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

int main(int argc, char** argv) {
    return hs::ui::test::runTests<TestRender>(argc, argv);
}

#include "tst_render.moc"
