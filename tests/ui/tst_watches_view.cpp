#include "engine/session/session.h"
#include "tests/session/small_training.h"
#include "ui/models/session_model.h"
#include "ui/models/watch_model.h"
#include "ui/theme/theme.h"
#include "ui/views/watches_view.h"
#include "ui/window/main_window.h"

#include <QApplication>
#include <QCompleter>
#include <QDockWidget>
#include <QLineEdit>
#include <QPointer>
#include <QTest>
#include <QTreeView>
#include <QUndoStack>

using namespace hs;
using namespace hs::ui;

namespace {

/// A window on a real training that stands still, with the dock in front.
struct Watched {
    Watched() {
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
        ready = QTest::qWaitForWindowActive(window.get()) &&
                QTest::qWaitFor([&] { return window->session().isReady() && window->session().modules(); });
        window->findChild<QDockWidget*>("watches")->raise();
        view = window->findChild<WatchesView*>();
        ready = ready && QTest::qWaitFor([&] { return view->isVisible(); });
        model = qobject_cast<WatchModel*>(view->table()->model());
    }

    void press(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const {
        QWidget* to = QApplication::focusWidget();
        QTest::keyClick(to ? to : window.get(), key, modifiers);
    }
    bool adds(const QString& text) const {
        const int before = model->rowCount();
        view->line()->setFocus();
        QTest::keyClicks(view->line(), text);
        QTest::keyClick(view->line(), Qt::Key_Return);
        // Offscreen, nothing gives the window its place back from the completer's popup.
        window->activateWindow();
        return QTest::qWaitForWindowActive(window.get()) &&
               QTest::qWaitFor([&] { return model->rowCount() == before + 1 && view->line()->text().isEmpty(); });
    }
    QString value(int row) const { return model->index(row, WatchModel::Value).data().toString(); }
    bool shows(int row, const QString& wanted) const {
        return QTest::qWaitFor([&] { return value(row) == wanted; });
    }

    std::unique_ptr<MainWindow> window;
    WatchesView* view = nullptr;
    WatchModel* model = nullptr;
    bool ready = false;
};

} // namespace

class TstWatchesView : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase() {
        theme().applyToApplication();
        theme().setReducedMotion(true);
    }

    void showsWhatIsWorthAtTheMoment() {
        Watched with;
        QVERIFY(with.ready);
        QVERIFY(with.adds("first.weight.grad"));
        QVERIFY2(with.shows(0, "None"), qPrintable(with.value(0)));
        with.view->table()->setFocus();             // in a line of text, X11 knows Ctrl+U as the key that empties it
        with.press(Qt::Key_U, Qt::ControlModifier); // to the optimizer's step
        QVERIFY(QTest::qWaitFor([&] { return with.value(0).startsWith("tensor(["); }));
        with.press(Qt::Key_Home, Qt::AltModifier); // back to its begin
        QVERIFY(with.shows(0, "None"));
        with.press(Qt::Key_End, Qt::AltModifier);
        QVERIFY(QTest::qWaitFor([&] { return with.value(0).startsWith("tensor(["); }));
    }

    void runningMakesACurve() {
        Watched with;
        QVERIFY(with.ready);
        QVERIFY(with.adds("loss"));
        with.press(Qt::Key_F5);
        QVERIFY(QTest::qWaitFor([&] { return with.model->at(0).history.size() > 20; }));
        with.press(Qt::Key_F5);
        QVERIFY(QTest::qWaitFor([&] { return !with.window->session().isRunning(); }));
        QVERIFY(with.model->index(0, WatchModel::History).data(Qt::ToolTipRole).toString().contains("evaluated"));
        const QImage picture = with.view->table()->viewport()->grab().toImage();
        const QRect cell = with.view->table()->visualRect(with.model->index(0, WatchModel::History));
        int drawn = 0;
        for (int x = cell.left(); x < std::min(cell.right(), picture.width()); ++x)
            for (int y = cell.top(); y < cell.bottom(); ++y)
                drawn += picture.pixelColor(x, y).lightness() > 150 ? 1 : 0;
        QVERIFY2(drawn > 40, qPrintable(QString::number(drawn)));
    }

    void whatIsTypedStaysWhileValuesCome() {
        Watched with;
        QVERIFY(with.ready);
        QVERIFY(with.adds("loss"));
        with.view->table()->setFocus();
        with.press(Qt::Key_F2); // not the window's, which edits a tensor
        const QPointer<QLineEdit> editor = with.view->table()->findChild<QLineEdit*>();
        QVERIFY(editor && editor->hasFocus());
        editor->selectAll();
        QTest::keyClicks(editor, "loss * 2");
        with.window->session().run();
        QVERIFY(QTest::qWaitFor([&] { return with.model->at(0).history.size() > 20; }));
        QVERIFY(editor);
        QCOMPARE(editor->text(), QString("loss * 2"));
        QTest::keyClick(editor, Qt::Key_Return);
        QVERIFY(QTest::qWaitFor([&] { return with.model->index(0, 0).data().toString() == "loss * 2"; }));
    }

    void undoInTheLineTakesTheAdditionBack() {
        Watched with;
        QVERIFY(with.ready);
        QVERIFY(with.adds("loss"));
        with.view->line()->setFocus();
        QTest::keyClick(with.view->line(), Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(with.view->line()->text(), QString());
        QCOMPARE(with.model->rowCount(), 0);
    }

    void withNothingOpenNothingIsDone() {
        Watched with;
        QVERIFY(with.ready);
        QVERIFY(with.adds("loss"));
        with.window->openDemo({});
        const auto* undo = with.window->findChild<QUndoStack*>();
        const int before = undo->count();
        with.view->table()->setFocus();
        QTest::keyClick(with.view->table(), Qt::Key_Delete);
        QVERIFY(!with.model->setData(with.model->index(0, 0), "loss * 2", Qt::EditRole));
        QCOMPARE(undo->count(), before);
        QCOMPARE(with.model->rowCount(), 1);
    }

    void errorsSayWhere() {
        Watched with;
        QVERIFY(with.ready);
        QVERIFY(with.adds("loss + "));
        QVERIFY(QTest::qWaitFor([&] { return with.value(0).startsWith("Column "); }));
        QVERIFY(with.adds("nothing.sum()"));
        QVERIFY(QTest::qWaitFor([&] { return with.value(1).startsWith("Column 1: "); }));
    }

    void rowsAreEditedRemovedAndUndone() {
        Watched with;
        QVERIFY(with.ready);
        QVERIFY(with.adds("first.weight.numel()"));
        QVERIFY(with.shows(0, "3"));
        with.view->table()->setFocus();
        with.press(Qt::Key_Return);
        auto* editor = with.view->table()->findChild<QLineEdit*>();
        QVERIFY(editor && editor->hasFocus());
        editor->selectAll();
        QTest::keyClicks(editor, "first.weight.numel() * 2");
        QTest::keyClick(editor, Qt::Key_Return);
        QVERIFY2(with.shows(0, "6"), qPrintable(with.model->index(0, 0).data().toString() + with.value(0)));
        with.view->table()->setFocus();
        with.press(Qt::Key_Delete);
        QCOMPARE(with.model->rowCount(), 0);
        with.press(Qt::Key_Z, Qt::ControlModifier);
        QCOMPARE(with.model->rowCount(), 1);
        with.press(Qt::Key_Z, Qt::ControlModifier);
        QVERIFY(with.shows(0, "3"));
        QVERIFY(with.view->line()->completer()->model()->rowCount() > 5);
        with.window->openDemo("other");
        QVERIFY(QTest::qWaitFor([&] { return with.window->session().isReady(); }));
        QVERIFY(with.shows(0, "3"));
    }
};

QTEST_MAIN(TstWatchesView)
#include "tst_watches_view.moc"
