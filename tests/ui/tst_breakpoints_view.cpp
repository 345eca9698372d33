#include "engine/session/session.h"
#include "tests/session/small_training.h"
#include "ui/models/breakpoint_model.h"
#include "ui/models/module_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/theme/theme.h"
#include "ui/views/breakpoints_view.h"
#include "ui/views/module_tree.h"
#include "ui/views/module_view.h"
#include "ui/window/main_window.h"
#include "ui/window/message_strip.h"

#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QCompleter>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>
#include <QTreeView>
#include <QUndoStack>

using namespace hs;
using namespace hs::ui;

namespace {

std::unique_ptr<TraceSource> smallSource() {
    return makeSource(std::make_unique<session::Session>(
        [](std::uint64_t seed) { return std::make_unique<SmallTraining>(seed); }, session::Session::Options()));
}

/// A window on a real training that stands still, with the dock in front.
struct Opened {
    Opened() {
        WindowSetup setup;
        setup.demo = "small";
        setup.run = false;
        setup.keepsSettings = false;
        setup.open = [](const QString&, quint64) { return smallSource(); };
        window = std::make_unique<MainWindow>(setup);
        window->resize(1400, 900);
        window->show();
        window->activateWindow();
        ready = QTest::qWaitForWindowActive(window.get()) &&
                QTest::qWaitFor([&] { return window->session().isReady() && window->session().modules(); });
        window->findChild<QDockWidget*>("breakpoints")->raise();
        view = window->findChild<BreakpointsView*>();
        ready = ready && QTest::qWaitFor([&] { return view->isVisible(); });
        model = qobject_cast<BreakpointModel*>(view->table()->model());
    }

    template <class T>
    T* named(const char* name) const {
        for (T* one : view->findChildren<T*>())
            if (one->accessibleName() == QLatin1String(name)) return one;
        return nullptr;
    }
    void pick(const char* box, const QString& text) const {
        auto* choice = named<QComboBox>(box);
        choice->setFocus();
        QTest::keyClick(choice, Qt::Key_Home);
        for (int i = 0; i < choice->count() && choice->currentText() != text; ++i)
            QTest::keyClick(choice, Qt::Key_Down);
        QCOMPARE(choice->currentText(), text);
    }
    void type(const char* line, const QString& text) const {
        auto* edit = named<QLineEdit>(line);
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, text);
    }
    QString problem() const {
        for (const QLabel* label : view->findChildren<QLabel*>())
            if (label->wordWrap() && label->isVisible() && label->alignment().testFlag(Qt::AlignLeft))
                return label->text();
        return {};
    }
    QString cell(int row, BreakpointModel::Column column) const { return model->index(row, column).data().toString(); }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const {
        QWidget* to = QApplication::focusWidget();
        QTest::keyClick(to ? to : window.get(), key, modifiers);
        QCoreApplication::processEvents(); // a line is submitted from there
    }
    QString event() const { return QString::fromStdString(window->session().status().event); }
    bool stopsIn(const QString& wanted) const {
        return QTest::qWaitFor([&] { return event() == wanted && !window->session().isRunning(); });
    }
    /// What was shown last.
    QString strip() const { return window->findChild<MessageStrip*>()->text(); }

    std::unique_ptr<MainWindow> window;
    BreakpointsView* view = nullptr;
    BreakpointModel* model = nullptr;
    bool ready = false;
};

} // namespace

class TstBreakpointsView : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        theme().applyToApplication();
        theme().setReducedMotion(true);
    }

    void aRowOfChoicesMakesOne() {
        Opened with;
        QVERIFY(with.ready);
        with.pick("Before or after", "after");
        with.type("Name", "block");
        with.pick("Condition", "norm above");
        with.type("Bound", "0,01");
        with.pick("Pass", "forward");
        with.named<QLineEdit>("Bound")->setFocus();
        with.press(Qt::Key_Return);
        QCOMPARE(with.model->rowCount(), 1);
        QCOMPARE(with.cell(0, BreakpointModel::Where), QString("after block"));
        QCOMPARE(with.cell(0, BreakpointModel::Condition), QString("norm above 0.01"));
        QCOMPARE(with.cell(0, BreakpointModel::Pass), QString("forward"));
        QCOMPARE(with.named<QLineEdit>("Name")->text(), QString());
        with.press(Qt::Key_F5);
        QVERIFY2(with.stopsIn("leave block"), qPrintable(with.event() + with.strip()));
        QVERIFY(with.strip().startsWith("Stopped at breakpoint 1: norm of block output is "));
        QCOMPARE(with.cell(0, BreakpointModel::Hits), QString("1"));
    }

    void whatIsWrongIsSaidAndNothingIsAdded() {
        Opened with;
        QVERIFY(with.ready);
        with.type("Name", "blok");
        with.press(Qt::Key_Return);
        QVERIFY(with.problem().startsWith("There is no module 'blok' in this model"));
        QCOMPARE(with.model->rowCount(), 0);
        with.type("Name", "block");
        QCOMPARE(with.problem(), QString());
        with.pick("Condition", "norm above");
        with.type("Bound", "much");
        with.press(Qt::Key_Return);
        QCOMPARE(with.problem(), QString("“much” is not a number; write one such as 10."));
        with.pick("Condition", "shape is");
        with.type("Bound", "[4, y]");
        with.press(Qt::Key_Return);
        QVERIFY(with.problem().contains("column 5"));
        QCOMPARE(with.model->rowCount(), 0);
        with.type("Bound", "[4, *]");
        with.press(Qt::Key_Return);
        QCOMPARE(with.cell(0, BreakpointModel::Condition), QString("shape is [4, *]"));
    }

    void theTableIsUsedByKeysAndUndone() {
        Opened with;
        QVERIFY(with.ready);
        with.type("Name", "block");
        with.press(Qt::Key_Return);
        with.type("Name", "first");
        with.press(Qt::Key_Return);
        QCOMPARE(with.model->rowCount(), 2);
        with.view->table()->setFocus();
        with.press(Qt::Key_Space);
        QVERIFY(!with.model->at(1).enabled);
        with.press(Qt::Key_Up);
        with.press(Qt::Key_Delete);
        QCOMPARE(with.model->rowCount(), 1);
        QCOMPARE(with.cell(0, BreakpointModel::Where), QString("before first"));
        with.press(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(with.model->rowCount(), 2);
        QCOMPARE(with.model->at(0).id, 1);
        with.press(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(with.model->at(1).enabled);
        with.press(Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(!with.model->at(1).enabled);
        // Enter takes a row into the choices; Escape leaves it, Enter there changes it.
        with.view->table()->setCurrentIndex(with.model->index(0, 0));
        with.press(Qt::Key_Return);
        QCOMPARE(with.named<QLineEdit>("Name")->text(), QString("block"));
        with.press(Qt::Key_Escape);
        QCOMPARE(with.named<QLineEdit>("Name")->text(), QString());
        with.press(Qt::Key_F2); // not the window's, which edits a tensor
        QCOMPARE(with.named<QLineEdit>("Name")->text(), QString("block"));
        with.press(Qt::Key_Escape);
        with.press(Qt::Key_Return);
        with.type("Name", "block.scale");
        with.press(Qt::Key_Return);
        QCOMPARE(with.cell(0, BreakpointModel::Where), QString("before block.scale"));
        QCOMPARE(with.model->at(0).id, 1);
        with.press(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(with.cell(0, BreakpointModel::Where), QString("before block"));
        // The disc is a switch.
        auto* table = with.view->table();
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(with.model->index(0, 0)).center());
        QVERIFY(!with.model->at(0).enabled);
    }

    void withNothingOpenNothingIsDone() {
        Opened with;
        QVERIFY(with.ready);
        with.type("Name", "block");
        with.press(Qt::Key_Return);
        QCOMPARE(with.model->rowCount(), 1);
        with.window->openDemo({});
        const auto* undo = with.window->findChild<QUndoStack*>();
        const int before = undo->count();
        with.view->table()->setFocus();
        QTest::keyClick(with.view->table(), Qt::Key_Space);
        QTest::keyClick(with.view->table(), Qt::Key_Delete);
        QCOMPARE(undo->count(), before);
        QCOMPARE(with.model->rowCount(), 1);
    }

    void aCompletedNameLeavesTheLineEmpty() {
        Opened with;
        QVERIFY(with.ready);
        auto* line = with.named<QLineEdit>("Name");
        with.type("Name", "block.sc");
        auto* popup = line->completer()->popup();
        QVERIFY(QTest::qWaitFor([&] { return popup->isVisible(); }));
        QTest::keyClick(popup, Qt::Key_Down);
        QTest::keyClick(popup, Qt::Key_Return);
        QVERIFY(QTest::qWaitFor([&] { return with.model->rowCount() == 1; }));
        QCOMPARE(with.cell(0, BreakpointModel::Where), QString("before block.scale"));
        QCOMPARE(line->text(), QString());
    }

    void namesAreCompleted() {
        Opened with;
        QVERIFY(with.ready);
        const auto completions = [&] {
            QStringList all;
            const auto* list = with.named<QLineEdit>("Name")->completer()->model();
            for (int row = 0; row < list->rowCount(); ++row)
                all.append(list->index(row, 0).data().toString());
            return all;
        };
        QVERIFY(completions().contains("block.scale"));
        with.pick("Kind of place", "node");
        QVERIFY(completions().contains("ConvolutionBackward0") && completions().contains("AccumulateGrad"));
        QVERIFY(!with.named<QComboBox>("Pass")->isEnabled());
        with.pick("Kind of place", "operation");
        QVERIFY(completions().contains("conv2d") || completions().contains("convolution"));
        with.type("Name", "mul in block.square");
        with.press(Qt::Key_Return);
        QCOMPARE(with.cell(0, BreakpointModel::Where), QString("after mul in block.square"));
    }

    void aKeySetsOneAtWhatIsSelected() {
        Opened with;
        QVERIFY(with.ready);
        with.window->selection().selectModule("block.square");
        with.press(Qt::Key_F9, Qt::ControlModifier);
        QCOMPARE(with.model->rowCount(), 1);
        auto* tree = with.window->findChild<ModuleTree*>();
        const QModelIndex row = tree->model().indexOf("block.square");
        QCOMPARE(row.data(ModuleModel::BreakRole).toInt(), static_cast<int>(BreakpointModel::Mark::on));
        QVERIFY(!tree->view()->actions().isEmpty());
        with.press(Qt::Key_F5);
        QVERIFY(with.stopsIn("enter block.square"));
        with.press(Qt::Key_F9, Qt::ControlModifier);
        QCOMPARE(with.model->rowCount(), 0);
        QCOMPARE(row.data(ModuleModel::BreakRole).toInt(), static_cast<int>(BreakpointModel::Mark::none));
        // In the graph the node is meant.
        with.press(Qt::Key_B, Qt::ControlModifier);
        QVERIFY(with.stopsIn("begin of the backward pass"));
        with.press(Qt::Key_2, Qt::AltModifier);
        const trace::Trace& trace = *with.window->session().newest();
        trace::Id node = 0;
        while (trace.nodes[node].name.str() != "SumBackward0")
            ++node;
        with.window->selection().selectNode(node);
        with.press(Qt::Key_F9, Qt::ControlModifier);
        QCOMPARE(with.cell(0, BreakpointModel::Where), QString("before SumBackward0"));
        QCOMPARE(with.model->markOf(trace, node), BreakpointModel::Mark::on);
        with.press(Qt::Key_F5);
        QVERIFY(with.stopsIn("backward DivBackward0"));
    }

    void runsBackwardsToOne() {
        Opened with;
        QVERIFY(with.ready);
        with.press(Qt::Key_U, Qt::ControlModifier);
        QVERIFY(with.stopsIn("begin of the optimizer's step"));
        with.window->selection().selectModule("block");
        with.press(Qt::Key_F9, Qt::ControlModifier);
        const auto shown = [&] { return with.window->session().trace()->events.size(); };
        const std::size_t end = shown();
        with.press(Qt::Key_F5, Qt::AltModifier | Qt::ShiftModifier);
        const std::size_t backward = shown();
        QVERIFY(backward < end && backward > 0);
        QCOMPARE(with.strip(), QString("Back at breakpoint 1: before block."));
        with.press(Qt::Key_F5, Qt::AltModifier | Qt::ShiftModifier);
        const auto kept = with.window->session().trace();
        const trace::Trace& moment = *kept;
        QCOMPARE(moment.events[shown() - 1].kind, trace::EventKind::module_enter);
        with.press(Qt::Key_F5, Qt::AltModifier | Qt::ShiftModifier);
        QCOMPARE(shown(), std::size_t{0});
        QVERIFY(with.strip().startsWith("No breakpoint holds before"));
        // On over what is recorded: running, and stepping.
        with.press(Qt::Key_F5);
        QCOMPARE(moment.events.size(), shown());
        QCOMPARE(with.strip(), QString("Stopped at breakpoint 1: before block."));
        with.press(Qt::Key_B, Qt::ControlModifier);
        QVERIFY(shown() > moment.events.size() && shown() < backward);
        with.press(Qt::Key_U, Qt::ControlModifier);
        QCOMPARE(shown(), backward);
        QCOMPARE(with.event(), QString("begin of the optimizer's step")); // the engine did not move
    }

    void theyStayByName() {
        Opened with;
        QVERIFY(with.ready);
        with.type("Name", "block");
        with.press(Qt::Key_Return);
        with.press(Qt::Key_R, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return with.window->session().isReady(); }));
        QCOMPARE(with.model->rowCount(), 1);
        with.window->openDemo("other");
        QVERIFY(QTest::qWaitFor([&] { return with.window->session().isReady(); }));
        QCOMPARE(with.model->rowCount(), 1);
        session::Session* session = with.window->session().session();
        QCOMPARE(session->breakpoints().list().size(), std::size_t{1});
        session::Breakpoint elsewhere;
        elsewhere.id = 1;
        elsewhere.name = "stage1.conv1";
        session->breakpoints().replace({elsewhere});
        with.window->session().poll();
        QCOMPARE(with.cell(0, BreakpointModel::Hits), QString("not in this model"));
        with.window->openDemo({});
        QCOMPARE(with.model->rowCount(), 1);
        with.type("Name", "block");
        with.press(Qt::Key_Return);
        QVERIFY(with.problem().startsWith("Open a model first"));
    }
};

QTEST_MAIN(TstBreakpointsView)
#include "tst_breakpoints_view.moc"
