#include "ui/window/past_actions.h"

#include "ui/models/past_steps.h"
#include "ui/models/session_model.h"
#include "ui/window/actions.h"

#include <QAction>
#include <QFormLayout>
#include <QMenu>
#include <QSpinBox>
#include <QWidgetAction>

#include <algorithm>
#include <limits>

namespace hs::ui {

namespace {

constexpr int farSteps = 100;
constexpr int mostMebibytes = 1 << 20;

} // namespace

PastActions::PastActions(SessionModel& session, PastSteps& past, QWidget* window)
    : QObject(window), m_session(session), m_past(past) {
    const auto make = [&](const QString& text, const char* key, const auto& act) {
        QAction* action = addAction(window, text, QKeySequence(QString::fromLatin1(key)));
        connect(action, &QAction::triggered, this, [this, act] {
            act();
            emit used();
        });
        return action;
    };
    m_back = make(tr("Earlier training step"), "Ctrl+Alt+Left", [this] { m_past.goBy(-1); });
    m_forth = make(tr("Later training step"), "Ctrl+Alt+Right", [this] { m_past.goBy(1); });
    m_farBack = make(tr("Back 100 training steps"), "Ctrl+Alt+PgUp",
                     [this] { m_past.goTo(std::max<qint64>(m_past.shown() - farSteps, m_past.reach().first)); });
    m_farForth = make(tr("On 100 training steps"), "Ctrl+Alt+PgDown",
                      [this] { m_past.goTo(std::min<qint64>(m_past.shown() + farSteps, m_past.newest())); });
    m_newest = make(tr("To the newest step"), "Ctrl+Alt+End", [this] { m_past.goToNewest(); });
    m_recompute =
        make(tr("Run the newest step again with all values"), "Ctrl+Alt+Return", [this] { m_past.recompute(); });
    m_cancel = make(tr("Stop running a step again"), "Ctrl+Alt+Backspace", [this] { m_past.cancel(); });
    connect(&past, &PastSteps::changed, this, &PastActions::enable);
    enable();
}

void PastActions::enable() {
    const std::int64_t shown = m_past.shown();
    const std::int64_t newest = m_past.newest();
    const bool paused = m_session.isReady() && !m_session.isRunning() && newest >= 0;
    const bool any = paused && m_past.reach().first >= 0;
    for (QAction* action : {m_back, m_farBack})
        action->setEnabled(any && shown > m_past.reach().first);
    for (QAction* action : {m_forth, m_farForth})
        action->setEnabled(paused && shown < newest);
    m_newest->setEnabled(paused && (shown < newest || m_past.isBusy()));
    m_recompute->setEnabled(any && m_past.isInReach(newest));
    m_cancel->setEnabled(m_past.isBusy());
}

void PastActions::fill(QMenu& menu) {
    menu.addSeparator();
    menu.addActions({m_back, m_forth, m_farBack, m_farForth, m_newest, m_recompute, m_cancel});
    addNumbers(menu);
}

void PastActions::addNumbers(QMenu& menu) {
    auto* step = new QSpinBox;
    step->setAccessibleName(tr("Training step to go to"));
    step->setToolTip(tr("Training step to go to. Enter goes there"));
    step->setKeyboardTracking(false);
    auto* memory = new QSpinBox;
    memory->setObjectName(QStringLiteral("historyMemory"));
    memory->setAccessibleName(tr("Memory for earlier steps"));
    memory->setToolTip(tr("Memory for what earlier training steps start from. 0: they cannot be gone back to"));
    memory->setKeyboardTracking(false);
    memory->setRange(0, mostMebibytes);
    memory->setSingleStep(64);
    memory->setSuffix(tr(" MB"));
    auto* box = new QWidget;
    auto* form = new QFormLayout(box);
    form->setContentsMargins(12, 2, 12, 4);
    form->addRow(tr("Go to training step"), step);
    form->addRow(tr("Memory for history"), memory);
    auto* action = new QWidgetAction(&menu);
    action->setDefaultWidget(box);
    menu.addAction(action);
    connect(&menu, &QMenu::aboutToShow, step, [this, step, memory] {
        const QSignalBlocker first(step);
        const QSignalBlocker second(memory);
        constexpr std::int64_t most = std::numeric_limits<int>::max();
        step->setRange(static_cast<int>(std::clamp<std::int64_t>(m_past.reach().first, 0, most)),
                       static_cast<int>(std::clamp<std::int64_t>(m_past.newest(), 0, most)));
        step->setValue(static_cast<int>(std::clamp<std::int64_t>(m_past.shown(), 0, most)));
        step->setEnabled(m_past.reach().first >= 0 && !m_session.isRunning());
        memory->setValue(static_cast<int>(m_past.budget() >> 20));
    });
    connect(step, &QSpinBox::editingFinished, this, [this, step] {
        if (!step->isEnabled() || step->value() == m_past.shown()) return;
        m_past.goTo(step->value());
        emit used();
    });
    connect(memory, &QSpinBox::valueChanged, this, [this](int mebibytes) {
        m_past.setBudget(static_cast<std::size_t>(mebibytes) << 20);
        emit budgetChanged();
    });
}

} // namespace hs::ui
