#include "ui/views/hooks_view.h"

#include "engine/session/session.h"
#include "tests/session/small_training.h"
#include "ui/models/hooks_model.h"
#include "ui/models/module_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/models/values_model.h"
#include "ui/theme/theme.h"
#include "ui/views/inspector.h"
#include "ui/views/module_tree.h"
#include "ui/views/module_view.h"
#include "ui/views/values_view.h"
#include "ui/window/main_window.h"
#include "ui/window/message_strip.h"

#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>
#include <QTreeView>
#include <QUndoStack>

using namespace hs;
using namespace hs::ui;
using session::HookAction;

namespace {

/// The window on a small training that stands still.
struct Opened {
    explicit Opened(const std::function<void(SmallTraining&)>& prepare = {}) {
        WindowSetup setup;
        setup.demos = {{"small", "A small net"}};
        setup.demo = "small";
        setup.run = false;
        setup.keepsSettings = false;
        setup.open = [prepare](const QString&, quint64) {
            return makeSource(std::make_unique<session::Session>(
                [prepare](std::uint64_t seed) {
                    auto training = std::make_unique<SmallTraining>(seed);
                    if (prepare) prepare(*training);
                    return training;
                },
                session::Session::Options()));
        };
        window = std::make_unique<MainWindow>(setup);
        window->resize(1400, 900);
        window->show();
        window->activateWindow();
        ready =
            QTest::qWaitForWindowActive(window.get()) && QTest::qWaitFor([&] { return window->session().isReady(); });
        hooks = window->findChild<HooksView*>();
        table = hooks->table();
        strip = window->findChild<MessageStrip*>();
        inspector = window->findChild<Inspector*>();
    }

    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const {
        QWidget* to = QApplication::focusWidget();
        QTest::keyClick(to ? to : window.get(), key, modifiers);
    }
    /// One training step with the key for it.
    bool step() const {
        const std::int64_t before = window->session().status().step;
        key(Qt::Key_F8);
        return QTest::qWaitFor([&] {
            return window->session().status().step == before + 1 && !window->session().isRunning() &&
                   window->session().trace() && window->session().trace()->finished();
        });
    }
    QString cell(int row, int column) const { return table->model()->index(row, column).data().toString(); }
    bool rowsAre(const QStringList& wanted) const {
        const auto rows = [&] {
            QStringList found;
            for (int i = 0; i < table->model()->rowCount(); ++i)
                found.append(cell(i, HooksModel::Where) + ": " + cell(i, HooksModel::What));
            return found;
        };
        if (QTest::qWaitFor([&] { return rows() == wanted; }, 3000)) return true;
        qWarning() << rows();
        return false;
    }
    void choose(int kind, HookAction action, const QString& amount = "0.5") const {
        hooks->kinds()->setCurrentIndex(kind);
        hooks->actionsBox()->setCurrentIndex(static_cast<int>(action));
        hooks->amount()->selectAll();
        QTest::keyClicks(hooks->amount(), amount);
    }
    void clickAdd() const { QTest::mouseClick(hooks->addButton(), Qt::LeftButton); }
    QString undoText() const { return window->findChild<QUndoStack*>()->undoText(); }
    QLineEdit* editBox() const { return inspector->valuesView()->viewport()->findChild<QLineEdit*>(); }
    double value(int column) const { return inspector->values()->number(0, column); }
    bool says(const QString& part) const {
        return QTest::qWaitFor([&] { return strip->isVisible() && strip->text().contains(part); }, 3000);
    }

    std::unique_ptr<MainWindow> window;
    HooksView* hooks = nullptr;
    QTreeView* table = nullptr;
    MessageStrip* strip = nullptr;
    Inspector* inspector = nullptr;
    bool ready = false;
};

const trace::ValueKey weight{trace::Role::parameter, "first", "weight"};

} // namespace

class TstHooksView : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        theme().applyToApplication();
        theme().setReducedMotion(true);
    }

    void aHookIsPutOnSeenAndTakenOff() {
        const Opened with;
        QVERIFY(with.ready);
        QVERIFY(!with.table->isVisible());
        with.window->selection().selectModule("first");
        with.key(Qt::Key_H, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return with.hooks->isVisible() && with.hooks->kinds()->hasFocus(); }));
        with.choose(1, HookAction::scale, "2");
        QCOMPARE(with.hooks->place()->text(), QString("first"));
        with.clickAdd();
        QVERIFY(with.rowsAre({"first: scale by 2"}));
        QCOMPARE(with.undoText(), QString("hook on first: scale by 2"));
        QVERIFY(with.step());
        QVERIFY(QTest::qWaitFor([&] { return with.cell(0, HooksModel::Fired) == "1"; }));
        QVERIFY(with.cell(0, HooksModel::Change).contains(QStringLiteral(" → ")));
        QVERIFY(!with.cell(0, HooksModel::Cost).isEmpty());

        with.table->setFocus();
        QTest::keyClick(with.table, Qt::Key_Space);
        QVERIFY(with.rowsAre({"first: scale by 2, muted"}));
        QVERIFY(with.step());
        QCOMPARE(with.cell(0, HooksModel::Fired), QString("1"));
        with.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(with.rowsAre({"first: scale by 2"}));
        QTest::keyClick(with.table, Qt::Key_Delete);
        QVERIFY(with.rowsAre({}));
        QCOMPARE(with.undoText(), QString("removing the hook on first"));
        with.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(with.rowsAre({"first: scale by 2"}));
        with.key(Qt::Key_Z, Qt::ControlModifier); // the adding itself
        QVERIFY(with.rowsAre({}));
        with.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(with.rowsAre({"first: scale by 2"}));
    }

    void undoInALineTakesTheHookBack() {
        const Opened with;
        QVERIFY(with.ready);
        with.window->selection().selectModule("first");
        with.key(Qt::Key_H, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return with.hooks->isVisible(); }));
        with.choose(1, HookAction::scale, "2");
        with.hooks->amount()->setFocus();
        with.key(Qt::Key_Return);
        QVERIFY(with.rowsAre({"first: scale by 2"}));
        with.hooks->amount()->setFocus();
        with.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(with.rowsAre({}));
        QCOMPARE(with.hooks->amount()->text(), QString("2"));
    }

    void refusalsStayWhileTrainingRuns() {
        const Opened with;
        QVERIFY(with.ready);
        with.key(Qt::Key_F5);
        QVERIFY(QTest::qWaitFor([&] { return with.window->session().status().step > 3; }));
        with.key(Qt::Key_E, Qt::ControlModifier);
        QVERIFY(with.says("Pause first (F5)"));
        const std::int64_t step = with.window->session().status().step;
        QVERIFY(QTest::qWaitFor([&] { return with.window->session().status().step > step + 100; }));
        QVERIFY(with.says("Pause first (F5)"));
        with.key(Qt::Key_F5);
        QVERIFY(QTest::qWaitFor([&] { return !with.window->session().isRunning(); }));
        QVERIFY(QTest::qWaitFor([&] { return !with.strip->isVisible(); }));
        with.window->openDemo({});
        QCOMPARE(with.strip->text(), QString("Nothing is open."));
        with.key(Qt::Key_E, Qt::ControlModifier);
        QVERIFY(with.says("There is nothing to edit"));
    }

    void theProgramsAreListedAndLeftAlone() {
        const Opened with([](SmallTraining& training) {
            training.net().first.register_forward_hook([](nn::Module&, const Tensors&, const Tensors&) {});
        });
        with.window->selection().selectModule("first");
        with.key(Qt::Key_H, Qt::ControlModifier);
        QVERIFY(with.rowsAre({"first: in the program"}));
        with.table->setCurrentIndex(with.table->model()->index(0, 0));
        QTest::keyClick(with.table, Qt::Key_Delete);
        QTest::keyClick(with.table, Qt::Key_Space);
        QVERIFY(with.undoText().isEmpty());
        with.choose(1, HookAction::zero);
        with.clickAdd();
        QVERIFY(with.rowsAre({"first: in the program", "first: replace by zeros"}));
        QVERIFY(QTest::qWaitFor([&] { return with.table->currentIndex().row() == 1; })); // the new one is chosen
        QTest::keyClick(with.table, Qt::Key_Up, Qt::AltModifier);
        QVERIFY(with.rowsAre({"first: replace by zeros", "first: in the program"}));
        QCOMPARE(with.table->currentIndex().row(), 0);
        QTest::keyClick(with.table, Qt::Key_Down, Qt::AltModifier);
        QVERIFY(with.rowsAre({"first: in the program", "first: replace by zeros"}));
        with.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(with.rowsAre({"first: replace by zeros", "first: in the program"}));
    }

    void onAParametersGradientAndANodesOutput() {
        const Opened with;
        with.window->selection().selectValue({trace::Role::parameter, "first", "bias"});
        with.key(Qt::Key_H, Qt::ControlModifier);
        with.choose(4, HookAction::zero);
        QCOMPARE(with.hooks->place()->text(), QString("first.bias"));
        with.clickAdd();
        QVERIFY(with.rowsAre({"first.bias: replace by zeros"}));

        with.hooks->kinds()->setCurrentIndex(6);
        QVERIFY(!with.hooks->addButton()->isEnabled());
        QCOMPARE(with.hooks->addButton()->toolTip(), QString("Select a node in the autograd graph"));
        QVERIFY(with.step());
        const auto trace = with.window->session().newest();
        trace::Id node = trace::none; // the last product
        for (trace::Id id = 0; id < trace->nodes.size(); ++id)
            if (trace->nodes[id].name == trace::Name("MulBackward0")) node = id;
        with.window->selection().selectNode(node);
        QVERIFY(with.hooks->addButton()->isEnabled());
        QCOMPARE(with.hooks->place()->text(), QString("MulBackward0 #4"));
        with.clickAdd();
        QVERIFY(with.rowsAre({"MulBackward0 #4: replace by zeros", "first.bias: replace by zeros"}));
        QVERIFY(with.step());
        QVERIFY(QTest::qWaitFor(
            [&] { return with.cell(0, HooksModel::Fired) == "1" && with.cell(1, HooksModel::Fired) == "2"; }));
    }

    void whatCannotBeAddedSaysWhy() {
        const Opened with;
        with.window->selection().selectModule("block.square");
        with.key(Qt::Key_H, Qt::ControlModifier);
        with.choose(5, HookAction::zero);
        QVERIFY(!with.hooks->addButton()->isEnabled());
        QVERIFY(with.hooks->place()->text().contains("has no parameters"));
        with.choose(1, HookAction::scale, "two");
        QVERIFY(!with.hooks->addButton()->isEnabled());
        QVERIFY(with.hooks->amount()->property("invalid").toBool());
        QTest::keyClick(with.hooks->amount(), Qt::Key_Return);
        QVERIFY(with.rowsAre({}));
        with.choose(1, HookAction::noise, "0.1");
        QVERIFY(with.hooks->seed()->isVisible());
        with.hooks->seed()->setText("1.5");
        QVERIFY(!with.hooks->addButton()->isEnabled());
        with.hooks->seed()->setText("3");
        QTest::keyClick(with.hooks->seed(), Qt::Key_Return);
        QVERIFY(with.rowsAre({"block.square: add noise of 0.1, seed 3"}));
    }

    void aHookThatStopsSaysWhere() {
        const Opened with;
        with.window->selection().selectModule("block.square");
        with.key(Qt::Key_H, Qt::ControlModifier);
        with.choose(1, HookAction::stop_norm_above, "1e-9");
        with.clickAdd();
        QVERIFY(with.rowsAre({"block.square: stop at norm above 1e−09"}));
        with.key(Qt::Key_F5);
        QVERIFY(with.says("Stopped by the forward hook on block.square: the norm is above 1e-09"));
        QVERIFY(!with.window->session().isRunning());
    }

    void aWeightIsEditedAndTheEditTakenBack() {
        const Opened with;
        QVERIFY(with.step());
        with.window->selection().selectValue(weight);
        QVERIFY(QTest::qWaitFor([&] { return !with.inspector->values()->isEmpty(); }));
        const double old = with.value(1);
        with.inspector->valuesView()->setCurrentCell({1, 0}, false);
        with.key(Qt::Key_F2);
        QVERIFY(with.editBox());
        QVERIFY(std::abs(with.editBox()->text().toDouble() - old) < 1e-8);
        QTest::keyClicks(with.editBox(), "0,5");
        QTest::keyClick(with.editBox(), Qt::Key_Return);
        QVERIFY(QTest::qWaitFor([&] { return with.value(1) == 0.5; }));
        QVERIFY(QTest::qWaitFor([&] { return with.undoText() == "first.weight[1] = 0.5"; }));
        with.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return with.value(1) == old; }));
        with.key(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(QTest::qWaitFor([&] { return with.value(1) == 0.5; }));
        // All of it, by a double click's neighbours on the keyboard.
        with.key(Qt::Key_F2, Qt::ControlModifier);
        QTest::keyClicks(with.editBox(), "4");
        QTest::keyClick(with.editBox(), Qt::Key_Return);
        QVERIFY(QTest::qWaitFor([&] { return with.value(1) == 2; }));
        // Escape gives up.
        with.key(Qt::Key_F2, Qt::ShiftModifier);
        QTest::keyClicks(with.editBox(), "9");
        QTest::keyClick(with.editBox(), Qt::Key_Escape);
        QTest::qWait(50);
        QCOMPARE(with.value(1), 2.0);
        // What was written since stays.
        QVERIFY(with.step());
        with.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(with.says("first.weight was written since"));
    }

    void aDoubleClickEdits() {
        const Opened with;
        QVERIFY(with.step());
        with.window->selection().selectValue(weight);
        QVERIFY(QTest::qWaitFor([&] { return !with.inspector->values()->isEmpty(); }));
        ValuesView* view = with.inspector->valuesView();
        QTest::mouseDClick(view->viewport(), Qt::LeftButton, {}, view->cellRect({2, 0}).center());
        QVERIFY(with.editBox());
        with.editBox()->selectAll();
        QTest::keyClicks(with.editBox(), "nonsense");
        QTest::keyClick(with.editBox(), Qt::Key_Return);
        QVERIFY(with.says("is no number"));
        QVERIFY(with.editBox()); // still open
        with.editBox()->selectAll();
        QTest::keyClicks(with.editBox(), "-3");
        QTest::keyClick(with.editBox(), Qt::Key_Return);
        QVERIFY(QTest::qWaitFor([&] { return with.value(2) == -3; }));
    }

    void inASmallWindowTheTensorComesToTheFront() {
        const Opened with;
        with.window->resize(1024, 700);
        QVERIFY(with.step());
        with.window->selection().selectValue(weight);
        with.key(Qt::Key_H, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return with.hooks->isVisible() && !with.inspector->isVisible(); }));
        with.key(Qt::Key_F2);
        QVERIFY(with.inspector->isVisible());
        QVERIFY(with.editBox());
    }

    void whatCannotBeEditedSaysWhy() {
        const Opened with;
        QVERIFY(with.step());
        with.window->selection().selectValue({trace::Role::output, "first", ""});
        QVERIFY(QTest::qWaitFor([&] { return !with.inspector->values()->isEmpty(); }));
        with.key(Qt::Key_F2);
        QVERIFY(with.says("first output is used up by now"));
        QVERIFY(!with.editBox());
        with.window->selection().selectValue(weight);
        QVERIFY(QTest::qWaitFor([&] { return !with.inspector->values()->isEmpty(); }));
        with.key(Qt::Key_Home, Qt::AltModifier);
        with.key(Qt::Key_F2);
        QVERIFY(with.says("This is an earlier moment"));
        with.key(Qt::Key_End, Qt::AltModifier);
        with.key(Qt::Key_F2);
        QVERIFY(with.editBox());
        QTest::keyClick(with.editBox(), Qt::Key_Escape);
    }

    void anActivationIsEditedWhereItIsMade() {
        const Opened with;
        with.window->selection().selectValue({trace::Role::output, "first", ""});
        const auto goes = [&](const char* event) {
            return QTest::qWaitFor([&] { return with.window->session().status().event == event; });
        };
        with.key(Qt::Key_F11);
        QVERIFY(goes("enter SmallNet"));
        with.key(Qt::Key_F11);
        QVERIFY(goes("enter first"));
        with.key(Qt::Key_F11, Qt::ShiftModifier);
        QVERIFY(goes("leave first"));
        QVERIFY(QTest::qWaitFor([&] { return !with.inspector->values()->isEmpty(); }));
        with.key(Qt::Key_F2, Qt::ShiftModifier);
        QVERIFY(with.editBox());
        QTest::keyClicks(with.editBox(), "3");
        QTest::keyClick(with.editBox(), Qt::Key_Return);
        QVERIFY(QTest::qWaitFor([&] { return with.value(2) == 3; }));
        with.window->selection().selectValue({trace::Role::output, "block.square", ""});
        with.key(Qt::Key_F11);
        QVERIFY(goes("enter block"));
        with.key(Qt::Key_F11);
        QVERIFY(goes("enter block.square"));
        with.key(Qt::Key_F11, Qt::ShiftModifier);
        QVERIFY(goes("leave block.square"));
        QVERIFY(QTest::qWaitFor([&] { return !with.inspector->values()->isEmpty() && with.value(2) == 9; }));
    }

    void modesAreSwitchedByClickAndKey() {
        const Opened with;
        const auto* tree = with.window->findChild<ModuleTree*>();
        const auto mode = [&](int row) {
            const auto root = tree->view()->model()->index(0, 0);
            return tree->view()->model()->index(row, ModuleModel::Mode, root);
        };
        QCOMPARE(mode(0).data().toString(), QString("T"));
        QTest::mouseClick(tree->view()->viewport(), Qt::LeftButton, {}, tree->view()->visualRect(mode(0)).center());
        QVERIFY(QTest::qWaitFor([&] { return mode(0).data().toString() == "E"; }));
        QCOMPARE(mode(1).data().toString(), QString("T"));
        QVERIFY(QTest::qWaitFor([&] { return with.undoText() == "first.eval()"; }));
        with.key(Qt::Key_E, Qt::ControlModifier); // of the selected module, which is the clicked one
        QVERIFY(QTest::qWaitFor([&] { return mode(0).data().toString() == "T"; }));
        with.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return mode(0).data().toString() == "E"; }));
        QVERIFY(with.step()); // and the next step says so too
        QCOMPARE(mode(0).data().toString(), QString("E"));
    }

    void requiresGradIsSwitched() {
        const Opened with;
        QVERIFY(with.step());
        with.window->selection().selectValue(weight);
        const auto needsGrad = [&] {
            const auto trace = with.window->session().trace();
            return trace->values[trace->find(weight)].requires_grad;
        };
        QVERIFY(needsGrad());
        with.key(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(QTest::qWaitFor([&] { return !needsGrad(); }));
        QVERIFY(QTest::qWaitFor([&] { return with.undoText() == "first.weight.requires_grad = False"; }));
        with.key(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return needsGrad(); }));
        with.window->selection().selectValue({trace::Role::output, "first", ""});
        with.key(Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(with.says("is no parameter"));
    }
};

QTEST_MAIN(TstHooksView)
#include "tst_hooks_view.moc"
