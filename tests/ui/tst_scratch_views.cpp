#include "engine/session/session.h"
#include "tests/session/small_training.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/theme.h"
#include "ui/views/inspector.h"
#include "ui/views/lesson_view.h"
#include "ui/views/scratch_editor.h"
#include "ui/views/scratch_view.h"
#include "ui/views/tensor_graph_view.h"
#include "ui/window/main_window.h"
#include "ui/window/message_strip.h"

#include <QCompleter>
#include <QDockWidget>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace hs;
using namespace hs::ui;

namespace {

const QString classic = QStringLiteral("w = tensor([1.], requires_grad=True)\nx = tensor([2.], requires_grad=True)\n"
                                       "y = (x + w) * (w + 1)\ny.backward()\nw.grad");

/// The views beside a real session.
struct Bench {
    SessionModel session;
    TraceCursor cursor{session};
    ScratchModel model{session, cursor};
    ScratchView pad{model};
    TensorGraphView graph{model};
    LessonView lesson{model};

    bool settled() const {
        return model.isCurrent() && !session.isRunning() && session.newest() && session.newest()->step >= 0;
    }
    QStringList gradsNow(const QString& name) const {
        for (const session::ScratchTensor& tensor : model.run()->tensors)
            if (model.textAt(tensor.names) == name) return {model.textAt(tensor.grads)};
        return {};
    }
};

/// A window with a small demo that stands still, or with a scratch pad.
struct Run {
    explicit Run(const QString& settingsFile = {}, bool scratch = false) {
        WindowSetup setup;
        setup.demos = {{"small", "A small net."}};
        setup.demo = "small";
        setup.scratch = scratch;
        setup.run = false;
        setup.settingsFile = settingsFile;
        setup.keepsSettings = !settingsFile.isEmpty();
        setup.open = [this](const QString&, quint64) {
            ++opened;
            return makeSource(std::make_unique<session::Session>(
                [](std::uint64_t seed) { return std::make_unique<SmallTraining>(seed); }, session::Session::Options()));
        };
        window = std::make_unique<MainWindow>(setup);
        window->resize(1400, 900);
        window->show();
        window->activateWindow();
        ready = QTest::qWaitForWindowActive(window.get()) &&
                QTest::qWaitFor([this] { return window->session().isReady(); });
        model = window->findChild<ScratchModel*>();
    }
    QDockWidget* dock(const QString& name) const { return window->findChild<QDockWidget*>(name); }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const { QTest::keyClick(window.get(), key, modifiers); }

    int opened = 0;
    std::unique_ptr<MainWindow> window;
    ScratchModel* model = nullptr;
    bool ready = false;
};

} // namespace

class TestScratchViews : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() { Theme::instance().applyToApplication(); }

    void typing_runs_the_lines() {
        Bench bench;
        bench.model.open(QString());
        bench.pad.resize(500, 400);
        bench.pad.show();
        QVERIFY(QTest::qWaitForWindowExposed(&bench.pad));
        bench.pad.editor()->setFocus();
        QTest::keyClicks(bench.pad.editor(), "3*4");
        QTRY_VERIFY(bench.model.isCurrent() && bench.pad.editor()->resultOf(1) == "12");
        QTest::keyClick(bench.pad.editor(), Qt::Key_Return);
        QTest::keyClicks(bench.pad.editor(), "1+q");
        QTRY_VERIFY(bench.pad.message().contains("Line 2, column 3: name 'q' is not defined"));
        QCOMPARE(bench.pad.editor()->extraSelections().size(), 1);
        QCOMPARE(bench.pad.editor()->extraSelections().first().cursor.selectedText(), QString("q"));
        QCOMPARE(bench.pad.editor()->resultOf(1), QString("12"));
        // Ctrl+Up brings back what ran before.
        QTest::keyClick(bench.pad.editor(), Qt::Key_Up, Qt::ControlModifier);
        QTRY_VERIFY(!bench.pad.message().contains("column"));
    }

    void completes_names() {
        Bench bench;
        bench.model.open("weights = 1");
        QTRY_VERIFY(bench.model.isCurrent());
        bench.pad.resize(500, 400);
        bench.pad.show();
        bench.pad.editor()->setPlainText("weights = 1\n");
        bench.pad.editor()->moveCursor(QTextCursor::End);
        QTest::keyClicks(bench.pad.editor(), "wei");
        QCOMPARE(bench.pad.editor()->completer()->currentCompletion(), QString("weights"));
        QTest::keyClicks(bench.pad.editor(), "ghts.requires_gr");
        QCOMPARE(bench.pad.editor()->completer()->currentCompletion(), QString("requires_grad"));
    }

    void the_graph_and_the_results_follow_the_moment() {
        Bench bench;
        bench.model.open(classic);
        QTRY_VERIFY(bench.settled());
        QCOMPARE(bench.gradsNow("w"), QStringList{"5"});
        QCOMPARE(bench.pad.editor()->resultOf(5), QString("tensor([5.])"));
        const std::size_t cards = bench.graph.cards().size();
        QCOMPARE(cards, std::size_t{6});
        bench.graph.resize(900, 600);
        const QImage after = bench.graph.grab().toImage();
        bench.cursor.moveToBegin();
        QCOMPARE(bench.gradsNow("w"), QStringList{"None"});
        QCOMPARE(bench.pad.editor()->resultOf(5), QString());
        QCOMPARE(bench.graph.cards().size(), cards); // and none has moved
        QVERIFY(bench.graph.grab().toImage() != after);
        bench.cursor.moveToEnd();
        QCOMPARE(bench.graph.grab().toImage(), after);
    }

    void cards_do_not_overlap() {
        Bench bench;
        bench.model.open("a = ones(2, requires_grad=True)\nb = a * 2\nc = a + b\nd = c * b + 3\ne = d.sum() / 2\n"
                         "f = (a - b) * (a + c)\ne.backward()");
        QTRY_VERIFY(bench.settled());
        const auto& cards = bench.graph.cards();
        QVERIFY(cards.size() > 9);
        for (std::size_t i = 0; i < cards.size(); ++i)
            for (std::size_t j = i + 1; j < cards.size(); ++j)
                QVERIFY2(!cards[i].intersects(cards[j]), qPrintable(QString("%1 and %2").arg(i).arg(j)));
    }

    void a_lesson_goes_from_build_to_explain() {
        Bench bench;
        QSignalSpy hidden(&bench.lesson, &LessonView::hiddenGradsChanged);
        QVERIFY(bench.lesson.open(":/lessons/01-classic.lesson"));
        bench.lesson.resize(400, 700);
        bench.lesson.show();
        QVERIFY(QTest::qWaitForWindowExposed(&bench.lesson));
        QTRY_VERIFY(bench.settled());
        QCOMPARE(hidden.last().first().toStringList(), QStringList({"x", "w"})); // nothing tells it before
        QTest::keyClick(&bench.lesson, Qt::Key_Return);                          // to the first prediction
        QCOMPARE(bench.lesson.step(), std::size_t{1});
        QCOMPARE(hidden.last().first().toStringList(), QStringList({"x", "w"}));
        QTest::keyClicks(bench.lesson.answerBox(), "3");
        QTest::keyClick(bench.lesson.answerBox(), Qt::Key_Return);
        QVERIFY(bench.lesson.isRevealed());
        QVERIFY2(bench.lesson.verdict().contains("<s>3</s>, it is <b>2</b>"), qPrintable(bench.lesson.verdict()));
        QCOMPARE(hidden.last().first().toStringList(), QStringList({"w"}));
        QTest::mouseClick(bench.lesson.revealButton(), Qt::LeftButton);
        QTest::keyClicks(bench.lesson.answerBox(), "5");
        QTest::keyClick(bench.lesson.answerBox(), Qt::Key_Return);
        QVERIFY(bench.lesson.verdict().contains("Yes, it is <b>5</b>"));
        QTest::keyClick(&bench.lesson, Qt::Key_Return);
        QCOMPARE(bench.lesson.step(), std::size_t{3});
        QTest::mouseClick(bench.lesson.backButton(), Qt::LeftButton);
        QCOMPARE(bench.lesson.step(), std::size_t{2});
    }

    void choices_are_taken_by_number() {
        Bench bench;
        QVERIFY(bench.lesson.open(":/lessons/02-where-is-y-grad.lesson"));
        bench.lesson.show();
        QTRY_VERIFY(bench.settled());
        bench.lesson.advance();
        QCOMPARE(bench.lesson.choices().size(), 3);
        QTest::keyClick(&bench.lesson, Qt::Key_3);
        QVERIFY(bench.lesson.choices()[2]->isChecked());
        QTest::keyClick(&bench.lesson, Qt::Key_Return);
        QVERIFY(bench.lesson.verdict().contains("Yes, it is <b>None</b>"));
    }

    void a_broken_file_says_line_and_reason() {
        const QTemporaryDir folder;
        QFile file(folder.filePath("bad.lesson"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("title: T\n[build]\nx\n| a = (\n");
        file.close();
        Bench bench;
        QVERIFY(bench.lesson.open(":/lessons/01-classic.lesson"));
        QVERIFY(!bench.lesson.open(file.fileName()));
        QVERIFY2(bench.lesson.message().contains("bad.lesson, line 4:"), qPrintable(bench.lesson.message()));
        QVERIFY(bench.lesson.lesson()); // what was open stays
        QVERIFY(!bench.lesson.open(folder.filePath("none.lesson")));
    }

    void a_lesson_leaves_the_pads_own_text_alone() {
        Bench bench;
        QSignalSpy hidden(&bench.lesson, &LessonView::hiddenGradsChanged);
        bench.model.open("mine = 7");
        QTRY_VERIFY(bench.settled());
        QVERIFY(bench.lesson.open(":/lessons/01-classic.lesson"));
        QVERIFY(bench.model.isInLesson() && bench.pad.editor()->toPlainText() != "mine = 7");
        QTRY_VERIFY(bench.settled());
        bench.lesson.advance();
        QCOMPARE(hidden.last().first().toStringList(), QStringList({"x", "w"}));
        bench.session.setSource(nullptr);
        QVERIFY(!bench.lesson.lesson());
        QCOMPARE(hidden.last().first().toStringList(), QStringList());
        bench.model.open(bench.model.ownText());
        QTRY_VERIFY(bench.settled());
        QCOMPARE(bench.pad.editor()->toPlainText(), QString("mine = 7"));
        QVERIFY(bench.model.run()->answers.empty());
        // Neither is a text lost that was replaced.
        bench.model.open("other = 8");
        QTest::keyClick(bench.pad.editor(), Qt::Key_Up, Qt::ControlModifier);
        QCOMPARE(bench.pad.editor()->toPlainText(), QString("mine = 7"));
    }

    void nothing_typed_ends_another_training() {
        Run run;
        QVERIFY(run.ready);
        QVERIFY(!run.model->isOpen());
        run.key(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(run.model->isInLesson());
        QVERIFY(run.window->windowTitle().startsWith("Lesson"));
        run.key(Qt::Key_1, Qt::ControlModifier | Qt::AltModifier);
        QTRY_VERIFY(run.window->session().isReady());
        QCOMPARE(run.opened, 2);
        QVERIFY(run.window->windowTitle().startsWith("small"));
        for (QDockWidget* dock : {run.dock("lesson"), run.dock("scratch")}) {
            QVERIFY(dock->isHidden());
            dock->show();
            dock->raise();
            auto* view = dock->objectName() == "lesson" ? static_cast<QWidget*>(run.window->findChild<LessonView*>())
                                                        : run.window->findChild<ScratchEditor*>();
            QTRY_VERIFY(view->isVisible());
            QTest::keyClicks(view, "1+1");
            QTest::keyClick(view, Qt::Key_Return, Qt::ControlModifier);
            QTest::keyClick(view, Qt::Key_Return);
        }
        QVERIFY(run.window->session().isReady() && !run.model->isOpen());
        QVERIFY(run.window->findChild<ScratchView*>()->message().startsWith("The scratch pad is not open"));
    }

    void a_demo_finds_the_window_as_it_was() {
        Run run;
        QVERIFY(run.ready);
        run.key(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(run.dock("modules")->isHidden() && run.dock("tensor")->isHidden());
        QVERIFY(run.window->findChild<TensorGraphView*>()->isVisible());
        // From the lesson to the person's own pad.
        run.key(Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(!run.model->isInLesson() && run.model->isOpen());
        QVERIFY(run.window->windowTitle().startsWith("Scratch pad"));
        QVERIFY(run.dock("lesson")->isHidden() && !run.dock("modules")->isHidden());
        run.key(Qt::Key_L, Qt::ControlModifier | Qt::ShiftModifier);
        run.key(Qt::Key_1, Qt::ControlModifier | Qt::AltModifier);
        QVERIFY(!run.dock("modules")->isHidden() && !run.dock("tensor")->isHidden());
        QVERIFY(!run.window->findChild<TensorGraphView*>()->isVisible());
        QTRY_VERIFY(run.window->findChild<Inspector*>()->isVisible()); // in front of its row again
    }

    void what_was_open_is_opened_again() {
        Run run;
        QVERIFY(run.ready);
        run.key(Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
        run.key(Qt::Key_W, Qt::ControlModifier);
        QVERIFY(!run.model->isOpen());
        auto* strip = run.window->findChild<MessageStrip*>();
        QCOMPARE(strip->button()->text(), QString("Open Scratch pad"));
        QTest::mouseClick(strip->button(), Qt::LeftButton);
        QVERIFY(run.model->isOpen());
        QCOMPARE(run.opened, 1);
    }

    void the_second_start_has_its_panels_too() {
        const QTemporaryDir folder;
        const QString file = folder.filePath("settings.ini");
        for (int start = 0; start < 3; ++start) {
            // A demo, and twice a pad.
            Run run(file, start > 0);
            QVERIFY(run.ready);
            QCOMPARE(run.dock("scratch")->isVisible(), start > 0);
            QCOMPARE(run.window->findChild<TensorGraphView*>()->isVisible(), start > 0);
            run.window->close();
        }
        Run demo(file);
        QVERIFY(demo.dock("scratch")->isHidden());
        QVERIFY(!demo.window->findChild<TensorGraphView*>()->isVisible());
    }

    void a_selected_node_stays_in_steps_that_have_it() {
        Run run;
        QVERIFY(run.ready);
        Selection& selection = run.window->selection();
        const auto steps = [&](std::int64_t count) {
            run.key(Qt::Key_F8);
            return QTest::qWaitFor([&] {
                const auto& newest = run.window->session().newest();
                return newest && newest->step + 1 == count && !run.window->session().isRunning();
            });
        };
        QVERIFY(steps(1));
        QVERIFY(run.window->session().trace()->nodes.size() > 2);
        selection.selectNode(1);
        run.key(Qt::Key_2, Qt::AltModifier); // the graph is seen
        QVERIFY(steps(2));
        QCOMPARE(selection.node(), trace::Id{1});
        run.key(Qt::Key_F10); // a step whose nodes are still to come
        QVERIFY(QTest::qWaitFor([&] { return run.window->session().newest()->step == 2; }));
        QCOMPARE(selection.node(), trace::Id{1});
        run.key(Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier); // another training's
        QCOMPARE(selection.node(), trace::none);
    }

    void every_lesson_can_be_walked_through() {
        Bench bench;
        const auto files = findLessons();
        QVERIFY(files.size() >= 16);
        for (const LessonFile& file : files) {
            if (!file.path.startsWith(":/")) continue;
            QVERIFY(bench.lesson.open(file.path));
            const std::size_t steps = bench.lesson.lesson()->steps.size();
            while (bench.lesson.step() + 1 < steps) {
                QTRY_VERIFY(bench.settled());
                bench.lesson.advance();
            }
        }
    }
};

QTEST_MAIN(TestScratchViews)
#include "tst_scratch_views.moc"
