#include "engine/session/microscope.h"
#include "engine/session/session.h"
#include "engine/trace/moment.h"
#include "tests/session/small_training.h"
#include "ui/models/element_model.h"
#include "ui/models/ledger_model.h"
#include "ui/models/saved_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"
#include "ui/views/element_view.h"
#include "ui/views/ledger_view.h"
#include "ui/views/saved_view.h"
#include "ui/views/why_card.h"
#include "ui/window/main_window.h"

#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTest>

using namespace hs;
using namespace hs::ui;
using session::Goal;
using trace::EventKind;
using Kind = trace::LedgerLine::Kind;

namespace {

/// Does a pass in each step and clears nothing.
class Forgetful : public SmallTraining {
  public:
    using SmallTraining::SmallTraining;
    session::StepOutcome step() override {
        const Tensor loss = sum(net()(ones({batch, 3})));
        loss.backward();
        optimizer().step();
        return {loss.item<double>(), 0.5};
    }
};

/// Writes into what exp() has kept.
class Overwriting : public SmallTraining {
  public:
    using SmallTraining::SmallTraining;
    session::StepOutcome step() override {
        Tensor y = exp(net()(ones({batch, 3})));
        y.add_(ones({3}));
        sum(y).backward();
        return {};
    }
};

template <class T>
std::unique_ptr<TraceSource> source() {
    return makeSource(std::make_unique<session::Session>([](std::uint64_t seed) { return std::make_unique<T>(seed); },
                                                         session::Session::Options()));
}

/// A window on a training that stands still.
template <class T = SmallTraining>
struct Stopped {
    Stopped() {
        WindowSetup setup;
        setup.demo = "small";
        setup.run = false;
        setup.keepsSettings = false;
        setup.open = [](const QString&, quint64) { return source<T>(); };
        window = std::make_unique<MainWindow>(setup);
        window->resize(1400, 900);
        window->show();
        window->activateWindow();
        ready = QTest::qWaitForWindowActive(window.get()) &&
                QTest::qWaitFor([this] { return window->session().isReady(); });
    }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const {
        QWidget* to = QApplication::focusWidget();
        QTest::keyClick(to ? to : window.get(), key, modifiers);
    }
    bool steps(int count) const {
        press(Qt::Key_F8);
        return QTest::qWaitFor([&] {
            const auto& newest = window->session().newest();
            return newest && newest->finished() && newest->step == count - 1 && !window->session().isRunning();
        });
    }
    bool goesTo(Qt::Key key, const QString& event) const {
        press(key, Qt::ControlModifier);
        return QTest::qWaitFor(
            [&] { return QString::fromStdString(window->session().status().event).startsWith(event); });
    }
    LedgerView* ledger() const {
        auto* dock = window->findChild<QDockWidget*>("ledger");
        dock->raise();
        auto* view = window->findChild<LedgerView*>();
        return QTest::qWaitFor([&] { return view->isVisible(); }) ? view : nullptr;
    }

    std::unique_ptr<MainWindow> window;
    bool ready = false;
};

QStringList column(const LedgerView& view, int column) {
    QStringList texts;
    for (int row = 0; row < view.model().rowCount(); ++row)
        texts.append(view.model().index(row, column).data().toString());
    return texts;
}

const trace::ValueKey weight{trace::Role::parameter, "first", "weight"};
const trace::ValueKey output{trace::Role::output, "first", ""};

void savePicture(QWidget& window, const QString& name) {
    const QString folder = qEnvironmentVariable("HOOKSCOPE_PICTURES");
    if (!folder.isEmpty()) QVERIFY(window.grab().save(folder + '/' + name + ".png"));
}

} // namespace

class TstWhyViews : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        theme().applyToApplication();
        theme().setReducedMotion(true);
    }

    void ledgerOfStepsAsTheyAreDone() {
        const Stopped with;
        QVERIFY(with.ready);
        LedgerView* view = with.ledger();
        QVERIFY(view);
        QVERIFY(with.steps(1) && with.steps(2));
        with.window->selection().selectValue(weight);
        QCOMPARE(view->parameter(), weight);
        QCOMPARE(column(*view, LedgerModel::Pass), QStringList({"0 · 1", "0", "1", "1 · 1", "1"}));
        QCOMPARE(column(*view, LedgerModel::Path),
                 QStringList({"first · Mul", "optimizer.step read it", "zero_grad, set to None", "first · Mul",
                              "optimizer.step read it"}));
        const QStringList totals = column(*view, LedgerModel::Total);
        QCOMPARE(totals[2], QString("None"));
        QCOMPARE(totals[3], column(*view, LedgerModel::Norm)[3]);
        QVERIFY(totals[3].toDouble() > 0);
        QCOMPARE(totals[4], totals[3]);
        QVERIFY(view->model().toText().contains("1 · 1\tfirst · Mul\t" + totals[3]));
    }

    void ledgerKnowsStepsThatWereDoneWhileItWasHidden() {
        const Stopped with;
        QVERIFY(with.ready);
        with.window->findChild<QDockWidget*>("tensor")->raise();
        auto* hidden = with.window->findChild<LedgerView*>();
        QVERIFY(QTest::qWaitFor([&] { return !hidden->isVisible(); }));
        with.window->selection().selectValue(weight);
        QVERIFY(with.steps(1) && with.steps(2));
        const LedgerView* view = with.ledger();
        QVERIFY(view);
        QCOMPARE(column(*view, LedgerModel::Pass), QStringList({"0 · 1", "0", "1", "1 · 1", "1"}));
        with.press(Qt::Key_Home, Qt::AltModifier); // with nothing of the step under it, the book alone
        QVERIFY(QTest::qWaitFor([&] {
            return column(*view, LedgerModel::Pass).mid(0, 2) == QStringList({"0 · 1", "0"});
        }));
    }

    void whyIsAskedOnlyWhereItCanBeSeen() {
        const Stopped with;
        auto* card = with.window->findChild<WhyCard*>();
        QVERIFY(with.ledger());
        QVERIFY(with.goesTo(Qt::Key_B, "begin of the backward pass"));
        with.window->selection().selectValue(weight);
        QVERIFY(!card->isVisible());
        QVERIFY2(!card->text().contains("0 of 1 gradients"), qPrintable(card->text()));
        with.window->findChild<QDockWidget*>("tensor")->raise();
        QVERIFY(QTest::qWaitFor([&] { return card->isVisible(); }));
        QVERIFY2(card->text().contains("0 of 1 gradients"), qPrintable(card->text()));
    }

    void whatIsPendingAndLeftOverIsTold() {
        const Stopped<Forgetful> with;
        LedgerView* view = with.ledger();
        QVERIFY(with.steps(1));
        with.window->selection().selectValue(weight);
        QVERIFY(with.goesTo(Qt::Key_B, "begin of the backward pass"));
        QVERIFY(QTest::qWaitFor([&] { return view->model().rowCount() == 4; }));
        const QStringList paths = column(*view, LedgerModel::Path);
        QCOMPARE(paths[2], QString("Left over from before"));
        QCOMPARE(paths[3], QString("not here yet"));
        QCOMPARE(column(*view, LedgerModel::Total)[3], QString("pending"));
        const QString warning = view->model().index(2, 0).data(Qt::ToolTipRole).toString();
        QCOMPARE(warning, "Step 1 began without zero_grad. It adds to " + column(*view, LedgerModel::Total)[0] + ".");
        savePicture(*with.window, "ledger");
    }

    void ledgerRowsGoToTheirEvents() {
        const Stopped with;
        LedgerView* view = with.ledger();
        QVERIFY(with.steps(1) && with.steps(2));
        with.window->selection().selectValue(weight);
        view->table()->setFocus();
        QTest::keyClick(view->table(), Qt::Key_Up);
        QTest::keyClick(view->table(), Qt::Key_Return);
        const trace::Id event = with.window->selection().event();
        const auto& newest = with.window->session().newest();
        QVERIFY(newest->events[event].kind == EventKind::accumulate_grad);
        QCOMPARE(with.window->session().trace()->events.size(), trace::past_notes(*newest, event + std::size_t{1}));
        QCOMPARE(view->model().rowCount(), 4); // the optimizer has not read it yet
        // A line of a step that is gone goes nowhere.
        const QModelIndex old = view->model().index(0, LedgerModel::Path);
        QTest::mouseClick(view->table()->viewport(), Qt::LeftButton, {}, view->table()->visualRect(old).center());
        QCOMPARE(with.window->selection().event(), event);
    }

    void stepsThatRanAreTold() {
        const Stopped with;
        LedgerView* view = with.ledger();
        with.window->session().run();
        QVERIFY(QTest::qWaitFor([&] { return with.window->session().status().step > 20; }));
        with.window->session().pause();
        QVERIFY(QTest::qWaitFor([&] {
            const auto& newest = with.window->session().newest();
            return !with.window->session().isRunning() && newest->finished() && newest->keeps_all;
        }));
        with.window->selection().selectValue(weight);
        QVERIFY(QTest::qWaitFor([&] { return view->model().rowCount() > 2; }));
        const QString gap = column(*view, LedgerModel::Path)[0];
        QVERIFY2(gap.startsWith("steps 0 to ") && gap.endsWith(" ran without being kept"), qPrintable(gap));
    }

    void whyThereIsNoGradient() {
        const Stopped with;
        auto* card = with.window->findChild<WhyCard*>();
        QVERIFY(card);
        QVERIFY(with.goesTo(Qt::Key_B, "begin of the backward pass"));
        with.window->selection().selectValue(weight);
        QVERIFY(card->isVisible());
        QVERIFY2(card->text().contains("first.weight.grad") && card->text().contains("0 of 1 gradients"),
                 qPrintable(card->text()));
        QVERIFY(!card->retainButton()->isVisible());
        with.window->selection().selectValue(output);
        QVERIFY2(card->text().contains("It is not a leaf: add made it."), qPrintable(card->text()));
        QVERIFY(card->retainButton()->isVisible());
        with.window->selection().selectValue({trace::Role::buffer, "first", "calls"});
        QVERIFY2(card->text().contains("requires_grad is False"), qPrintable(card->text()));
        QVERIFY2(card->text().contains("It is a leaf: no operation made it."), qPrintable(card->text()));
        savePicture(*with.window, "why");
    }

    void retainTakesHoldInTheNextStep() {
        const Stopped with;
        auto* card = with.window->findChild<WhyCard*>();
        QVERIFY(with.steps(1));
        with.window->selection().selectValue(output);
        with.press(Qt::Key_Y, Qt::AltModifier);
        QVERIFY(card->isAncestorOf(QApplication::focusWidget()));
        QTest::mouseClick(card->retainButton(), Qt::LeftButton);
        QCOMPARE(card->retainButton()->text(), QString("Do not retain"));
        QVERIFY(card->text().contains("in the next training step"));
        QVERIFY(with.steps(2));
        const auto& trace = with.window->session().trace();
        QVERIFY(trace->values[trace->find(output)].has_grad);
        QVERIFY2(!card->text().contains("None"), qPrintable(card->text()));
    }

    void whatNodesKeepIsListed() {
        const Stopped with;
        with.window->findChild<QDockWidget*>("saved")->raise();
        auto* view = with.window->findChild<SavedView*>();
        QVERIFY(with.goesTo(Qt::Key_B, "begin of the backward pass"));
        QVERIFY(QTest::qWaitFor([&] { return view->isVisible() && view->model().rowCount() > 0; }));
        // first and block.scale: x and the weight of each product; x * x keeps x twice.
        QVERIFY(view->model().bytes().held > 0);
        QCOMPARE(view->model().bytes().freed, std::size_t{0});
        QVERIFY(view->warning()->isHidden());
        QCOMPARE(view->model().index(0, SavedModel::State).data().toString(), QString("held"));
        view->table()->setFocus();
        QTest::keyClick(view->table(), Qt::Key_Down);
        const trace::Id node = with.window->selection().node();
        QVERIFY(node != trace::none);
        QCOMPARE(QString::fromStdString(with.window->session().newest()->nodes[node].name), QString("MulBackward0"));
        const std::size_t held = view->model().bytes().held;
        QVERIFY(with.goesTo(Qt::Key_U, "begin of the optimizer's step"));
        QVERIFY(QTest::qWaitFor([&] { return view->model().bytes().freed == held; }));
        QCOMPARE(view->model().index(0, SavedModel::State).data().toString(), QString("freed"));
        QCOMPARE(view->table()->currentIndex().data(SavedModel::NodeRole).value<trace::Id>(), node);
        savePicture(*with.window, "saved");
    }

    void aChangeThatBreaksBackwardIsShownBefore() {
        const Stopped<Overwriting> with;
        with.window->findChild<QDockWidget*>("saved")->raise();
        auto* view = with.window->findChild<SavedView*>();
        QVERIFY(with.goesTo(Qt::Key_B, "begin of the backward pass"));
        QVERIFY(QTest::qWaitFor([&] { return view->model().breaking() == 1; }));
        QVERIFY(view->warning()->isVisible());
        const QModelIndex first = view->model().index(0, SavedModel::State);
        QCOMPARE(first.data().toString(), QString("v0, now v1"));
        QVERIFY(first.data(Qt::ToolTipRole).toString().contains("backward will stop at this node"));
        with.press(Qt::Key_F8);
        QVERIFY(QTest::qWaitFor([&] { return with.window->session().status().state == session::State::failed; }));
        QVERIFY(QString::fromStdString(with.window->session().status().message).contains("is at version 1"));
    }

    void anElementIsFollowed() {
        const Stopped with;
        with.window->findChild<QDockWidget*>("element")->raise();
        auto* view = with.window->findChild<ElementView*>();
        QVERIFY(QTest::qWaitFor([&] { return view->isVisible(); }));
        with.window->selection().selectValue(weight);
        QCOMPARE(view->indexBox()->text(), QString("[0]"));
        view->indexBox()->setFocus();
        view->indexBox()->selectAll();
        QTest::keyClicks(view->indexBox(), "7");
        QTest::keyClick(view->indexBox(), Qt::Key_Return);
        QVERIFY2(view->message()->text().contains("index 7 is out of range in dimension 0 (0 to 2)"),
                 qPrintable(view->message()->text()));
        view->indexBox()->selectAll();
        QTest::keyClicks(view->indexBox(), "[2]");
        QTest::keyClick(view->indexBox(), Qt::Key_Return);
        QVERIFY(view->message()->text().contains("from the next training step on"));
        QVERIFY(with.steps(1) && with.steps(2));
        QVERIFY(QTest::qWaitFor([&] { return view->model().rowCount() == 3; }));
        const auto cell = [&](int row, int column) { return view->model().index(row, column).data().toString(); };
        QCOMPARE(cell(0, ElementModel::Step), QString("1"));
        QCOMPARE(cell(2, ElementModel::Step), QString("initial"));
        const auto& trace = with.window->session().newest();
        QCOMPARE(cell(0, ElementModel::Value), formatNumber(trace->values[trace->find(weight)].snapshot.at(2)));
        savePicture(*with.window, "element");
    }

    void indicesAreRead() {
        QString error;
        const std::vector<std::int64_t> shape{2, 3};
        QCOMPARE(parseIndex("[1, 2]", shape, error), std::optional<std::int64_t>(5));
        QCOMPARE(parseIndex(" 0 1", shape, error), std::optional<std::int64_t>(1));
        QCOMPARE(formatIndex(5, shape), QString("[1, 2]"));
        QCOMPARE(parseIndex("[]", {}, error), std::optional<std::int64_t>(0));
        for (const QString& bad : {QString("1"), QString("1,2,3"), QString("a, 0"), QString("-1, 0"), QString("0, 3"),
                                   QString("99999999999999999999, 0"), QString("0;1"), QString()}) {
            error.clear();
            QVERIFY2(!parseIndex(bad, shape, error), qPrintable(bad));
            QVERIFY(!error.isEmpty());
        }
    }

    void thePlaceIsShownInTheGraph() {
        const Stopped with;
        auto* card = with.window->findChild<WhyCard*>();
        QVERIFY(with.steps(1));
        with.window->selection().selectValue(output);
        QTest::mouseClick(card->showButton(), Qt::LeftButton);
        const trace::Id node = with.window->selection().node();
        QVERIFY(node != trace::none);
        QCOMPARE(QString::fromStdString(with.window->session().newest()->nodes[node].name), QString("AddBackward0"));
    }
};

QTEST_MAIN(TstWhyViews)
#include "tst_why_views.moc"
