#include "tests/ui/sample_trace.h"
#include "ui/models/module_filter.h"
#include "ui/models/module_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/values_model.h"
#include "ui/theme/numbers.h"

#include <QAbstractItemModelTester>
#include <QCoreApplication>
#include <QSignalSpy>
#include <QTest>

#include <thread>

using namespace hs;
using namespace hs::ui;

namespace {

constexpr auto fatal = QAbstractItemModelTester::FailureReportingMode::QtTest;

QModelIndex cell(const ModuleModel& model, const std::string& path, int column) {
    const QModelIndex name = model.indexOf(path);
    return name.siblingAtColumn(column);
}

QStringList visiblePaths(const QAbstractItemModel& model, const QModelIndex& parent = {}) {
    QStringList paths;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex index = model.index(row, 0, parent);
        paths << index.data(ModuleModel::PathRole).toString() << visiblePaths(model, index);
    }
    return paths;
}

} // namespace

class TstModels : public QObject {
    Q_OBJECT

  private slots:
    void modulesFollowTheTable();
    void traceChangesOnlyCellsThatDiffer();
    void newTableOfTheSameModulesDoesNotReset();
    void modulesSurviveStrangeTraces();
    void filterKeepsParents_data();
    void filterKeepsParents();
    void valuesShowASlice();
    void valuesWithFewDimensions();
    void valuesUseOneNumberOfDecimals();
    void valuesReadOnlyWhatIsAsked();
    void selectionTellsOnce();
    void sessionPollsAtMostOncePerFrame();
    void sessionUnitesWatches();
    void figuresChangeFourTimesASecond();
    void sessionEndsWhileItsSourceTalks();
};

void TstModels::modulesFollowTheTable() {
    ModuleModel model;
    QAbstractItemModelTester tester(&model, fatal);
    QCOMPARE(model.rowCount(), 0);
    model.setModules(sample::modules());
    QCOMPARE(model.rowCount(), 1);
    const QModelIndex root = model.index(0, 0);
    QCOMPARE(root.data().toString(), "LeNet");
    QCOMPARE(model.rowCount(root), 3);
    QCOMPARE(model.index(0, 0, root).data().toString(), "stage1");
    QCOMPARE(cell(model, "", ModuleModel::Parameters).data().toString(), "61,706");
    QCOMPARE(cell(model, "stage1.conv1", ModuleModel::Type).data().toString(), "Conv2d");
    QCOMPARE(cell(model, "stage1.conv1", ModuleModel::RequiresGrad).data().toString(), "True");
    QCOMPARE(cell(model, "stage1.relu1", ModuleModel::RequiresGrad).data().toString(), "");
    QCOMPARE(cell(model, "stage1.conv1", ModuleModel::Mode).data().toString(), "T");
    QVERIFY(!model.indexOf("stage9").isValid());
    model.setModules(nullptr);
    QCOMPARE(model.rowCount(), 0);
}

void TstModels::traceChangesOnlyCellsThatDiffer() {
    ModuleModel model;
    QAbstractItemModelTester tester(&model, fatal);
    const auto table = sample::modules();
    model.setModules(table);
    QCOMPARE(cell(model, "stage1.conv1", ModuleModel::Output).data().toString(), "");
    const auto trace = sample::step(4, table);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    model.setTrace(trace.get());
    QCOMPARE(changes.size(), qsizetype(table->size()));
    QCOMPARE(cell(model, "stage1.conv1", ModuleModel::Output).data().toString(), "[64, 6, 28, 28]");
    const double weight = trace->find_summary({trace::Role::gradient, "stage1.conv1", "weight"})->norm;
    const double bias = trace->find_summary({trace::Role::gradient, "stage1.conv1", "bias"})->norm;
    const QModelIndex norm = cell(model, "stage1.conv1", ModuleModel::Gradient);
    QCOMPARE(norm.data(ModuleModel::GradientNormRole).toDouble(), std::hypot(weight, bias));
    QVERIFY(!cell(model, "stage1.relu1", 0).data(ModuleModel::GradientNormRole).isValid());

    changes.clear();
    model.setTrace(trace.get());
    QCOMPARE(changes.size(), 0);
    model.setTrace(sample::step(5, table).get());
    QCOMPARE(changes.size(), 5); // the modules with parameters: conv1, conv2, fc1, fc2, fc3
    QCOMPARE(resets.size(), 0);

    model.setTrace(sample::step(6, table, "stage2.relu2").get());
    QVERIFY(cell(model, "stage2.relu2", 0).data(ModuleModel::NonFiniteRole).toBool());
    QVERIFY(!cell(model, "stage2.conv2", 0).data(ModuleModel::NonFiniteRole).toBool());
}

void TstModels::newTableOfTheSameModulesDoesNotReset() {
    ModuleModel model;
    QAbstractItemModelTester tester(&model, fatal);
    model.setModules(sample::modules());
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    auto evaluating = sample::modules();
    for (trace::Module& module : *evaluating) {
        module.training = false;
        for (trace::Member& member : module.members)
            member.requires_grad = false;
    }
    model.setModules(evaluating);
    QCOMPARE(resets.size(), 0);
    QVERIFY(!changes.isEmpty());
    QCOMPARE(cell(model, "head.fc1", ModuleModel::Mode).data().toString(), "E");
    QVERIFY(cell(model, "head.fc1", 0).data(ModuleModel::FrozenRole).toBool());
    evaluating = std::make_shared<trace::ModuleTable>(*evaluating);
    evaluating->pop_back();
    model.setModules(evaluating);
    QCOMPARE(resets.size(), 1);
}

void TstModels::modulesSurviveStrangeTraces() {
    ModuleModel model;
    const auto table = sample::modules();
    model.setModules(table);
    trace::Trace strange(0, table);
    trace::Value unknown;
    unknown.key = {trace::Role::output, "no.such.module", ""};
    strange.values.append(unknown);
    strange.summaries.append({trace::none, {}});
    strange.summaries.append({0, {}});
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    model.setTrace(&strange);
    model.setTrace(nullptr);
    QCOMPARE(changes.size(), 0);
}

void TstModels::filterKeepsParents_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("paths");
    QTest::newRow("by type") << "conv2d" << QStringList{"", "stage1", "stage1.conv1", "stage2", "stage2.conv2"};
    QTest::newRow("by name") << "fc2" << QStringList{"", "head", "head.fc2"};
    QTest::newRow("by shape with spaces") << "[64, 84]" << QStringList{"", "head", "head.fc2", "head.relu4"};
    QTest::newRow("two words") << "stage2 relu" << QStringList{"", "stage2", "stage2.relu2"};
    QTest::newRow("a parent shows its children")
        << "stage1" << QStringList{"", "stage1", "stage1.conv1", "stage1.relu1", "stage1.pool1"};
    QTest::newRow("nothing") << "lstm" << QStringList{};
}

void TstModels::filterKeepsParents() {
    QFETCH(QString, text);
    ModuleModel model;
    ModuleFilter filter;
    QAbstractItemModelTester tester(&filter, fatal);
    filter.setSourceModel(&model);
    const auto table = sample::modules();
    model.setModules(table);
    model.setTrace(sample::step(1, table).get());
    QCOMPARE(visiblePaths(filter).size(), qsizetype(table->size()));
    filter.setText(text);
    QTEST(visiblePaths(filter), "paths");
    filter.setText("  ");
    QVERIFY(!filter.isActive());
    QCOMPARE(visiblePaths(filter).size(), qsizetype(table->size()));
}

void TstModels::valuesShowASlice() {
    ValuesModel model;
    QAbstractItemModelTester tester(&model, fatal);
    model.setSnapshot(sample::snapshot({3, 2, 4, 5}, [](auto i) { return float(i); }));
    QCOMPARE(model.rowCount(), 4);
    QCOMPARE(model.columnCount(), 5);
    QCOMPARE(model.number(1, 2), 7.0);
    model.setFixedIndex(0, 2);
    model.setFixedIndex(1, 1);
    QCOMPARE(model.sliceText(), "[2, 1, :, :]");
    QCOMPARE(model.number(3, 4), 119.0);
    QVERIFY(model.index(3, 4).data(Qt::ToolTipRole).toString().startsWith("[2, 1, 3, 4]"));
    model.setFixedIndex(0, 99);
    QCOMPARE(model.fixedIndex(0), 2);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    model.setSnapshot(sample::snapshot({3, 2, 4, 5}, [](auto i) { return float(-i); }));
    QCOMPARE(resets.size(), 0);
    QCOMPARE(model.number(3, 4), -119.0);
    QCOMPARE(model.toText(model.index(1, 1), model.index(0, 0)), "-100\t-101\n-105\t-106");
    model.setSnapshot({});
    QCOMPARE(resets.size(), 1);
    QCOMPARE(model.rowCount(), 0);
}

void TstModels::valuesWithFewDimensions() {
    ValuesModel model;
    QAbstractItemModelTester tester(&model, fatal);
    model.setSnapshot(sample::snapshot({}, [](auto) { return 3.5f; }));
    QCOMPARE(model.rowCount() * model.columnCount(), 1);
    QCOMPARE(model.number(0, 0), 3.5);
    QCOMPARE(model.sliceText(), "[]");
    model.setSnapshot(sample::snapshot({7}, [](auto i) { return float(i); }));
    QCOMPARE(model.rowCount(), 1);
    QCOMPARE(model.columnCount(), 7);
    model.setSnapshot(sample::snapshot({2, 0, 3}, [](auto) { return 0.0f; }));
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(model.columnCount(), 0);
}

void TstModels::valuesUseOneNumberOfDecimals() {
    ValuesModel model;
    model.setSnapshot(sample::snapshot({1, 3}, [](auto i) { return float(i) * 0.25f - 0.25f; }));
    model.setLargest(0.52);
    QCOMPARE(model.text(0, 0), "−0.2500");
    QCOMPARE(model.text(0, 1), "0.0000");
    model.setLargest(52);
    QCOMPARE(model.text(0, 0), "−0.25");
    model.setLargest(5e-8);
    QCOMPARE(model.exponent(), -8);
    QCOMPARE(model.decimals(), 3);
    model.setLargest(0);
    QCOMPARE(model.text(0, 2), "0.2500");
    QCOMPARE(model.exponent(), 0);
}

void TstModels::valuesReadOnlyWhatIsAsked() {
    // 40 million elements that all lie on one float: reading more than the cells asked for would take seconds.
    const Ref<Block> block = Block::allocate(sizeof(float));
    const float value = 1.5f;
    std::memcpy(block->data(), &value, sizeof value);
    ValuesModel model;
    model.setSnapshot({block, Dtype::float32, Shape{2, 2'000'000, 10}, Strides{0, 0, 0}, 0});
    QCOMPARE(model.rowCount(), 2'000'000);
    QCOMPARE(model.number(1'999'999, 9), 1.5);
    QCOMPARE(model.toText(model.index(0, 0), model.index(1'999'999, 9), 12).count('\t'), 10);
}

void TstModels::selectionTellsOnce() {
    Selection selection;
    QSignalSpy modules(&selection, &Selection::moduleChanged);
    QSignalSpy values(&selection, &Selection::valueChanged);
    selection.selectModule("stage1.conv1");
    selection.selectModule("stage1.conv1");
    QCOMPARE(modules.size(), 1);
    QCOMPARE(values.size(), 1);
    const trace::ValueKey key{trace::Role::gradient, "head.fc1", "weight"};
    selection.selectValue(key);
    selection.selectValue(key);
    QCOMPARE(selection.module(), "head.fc1");
    QCOMPARE(modules.size(), 2);
    QCOMPARE(values.size(), 2);
    selection.selectModule("head.fc1");
    QVERIFY(!selection.value());
    QCOMPARE(modules.size(), 2);
    QCOMPARE(values.size(), 3);
    selection.setSample(-3);
    QCOMPARE(selection.sample(), 0);
}

void TstModels::sessionPollsAtMostOncePerFrame() {
    SessionModel model;
    auto owned = std::make_unique<sample::Source>();
    sample::Source* source = owned.get();
    QSignalSpy traces(&model, &SessionModel::traceChanged);
    QSignalSpy status(&model, &SessionModel::statusChanged);
    model.setSource(std::move(owned));
    QTRY_VERIFY(model.isReady());
    QVERIFY(model.isRunning());
    QCOMPARE(model.info().model, "LeNet");
    QVERIFY(model.modules());
    QCOMPARE(model.trace()->step, 1283);
    QVERIFY(model.history());

    status.clear();
    traces.clear();
    for (int i = 0; i < 200; ++i)
        source->announce();
    QTRY_COMPARE(status.size(), 1);
    QTest::qWait(60);
    QCOMPARE(status.size(), 1);
    QCOMPARE(traces.size(), 0); // the same trace is not told twice

    model.toggleRunning();
    model.setLearningRate(0.1);
    model.reset(11);
    QCOMPARE(source->calls, (std::vector<std::string>{"pause", "learning rate 0.100000", "reset 11"}));
    QTRY_COMPARE(model.status().seed, 11u);
    model.toggleRunning();
    QCOMPARE(source->calls.back(), "run");

    model.setSource(nullptr);
    QVERIFY(!model.isReady() && !model.trace() && !model.modules());
}

void TstModels::sessionUnitesWatches() {
    SessionModel model;
    auto owned = std::make_unique<sample::Source>();
    sample::Source* source = owned.get();
    model.setSource(std::move(owned));
    const trace::ValueKey a{trace::Role::output, "stage1.conv1", ""};
    const trace::ValueKey b{trace::Role::parameter, "stage1.conv1", "weight"};
    QObject first;
    auto second = std::make_unique<QObject>();
    model.watch(&first, {a});
    model.watch(second.get(), {a, b});
    QTRY_COMPARE(source->m_watch.values, (std::set<trace::ValueKey>{a, b}));
    QCOMPARE(source->m_watch.level, session::Level::summaries);
    second.reset();
    QTRY_COMPARE(source->m_watch.values, std::set<trace::ValueKey>{a});
    model.watch(&first, {});
    QTRY_VERIFY(source->m_watch.values.empty());
}

void TstModels::figuresChangeFourTimesASecond() {
    SessionModel model;
    auto owned = std::make_unique<sample::Source>();
    sample::Source* source = owned.get();
    model.setSource(std::move(owned));
    QTRY_VERIFY(model.isReady());
    QSignalSpy figures(&model, &SessionModel::figuresChanged);
    QSignalSpy status(&model, &SessionModel::statusChanged);
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < 600) {
        ++source->m_status.step;
        source->announce();
        QTest::qWait(5);
    }
    QVERIFY2(figures.size() <= 3, qPrintable(QString::number(figures.size())));
    QVERIFY(figures.size() >= 1);
    QVERIFY(status.size() > figures.size());
    // What a person waits for is shown at once.
    figures.clear();
    source->pause();
    QTRY_COMPARE(model.status().state, session::State::paused);
    QCOMPARE(model.figures().state, session::State::paused);
}

void TstModels::sessionEndsWhileItsSourceTalks() {
    std::atomic<bool> stop = false;
    std::function<void()> talk;
    {
        SessionModel model;
        auto owned = std::make_unique<sample::Source>();
        std::function<void()> listener;
        struct Talking : sample::Source {
            void setListener(std::function<void()> to) override {
                if (to) kept = to;
            }
            std::function<void()> kept;
        };
        auto talking = std::make_unique<Talking>();
        Talking* source = talking.get();
        model.setSource(std::move(talking));
        talk = source->kept;
    }
    // The engine's thread may still hold the listener when the model is gone.
    std::thread late([&] {
        for (int i = 0; i < 100 && !stop; ++i)
            talk();
    });
    late.join();
    QCoreApplication::processEvents();
    QVERIFY(talk);
}

QTEST_GUILESS_MAIN(TstModels)
#include "tst_models.moc"
