#include "tests/ui/sample_trace.h"
#include "ui/models/module_model.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/values_model.h"
#include "ui/render/gpu_device.h"
#include "ui/theme/theme.h"
#include "ui/views/inspector.h"
#include "ui/views/module_tree.h"
#include "ui/views/module_view.h"
#include "ui/views/values_view.h"
#include "ui/window/drawer.h"
#include "ui/window/main_window.h"
#include "ui/window/message_strip.h"
#include "ui/window/status_line.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>
#include <QWidgetAction>

using namespace hs;
using namespace hs::ui;

namespace {

/// A window on a made training, and that training.
struct Opened {
    explicit Opened(QSize size = {1400, 900}, const QString& settingsFile = {},
                    std::function<void(sample::Source&)> prepare = {}) {
        WindowSetup setup;
        setup.demos = {{"fashion-cnn", "A small CNN"}, {"spiral-mlp", "A small MLP"}};
        setup.demo = "fashion-cnn";
        setup.memoryLimit = 400u << 20;
        setup.settingsFile = settingsFile;
        setup.keepsSettings = !settingsFile.isEmpty();
        setup.open = [this, prepare](const QString& demo, quint64) {
            opened.append(demo);
            auto made = std::make_unique<sample::Source>();
            if (prepare) prepare(*made);
            source = made.get();
            return made;
        };
        window = std::make_unique<MainWindow>(setup);
        window->resize(size);
        window->show();
        window->activateWindow();
        ready = QTest::qWaitForWindowActive(window.get()) &&
                QTest::qWaitFor([&] { return !source->m_ready || window->session().isReady(); });
    }

    template <class T>
    T* find(const QString& name = {}) const {
        return window->findChild<T*>(name);
    }
    QAction* action(const QString& text) const {
        for (QAction* action : window->actions())
            if (action->iconText().startsWith(text)) return action; // "Undo learning rate 0.1"
        return nullptr;
    }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) const {
        QWidget* to = QApplication::focusWidget();
        QTest::keyClick(to ? to : window.get(), key, modifiers);
    }

    QStringList opened;
    sample::Source* source = nullptr;
    std::unique_ptr<MainWindow> window;
    bool ready = false;
};

/// Actions that a person can trigger: no separators, menus, boxes in menus or parts of a line edit.
QList<QAction*> commands(const MainWindow& window) {
    QList<QAction*> found;
    for (QAction* action : window.actions())
        if (!action->isSeparator() && !action->menu()) found.append(action);
    return found;
}

/// For people who want to look: in the folder that HOOKSCOPE_PICTURES names.
void savePicture(QWidget& window, const QString& name) {
    const QString folder = qEnvironmentVariable("HOOKSCOPE_PICTURES");
    if (!folder.isEmpty()) QVERIFY(window.grab().save(folder + '/' + name + ".png"));
}

} // namespace

class TstWindow : public QObject {
    Q_OBJECT

  private slots:
    void initTestCase();
    void everyCommandHasNameKeyAndTooltip();
    void keysReachTheTraining();
    void learningRateIsSetAndUndone();
    void pickingInOneViewShowsInAll();
    void treeIsWalkedByKeyboard();
    void filterKeepsTheSelection();
    void inspectorShowsTheTensor();
    void inspectorWatchesOnlyWhatIsSeen();
    void valuesAreWalkedAndCopied();
    void nanIsSaidInAStrip();
    void failureAndLoadingAreSaidInAStrip();
    void docksCloseAndComeBack();
    void layoutIsKept();
    void sizesSurviveManyStarts();
    void unwritableSettingsAreNoProblem();
    void smallWindowHasADrawer();
    void panelsAreReachedByF6();
    void shortcutsAreListed();
    void themeSwitches();
    void demosOpenAndClose();
    void nothingIsCut_data();
    void nothingIsCut();
};

void TstWindow::initTestCase() {
    theme().applyToApplication();
    theme().setReducedMotion(true);
}

void TstWindow::everyCommandHasNameKeyAndTooltip() {
    Opened with;
    QVERIFY(with.ready);
    QSet<QString> keys;
    const QList<QAction*> all = commands(*with.window);
    QVERIFY(all.size() > 20);
    for (const QAction* action : all) {
        const QString key = action->shortcut().toString();
        QVERIFY2(!action->iconText().isEmpty() && !action->toolTip().isEmpty(), qPrintable(key));
        QVERIFY2(!key.isEmpty(), qPrintable(action->iconText()));
        QVERIFY2(!keys.contains(key), qPrintable(key + " is used twice, by " + action->iconText()));
        keys.insert(key);
    }
    for (const QAbstractButton* button : with.window->findChildren<QAbstractButton*>()) {
        if (!button->isVisible() || qobject_cast<QLineEdit*>(button->parentWidget())) continue;
        QVERIFY2(!button->accessibleName().isEmpty() || !button->text().isEmpty(), button->metaObject()->className());
        QVERIFY2(!button->toolTip().isEmpty(), qPrintable(button->accessibleName() + button->text()));
    }
}

void TstWindow::keysReachTheTraining() {
    Opened with;
    QCOMPARE(with.source->calls, std::vector<std::string>{"run"});
    with.source->calls.clear();
    with.key(Qt::Key_F5);
    QTRY_COMPARE(with.window->session().figures().state, session::State::paused);
    with.key(Qt::Key_F8);
    with.key(Qt::Key_F11);
    with.key(Qt::Key_R, Qt::ControlModifier);
    with.key(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE(with.action("Run") != nullptr, true);
    with.key(Qt::Key_F5);
    QCOMPARE(with.source->calls, (std::vector<std::string>{"pause", "step", "stepTo 0", "reset 7", "reset 8", "run"}));
    QTRY_VERIFY(with.action("Pause"));
    QVERIFY(!QApplication::activeModalWidget());
}

void TstWindow::learningRateIsSetAndUndone() {
    Opened with;
    with.source->calls.clear();
    with.key(Qt::Key_L, Qt::ControlModifier);
    auto* field = qobject_cast<QLineEdit*>(QApplication::focusWidget());
    QVERIFY(field);
    QCOMPARE(field->text(), "0.0200");
    QTest::keyClicks(field, "0,1");
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(with.source->calls, std::vector<std::string>{"learning rate 0.100000"});
    QTRY_COMPARE(with.window->session().status().learning_rate, 0.1);
    for (const char* bad : {"fast", "-1", "nan", "1e9", ""}) {
        field->selectAll();
        QTest::keyClick(field, Qt::Key_Delete);
        QTest::keyClicks(field, bad);
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY2(field->property("invalid").toBool(), bad);
    }
    QCOMPARE(with.source->calls.size(), 1u);
    with.action("Undo")->trigger();
    QCOMPARE(with.source->calls.back(), "learning rate 0.020000");
    with.action("Redo")->trigger();
    QCOMPARE(with.source->calls.back(), "learning rate 0.100000");
}

void TstWindow::pickingInOneViewShowsInAll() {
    Opened with;
    Selection& selection = with.window->selection();
    QCOMPARE(selection.module(), "stage1.conv1"); // the first that has something to show
    auto* view = with.find<ModuleView>();
    auto* inspector = with.find<Inspector>();
    QCOMPARE(view->currentIndex().data(ModuleModel::PathRole).toString(), "stage1.conv1");
    QCOMPARE(inspector->shownKey(), (trace::ValueKey{trace::Role::parameter, "stage1.conv1", "weight"}));

    selection.selectValue({trace::Role::output, "head.relu4", ""});
    QCOMPARE(view->currentIndex().data(ModuleModel::PathRole).toString(), "head.relu4");
    QCOMPARE(inspector->shownKey().role, trace::Role::output);

    const QModelIndex conv2 = view->model()->match(view->model()->index(0, 0), Qt::DisplayRole, "conv2", 1,
                                                   Qt::MatchExactly | Qt::MatchRecursive)[0];
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->visualRect(conv2).center());
    QCOMPARE(selection.module(), "stage2.conv2");
    QVERIFY(!selection.value());
    QCOMPARE(inspector->shownKey().member, "weight");
}

void TstWindow::treeIsWalkedByKeyboard() {
    Opened with;
    auto* view = with.find<ModuleView>();
    view->setFocus();
    with.key(Qt::Key_Down);
    QCOMPARE(with.window->selection().module(), "stage1.relu1");
    with.key(Qt::Key_Left); // to the parent
    QCOMPARE(with.window->selection().module(), "stage1");
    with.key(Qt::Key_Left); // closes it
    QVERIFY(!view->isExpanded(view->currentIndex()));
    with.key(Qt::Key_Down);
    QCOMPARE(with.window->selection().module(), "stage2");
    with.key(Qt::Key_Up);
    with.key(Qt::Key_Right);
    QVERIFY(view->isExpanded(view->currentIndex()));
}

void TstWindow::filterKeepsTheSelection() {
    Opened with;
    with.key(Qt::Key_F, Qt::ControlModifier);
    auto* box = with.find<ModuleTree>()->filterBox();
    QVERIFY(box->hasFocus());
    QTest::keyClicks(box, "linear");
    auto* view = with.find<ModuleView>();
    QCOMPARE(view->model()->rowCount(view->model()->index(0, 0)), 1); // only "head" is left
    QCOMPARE(with.window->selection().module(), "stage1.conv1");
    QTest::keyClicks(box, " lstm");
    QVERIFY(!view->isVisible()); // a sentence says that nothing matches
    QTest::keyClick(box, Qt::Key_Escape);
    QCOMPARE(view->model()->rowCount(view->model()->index(0, 0)), 3);
    QCOMPARE(view->currentIndex().data(ModuleModel::PathRole).toString(), "stage1.conv1");
}

void TstWindow::inspectorShowsTheTensor() {
    Opened with;
    auto* inspector = with.find<Inspector>();
    auto* values = with.find<ValuesModel>();
    QTRY_COMPARE(values->rowCount(), 5);
    QCOMPARE(inspector->picker()->count(), 9); // weight and bias with gradient and update; input, output, gradient
    QString said;
    for (const QWidget* widget : inspector->findChildren<QWidget*>())
        said += widget->accessibleDescription();
    for (const char* fact : {"dtype: float32", "shape: [6, 1, 5, 5]", "device: cpu", "requires_grad: True",
                             "is_leaf: True", "grad_fn: None", "grad: [6, 1, 5, 5]", "data: 600 B", "count: 150"})
        QVERIFY2(said.contains(fact), fact);
    const double before = values->number(0, 0);
    inspector->setShowsGradient(true);
    QCOMPARE(inspector->shownKey().role, trace::Role::gradient);
    QTRY_VERIFY(values->number(0, 0) != before);
    with.window->selection().selectModule("stage1.relu1");
    QCOMPARE(inspector->shownKey().role, trace::Role::output_gradient);
    inspector->setShowsGradient(false);
    QCOMPARE(inspector->shownKey().role, trace::Role::output);
    with.window->selection().setSample(3);
    QTRY_COMPARE(values->sliceText(), "[3, 0, :, :]");
    // The picker goes through the Selection as everything else does.
    emit inspector->picker()->activated(0);
    QCOMPARE(with.window->selection().value()->role, trace::Role::input);
}

void TstWindow::inspectorWatchesOnlyWhatIsSeen() {
    Opened with;
    const trace::ValueKey weight{trace::Role::parameter, "stage1.conv1", "weight"};
    QTRY_VERIFY(with.source->m_watch.values.contains(weight));
    QVERIFY(with.source->m_watch.level >= session::Level::summaries);
    with.find<QDockWidget>("tensor")->close();
    QTRY_VERIFY(!with.source->m_watch.values.contains(weight));
    with.find<QDockWidget>("tensor")->show();
    with.find<QDockWidget>("tensor")->raise(); // in front of the tabs beside it
    QTRY_VERIFY(with.source->m_watch.values.contains(weight));
}

void TstWindow::valuesAreWalkedAndCopied() {
    Opened with;
    auto* view = with.find<Inspector>()->valuesView();
    auto* values = with.find<ValuesModel>();
    QTRY_COMPARE(values->columnCount(), 5);
    view->setFocus();
    QTest::keyClick(view, Qt::Key_Right);
    QTest::keyClick(view, Qt::Key_Down, Qt::ShiftModifier);
    QCOMPARE(view->currentCell(), QPoint(1, 1));
    QTest::keyClick(view, Qt::Key_C, Qt::ControlModifier);
    const QStringList lines = QApplication::clipboard()->text().split('\n');
    QCOMPARE(lines.size(), 2);
    QCOMPARE(lines[0].toFloat(), float(values->number(0, 1)));
    QTest::keyClick(view, Qt::Key_End, Qt::ControlModifier);
    QCOMPARE(view->currentCell(), QPoint(4, 4));
    QTest::keyClick(view, Qt::Key_Right);
    QCOMPARE(view->currentCell(), QPoint(4, 4));

    values->setSnapshot(sample::snapshot({1}, [](auto) { return 0.f; }));
    const Ref<Block> block = Block::allocate(sizeof(float));
    values->setSnapshot({block, Dtype::float32, Shape{3'000'000, 4}, Strides{0, 0}, 0});
    QTest::keyClick(view, Qt::Key_End, Qt::ControlModifier);
    QCOMPARE(view->currentCell(), QPoint(3, 2'999'999));
    view->grab();
}

void TstWindow::nanIsSaidInAStrip() {
    Opened with({1400, 900}, {}, [](sample::Source& source) {
        source.m_status.has_non_finite = true;
        source.m_status.non_finite = {412, "stage2.conv2", "output"};
    });
    auto* strip = with.find<MessageStrip>();
    QTRY_COMPARE(strip->kind(), MessageStrip::Kind::nan);
    QVERIFY(strip->isVisible());
    QVERIFY(strip->text().contains("412") && strip->text().contains("stage2.conv2"));
    QCOMPARE(strip->button()->text(), "Go to first NaN, step 412, stage2.conv2");
    QTest::mouseClick(strip->button(), Qt::LeftButton);
    QCOMPARE(with.window->selection().module(), "stage2.conv2");
    QCOMPARE(with.source->calls.back(), "pause");
    QCOMPARE(with.find<StatusLine>()->leftItems()[0].label, "NaN");
    QVERIFY(!QApplication::activeModalWidget());
    savePicture(*with.window, "nan");
}

void TstWindow::failureAndLoadingAreSaidInAStrip() {
    Opened with({1400, 900}, {}, [](sample::Source& source) { source.m_ready = false; });
    auto* strip = with.find<MessageStrip>();
    QVERIFY(!strip->isVisible()); // patience first
    QTRY_COMPARE(strip->kind(), MessageStrip::Kind::loading);
    QVERIFY(strip->text().contains("fashion-cnn"));
    savePicture(*with.window, "loading");
    with.source->m_status.message = "data set: no such file";
    with.source->note("fails", session::State::failed);
    QTRY_COMPARE(strip->kind(), MessageStrip::Kind::error);
    QCOMPARE(strip->text(), "data set: no such file");
    savePicture(*with.window, "failed");
    QTest::mouseClick(strip->button(), Qt::LeftButton);
    QCOMPARE(with.opened, (QStringList{"fashion-cnn", "fashion-cnn"}));
    QVERIFY(!QApplication::activeModalWidget());
}

void TstWindow::docksCloseAndComeBack() {
    Opened with;
    auto* dock = with.find<QDockWidget>("modules");
    QVERIFY(dock->isVisible());
    with.key(Qt::Key_1, Qt::ControlModifier);
    QVERIFY(!dock->isVisible());
    with.key(Qt::Key_1, Qt::ControlModifier);
    QVERIFY(dock->isVisible());
    with.window->addDockWidget(Qt::RightDockWidgetArea, dock);
    dock->setFloating(true);
    with.find<QDockWidget>("tensor")->close();
    with.key(Qt::Key_0, Qt::ControlModifier);
    QCOMPARE(with.window->dockWidgetArea(dock), Qt::LeftDockWidgetArea);
    QVERIFY(dock->isVisible() && !dock->isFloating());
    QVERIFY(with.find<QDockWidget>("tensor")->isVisible());
}

void TstWindow::layoutIsKept() {
    QTemporaryDir folder;
    const QString file = folder.filePath("settings.ini");
    {
        Opened with({1500, 950}, file);
        with.window->addDockWidget(Qt::RightDockWidgetArea, with.find<QDockWidget>("modules"));
        with.find<QDockWidget>("tensor")->close();
        with.window->close();
    }
    QVERIFY(QSettings(file, QSettings::IniFormat).contains("window/docks"));
    WindowSetup setup;
    setup.settingsFile = file;
    MainWindow window(setup);
    window.show();
    QCOMPARE(window.dockWidgetArea(window.findChild<QDockWidget*>("modules")), Qt::RightDockWidgetArea);
    QVERIFY(window.findChild<QDockWidget*>("tensor")->isHidden());
    // A file with rubbish gives the default layout.
    QSettings broken(file, QSettings::IniFormat);
    broken.setValue("window/docks", QByteArray("rubbish"));
    broken.setValue("window/geometry", 7);
    broken.sync();
    MainWindow fresh(setup);
    fresh.show();
    QCOMPARE(fresh.dockWidgetArea(fresh.findChild<QDockWidget*>("modules")), Qt::LeftDockWidgetArea);
}

void TstWindow::sizesSurviveManyStarts() {
    QTemporaryDir folder;
    const QString file = folder.filePath("settings.ini");
    QList<QSize> before;
    for (int start = 0; start < 3; ++start) {
        Opened with({1400, 900}, file);
        QTest::qWait(50);
        QList<QSize> now;
        for (const char* name : {"modules", "tensor", "gradients", "loss"})
            now.append(with.find<QDockWidget>(name)->size());
        QVERIFY(now[3].width() > 350);
        if (start > 0) QCOMPARE(now, before);
        before = now;
        with.window->close();
    }
}

void TstWindow::unwritableSettingsAreNoProblem() {
    Opened with({1400, 900}, "/proc/no/such/folder/settings.ini");
    QVERIFY(with.ready);
    QVERIFY(with.window->close());
}

void TstWindow::smallWindowHasADrawer() {
    Opened with({1024, 640});
    auto* tree = with.find<ModuleTree>();
    QVERIFY(!tree->isVisible());
    with.key(Qt::Key_1, Qt::ControlModifier);
    QVERIFY(tree->isVisible());
    QVERIFY(with.find<Drawer>()->isAncestorOf(tree));
    savePicture(*with.window, "drawer");
    with.key(Qt::Key_Escape);
    QVERIFY(!tree->isVisible());
    with.window->resize(1400, 900);
    QTRY_VERIFY(tree->isVisible());
    QVERIFY(with.find<QDockWidget>("modules")->isAncestorOf(tree));
    with.window->resize(1024, 640);
    QTRY_VERIFY(!tree->isVisible());
    with.key(Qt::Key_F, Qt::ControlModifier); // asks for the filter box, wherever it is
    QVERIFY(tree->filterBox()->hasFocus());
}

void TstWindow::panelsAreReachedByF6() {
    Opened with;
    with.find<ModuleView>()->setFocus();
    QSet<QString> reached;
    for (int i = 0; i < 8; ++i) {
        with.key(Qt::Key_F6);
        for (QWidget* at = QApplication::focusWidget(); at; at = at->parentWidget())
            if (!at->objectName().isEmpty()) reached.insert(at->objectName());
    }
    for (const char* panel : {"toolbar", "modules", "tensor"})
        QVERIFY2(reached.contains(panel),
                 qPrintable(QString(panel) + " not in " + QStringList(reached.values()).join(' ')));
    with.find<ModuleView>()->setFocus();
    with.key(Qt::Key_F6, Qt::ShiftModifier);
    QVERIFY(with.find<QWidget>("toolbar")->isAncestorOf(QApplication::focusWidget()));
}

void TstWindow::shortcutsAreListed() {
    Opened with;
    with.key(Qt::Key_F1);
    auto* list = with.find<QTreeWidget>("shortcuts");
    QVERIFY(list && list->isVisible());
    QStringList listed;
    for (int i = 0; i < list->topLevelItemCount(); ++i)
        listed.append(list->topLevelItem(i)->text(0) + '|' + list->topLevelItem(i)->text(1));
    for (const QAction* action : commands(*with.window))
        QVERIFY2(listed.contains(action->iconText() + '|' + action->shortcut().toString(QKeySequence::NativeText)),
                 qPrintable(action->iconText()));
    QVERIFY(!QApplication::activeModalWidget());
    savePicture(*list->window(), "shortcuts");
    QTest::keyClick(list->window(), Qt::Key_Escape);
    QTRY_VERIFY(!with.find<QTreeWidget>("shortcuts"));
}

void TstWindow::themeSwitches() {
    Opened with;
    theme().setMode(Theme::Mode::dark);
    const auto panelColor = [&] {
        auto* view = with.find<ModuleView>();
        return view->grab().toImage().pixelColor(view->width() - 2, view->height() - 2);
    };
    QCOMPARE(panelColor(), theme().color(Token::panel));
    with.key(Qt::Key_T, Qt::ControlModifier);
    QVERIFY(!theme().isDark());
    QCOMPARE(panelColor(), QColor("#FFFFFF"));
    savePicture(*with.window, "switched");
    QVERIFY(with.action("Dark theme"));
    with.key(Qt::Key_T, Qt::ControlModifier);
    QVERIFY(theme().isDark());
}

void TstWindow::demosOpenAndClose() {
    Opened with;
    with.action("spiral-mlp")->trigger();
    QCOMPARE(with.opened.back(), "spiral-mlp");
    QVERIFY(with.window->windowTitle().startsWith("spiral-mlp"));
    with.key(Qt::Key_W, Qt::ControlModifier);
    QVERIFY(!with.window->session().hasSource());
    QVERIFY(!with.action("Step")->isEnabled());
    QCOMPARE(with.find<StatusLine>()->leftItems()[0].label, "Nothing open");
    QCOMPARE(with.find<ModuleView>()->model()->rowCount(), 0);
    savePicture(*with.window, "closed");
    auto* strip = with.find<MessageStrip>();
    QCOMPARE(strip->button()->text(), "Open spiral-mlp");
    QTest::mouseClick(strip->button(), Qt::LeftButton);
    QVERIFY(with.window->session().hasSource());
    QTRY_VERIFY(!strip->isVisible());
}

void TstWindow::nothingIsCut_data() {
    QTest::addColumn<QSize>("size");
    QTest::addColumn<bool>("dark");
    for (const bool dark : {true, false})
        for (const QSize size : {QSize(1600, 1000), QSize(1400, 900), QSize(1200, 800), QSize(1024, 640)})
            QTest::addRow("%s-%dx%d", dark ? "dark" : "light", size.width(), size.height()) << size << dark;
}

void TstWindow::nothingIsCut() {
    QFETCH(QSize, size);
    QFETCH(bool, dark);
    theme().setMode(dark ? Theme::Mode::dark : Theme::Mode::light);
    Opened with(size);
    QVERIFY(with.ready);
    QTest::qWait(300); // two rounds of figures
    QCOMPARE(with.window->size(), size);
    for (const QLabel* label : with.window->findChildren<QLabel*>()) {
        if (!label->isVisible() || label->wordWrap() || label->text().isEmpty()) continue;
        QVERIFY2(label->width() >= label->sizeHint().width(), qPrintable(label->text()));
    }
    for (const QAbstractButton* button : with.window->findChildren<QAbstractButton*>()) {
        if (!button->isVisible() || button->text().isEmpty()) continue;
        QVERIFY2(button->width() >= button->minimumSizeHint().width(), qPrintable(button->text()));
        QVERIFY2(with.window->rect().contains(QRect(button->mapTo(with.window.get(), QPoint()), button->size())),
                 qPrintable(button->text()));
    }
    if (!qEnvironmentVariableIsSet("HOOKSCOPE_PICTURES")) return;
    const GpuResult gpu = GpuDevice::create({});
    with.window->setDevice(gpu.device, gpu.problem);
    QTest::qWait(1000);
    savePicture(*with.window, QTest::currentDataTag());
}

int main(int argc, char** argv) {
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    TstWindow test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_window.moc"
