#include "engine/session/event_text.h"
#include "engine/session/session.h"
#include "engine/trace/moment.h"
#include "tests/session/small_training.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/theme.h"
#include "ui/views/timeline_view.h"
#include "ui/window/main_window.h"

#include <QAction>
#include <QApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>

using namespace hs;
using namespace hs::ui;
using session::Goal;

namespace {

std::unique_ptr<TraceSource> smallSource(const std::function<void(SmallTraining&)>& beforeStep = {}) {
    return makeSource(std::make_unique<session::Session>(
        [beforeStep](std::uint64_t seed) {
            auto training = std::make_unique<SmallTraining>(seed);
            training->before_step = beforeStep;
            return training;
        },
        session::Session::Options()));
}

/// A model of a real session that stands still.
struct Debugged {
    explicit Debugged(const std::function<void(SmallTraining&)>& beforeStep = {}) {
        session.setSource(smallSource(beforeStep));
        ready = QTest::qWaitFor([this] { return session.isReady(); });
    }
    QString text() const {
        const trace::Id event = cursor.event();
        return event == trace::none ? QString() : QString::fromStdString(session::event_text(*cursor.trace(), event));
    }
    bool goesTo(const QString& wanted) const {
        return QTest::qWaitFor([&] { return text() == wanted; });
    }

    SessionModel session;
    TraceCursor cursor{session};
    Selection selection;
    bool ready = false;
};

const trace::ValueKey weight{trace::Role::parameter, "first", "weight"};
const trace::ValueKey output{trace::Role::output, "block.scale", ""};

} // namespace

class TstSteppingViews : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        theme().applyToApplication();
        theme().setReducedMotion(true);
    }

    void cursorGoesBackAndOn() {
        Debugged with;
        QVERIFY(with.ready);
        QVERIFY(!with.cursor.canGoBack());
        with.cursor.stepForward(Goal::backward_pass);
        QVERIFY(with.goesTo("begin of the backward pass"));
        const std::size_t end = with.cursor.size();
        QVERIFY(with.cursor.isAtEnd() && with.cursor.canGoBack());
        QSignalSpy moves(&with.cursor, &TraceCursor::moved);
        with.cursor.stepBack(Goal::event);
        with.cursor.stepBack(Goal::event);
        QCOMPARE(moves.size(), 2);
        QCOMPARE(with.text(), QString("forward sum"));
        QCOMPARE(with.cursor.size(), end);
        with.cursor.stepForward(Goal::event); // recorded: the engine does not move
        with.cursor.stepForward(Goal::event);
        QVERIFY(with.cursor.isAtEnd());
        with.cursor.stepForward(Goal::node); // beyond
        QVERIFY(with.goesTo("backward DivBackward0"));
        QVERIFY(with.cursor.size() > end && with.cursor.isAtEnd());
        with.cursor.moveToBegin();
        QCOMPARE(with.cursor.position(), std::size_t{0});
        QVERIFY(!with.cursor.canGoBack());
        with.cursor.moveTo(999'999);
        QVERIFY(with.cursor.isAtEnd());
    }

    void theEndOfAStepIsTold() {
        Debugged with;
        with.cursor.stepForward(Goal::optimizer);
        QVERIFY(with.goesTo("begin of the optimizer's step"));
        while (with.session.status().step == 0) {
            const std::size_t size = with.cursor.size();
            const std::string event = with.session.status().event;
            with.cursor.stepForward(Goal::event);
            QVERIFY(QTest::qWaitFor([&] { return with.session.status().event != event && !with.session.isRunning(); }));
            QVERIFY(with.cursor.size() >= size);
        }
        QVERIFY(QTest::qWaitFor([&] { return with.cursor.trace()->finished() && with.session.trace()->finished(); }));
    }

    void everythingShowsTheMoment() {
        Debugged with;
        with.session.step();
        QVERIFY(QTest::qWaitFor([&] { return with.session.status().step == 1 && !with.session.isRunning(); }));
        with.session.poll();
        const auto whole = with.session.trace();
        QVERIFY(whole->finished());
        const double updated = whole->find_summary(weight)->mean;
        with.cursor.moveToBegin();
        const auto begin = with.session.trace();
        QCOMPARE(begin, with.session.valuesTrace());
        QCOMPARE(begin->find(output), trace::none);
        QVERIFY(begin->find_summary(weight)->mean != updated);
        QVERIFY(bool(begin->values[begin->find(weight)].snapshot));
        QCOMPARE(begin->find({trace::Role::gradient, "first", "weight"}), trace::none);
        with.cursor.moveToEnd();
        QCOMPARE(with.session.trace(), whole);
        QCOMPARE(with.session.trace()->find_summary(weight)->mean, updated);
        // The parameter's bytes of the begin are those of before, though the optimizer wrote since.
        const trace::Snapshot& old = begin->values[begin->find(weight)].snapshot;
        const trace::Snapshot& now = whole->values[whole->find(weight)].snapshot;
        QVERIFY(old.at(0) != now.at(0));
    }

    void goesToTheFirstNan() {
        Debugged with([](SmallTraining& training) {
            if (training.steps == 2) training.net().block.square.factor = std::numeric_limits<double>::quiet_NaN();
        });
        with.session.run();
        QVERIFY(QTest::qWaitFor([&] { return with.session.status().has_non_finite && !with.session.isRunning(); }));
        QVERIFY(QTest::qWaitFor([&] { return with.cursor.trace()->step == 2 && with.cursor.trace()->finished(); }));
        with.cursor.moveToFirstNonFinite();
        QCOMPARE(with.text(), QString("leave block.square"));
        QVERIFY(with.session.trace()->find(output) == trace::none);
    }

    void runningFollowsTheNewest() {
        Debugged with;
        with.session.step();
        QVERIFY(QTest::qWaitFor([&] { return with.session.status().step == 1; }));
        with.cursor.moveToBegin();
        with.session.run();
        QVERIFY(QTest::qWaitFor([&] { return with.session.status().step > 3 && with.cursor.isAtEnd(); }));
        with.cursor.moveTo(0); // not while it runs
        QVERIFY(with.cursor.isAtEnd());
        with.session.pause();
        QVERIFY(QTest::qWaitFor([&] { return !with.session.isRunning(); }));
    }

    void timelineSharesTheWidth() {
        Debugged with;
        with.session.step();
        QVERIFY(QTest::qWaitFor([&] { return with.session.status().step == 1 && !with.session.isRunning(); }));
        TimelineModel model;
        model.take(with.cursor.trace().get());
        QVERIFY(model.marks().size() > 20);
        double at = 0;
        for (const TimelineMark& mark : model.marks()) {
            QCOMPARE(mark.left, at);
            QVERIFY(mark.right > mark.left);
            at = mark.right;
            QCOMPARE(model.positionAt((mark.left + mark.right) / 2), mark.event + std::size_t{1});
            QCOMPARE(model.shareAt(mark.event + std::size_t{1}), mark.right);
        }
        QVERIFY(std::abs(at - 1) < 1e-9);
        QCOMPARE(model.phases().size(), std::size_t{2});
        QCOMPARE(model.phases()[0].pass, 1);
        QCOMPARE(model.phases()[1].pass, 0);
        QCOMPARE(model.positionAt(-0.1), std::size_t{0});
        QCOMPARE(model.shareAt(0), 0.0);
        // What zero_grad takes away is narrower than what any pass adds.
        with.session.step();
        QVERIFY(QTest::qWaitFor([&] { return with.session.status().step == 2 && !with.session.isRunning(); }));
        model.take(with.cursor.trace().get());
        const auto width = [](const TimelineMark& mark) { return mark.right - mark.left; };
        const auto byWidth = [&](const auto& a, const auto& b) { return width(a) < width(b); };
        const auto zeros =
            std::count_if(model.marks().begin(), model.marks().end(), [](const auto& m) { return m.isZero; });
        QVERIFY(zeros > 0);
        auto marks = model.marks();
        std::sort(marks.begin(), marks.end(), byWidth);
        QVERIFY(marks[static_cast<std::size_t>(zeros) - 1].isZero && !marks[static_cast<std::size_t>(zeros)].isZero);
        model.take(nullptr);
        QVERIFY(model.marks().empty());
        QCOMPARE(model.positionAt(0.5), std::size_t{0});
    }

    void timelineIsScrubbedAndWalked() {
        Debugged with;
        TimelineView view(with.session, with.selection, with.cursor);
        view.resize(800, 180);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        auto* button = view.findChild<QPushButton*>();
        QVERIFY(QTest::qWaitFor([&] { return button->isVisible(); }));
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(QTest::qWaitFor([&] { return !view.model().marks().empty() && !with.session.isRunning(); }));
        QVERIFY(!button->isVisible());
        const TimelineMark& third = view.model().marks()[2];
        QTest::mouseClick(&view, Qt::LeftButton, {}, view.markRect(third).center().toPoint());
        QCOMPARE(with.cursor.event(), third.event);
        QCOMPARE(with.selection.event(), third.event);
        QVERIFY(view.accessibleDescription().contains(with.text()));
        view.setFocus();
        const std::size_t position = with.cursor.position();
        QTest::keyClick(&view, Qt::Key_Right);
        QCOMPARE(with.cursor.position(), position + 1);
        QTest::keyClick(&view, Qt::Key_Left);
        QTest::keyClick(&view, Qt::Key_Left);
        QCOMPARE(with.cursor.position(), position - 1);
        QTest::keyClick(&view, Qt::Key_Home);
        QCOMPARE(with.cursor.position(), std::size_t{0});
        QTest::keyClick(&view, Qt::Key_End);
        QVERIFY(with.cursor.isAtEnd());
        // Dragging goes along.
        const QPoint from = view.markRect(view.model().marks().front()).center().toPoint();
        QTest::mousePress(&view, Qt::LeftButton, {}, from);
        QMouseEvent move(QEvent::MouseMove, view.strip().center(), view.mapToGlobal(view.strip().center()),
                         Qt::NoButton, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&view, &move);
        QTest::mouseRelease(&view, Qt::LeftButton, {}, view.strip().center().toPoint());
        QCOMPARE(with.cursor.position(), trace::past_notes(*with.cursor.trace(), view.model().positionAt(0.5)));
    }

    void keysStepTheWindow() {
        WindowSetup setup;
        setup.demo = "small";
        setup.run = false;
        setup.keepsSettings = false;
        setup.open = [](const QString&, quint64) { return smallSource(); };
        MainWindow window(setup);
        window.show();
        window.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        QVERIFY(QTest::qWaitFor([&] { return window.session().isReady(); }));
        const auto text = [&] { return QString::fromStdString(window.session().status().event); };
        const auto press = [&](Qt::Key key, Qt::KeyboardModifiers modifiers) {
            QWidget* to = QApplication::focusWidget();
            QTest::keyClick(to ? to : &window, key, modifiers);
        };
        press(Qt::Key_F11, {});
        QVERIFY(QTest::qWaitFor([&] { return text() == "enter SmallNet"; }));
        press(Qt::Key_F11, {});
        QVERIFY(QTest::qWaitFor([&] { return text() == "enter first"; }));
        press(Qt::Key_F10, {});
        QVERIFY(QTest::qWaitFor([&] { return text() == "leave first"; }));
        press(Qt::Key_B, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return text() == "begin of the backward pass"; }));
        press(Qt::Key_F10, {});
        QVERIFY(QTest::qWaitFor([&] { return text() == "backward DivBackward0"; }));
        const std::size_t events = window.session().trace()->events.size();
        press(Qt::Key_F11, Qt::AltModifier);
        QVERIFY(QTest::qWaitFor([&] { return window.session().trace()->events.size() == events - 1; }));
        QCOMPARE(text(), QString("backward DivBackward0")); // the engine stands where it stood
        press(Qt::Key_Home, Qt::AltModifier);
        QVERIFY(window.session().trace()->events.empty());
        press(Qt::Key_End, Qt::AltModifier);
        QCOMPARE(window.session().trace()->events.size(), events);
        auto* timeline = window.findChild<TimelineView*>();
        QVERIFY(timeline && timeline->isVisible());
        window.session().run();
        QVERIFY(QTest::qWaitFor([&] { return window.session().status().step > 2; }));
        QVERIFY(text().isEmpty());
    }
};

QTEST_MAIN(TstSteppingViews)
#include "tst_stepping_views.moc"
