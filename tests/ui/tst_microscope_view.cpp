#include "engine/session/session.h"
#include "tests/session/small_training.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"
#include "ui/views/microscope_figure.h"
#include "ui/views/microscope_view.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

using namespace hs;
using namespace hs::ui;

namespace {

/// A window on a training that stands still, with the microscope in front.
struct Looking {
    Looking() {
        WindowSetup setup;
        setup.demo = "small";
        setup.run = false;
        setup.keepsSettings = false;
        setup.open = [](const QString&, quint64) {
            return makeSource(std::make_unique<session::Session>(
                [](std::uint64_t seed) { return std::make_unique<SmallTraining>(seed); }, session::Session::Options()));
        };
        window = std::make_unique<MainWindow>(setup);
        window->resize(1400, 900);
        window->show();
        window->activateWindow();
        view = window->findChild<MicroscopeView*>();
        ready = view && QTest::qWaitForWindowActive(window.get()) &&
                QTest::qWaitFor([this] { return window->session().isReady(); });
        if (!ready) return;
        press(Qt::Key_M, Qt::ControlModifier);
        ready = QTest::qWaitFor([this] { return view->isVisible(); });
    }
    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const {
        QWidget* to = QApplication::focusWidget();
        QTest::keyClick(to ? to : window.get(), key, modifiers);
    }
    bool steps() const {
        press(Qt::Key_F8);
        return QTest::qWaitFor([this] { return view->rule() && view->rule()->problem.empty(); });
    }
    bool goesTo(Qt::Key key, const QString& event) const {
        press(key, Qt::ControlModifier);
        return QTest::qWaitFor(
            [&] { return QString::fromStdString(window->session().status().event).startsWith(event); });
    }
    bool shows(const QString& operation) const {
        return QTest::qWaitFor(
            [&] { return view->rule() && QString::fromStdString(view->rule()->question.operation) == operation; });
    }
    /// Selects the last node of that operation.
    bool select(const std::string& operation) const {
        const auto& trace = window->session().newest();
        for (std::size_t i = trace->nodes.size(); i-- > 0;)
            if (trace->nodes[i].operation == trace::Name(operation)) {
                window->selection().selectNode(static_cast<trace::Id>(i));
                return shows(QString::fromStdString(operation));
            }
        return false;
    }
    bool atElement(std::int64_t position) const {
        return QTest::qWaitFor([&] { return view->rule()->question.position == position; });
    }

    std::unique_ptr<MainWindow> window;
    MicroscopeView* view = nullptr;
    bool ready = false;
};

} // namespace

class TstMicroscopeView : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        theme().applyToApplication();
        theme().setReducedMotion(true);
    }

    void followsTheNodeThatRan() {
        const Looking with;
        QVERIFY(with.ready);
        QVERIFY(with.goesTo(Qt::Key_F10, "backward"));
        QVERIFY(QTest::qWaitFor([&] { return with.view->rule() != nullptr; }));
        const QString first = with.view->title()->text();
        QVERIFY2(first.contains("Backward0"), qPrintable(first));
        QVERIFY(!with.view->figure()->text().contains("pending"));
        with.press(Qt::Key_F10, Qt::ControlModifier);
        QVERIFY(QTest::qWaitFor([&] { return with.view->title()->text() != first; }));
    }

    void numbersMultiply() {
        const Looking with;
        QVERIFY(with.ready && with.steps() && with.select("mul"));
        const auto& rule = *with.view->rule();
        QVERIFY(rule.elementwise && rule.has_run);
        QCOMPARE(with.view->figure()->text(),
                 QString("%1 × %2 = %3")
                     .arg(formatNumber(rule.incoming), formatNumber(rule.local), formatNumber(rule.outgoing)));
        QVERIFY(with.view->formula()->text().contains(QString::fromStdString(rule.inputs[0].formula)));
    }

    void anElementIsPickedByClickKeyAndIndex() {
        const Looking with;
        QVERIFY(with.ready && with.steps() && with.select("mul"));
        const QRect map = with.view->figure()->mapRect(2);
        QTest::mouseClick(with.view->figure(), Qt::LeftButton, {}, map.topLeft() + QPoint(2, 2));
        QVERIFY(with.atElement(0));
        QTest::keyClick(with.view->figure(), Qt::Key_Down);
        QVERIFY(with.atElement(with.view->rule()->plane->columns));
        with.view->indexBox()->setText("2, 1");
        QTest::keyClick(with.view->indexBox(), Qt::Key_Return);
        QVERIFY(with.atElement(7));
        with.view->indexBox()->setText("9, 9");
        QTest::keyClick(with.view->indexBox(), Qt::Key_Return);
        QVERIFY2(with.view->facts()->text().contains("out of range"), qPrintable(with.view->facts()->text()));
    }

    void theCheckAgrees() {
        const Looking with;
        QVERIFY(with.ready && with.steps() && with.select("mul"));
        with.press(Qt::Key_M, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(QTest::qWaitFor([&] { return with.view->rule()->check.has_value(); }));
        QVERIFY2(with.view->facts()->text().contains(u'✓'), qPrintable(with.view->facts()->text()));
    }

    void beforeItsTimeAGradientIsPending() {
        const Looking with;
        QVERIFY(with.ready && with.steps());
        with.press(Qt::Key_Home, Qt::AltModifier);
        QVERIFY(with.select("mul"));
        QVERIFY(QTest::qWaitFor([&] { return with.view->figure()->text().contains("pending"); }));
    }

    void withoutAStepItSaysWhatToDo() {
        const Looking with;
        QVERIFY(with.ready);
        QVERIFY(!with.view->inputBox()->isVisible() && !with.view->checkButton()->isVisible());
        bool told = false;
        for (const QLabel* label : with.view->findChildren<QLabel*>())
            told = told || (label->isVisible() && label->text().contains("Ctrl+F10"));
        QVERIFY(told);
    }
};

QTEST_MAIN(TstMicroscopeView)
#include "tst_microscope_view.moc"
