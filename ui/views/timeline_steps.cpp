#include "ui/views/timeline_steps.h"

#include "ui/models/past_steps.h"
#include "ui/models/session_model.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hs::ui {

namespace {

constexpr int stepsNameWidth = 112;
constexpr int stepsSide = 12;
constexpr int barTop = 5;
constexpr int barHeight = 24;
constexpr int pitch = 14; ///< from bar to bar
constexpr int numberEvery = 10;
constexpr qint64 tellsAfterMs = 300; ///< shorter work is not worth a word

} // namespace

TimelineSteps::TimelineSteps(SessionModel& session, PastSteps& past, QWidget* parent)
    : QWidget(parent), m_session(session), m_past(past), m_cancel(new QPushButton(tr("Cancel"), this)) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Training steps"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_cancel->setToolTip(tr("Stop running the step again (Ctrl+Alt+Backspace)"));
    m_cancel->hide();
    m_losses.setSingleShot(true);
    m_losses.setInterval(250);
    m_busy.setInterval(100);
    connect(m_cancel, &QPushButton::clicked, &past, &PastSteps::cancel);
    connect(&m_losses, &QTimer::timeout, this, [this] {
        follow();
        takeLosses();
    });
    connect(&m_busy, &QTimer::timeout, this, &TimelineSteps::follow);
    connect(&session, &SessionModel::historyChanged, this, [this] {
        if (!m_losses.isActive()) m_losses.start();
    });
    connect(&past, &PastSteps::changed, this, [this] {
        if (!m_session.isRunning()) follow();
    });
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QRectF TimelineSteps::area() const {
    const double left = stepsSide + stepsNameWidth;
    return {left, barTop, std::max(width() - left - stepsSide, 1.0), barHeight};
}

std::int64_t TimelineSteps::capacity() const {
    return std::max<std::int64_t>(static_cast<std::int64_t>(area().width() / pitch), 1);
}

QRectF TimelineSteps::barRect(std::int64_t step) const {
    const QRectF all = area();
    const double height = std::round(heightOf(step) * all.height());
    return {all.left() + static_cast<double>(step - m_first) * pitch, all.bottom() - height, pitch - 2, height};
}

/// From a quarter to the whole of the room, between the least and the greatest loss in view.
double TimelineSteps::heightOf(std::int64_t step) const {
    const auto known = m_loss.find(step);
    if (known == m_loss.end() || !std::isfinite(known->second) || m_most <= m_least) return 0.25;
    return 0.25 + 0.75 * (known->second - m_least) / (m_most - m_least);
}

std::int64_t TimelineSteps::stepAt(double x) const {
    const QRectF all = area();
    if (x < all.left() || x >= all.left() + static_cast<double>(capacity() * pitch)) return -1;
    const auto step = m_first + static_cast<std::int64_t>((x - all.left()) / pitch);
    return step <= m_past.newest() ? step : -1;
}

void TimelineSteps::takeLosses() {
    m_losses.stop();
    m_loss.clear();
    m_least = std::numeric_limits<double>::infinity();
    m_most = -m_least;
    const auto& history = m_session.history();
    if (history && isVisible()) {
        for (const trace::ScalarPoint& point : history->scalars("loss")) {
            for (std::int64_t step = std::max(point.first_step, m_first); step <= std::min(point.last_step, last());
                 ++step)
                m_loss[step] = point.mean;
            if (point.last_step < m_first || point.first_step > last() || !std::isfinite(point.mean)) continue;
            m_least = std::min(m_least, point.mean);
            m_most = std::max(m_most, point.mean);
        }
    }
    update();
}

void TimelineSteps::follow() {
    const std::int64_t newest = m_past.newest();
    const std::int64_t shown = m_past.shown();
    const std::int64_t room = capacity();
    std::int64_t first = m_first;
    // What is in view stays where it is while a person goes back and forth in it.
    if (m_session.isRunning() || first > newest || shown > first + room - 1) first = std::max(shown - room + 1, {});
    first = std::min(first, std::max<std::int64_t>(newest - room + 1, 0)); // no room is left empty
    if (shown >= 0 && shown < first) first = std::max<std::int64_t>(shown - room / 2, 0);
    if (std::exchange(m_first, first) != first && !m_session.isRunning()) takeLosses();
    if (m_past.isBusy() != m_busy.isActive()) {
        if (m_past.isBusy())
            m_busy.start();
        else
            m_busy.stop();
    }
    placeCancel();
    setAccessibleDescription(shown < 0 ? QString() : tr("Step %1. %2").arg(shown).arg(message()));
    update();
}

void TimelineSteps::placeCancel() {
    const QSize size = m_cancel->sizeHint();
    m_cancel->setGeometry(width() - stepsSide - size.width(), (height() - size.height()) / 2, size.width(),
                          size.height());
    m_cancel->setVisible(m_past.busyMs() >= tellsAfterMs);
}

void TimelineSteps::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    takeLosses();
    follow();
}

void TimelineSteps::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    follow();
    takeLosses();
}

QString TimelineSteps::message() const {
    if (m_past.busyMs() >= tellsAfterMs) {
        const session::PastStep& answer = m_past.answer();
        if (answer.steps_needed < 2) return tr("Running step %1 again").arg(formatCount(answer.step));
        return tr("Running up to step %1 again: %2 of %3 steps")
            .arg(formatCount(answer.step), formatCount(answer.steps_done), formatCount(answer.steps_needed));
    }
    return m_past.problem();
}

QString TimelineSteps::toolTipOf(std::int64_t step) const {
    if (step < 0) return tr("Every training step, as high as its loss");
    QString text = tr("Step %1").arg(formatCount(step));
    const auto loss = m_loss.find(step);
    if (loss != m_loss.end()) text += tr(" · loss %1").arg(formatNumber(loss->second));
    text += QLatin1Char('\n');
    if (m_session.isRunning()) return text + tr("Pause to go to a step");
    if (m_past.isInReach(step)) return text + tr("Click to go there; the arrow keys go step by step");
    const QString why = QString::fromStdString(m_past.reach().why_not);
    if (!why.isEmpty()) return text + why;
    return text + (m_past.reach().first < 0
                       ? tr("Out of reach")
                       : tr("Out of reach: history reaches back to step %1").arg(formatCount(m_past.reach().first)));
}

void TimelineSteps::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), theme().color(Token::panel));
    if (m_past.newest() < 0) return;
    painter.setFont(theme().font(TypeSize::secondary));
    painter.setPen(theme().color(Token::text2));
    painter.drawText(QRectF(stepsSide, barTop, stepsNameWidth, barHeight), Qt::AlignLeft | Qt::AlignVCenter,
                     tr("Training steps"));
    paintBars(painter);
    if (message().isEmpty())
        paintNumbers(painter);
    else
        paintMessage(painter);
}

void TimelineSteps::paintBars(QPainter& painter) const {
    const std::int64_t end = std::min(last(), m_past.newest());
    const std::int64_t wanted = m_past.isBusy() ? m_past.answer().step : -1;
    for (std::int64_t step = m_first; step <= end; ++step) {
        const QRectF bar = barRect(step);
        const bool shown = step == m_past.shown();
        const bool reached = shown || m_past.isInReach(step);
        painter.setBrush(shown     ? QBrush(theme().color(Token::text))
                         : reached ? QBrush(theme().color(Token::lineStrong))
                                   : QBrush(Qt::NoBrush));
        painter.setPen(reached ? QPen(Qt::NoPen) : QPen(theme().color(Token::lineStrong), 1));
        painter.drawRoundedRect(reached ? bar : bar.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
        if (step != wanted || shown) continue;
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(theme().color(Token::text), 1.5, Qt::DotLine));
        painter.drawRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
    }
    if (!hasFocus()) return;
    const QRectF bar = barRect(std::clamp(m_past.shown(), m_first, end));
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(theme().color(Token::text), 1));
    painter.drawLine(QPointF(bar.left() - 2, area().bottom() + 2), QPointF(bar.right() + 2, area().bottom() + 2));
}

void TimelineSteps::paintNumbers(QPainter& painter) const {
    const std::int64_t end = std::min(last(), m_past.newest());
    const std::int64_t shown = m_past.shown();
    const double top = area().bottom() + 3;
    painter.setFont(theme().mono(TypeSize::annotation));
    const QFontMetricsF metrics(painter.font());
    const auto place = [&](std::int64_t step) {
        const double wide = metrics.horizontalAdvance(formatCount(step)) + 2;
        const double left = std::min(barRect(step).left(), width() - stepsSide - wide);
        return QRectF(left, top, wide, height() - top);
    };
    const QRectF own = shown >= m_first && shown <= end ? place(shown) : QRectF();
    double free = 0;
    for (std::int64_t step = m_first; step <= end; ++step) {
        if (step % numberEvery != 0 || step == shown) continue;
        const QRectF box = place(step);
        if (box.left() < free || box.adjusted(-8, 0, 8, 0).intersects(own)) continue;
        painter.setPen(theme().color(Token::text3));
        painter.drawText(box, Qt::AlignLeft | Qt::AlignTop, formatCount(step));
        free = box.right() + 8;
    }
    if (own.isNull()) return;
    painter.setFont(theme().mono(TypeSize::annotation, QFont::Medium));
    painter.setPen(theme().color(Token::text));
    painter.drawText(own, Qt::AlignLeft | Qt::AlignTop, formatCount(shown));
}

void TimelineSteps::paintMessage(QPainter& painter) const {
    const double top = area().bottom() + 2;
    QRectF line(area().left(), top, area().width(), height() - top);
    painter.setFont(theme().font(TypeSize::secondary));
    if (m_past.isBusy()) {
        const session::PastStep& answer = m_past.answer();
        const double done = answer.steps_needed > 0
                                ? static_cast<double>(answer.steps_done) / static_cast<double>(answer.steps_needed)
                                : 0;
        painter.fillRect(QRectF(line.left(), height() - 2, line.width(), 2), theme().color(Token::raised));
        painter.fillRect(QRectF(line.left(), height() - 2, line.width() * done, 2), theme().color(Token::text));
        line.setRight(m_cancel->geometry().left() - 8);
        painter.setPen(theme().color(Token::text2));
    } else {
        painter.setPen(theme().color(Token::warning));
        painter.drawText(QRectF(line.left() - 18, line.top(), 14, line.height()), Qt::AlignCenter, QChar(0x25B3));
        painter.setPen(theme().color(Token::text));
    }
    const QFontMetricsF metrics(painter.font());
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(message(), Qt::ElideRight, line.width()));
}

void TimelineSteps::mousePressEvent(QMouseEvent* event) {
    const std::int64_t step = stepAt(event->position().x());
    if (event->button() == Qt::LeftButton && step >= 0) m_past.goTo(step);
}

void TimelineSteps::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Left:
        m_past.goBy(-1);
        break;
    case Qt::Key_Right:
        m_past.goBy(1);
        break;
    case Qt::Key_PageUp:
        m_past.goBy(-numberEvery);
        break;
    case Qt::Key_PageDown:
        m_past.goBy(numberEvery);
        break;
    case Qt::Key_Home:
        m_past.goTo(m_past.reach().first);
        break;
    case Qt::Key_End:
        m_past.goToNewest();
        break;
    case Qt::Key_Escape:
        m_past.cancel();
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

bool TimelineSteps::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString text = message();
    const bool onText = !text.isEmpty() && help->pos().y() > area().bottom();
    QToolTip::showText(help->globalPos(), onText ? text : toolTipOf(stepAt(help->pos().x())), this);
    return true;
}

} // namespace hs::ui
