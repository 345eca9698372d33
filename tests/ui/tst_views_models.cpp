// What the views compute from a Trace and a History, without widgets and without a GPU.
#include "tests/ui/hand_made.h"
#include "ui/views/activations_model.h"
#include "ui/views/blueprint_card.h"
#include "ui/views/blueprint_model.h"
#include "ui/views/gradients_model.h"
#include "ui/views/plots_model.h"

#include <QtTest>

#include <limits>
#include <numeric>

using namespace hs;
using namespace hs::ui;

namespace {

/// Element i of every value is i, so that a number says where it was read.
float byPosition(const trace::ValueKey& key, const Shape&, std::int64_t at) {
    if (key.role == trace::Role::target) return static_cast<float>(at % 10);
    return static_cast<float>(at % 100'000);
}

trace::Summary gradientOf(std::vector<float> numbers, double low = 1e-6, double high = 1) {
    return handmade::summaryOf(numbers, {trace::BinScale::symmetric_log, low, high});
}

} // namespace

class TestViewsModels : public QObject {
    Q_OBJECT

  private slots:
    void samplesHaveTheirShape();
    void readsOneSampleOnly();
    void stripsAreBrokenEvenly();
    void cardsShowMoreWhenLarger();
    void partsOfACardDoNotOverlap_data();
    void partsOfACardDoNotOverlap();
    void blueprintReadsWhatIsShown();
    void blueprintIsBuiltAgainOnce();
    void classSharesAreASoftmax();
    void bluePrintSaysWhatACardIs();
    void rangesOfMaps();
    void namesTheNumberUnderThePointer();
    void countsWhatIsNotFinite();
    void panelsAreInModelOrder();
    void binsGoToACommonRange();
    void spreadingKeepsCounts();
    void titleSaysWhatIsThinned();
    void findsVanishingAndExploding();
    void gradientFigures();
    void plotsKeepPeaks();
    void plotsAreSmoothed();
    void plotsReadOut();
};

void TestViewsModels::samplesHaveTheirShape() {
    const auto is = [](Shape shape, SampleShape wanted) { return sampleShapeOf(shape) == wanted; };
    QVERIFY(is({64, 6, 28, 14}, {64, 6, 28, 14, false}));
    QVERIFY(is({64, 120}, {64, 1, 1, 120, true}));
    QVERIFY(is({64, 32, 1, 1}, {64, 1, 1, 32, true}));
    QVERIFY(is({8, 4, 10}, {8, 4, 1, 10, false}));
    QVERIFY(is({8}, {8, 1, 1, 1, true}));
    QVERIFY(is({}, {1, 1, 1, 1, true}));
    QVERIFY(is({2, 3, 4, 5, 6}, {2, 3, 4, 30, false}));
}

void TestViewsModels::readsOneSampleOnly() {
    const trace::Snapshot snapshot = handmade::snapshotOf({}, {4, 3, 2, 2}, byPosition);
    std::vector<float> values;
    QVERIFY(readSample(snapshot, 2, 2, values));
    QCOMPARE(values, (std::vector<float>{24, 25, 26, 27, 28, 29, 30, 31}));
    QVERIFY(readSample(snapshot, 3, 99, values));
    QCOMPARE(values.size(), std::size_t(12));
    QVERIFY(!readSample(snapshot, 4, 1, values));
    QVERIFY(values.empty());
    QVERIFY(!readSample(snapshot, -1, 1, values));
    QVERIFY(!readSample({}, 0, 1, values));
}

void TestViewsModels::stripsAreBrokenEvenly() {
    QCOMPARE(stripColumns(120, 4), std::int64_t(20)); // 6 rows
    QCOMPARE(stripColumns(10, 100), std::int64_t(10));
    QCOMPARE(stripColumns(10, 0.001), std::int64_t(1));
    QCOMPARE(stripColumns(1, 1), std::int64_t(1));
    for (std::int64_t count : {2, 7, 84, 120, 1000}) {
        const std::int64_t columns = stripColumns(count, 3);
        const std::int64_t rows = (count + columns - 1) / columns;
        QVERIFY(columns >= 1 && columns <= count);
        QVERIFY(rows * columns - count < columns); // only the last row is not full
        QVERIFY((rows - 1) * columns < count);
    }
}

void TestViewsModels::cardsShowMoreWhenLarger() {
    QCOMPARE(cardDetail({20, 20}, false), CardDetail::bar);
    QCOMPARE(cardDetail({20, 20}, true), CardDetail::name);
    QCOMPARE(cardDetail({59, 59}, false), CardDetail::name);
    QCOMPARE(cardDetail({100, 100}, false), CardDetail::shape);
    QCOMPARE(cardDetail({112, 112}, false), CardDetail::maps);
    QCOMPARE(cardDetail({200, 100}, false), CardDetail::figures);
    QCOMPARE(textScale(0.2), 0.9); // 9 px at the least
    QCOMPARE(textScale(2), 2.0);
}

void TestViewsModels::partsOfACardDoNotOverlap_data() {
    QTest::addColumn<int>("content");
    QTest::addColumn<bool>("parameters");
    for (int content = int(Content::name); content <= int(Content::join); ++content)
        for (bool parameters : {false, true})
            QTest::newRow(qPrintable(QString("%1 %2").arg(content).arg(parameters))) << content << parameters;
}

void TestViewsModels::partsOfACardDoNotOverlap() {
    QFETCH(int, content);
    QFETCH(bool, parameters);
    GraphItem item;
    item.content = static_cast<Content>(content);
    item.hasParameters = parameters;
    for (double width = 8; width < 700; width *= 1.3) {
        for (double height = 8; height < 500; height *= 1.3) {
            for (double zoom : {0.4, 1.0, 2.6}) {
                const CardFrame f = cardFrame({10, 20, width, height}, item, zoom, false);
                const QRectF body = f.box.adjusted(-1, -1, 1, 1);
                const QList<QRectF> parts{f.maps, f.norm, f.ridge, f.footer};
                for (int i = 0; i < parts.size(); ++i) {
                    if (parts[i].isEmpty()) continue;
                    QVERIFY(body.contains(parts[i]));
                    for (int j = i + 1; j < parts.size(); ++j) {
                        const QRectF both = parts[i].intersected(parts[j]);
                        // A line of text has empty pixels above and below its letters.
                        QVERIFY2(both.isEmpty() || both.height() <= 3.1 * f.scale,
                                 qPrintable(QString("%1 %2").arg(i).arg(j)));
                    }
                }
                QVERIFY(f.maps.isEmpty() || f.header.bottom() <= f.maps.top() + 0.01);
            }
        }
    }
}

void TestViewsModels::blueprintReadsWhatIsShown() {
    const auto table = handmade::lenet();
    const auto step = handmade::lenetStep(table, 5, byPosition, 4);
    BlueprintModel model;
    QVERIFY(model.setModel(table, step.get(), std::vector<std::string>(10, "c")));
    const std::size_t conv1 = model.itemOf("stage1.conv1");
    const std::size_t conv2 = model.itemOf("stage2.conv2");
    model.readValues(*step, 1, {conv1});
    model.readSummaries(*step);
    model.formatFigures(*step);
    QCOMPARE(model.card(conv1).values.size(), std::size_t(6 * 28 * 28));
    QCOMPARE(model.card(conv1).values.front(), 6.0f * 28 * 28);
    QVERIFY(model.card(conv2).values.empty()); // not seen, not read
    QCOMPARE(model.inputValues().size(), std::size_t(28 * 28));
    QCOMPARE(model.inputValues().front(), 28.0f * 28);
    QCOMPARE(model.target(), std::int64_t(1));
    QCOMPARE(model.samples(), std::int64_t(4));
    QCOMPARE(model.card(conv1).low, 0.0);
    QCOMPARE(model.card(conv1).high, double(4 * 6 * 28 * 28 - 1));
    QVERIFY(model.card(conv1).hasGradient);
    QVERIFY(!model.card(conv1).norm.isEmpty());
    QVERIFY(model.card(conv1).zeros.isEmpty());
    QVERIFY(!model.card(model.itemOf("stage1.relu1")).zeros.isEmpty());

    const auto keys = model.keysOf({conv1});
    QCOMPARE(keys.size(), std::size_t(3)); // the maps, the input, the class
    QVERIFY(keys.contains({trace::Role::output, "stage1.conv1", {}}));
    QVERIFY(keys.contains({trace::Role::input, {}, {}}));

    // Of a module with many maps as many are read as a card shows.
    QCOMPARE(model.card(conv2).mapsWanted, BlueprintModel::mapsOnCard);
}

void TestViewsModels::blueprintIsBuiltAgainOnce() {
    const auto table = handmade::lenet();
    BlueprintModel model;
    QVERIFY(model.setModel(table, nullptr, {}));
    QVERIFY(!model.isSettled());
    QVERIFY(!model.setModel(table, nullptr, {}));
    const auto first = handmade::lenetStep(table, 0);
    QVERIFY(model.setModel(table, first.get(), {}));
    QVERIFY(model.isSettled());
    const auto second = handmade::lenetStep(table, 1);
    QVERIFY(!model.setModel(table, second.get(), {})); // boxes do not move while it trains
    const auto other = handmade::spiralMlp();
    QVERIFY(model.setModel(other, nullptr, {}));
    QVERIFY(!model.isSettled());
}

void TestViewsModels::classSharesAreASoftmax() {
    const auto table = handmade::spiralMlp();
    const auto fill = [](const trace::ValueKey& key, const Shape&, std::int64_t at) {
        return key.module == "fc3" ? (at % 2 ? std::log(3.0f) : 0.0f) : 1.0f;
    };
    const auto step = handmade::spiralStep(table, 0, fill, 4);
    BlueprintModel model;
    model.setModel(table, step.get(), {"a", "b"});
    const std::size_t fc3 = model.itemOf("fc3");
    QVERIFY(model.classShares(fc3).empty());
    model.readValues(*step, 0, {fc3});
    const auto shares = model.classShares(fc3);
    QCOMPARE(shares.size(), std::size_t(2));
    QVERIFY(std::abs(shares[0] - 0.25f) < 1e-5f && std::abs(shares[1] - 0.75f) < 1e-5f);
}

void TestViewsModels::bluePrintSaysWhatACardIs() {
    const auto table = handmade::lenet();
    const auto step = handmade::lenetStep(table, 0, byPosition, 2);
    BlueprintModel model;
    model.setModel(table, step.get(), {});
    model.readSummaries(*step);
    const QString text = model.describe(model.itemOf("stage1.conv1"));
    QVERIFY(text.startsWith("stage1.conv1: Conv2d(1, 6, kernel_size=5, padding=2)"));
    QVERIFY(text.contains("156 parameters"));
    QVERIFY(text.contains("[2, 6, 28, 28]"));
    QCOMPARE(model.card(model.itemOf("stage1.pool1")).type, QString("MaxPool2d 2×2"));
    QVERIFY(model.describe(9999).isEmpty());
    QCOMPARE(model.pathOf(model.itemOf("head.fc1")), std::string("head.fc1"));
}

void TestViewsModels::rangesOfMaps() {
    const auto table = handmade::lenet();
    const auto step = handmade::lenetStep(table, 0, byPosition, 2);
    ActivationsModel model;
    model.setKey({trace::Role::output, "stage2.pool2", {}}); // [2, 16, 5, 5]
    model.read(*step, 1);
    QCOMPARE(model.maps(), std::int64_t(16));
    double low = -1;
    double high = -1;
    model.rangeOf(3, low, high);
    QCOMPARE(low, 0.0); // of the module: both samples
    QCOMPARE(high, 799.0);
    model.setRange(MapRange::map);
    model.rangeOf(3, low, high);
    QCOMPARE(low, 475.0);
    QCOMPARE(high, 499.0);
    QVERIFY(!model.commonRange(low, high));
    model.setRange(MapRange::shared);
    QVERIFY(model.commonRange(low, high));
    QCOMPARE(high, double(2 * 6 * 28 * 28 - 1)); // conv1 has the most
}

void TestViewsModels::namesTheNumberUnderThePointer() {
    const auto table = handmade::lenet();
    const auto step = handmade::lenetStep(table, 7, byPosition, 4);
    ActivationsModel model;
    model.setKey({trace::Role::output, "stage2.pool2", {}});
    model.read(*step, 2);
    QCOMPARE(model.describe(3, 1, 4), QString("[2, 3, 1, 4] · 884.0"));
    QVERIFY(model.describe(16, 0, 0).isEmpty());
    QVERIFY(model.describe(0, 5, 0).isEmpty());
    QVERIFY(model.describe(-1, 0, 0).isEmpty());
    QVERIFY(model.title().contains("[4, 16, 5, 5]"));
    QVERIFY(model.title().contains("sample 3"));
    QVERIFY(model.title().contains("step 7"));
    model.setKey({trace::Role::output, "head.fc1", {}});
    QVERIFY(model.isEmpty());
    model.read(*step, 2);
    QCOMPARE(model.describe(0, 0, 5), QString("[2, 5] · 245.0"));
}

void TestViewsModels::countsWhatIsNotFinite() {
    const auto table = handmade::spiralMlp();
    const auto fill = [](const trace::ValueKey&, const Shape&, std::int64_t at) {
        if (at % 32 == 1) return std::numeric_limits<float>::quiet_NaN();
        return at % 32 == 2 ? -std::numeric_limits<float>::infinity() : 1.0f;
    };
    const auto step = handmade::spiralStep(table, 0, fill, 2);
    ActivationsModel model;
    model.setKey({trace::Role::output, "fc1", {}});
    model.read(*step, 0);
    QCOMPARE(model.notFinite(), std::int64_t(2));
    QVERIFY(model.title().contains("2 NaN or Inf"));
    QVERIFY(model.describe(0, 0, 1).endsWith("NaN"));
    QVERIFY(model.describe(0, 0, 2).endsWith("∞"));
    BlueprintModel blueprint;
    blueprint.setModel(table, step.get(), {});
    blueprint.readSummaries(*step);
    QVERIFY(blueprint.card(blueprint.itemOf("fc1")).nonFinite);
}

void TestViewsModels::panelsAreInModelOrder() {
    GradientsModel model;
    model.setModules(handmade::lenet(), GradientsModel::Which::weights);
    QCOMPARE(model.panels().size(), std::size_t(5));
    QCOMPARE(model.parameterCount(), std::size_t(10));
    QCOMPARE(model.panels()[0].name, QString("conv1.weight"));
    QCOMPARE(model.panels()[0].layer, QString("conv1"));
    QCOMPARE(model.panels()[4].path, QString("head.fc3.weight"));
    model.setModules(handmade::lenet(), GradientsModel::Which::all);
    QCOMPARE(model.panels().size(), std::size_t(10));
    QCOMPARE(model.panels()[1].name, QString("conv1.bias"));
    // Where two modules have one name, the path tells them apart.
    model.setModules(handmade::resnet(), GradientsModel::Which::weights);
    QCOMPARE(model.panels()[2].name, QString("layer1.0.conv1.weight"));
}

void TestViewsModels::binsGoToACommonRange() {
    std::vector<trace::HistoryPoint> points(2);
    points[0].summary = gradientOf({0.5f}, 2e-5, 0.7);
    points[1].summary = gradientOf({0.5f}, 1e-4, 3);
    const trace::BinRange range = commonRange(points);
    QCOMPARE(range.low, 1e-5);
    QCOMPARE(range.high, 10.0);
    points[1].summary.range = {trace::BinScale::symmetric_log, 1e-4, 1};
    QCOMPARE(commonRange(points).high, 1.0);
    QCOMPARE(commonRange({}).low, 1e-6);
}

void TestViewsModels::spreadingKeepsCounts() {
    std::vector<float> numbers;
    for (int i = 0; i < 400; ++i)
        numbers.push_back((i % 2 ? 1.0f : -1.0f) * std::pow(10.0f, -4.0f * static_cast<float>(i) / 400));
    const trace::Summary summary = gradientOf(numbers, 1e-4, 1);
    std::array<float, trace::bin_count> out{};
    spreadBins(summary, {trace::BinScale::symmetric_log, 1e-6, 10}, out.data());
    QVERIFY(std::abs(std::accumulate(out.begin(), out.end(), 0.0f) - 400) < 0.01f);
    QVERIFY(std::abs(std::accumulate(out.begin(), out.begin() + 32, 0.0f) - 200) < 0.01f);
    // 1e-4 to 1 are bins 32 + 9 to 32 + 27 of seven decades; nothing is above 1, where the last bins are.
    for (std::size_t bin = 60; bin < 64; ++bin)
        QCOMPARE(out[bin], 0.0f);
    QVERIFY(out[45] > 0 && out[55] > 0);
    // What was in one bin goes to the bins that have its values, and to no others.
    const trace::BinRange wide{trace::BinScale::symmetric_log, 1e-6, 10};
    spreadBins(gradientOf(std::vector<float>(100, 0.5f), 1e-4, 1), wide, out.data());
    const int own = trace::bin_of({trace::BinScale::symmetric_log, 1e-4, 1}, 0.5);
    const trace::BinRange narrow{trace::BinScale::symmetric_log, 1e-4, 1};
    const int first = trace::bin_of(wide, trace::bin_edge(narrow, own) * 1.001);
    const int last = trace::bin_of(wide, trace::bin_edge(narrow, own + 1) * 0.999);
    const float inside = std::accumulate(out.begin() + first, out.begin() + last + 1, 0.0f);
    QVERIFY2(inside > 99.5f, qPrintable(QString::number(static_cast<double>(inside))));
    spreadBins(summary, summary.range, out.data());
    for (std::size_t bin = 0; bin < out.size(); ++bin)
        QCOMPARE(out[bin], static_cast<float>(summary.bins[bin]));
}

void TestViewsModels::titleSaysWhatIsThinned() {
    trace::History history;
    const trace::ValueKey key{trace::Role::gradient, "stage1.conv1", "weight"};
    for (std::int64_t s = 0; s < 10; ++s)
        history.add(key, s, gradientOf({0.1f, -0.1f, 0.0f}));
    history.publish();
    GradientsModel model;
    model.setModules(handmade::lenet(), GradientsModel::Which::weights);
    QVERIFY(model.title().isEmpty());
    model.read(history, 0, 5);
    QCOMPARE(model.title(), QString("steps 0 to 9 · symmetric log bins"));
    QCOMPARE(model.panels()[0].points.size(), std::size_t(10));
    QVERIFY(model.panels()[1].points.empty());

    trace::Summary sampled = gradientOf({0.1f});
    sampled.bin_every = 16;
    for (std::int64_t s = 10; s < 600; ++s)
        history.add(key, s, sampled);
    history.publish();
    model.read(history, 0, 5);
    QVERIFY2(model.title().startsWith("steps ") &&
                 model.title().contains("to 599 · every 6th shown · symmetric log bins"),
             qPrintable(model.title()));
    QVERIFY(model.title().endsWith("bins sampled, 1 in 16"));
    QVERIFY(model.panels()[0].points.size() <= GradientsModel::stepsShown);
    const QString bin = model.describe(0, 0, 60);
    QVERIFY2(bin.startsWith("conv1.weight · step"), qPrintable(bin));
    QVERIFY(bin.contains("about"));
    QVERIFY(model.describe(0, 0, 64).isEmpty());
    QVERIFY(model.describe(1, 0, 3).isEmpty());
    QCOMPARE(powerOfTen(-12), QString("10⁻¹²"));
    QCOMPARE(powerOfTen(3), QString("10³"));
    QCOMPARE(ordinal(1), QString("1st"));
    QCOMPARE(ordinal(12), QString("12th"));
    QCOMPARE(ordinal(1023), QString("1,023rd"));
}

void TestViewsModels::findsVanishingAndExploding() {
    const std::vector<std::string> layers{"stage1.conv1", "stage2.conv2", "head.fc1", "head.fc2", "head.fc3"};
    const auto healths = [&](std::array<float, 5> sizes) {
        trace::History history;
        for (std::size_t i = 0; i < layers.size(); ++i)
            for (std::int64_t s = 0; s < 4; ++s)
                history.add({trace::Role::gradient, layers[i], "weight"}, s, gradientOf({sizes[i], -sizes[i]}));
        history.publish();
        GradientsModel model;
        model.setModules(handmade::lenet(), GradientsModel::Which::weights);
        model.read(history, 0, 5);
        QString text;
        for (const GradientPanel& panel : model.panels())
            text += panel.health == GradientHealth::fine ? '.' : panel.health == GradientHealth::vanishing ? 'v' : 'x';
        return text;
    };
    QCOMPARE(healths({0.1f, 0.1f, 0.02f, 0.01f, 0.1f}), QString("....."));
    QCOMPARE(healths({1e-6f, 0.001f, 0.02f, 0.05f, 0.1f}), QString("v...."));
    QCOMPARE(healths({1e-9f, 1e-9f, 2e-9f, 1e-9f, 1e-9f}), QString("vvvvv"));
    QCOMPARE(healths({0.0f, 0.1f, 0.1f, 0.1f, 0.1f}), QString("v...."));
    QCOMPARE(healths({5e3f, 2e3f, 9e2f, 9e2f, 9e2f}), QString("xx..."));
    QCOMPARE(healths({std::numeric_limits<float>::quiet_NaN(), 0.1f, 0.1f, 0.1f, 0.1f}).front(), QChar('x'));
}

void TestViewsModels::gradientFigures() {
    const auto table = handmade::spiralMlp();
    handmade::Step step(table, 3, [](const trace::ValueKey& key, const Shape&, std::int64_t at) {
        if (key.role == trace::Role::update) return 0.001f;
        return key.role == trace::Role::gradient && at % 2 ? 0.0f : 1.0f;
    });
    step.value({trace::Role::gradient, "fc1", "weight"}, {8, 2}, trace::none);
    step.value({trace::Role::parameter, "fc1", "weight"}, {8, 2}, trace::none);
    step.value({trace::Role::update, "fc1", "weight"}, {8, 2}, trace::none);
    GradientsModel model;
    model.setModules(table, GradientsModel::Which::weights);
    model.formatFigures(*step.finish());
    QCOMPARE(model.panels()[0].norm, QString("2.828"));
    QCOMPARE(model.panels()[0].zeros, QString("50.0 %"));
    QCOMPARE(model.panels()[0].updateRatio, QString("0.001000"));
    QCOMPARE(model.panels()[1].updateRatio, QString("–"));
}

void TestViewsModels::plotsKeepPeaks() {
    trace::History history;
    for (std::int64_t s = 0; s < 5000; ++s)
        history.add_scalar("loss", s, s == 3333 ? 9.0 : s == 1111 ? -1.0 : 1.0);
    history.publish();
    PlotsModel model;
    model.read(history, 100, 938);
    QVERIFY(model.raw().size() <= 101);
    const auto high = std::max_element(model.raw().begin(), model.raw().end(),
                                       [](const auto& a, const auto& b) { return a.high < b.high; });
    QCOMPARE(high->high, 9.0);
    QVERIFY(std::abs(high->x - 3333) < 100);
    QVERIFY(std::any_of(model.raw().begin(), model.raw().end(), [](const auto& span) { return span.low == -1.0; }));
    QCOMPARE(model.epochs().size(), std::size_t(5));
    QCOMPARE(model.epochs()[1].x, 1876.0);
    QCOMPARE(model.epochs()[1].y, 3.0);
    QVERIFY(model.lossLow() <= -1 && model.lossHigh() >= 9);
    model.read(history, 100, 50); // a hundred epochs: every 20th has room
    QCOMPARE(model.epochs().size(), std::size_t(5));
    QCOMPARE(model.epochs().front().x, 950.0);
    QCOMPARE(model.epochs().front().y, 20.0);
}

void TestViewsModels::plotsAreSmoothed() {
    trace::History history;
    for (std::int64_t s = 0; s < 400; ++s)
        history.add_scalar("loss", s, s % 2 ? 1.0 : 3.0);
    history.add_scalar("test_accuracy", 399, 0.872);
    history.publish();
    PlotsModel model;
    model.read(history, 1000, 0);
    QCOMPARE(model.raw().size(), std::size_t(400));
    QVERIFY(std::abs(model.smooth().front().y - 3.0) < 1e-9); // corrected for its start
    QVERIFY(std::abs(model.smooth().back().y - 2.0) < 0.1);
    QCOMPARE(model.latestAccuracy(), 0.872);
    QVERIFY(model.accuracyLow() <= 0.872 && model.accuracyHigh() >= 0.872);
    QVERIFY(model.epochs().empty());
}

void TestViewsModels::plotsReadOut() {
    trace::History history;
    for (std::int64_t s = 0; s < 50; ++s)
        history.add_scalar("loss", s, 2.0);
    history.publish();
    PlotsModel model;
    QVERIFY(model.isEmpty());
    QVERIFY(model.describe(3).isEmpty());
    model.read(history, 10, 0);
    QCOMPARE(model.describe(7.3), QString("step 7 · loss 2.000 · smoothed 2.000"));
    QVERIFY(model.title().isEmpty());
}

QTEST_APPLESS_MAIN(TestViewsModels)
#include "tst_views_models.moc"
