#include "ui/window/main_window_parts.h"

#include "ui/theme/focus_ring.h"
#include "ui/window/drawer.h"
#include "ui/window/resident_memory.h"
#include "ui/window/status_items.h"

#include <QCloseEvent>
#include <QDockWidget>
#include <QSettings>
#include <QTimer>

namespace hs::ui {

namespace {

constexpr std::size_t defaultHistory = std::size_t{512} << 20;
constexpr std::size_t mostHistory = std::size_t{1} << 40;

} // namespace

MainWindow::MainWindow(WindowSetup setup, QWidget* parent)
    : QMainWindow(parent), m_parts(std::make_unique<Parts>(this, std::move(setup))) {
    setObjectName(QStringLiteral("window"));
    setWindowTitle(QStringLiteral("Hookscope"));
    setMinimumSize(1024, 640);
    resize(QSize(1400, 900).boundedTo(screen()->availableSize()));
    new FocusRing(this);
    m_parts->build();
    m_parts->buildMenus();
    m_parts->connectActions();
    m_parts->readSettings();
    if (!m_parts->setup.lesson.isEmpty())
        openLesson(m_parts->setup.lesson);
    else if (m_parts->setup.scratch)
        openScratchPad();
    else if (!m_parts->setup.demo.isEmpty())
        openDemo(m_parts->setup.demo);
}

MainWindow::~MainWindow() {
    // The views ask the models while they go, so they go first.
    delete takeCentralWidget();
    qDeleteAll(findChildren<QDockWidget*>(QString(), Qt::FindDirectChildrenOnly));
}

/// The first look shows something: the first module that has parameters of its own.
void MainWindow::Parts::selectFirst() {
    if (!session.modules() || !selection.module().empty()) return;
    for (const trace::Module& module : *session.modules()) {
        if (module.members.empty()) continue;
        selection.selectModule(module.path);
        return;
    }
}

void MainWindow::Parts::showStatus() {
    StatusFacts facts;
    facts.framesPerSecond = canvases->framesPerSecond();
    facts.memory = residentMemory();
    facts.memoryLimit = setup.memoryLimit > 0 ? setup.memoryLimit + past.budget() : 0;
    facts.device = gpuText;
    if (cursor.trace() && !session.isRunning()) {
        const auto states = trace::saved_at(*cursor.trace(), cursor.position());
        facts.saved = trace::saved_bytes(*cursor.trace(), states);
    }
    facts.reach = past.reach();
    if (cursor.isInPast()) facts.pastStep = past.shown();
    status->setItems(leftStatus(session, facts), rightStatus(session, facts));
    actions.goToNan->setEnabled(session.figures().has_non_finite);
}

void MainWindow::Parts::switchTheme(Theme::Mode mode) {
    theme().setMode(mode);
    const bool dark = theme().isDark();
    actions.theme->setProperty("iconName", dark ? QStringLiteral("sun") : QStringLiteral("moon"));
    retitle(*actions.theme, dark ? tr("Light theme") : tr("Dark theme"));
}

std::unique_ptr<QSettings> MainWindow::Parts::settings() const {
    if (!setup.keepsSettings) return nullptr;
    if (!setup.settingsFile.isEmpty()) return std::make_unique<QSettings>(setup.settingsFile, QSettings::IniFormat);
    return std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope, QStringLiteral("hookscope"),
                                       QStringLiteral("hookscope"));
}

void MainWindow::Parts::readSettings() {
    switchTheme(theme().mode());
    past.setBudget(defaultHistory);
    const auto kept = settings();
    if (!kept) return;
    bool isNumber = false;
    const quint64 history =
        kept->value(QStringLiteral("history/bytes"), quint64{defaultHistory}).toULongLong(&isNumber);
    if (isNumber) past.setBudget(std::min<std::size_t>(history, mostHistory));
    window->restoreGeometry(kept->value(QStringLiteral("window/geometry")).toByteArray());
    centre->show(kept->value(QStringLiteral("window/centre"), 0).toInt());
    layoutToRestore = kept->value(QStringLiteral("window/docks")).toByteArray();
    actions.reduceMotion->setChecked(
        kept->value(QStringLiteral("window/reducedMotion"), theme().reducedMotion()).toBool());
}

void MainWindow::Parts::writeSettings() const {
    const auto kept = settings();
    if (!kept) return;
    kept->setValue(QStringLiteral("window/geometry"), window->saveGeometry());
    kept->setValue(QStringLiteral("window/docks"), docks.save());
    // The tensors are those of a pad, which is not open at the next start.
    kept->setValue(QStringLiteral("window/centre"), centre->current() == 2 ? 0 : centre->current());
    kept->setValue(QStringLiteral("history/bytes"), quint64{past.budget()});
    kept->setValue(QStringLiteral("window/reducedMotion"), theme().reducedMotion());
}

void MainWindow::openDemo(const QString& name) {
    if (!name.isEmpty()) m_parts->setup.demo = name;
    m_parts->session.setSource(name.isEmpty() || !m_parts->setup.open ? nullptr
                                                                      : m_parts->setup.open(name, m_parts->setup.seed));
    m_parts->session.setPauseOnNonFinite(m_parts->actions.pauseOnNan->isChecked());
    if (m_parts->setup.run) m_parts->session.run();
}

void MainWindow::openScratchPad() {
    ScratchModel& scratch = m_parts->scratch;
    if (!scratch.isOpen() || scratch.isInLesson()) {
        const QString before = scratch.ownText();
        scratch.open(before.isEmpty() ? QStringLiteral("w = tensor([1.], requires_grad=True)\n"
                                                       "x = tensor([2.], requires_grad=True)\n"
                                                       "a = x + w\n"
                                                       "b = w + 1\n"
                                                       "y = a * b\n"
                                                       "y.backward()\n"
                                                       "w.grad\n"
                                                       "x.grad\n"
                                                       "y.grad")
                                      : before);
    }
    m_parts->layOutScratchPad();
}

void MainWindow::openLesson(const QString& file) {
    const bool stays = file.isEmpty() && m_parts->lesson->lesson();
    // A file that cannot be read leaves what is open; where there is nothing, its panel says why.
    if (stays || m_parts->lesson->open(file) || !m_parts->session.hasSource()) m_parts->layOutLesson();
}

void MainWindow::setDevice(const std::shared_ptr<GpuDevice>& device, const QString& problem) {
    m_parts->gpuText = m_parts->canvases->setDevice(device, problem);
    m_parts->showStatus();
}

SessionModel& MainWindow::session() const {
    return m_parts->session;
}

Selection& MainWindow::selection() const {
    return m_parts->selection;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    // The next start may be that of a demo.
    m_parts->leaveLesson();
    m_parts->scratchDock->hide();
    m_parts->writeSettings();
    QMainWindow::closeEvent(event);
}

void MainWindow::changeEvent(QEvent* event) {
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange) m_parts->session.setVisible(!isMinimized());
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    if (m_parts->shownBefore) return;
    m_parts->shownBefore = true;
    // The sizes of docks count only from here on: before, the window has not got its own.
    if (m_parts->docks.restore(m_parts->layoutToRestore))
        m_parts->hiddenByLesson.clear();
    else
        QTimer::singleShot(0, this, [this] { m_parts->docks.setDefaultSizes(); });
    m_parts->docks.adapt(size());
    // What was opened before has its panels; the layout of last time knows nothing of it.
    if (m_parts->laidOut == Parts::Kind::lesson)
        m_parts->layOutLesson();
    else if (m_parts->laidOut == Parts::Kind::scratch)
        m_parts->layOutScratchPad();
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QMainWindow::resizeEvent(event);
    m_parts->docks.adapt(size());
    if (m_parts->docks.drawer()->isVisible()) m_parts->docks.drawer()->hide();
}

} // namespace hs::ui
