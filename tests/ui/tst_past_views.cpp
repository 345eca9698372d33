#include "engine/session/past.h"
#include "engine/session/session.h"
#include "tests/session/small_training.h"
#include "ui/models/past_steps.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/theme.h"
#include "ui/views/timeline_steps.h"
#include "ui/views/timeline_view.h"
#include "ui/window/main_window.h"
#include "ui/window/status_line.h"

#include <QApplication>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace hs;
using namespace hs::ui;
using session::Goal;

namespace {

using Prepare = std::function<void(SmallTraining&)>;

std::unique_ptr<TraceSource> smallSource(const Prepare& prepare = {}) {
    return makeSource(std::make_unique<session::Session>(
        [prepare](std::uint64_t seed) {
            auto training = std::make_unique<SmallTraining>(seed);
            if (prepare) prepare(*training);
            return training;
        },
        session::Session::Options()));
}

/// A real session that has run some steps and stands still, with what shows its steps.
struct Run {
    explicit Run(int steps, const Prepare& prepare = {}) {
        past.setBudget(std::size_t{64} << 20);
        session.setSource(smallSource(prepare));
        ready = QTest::qWaitFor([this] { return session.isReady(); });
        for (int i = 1; ready && i <= steps; ++i) {
            session.step();
            ready = QTest::qWaitFor([&] { return session.status().step == i && !session.isRunning(); });
        }
        strip.resize(900, 48);
        strip.show();
    }
    bool shows(std::int64_t step, std::size_t position) {
        return QTest::qWaitFor([&] { return past.shown() == step && cursor.position() == position; });
    }

    SessionModel session;
    TraceCursor cursor{session};
    PastSteps past{session, cursor};
    TimelineSteps strip{session, past};
    bool ready = false;
};

const trace::ValueKey weight{trace::Role::parameter, "first", "weight"};

double firstWeight(const SessionModel& session) {
    const trace::Id id = session.trace()->find(weight);
    return id == trace::none ? -1 : session.trace()->values[id].snapshot.at(0);
}

} // namespace

class TstPastViews : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        theme().applyToApplication();
        theme().setReducedMotion(true);
    }

    void allViewsGetTheEarlierStep() {
        Run run(4);
        QVERIFY(run.ready);
        const double after = firstWeight(run.session);
        run.past.goTo(1, true);
        QVERIFY(run.shows(1, run.cursor.size()));
        QVERIFY(run.cursor.isInPast() && run.session.trace()->step == 1 && run.session.valuesTrace()->step == 1);
        QVERIFY(firstWeight(run.session) != after);
        QCOMPARE(run.session.newest()->step, 3);
        run.past.goToNewest();
        QVERIFY(!run.cursor.isInPast() && run.cursor.isAtEnd());
        QCOMPARE(firstWeight(run.session), after);
    }

    void steppingLeadsFromStepToStep() {
        Run run(4);
        run.past.goTo(2);
        QVERIFY(run.shows(2, 0));
        QVERIFY(run.cursor.canGoBack()); // step 1 can be had
        run.cursor.stepBack(Goal::event);
        QVERIFY(QTest::qWaitFor([&] { return run.past.shown() == 1 && run.cursor.isAtEnd(); }));
        run.cursor.stepForward(Goal::event);
        QVERIFY(run.shows(2, 0));
        run.cursor.stepForward(Goal::optimizer);
        QVERIFY(run.cursor.position() > 0 && run.past.shown() == 2);
        run.cursor.moveToEnd();
        run.cursor.stepForward(Goal::event);
        QVERIFY(run.shows(3, 0)); // the newest, as it was recorded
        QVERIFY(!run.cursor.isInPast());
        run.cursor.moveToEnd();
        run.cursor.stepForward(Goal::event); // and on
        QVERIFY(QTest::qWaitFor([&] { return run.session.newest()->step == 4; }));
        run.past.goTo(0);
        QVERIFY(run.shows(0, 0));
        QVERIFY(!run.cursor.canGoBack());
    }

    void steppingGoesOnBehindTheNewestThatWasRunAgain() {
        Run run(3);
        QVERIFY(run.ready);
        const std::int64_t newest = run.past.newest();
        run.past.recompute();
        QVERIFY(QTest::qWaitFor([&] { return run.cursor.isInPast(); }));
        run.cursor.moveToEnd();
        run.cursor.stepForward(Goal::event);
        QVERIFY(QTest::qWaitFor([&] { return run.past.newest() == newest + 1; }));
        QVERIFY(!run.cursor.isInPast());
        QCOMPARE(run.past.problem(), QString());
    }

    void theFirstNanIsFoundStepsBack() {
        Run run(0, [](SmallTraining& training) {
            training.before_step = [](SmallTraining& self) {
                self.net().block.square.factor = self.steps >= 3 ? std::nan("") : 1;
            };
        });
        run.session.setPauseOnNonFinite(false);
        run.session.run();
        QVERIFY(QTest::qWaitFor([&] { return run.session.status().step > 8; }));
        run.past.goToNonFinite(); // while it runs
        const std::int64_t bad = run.session.status().non_finite.step;
        QVERIFY(bad < 8);
        const auto isThere = [&] {
            const trace::Id event = run.cursor.event();
            if (run.past.shown() != bad || event == trace::none) return false;
            const trace::Id summary = run.cursor.trace()->events[event].summary;
            return summary != trace::none && !run.cursor.trace()->summaries[summary].summary.finite();
        };
        QVERIFY(QTest::qWaitFor(isThere));
        QVERIFY(!run.session.isRunning());
        run.past.goToNewest();
        QVERIFY(run.past.shown() > bad);
        run.past.goToNonFinite(); // and while it stands
        QVERIFY(QTest::qWaitFor(isThere));
    }

    void runningLeavesThePast() {
        Run run(3);
        run.past.goTo(0);
        QVERIFY(run.shows(0, 0));
        run.session.run();
        QVERIFY(QTest::qWaitFor([&] { return !run.cursor.isInPast() && run.session.status().step > 5; }));
        run.past.goTo(0); // not while it runs
        QVERIFY(!run.past.isBusy());
        run.session.pause();
        QVERIFY(QTest::qWaitFor([&] { return !run.session.isRunning(); }));
    }

    void theStripIsClickedAndWalked() {
        Run run(6);
        QVERIFY(QTest::qWaitForWindowExposed(&run.strip));
        QCOMPARE(run.strip.first(), 0);
        QVERIFY(run.strip.toolTipOf(2).startsWith("Step 2 · loss "));
        QVERIFY(run.strip.toolTipOf(2).endsWith("Click to go there; the arrow keys go step by step"));
        QTest::mouseClick(&run.strip, Qt::LeftButton, {}, run.strip.barRect(2).center().toPoint());
        QVERIFY(run.shows(2, 0));
        run.strip.setFocus();
        QTest::keyClick(&run.strip, Qt::Key_Left);
        QVERIFY(run.shows(1, 0));
        QTest::keyClick(&run.strip, Qt::Key_Right);
        QVERIFY(run.shows(2, 0));
        QTest::keyClick(&run.strip, Qt::Key_Home);
        QVERIFY(run.shows(0, 0));
        QTest::keyClick(&run.strip, Qt::Key_Left); // there is none
        QVERIFY(!run.past.isBusy());
        QTest::keyClick(&run.strip, Qt::Key_Right);
        QVERIFY(run.shows(1, 0));
        QTest::keyClick(&run.strip, Qt::Key_PageUp); // as far as it goes
        QVERIFY(run.shows(0, 0));
        QTest::keyClick(&run.strip, Qt::Key_PageDown);
        QVERIFY(QTest::qWaitFor([&] { return !run.cursor.isInPast() && run.past.shown() == 5; }));
        QVERIFY(run.past.problem().isEmpty());
        QTest::keyClick(&run.strip, Qt::Key_Right);
        QVERIFY(!run.past.isBusy() && run.past.problem().isEmpty());
        QTest::keyClick(&run.strip, Qt::Key_End);
        QVERIFY(run.cursor.isAtEnd());
        // The one that is shown is drawn in the colour of text.
        run.past.goTo(3);
        QVERIFY(run.shows(3, 0));
        const QImage picture = run.strip.grab().toImage();
        const QPoint inside = run.strip.barRect(3).center().toPoint();
        QCOMPARE(picture.pixelColor(inside * picture.devicePixelRatio()), theme().color(Token::text));
    }

    void whatIsOutOfReachSaysWhy() {
        Run run(3, [](SmallTraining& training) { training.remembers = false; });
        run.past.goTo(1);
        QVERIFY(QTest::qWaitFor([&] { return !run.past.problem().isEmpty(); }));
        QVERIFY(run.strip.message().startsWith("This training does not say where it stands in its data"));
        QVERIFY(run.strip.toolTipOf(1).contains("This training does not say"));
        QVERIFY(!run.cursor.isInPast());
        run.past.goToNewest();
        QVERIFY(run.strip.message().isEmpty());
    }

    void longWorkIsToldAndCanBeStopped() {
        auto hold = std::make_shared<std::atomic<bool>>(false);
        Run run(5, [hold](SmallTraining& training) {
            training.before_step = [hold](SmallTraining&) {
                while (*hold)
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
            };
        });
        QVERIFY(QTest::qWaitForWindowExposed(&run.strip));
        *hold = true;
        run.past.goTo(2);
        QVERIFY(run.past.isBusy() && run.strip.message().isEmpty());
        auto* button = run.strip.findChild<QPushButton*>();
        QVERIFY(QTest::qWaitFor([&] { return button->isVisible(); }));
        QVERIFY(run.strip.message().startsWith("Running "));
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(!run.past.isBusy() && !button->isVisible());
        *hold = false;
        run.past.goTo(2);
        QVERIFY(run.shows(2, 0));
    }

    void theNewestStepIsRunAgainWithItsValues() {
        Run run(2);
        run.cursor.stepForward(Goal::backward_pass);
        QVERIFY(QTest::qWaitFor([&] { return run.session.newest()->step == 2 && !run.session.isRunning(); }));
        const std::size_t position = run.cursor.position();
        run.past.recompute();
        QVERIFY(QTest::qWaitFor([&] { return run.cursor.isInPast(); }));
        QCOMPARE(run.cursor.position(), position);
        QCOMPARE(run.past.shown(), 2);
        QVERIFY(run.cursor.size() > position && run.cursor.trace()->finished());
    }

    void aStepWithoutItsGraphOffersToRunAgain() {
        // Training pauses by itself at a NaN, after a step of which nothing was kept.
        Run run(0, [](SmallTraining& training) {
            training.before_step = [](SmallTraining& self) {
                if (self.steps == 3) self.net().block.square.factor = std::nan("");
            };
        });
        run.session.run();
        QVERIFY(QTest::qWaitFor([&] { return run.session.status().has_non_finite && !run.session.isRunning(); }));
        QVERIFY(!run.cursor.trace()->keeps_all);
        QVERIFY(run.cursor.canRunAgain());
        run.cursor.runAgain();
        QVERIFY(QTest::qWaitFor([&] { return run.cursor.trace()->keeps_all || !run.past.problem().isEmpty(); }));
        QCOMPARE(run.past.problem(), QString());
        QCOMPARE(run.past.shown(), run.past.newest());
        QVERIFY(!run.cursor.trace()->edges.empty());
        run.cursor.moveToFirstNonFinite();
        const trace::Id event = run.cursor.event();
        QVERIFY(event != trace::none &&
                !run.cursor.trace()->summaries[run.cursor.trace()->events[event].summary].summary.finite());
    }

    void theWindowGoesBackByKeys() {
        QTemporaryDir folder;
        WindowSetup setup;
        setup.demos = {{"small", "A small net."}};
        setup.demo = "small";
        setup.run = false;
        setup.settingsFile = folder.filePath("settings.ini");
        setup.open = [](const QString&, quint64) { return smallSource(); };
        {
            MainWindow window(setup);
            window.resize(1400, 900);
            window.show();
            window.activateWindow();
            QVERIFY(QTest::qWaitForWindowActive(&window));
            QVERIFY(QTest::qWaitFor([&] { return window.session().isReady(); }));
            for (int i = 1; i <= 4; ++i) {
                QTest::keyClick(&window, Qt::Key_F8);
                QVERIFY(QTest::qWaitFor([&] { return window.session().status().step == i; }));
            }
            QVERIFY(QTest::qWaitFor([&] { return !window.session().isRunning(); }));
            const auto shown = [&] { return window.session().trace()->step; };
            QCOMPARE(shown(), 3);
            QTest::keyClick(&window, Qt::Key_Left, Qt::ControlModifier | Qt::AltModifier);
            QVERIFY(QTest::qWaitFor([&] { return shown() == 2; }));
            QTest::keyClick(&window, Qt::Key_Left, Qt::ControlModifier | Qt::AltModifier);
            QVERIFY(QTest::qWaitFor([&] { return shown() == 1; }));
            QTest::keyClick(&window, Qt::Key_F10); // goes on inside it
            QVERIFY(QTest::qWaitFor([&] { return window.session().trace()->events.size() > 0; }));
            QCOMPARE(shown(), 1);
            auto* strip = window.findChild<TimelineSteps*>();
            QVERIFY(QTest::qWaitFor([&] { return strip->isVisible(); })); // the first key brought it
            QTest::keyClick(&window, Qt::Key_PageUp, Qt::ControlModifier | Qt::AltModifier);
            QVERIFY(QTest::qWaitFor([&] { return shown() == 0; }));
            auto* line = window.findChild<StatusLine*>();
            const auto value = [&](const QString& label) {
                for (const StatusItem& item : line->leftItems() + line->rightItems())
                    if (item.label == label) return item.value;
                return QString("not there");
            };
            QVERIFY(QTest::qWaitFor([&] { return value("Showing step") == "0"; }));
            QVERIFY(QTest::qWaitFor([&] { return value("History reaches back to step").startsWith("0 · "); }));
            QVERIFY(value("History reaches back to step").endsWith(" of 512.0 MiB"));
            QTest::keyClick(&window, Qt::Key_End, Qt::ControlModifier | Qt::AltModifier);
            QVERIFY(QTest::qWaitFor([&] { return shown() == 3 && value("Showing step") == "not there"; }));
            // Its number and the memory are in the menu.
            auto* memory = window.findChild<QSpinBox*>("historyMemory");
            QVERIFY(memory);
            for (QMenu* menu : window.findChildren<QMenu*>())
                if (menu->isAncestorOf(memory)) emit menu->aboutToShow();
            QCOMPARE(memory->value(), 512);
            memory->setValue(0);
            QVERIFY(QTest::qWaitFor([&] { return value("History reaches back to step") == "not there"; }));
            memory->setValue(32);
            window.close();
        }
        QCOMPARE(QSettings(setup.settingsFile, QSettings::IniFormat).value("history/bytes").toULongLong(),
                 quint64{32} << 20);
        QSettings(setup.settingsFile, QSettings::IniFormat).setValue("history/bytes", "much");
        MainWindow again(setup);
        QCOMPARE(again.findChild<PastSteps*>()->budget(), std::size_t{512} << 20);
    }
};

QTEST_MAIN(TstPastViews)
#include "tst_past_views.moc"
