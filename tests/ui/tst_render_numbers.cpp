// The numbers behind the pictures: colour maps, series, axes. No device is needed.
#include "tests/ui/render_fixture.h"
#include "ui/render/color_map.h"
#include "ui/render/plot_series.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>

using namespace hs::ui;

class TestRenderNumbers : public QObject {
    Q_OBJECT

  private slots:
    void seriesKeepTheirPeaks();
    void axesHaveRoundNumbers();
    void smoothingStartsRight();
    void colourMapsAreThoseOfTheirPapers();
    void badColourMapFiles();
    void textOverAMap();
};

void TestRenderNumbers::seriesKeepTheirPeaks() {
    std::vector<float> values(10000, 1.0f);
    values[4321] = 5;
    values[7000] = std::nanf("");
    values[8000] = -3;
    const PlotArea area{{0, 0, 200, 100}, 0, 10000, -5, 5};
    const auto runs = plotSeries(area, values, 0, 1, 200);
    QCOMPARE(runs.size(), std::size_t(2)); // NaN breaks the line
    std::size_t count = 0;
    double top = 100, bottom = 0;
    for (const auto& run : runs) {
        count += run.size();
        for (std::size_t i = 1; i < run.size(); ++i)
            QVERIFY(run[i].x() > run[i - 1].x());
        for (QPointF p : run) {
            top = std::min(top, p.y());
            bottom = std::max(bottom, p.y());
        }
    }
    QVERIFY(count <= 4 * 201);
    QCOMPARE(top, 0.0);
    QCOMPARE(bottom, 80.0);
    QCOMPARE(area.toData(area.toScene(123, 2)), QPointF(123, 2));
    QVERIFY(plotSeries({{0, 0, 10, 10}, 1, 1, 0, 1}, values, 0, 1, 10).empty());
    QVERIFY(plotSeries(area, {}, 0, 1, 10).empty());
}

void TestRenderNumbers::axesHaveRoundNumbers() {
    QCOMPARE(axisTicks(0, 2.4, 4), (std::vector<double>{0, 1, 2, 3}));
    QCOMPARE(axisTicks(0.7, 0.9, 4), (std::vector<double>{0.7, 0.75, 0.8, 0.85, 0.9}));
    QVERIFY(axisTicks(1, 1, 4).empty());
    QVERIFY(axisTicks(1e20, std::nextafter(1e20, 2e20), 1).empty());
    QVERIFY(axisTicks(0, std::numeric_limits<double>::infinity(), 4).empty());
}

void TestRenderNumbers::smoothingStartsRight() {
    const std::vector<float> values{4, 4, std::nanf(""), 8};
    const std::vector<float> smooth = smoothed(values, 0.5);
    QCOMPARE(smooth[0], 4.0f);
    QCOMPARE(smooth[1], 4.0f);
    QVERIFY(std::isnan(smooth[2]));
    QCOMPARE(smooth[3], float((0.25 * 4 * 0.5 + 0.5 * 4 * 0.5 + 0.5 * 8) / (1 - 0.125)));
}

void TestRenderNumbers::colourMapsAreThoseOfTheirPapers() {
    const auto at = [](const char* name, double position) {
        return ColorMap::named(name).at(position).name().toUpper();
    };
    QCOMPARE(at("viridis", 0), "#440154");
    QCOMPARE(at("viridis", 1), "#FDE725");
    QCOMPARE(at("cividis", 0), "#00224E");
    QCOMPARE(at("cividis", 1), "#FEE838");
    QVERIFY(test::isNear(ColorMap::named("viridis").at(128 / 255.0), QColor(0x21, 0x91, 0x8C), 1));
    QCOMPARE(at("dusk", 0), "#80CDFF"); // blue for negative
    QCOMPARE(at("vik-like", 1), "#741E0A");
    QVERIFY(test::isNear(ColorMap::named("dusk").color(0, -2, 2), QColor(0x1A, 0x1A, 0x1E), 1));
    QVERIFY(test::isNear(ColorMap::named("dusk").color(-9, -2, 2), QColor(0x80, 0xCD, 0xFF), 0));
    for (const QString& name : ColorMap::names()) {
        QString error;
        QCOMPARE(ColorMap::named(name, &error).name(), name);
        QVERIFY2(error.isEmpty(), qPrintable(error));
        QCOMPARE(&ColorMap::named(name).table(), &ColorMap::named(name).table()); // read once, shared
    }
}

void TestRenderNumbers::badColourMapFiles() {
    const QTemporaryDir folder;
    const QString path = folder.filePath("map.json");
    const auto errorOf = [&](const QByteArray& content) {
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly)) return QString();
        file.write(content);
        file.close();
        QString error;
        const ColorMap map = ColorMap::fromFile(path, &error);
        return map.name() == "grey" ? error : QString();
    };
    for (const QByteArray& content :
         {QByteArray(), QByteArray("{"), QByteArray("[]"), QByteArray("{}"), QByteArray(R"({"colors": ["#000000"]})"),
          QByteArray(R"({"colors": ["#000000", "red"]})"), QByteArray(R"({"colors": ["#000000", 7]})"),
          QByteArray(R"({"colors": ["#000000", "#FFFFFF"], "power": -1})"), QByteArray(2 << 20, ' ')})
        QVERIFY2(errorOf(content).contains(path), content.left(60));
    QString error;
    QCOMPARE(ColorMap::fromFile("/nonexistent", &error).name(), "grey");
    QVERIFY(error.contains("/nonexistent"));
    ColorMap::named("jet", &error);
    QVERIFY2(error.contains("jet") && error.contains("viridis"), qPrintable(error));
}

void TestRenderNumbers::textOverAMap() {
    QVERIFY(blackTextOver(Qt::white));
    QVERIFY(!blackTextOver(Qt::black));
    // The two contrasts are equal at a luminance of 0.179, a grey of about 117.
    QVERIFY(blackTextOver(QColor(122, 122, 122)));
    QVERIFY(!blackTextOver(QColor(112, 112, 112)));
    QVERIFY(blackTextOver(QColor("#FDE725")));
    QVERIFY(!blackTextOver(QColor("#440154")));
}

QTEST_GUILESS_MAIN(TestRenderNumbers)

#include "tst_render_numbers.moc"
