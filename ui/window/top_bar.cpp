#include "ui/window/top_bar.h"

#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/icons.h"
#include "ui/theme/numbers.h"
#include "ui/window/actions.h"
#include "ui/window/command_button.h"
#include "ui/window/learning_rate.h"
#include "ui/window/step_actions.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPainter>
#include <QStyle>
#include <QTimer>
#include <QToolButton>

#include <array>
#include <cmath>
#include <functional>

namespace hs::ui {

namespace {

constexpr int barHeight = 48;
constexpr int spare = 48; ///< for figures that grow

class Separator final : public QWidget {
  public:
    Separator() { setFixedSize(17, barHeight - 20); }

  protected:
    void paintEvent(QPaintEvent*) override {
        QPainter(this).fillRect(8, 2, 1, height() - 4, theme().color(Token::line));
    }
};

/// Rich text in the interface face with figures in the fixed-width one.
QString figure(const QString& text) {
    return QStringLiteral("<span style=\"font-family:'%1';font-weight:500;color:%2\">%3</span>")
        .arg(theme().monoFamily(), theme().color(Token::text).name(), text);
}

QLabel* quietLabel() {
    auto* label = new QLabel;
    label->setFont(theme().font());
    label->setForegroundRole(QPalette::PlaceholderText);
    label->setTextFormat(Qt::RichText);
    return label;
}

} // namespace

TopBar::TopBar(SessionModel& session, const TraceCursor& cursor, const Actions& actions, const StepActions& stepping,
               QUndoStack& undo, QWidget* parent)
    : QToolBar(parent), m_session(session), m_cursor(cursor), m_actions(actions), m_undo(undo) {
    setObjectName(QStringLiteral("toolbar"));
    setWindowTitle(tr("Tool bar"));
    setMovable(false);
    setContextMenuPolicy(Qt::PreventContextMenu);
    auto* content = new QWidget;
    content->setFixedHeight(barHeight - 1);
    // What is too wide is taken away by fit(), not put behind an arrow.
    content->setMinimumWidth(1);
    m_row = new QHBoxLayout(content);
    m_row->setContentsMargins(12, 0, 8, 0);
    m_row->setSpacing(4);

    auto* logo = new QLabel;
    logo->setPixmap(icon(QStringLiteral("logo")).pixmap(20, 20));
    logo->setFixedWidth(26);
    m_demo = new QToolButton;
    m_demo->setProperty("flat", true);
    m_demo->setPopupMode(QToolButton::InstantPopup);
    m_demo->setFont(theme().font(TypeSize::base, QFont::DemiBold));
    m_demo->setToolTip(tr("Choose another demo"));
    m_model = quietLabel();
    m_row->addWidget(logo);
    m_row->addWidget(m_demo);
    m_row->addWidget(m_model);
    m_row->addWidget(new Separator);
    m_run = new CommandButton(actions.run, CommandButton::Look::primary);
    m_row->addWidget(m_run);
    const auto add = [this](QAction* action, QList<CommandButton*>& group) {
        group.append(new CommandButton(action, CommandButton::Look::plain));
        m_row->addWidget(group.last());
    };
    for (QAction* action : {actions.step, actions.reset})
        add(action, m_commands);
    m_row->addWidget(new Separator);
    for (QAction* action : {stepping.back, stepping.over, stepping.into, stepping.out})
        add(action, m_stepping);
    m_row->addWidget(new Separator);
    m_row->addWidget(makePosition());
    m_row->addSpacing(8);
    m_row->addWidget(makeLearningRate());
    m_row->addSpacing(8);
    m_device = quietLabel();
    m_row->addWidget(m_device);
    m_row->addStretch(1);
    m_menuBar = new QMenuBar;
    m_menuBar->setNativeMenuBar(false);
    m_menuBar->setSizePolicy(QSizePolicy::Minimum, QSizePolicy::Fixed);
    m_row->addWidget(m_menuBar);
    auto* look = new CommandButton(actions.theme, CommandButton::Look::plain);
    look->setWordShown(false);
    m_row->addWidget(look);
    m_menuButton = new QToolButton;
    m_menuButton->setProperty("flat", true);
    m_menuButton->setIcon(icon(QStringLiteral("menu")));
    m_menuButton->setToolTip(tr("Menu"));
    m_menuButton->setAccessibleName(tr("Menu"));
    m_menuButton->setPopupMode(QToolButton::InstantPopup);
    m_row->addWidget(m_menuButton);
    addWidget(content);

    connect(&session, &SessionModel::readyChanged, this, &TopBar::showInfo);
    connect(&session, &SessionModel::modulesChanged, this, &TopBar::showInfo);
    connect(&session, &SessionModel::figuresChanged, this, &TopBar::showFigures);
    connect(&cursor, &TraceCursor::moved, this, &TopBar::showMoment);
    connect(&session, &SessionModel::figuresChanged, this, &TopBar::showMoment);
    connect(&theme(), &Theme::changed, this, [this, logo] {
        logo->setPixmap(icon(QStringLiteral("logo")).pixmap(20, 20));
        showInfo();
        showFigures();
        showMoment();
    });
    showInfo();
    showFigures();
}

QWidget* TopBar::makePosition() {
    auto* box = new QWidget;
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(16);
    m_step = quietLabel();
    m_epoch = quietLabel();
    row->addWidget(m_step);
    m_event = quietLabel();
    row->addWidget(m_epoch);
    row->addWidget(m_event);
    return box;
}

QWidget* TopBar::makeLearningRate() {
    auto* box = new QWidget;
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_rateLabel = quietLabel();
    m_rateLabel->setText(tr("Learning rate"));
    m_rate = new QLineEdit;
    m_rate->setProperty("mono", true);
    m_rate->setFont(theme().mono());
    m_rate->setFixedWidth(84);
    m_rate->setAccessibleName(tr("Learning rate"));
    m_rate->setToolTip(tr("Learning rate (%1). Enter sets it, Ctrl+Z undoes it")
                           .arg(m_actions.learningRate->shortcut().toString(QKeySequence::NativeText)));
    m_rateLabel->setBuddy(m_rate);
    row->addWidget(m_rateLabel);
    row->addWidget(m_rate);
    connect(m_rate, &QLineEdit::editingFinished, this, &TopBar::commitLearningRate);
    connect(m_actions.learningRate, &QAction::triggered, m_rate, [this] {
        m_rate->setFocus(Qt::ShortcutFocusReason);
        m_rate->selectAll();
    });
    return box;
}

void TopBar::commitLearningRate() {
    const std::optional<double> value = parseLearningRate(m_rate->text());
    m_rate->setProperty("invalid", !value);
    m_rate->style()->polish(m_rate);
    if (!value) {
        m_rate->setToolTip(
            tr("A learning rate is a number from 0 to %1, such as 0.02 or 1e-3").arg(largestLearningRate));
        return;
    }
    m_rate->setModified(false);
    const double before = m_session.status().learning_rate;
    if (*value != before) m_undo.push(new SetLearningRate(m_session, before, *value));
    m_rate->setText(writeLearningRate(*value));
}

void TopBar::setMenus(const QList<QMenu*>& menus, QMenu* demos) {
    auto* all = new QMenu(m_menuButton);
    for (QMenu* menu : menus) {
        m_menuBar->addMenu(menu);
        all->addMenu(menu);
    }
    m_menuButton->setMenu(all);
    m_demo->setMenu(demos);
    fit();
}

void TopBar::setDrawerAction(QAction* action) {
    if ((action != nullptr) == (m_drawer != nullptr)) return;
    if (action) {
        m_drawer = new CommandButton(action, CommandButton::Look::plain);
        m_drawer->setWordShown(false);
        m_row->insertWidget(1, m_drawer);
    } else {
        m_drawer->deleteLater();
        m_drawer = nullptr;
    }
}

void TopBar::showInfo() {
    const session::TrainingInfo& info = m_session.info();
    m_demo->setText(info.name.empty() ? tr("Open a demo") : QString::fromStdString(info.name));
    m_demo->setAccessibleName(m_demo->text());
    QString model = QString::fromStdString(info.model);
    if (const auto& modules = m_session.modules(); modules && !modules->empty())
        model += QStringLiteral(" · ") + tr("%1 parameters").arg(formatCount(modules->front().parameter_count));
    m_model->setText(model.toHtmlEscaped());
    m_device->setText(m_session.isReady() ? tr("Device") + QStringLiteral(" &nbsp;") +
                                                figure(info.threads == 1 ? tr("CPU · 1 thread")
                                                                         : tr("CPU · %1 threads").arg(info.threads))
                                          : QString());
    const bool open = m_session.hasSource();
    for (QAction* action : {m_actions.run, m_actions.step, m_actions.reset, m_actions.resetSeed, m_actions.closeDemo})
        action->setEnabled(open);
    m_rate->setEnabled(open);
    fit();
}

void TopBar::showFigures() {
    const session::Status& status = m_session.figures();
    const bool running = status.state == session::State::running;
    const QString name = running ? tr("Pause") : tr("Run");
    if (m_actions.run->iconText() != name) {
        m_actions.run->setProperty("iconName", running ? QStringLiteral("pause") : QStringLiteral("run"));
        m_actions.run->setIcon(icon(running ? QStringLiteral("pause") : QStringLiteral("run")));
        retitle(*m_actions.run, name);
    }
    const bool known = m_session.isReady();
    showStep();
    const double whole = std::floor(status.epoch);
    m_epoch->setText(known
                         ? tr("Epoch") + QLatin1Char(' ') + figure(formatCount(static_cast<std::int64_t>(whole) + 1)) +
                               QStringLiteral(" · ") + figure(formatPercent(status.epoch - whole, 0))
                         : QString());
    if (!m_rate->hasFocus() && !m_rate->isModified())
        m_rate->setText(known ? writeLearningRate(status.learning_rate) : QString());
}

void TopBar::showStep() {
    const std::int64_t newest = m_session.figures().step;
    if (!m_session.isReady() || !m_cursor.isInPast())
        m_step->setText(tr("Step") + QLatin1Char(' ') +
                        figure(m_session.isReady() ? formatCount(newest) : QStringLiteral("–")));
    else
        m_step->setText(
            tr("Step %1 of %2").arg(figure(formatCount(m_cursor.trace()->step)), figure(formatCount(newest))));
    // What the texts need is known when their boxes have been laid out.
    QTimer::singleShot(0, this, [this] {
        if (m_row->totalSizeHint().width() > width()) fit();
    });
}

void TopBar::showMoment() {
    showStep();
    const bool inside = m_session.isReady() && !m_session.isRunning() && m_cursor.size() > 0;
    if (inside)
        m_event->setText(tr("Event %1 of %2")
                             .arg(figure(formatCount(static_cast<std::int64_t>(m_cursor.position()))),
                                  figure(formatCount(static_cast<std::int64_t>(m_cursor.size())))));
    if (m_event->isHidden() != inside) return;
    m_event->setVisible(inside);
    m_epoch->setVisible(!inside);
    fit();
}

void TopBar::resizeEvent(QResizeEvent* event) {
    QToolBar::resizeEvent(event);
    fit();
}

void TopBar::changeEvent(QEvent* event) {
    QToolBar::changeEvent(event);
    if (event->type() == QEvent::FontChange) fit();
}

void TopBar::fit() {
    const auto words = [](const QList<CommandButton*>& buttons, bool shown) {
        for (CommandButton* button : buttons) {
            button->setWordShown(shown);
            button->setKeyShown(false);
        }
    };
    // What goes first where there is too little room for all of it.
    const std::array<std::function<void(bool)>, 6> parts{
        [this](bool shown) {
            m_menuBar->setVisible(shown);
            m_menuButton->setVisible(!shown);
        },
        [&](bool shown) {
            words(m_stepping, shown);
            m_stepping.first()->setWordShown(false); // its arrow says it
        },
        [this](bool shown) { m_device->setVisible(shown); },
        [this](bool shown) { m_model->setVisible(shown); },
        [&](bool shown) { words(m_commands, shown); },
        [this](bool shown) { m_rateLabel->setVisible(shown); },
    };
    for (const auto& show : parts)
        show(true);
    for (const auto& show : parts) {
        if (m_row->totalSizeHint().width() + spare <= width()) break;
        show(false);
    }
}

} // namespace hs::ui
