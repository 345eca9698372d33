#include "ui/views/timeline_view.h"

#include "engine/session/event_text.h"
#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/trace_cursor.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QToolTip>

#include <algorithm>
#include <array>
#include <cmath>

namespace hs::ui {

namespace {

constexpr int nameWidth = 112;
constexpr int topRoom = 20;    ///< the playhead's handle, and what the phases are called
constexpr int bottomRoom = 24; ///< the caption
constexpr int side = 12;
constexpr double laneMost = 30;
constexpr double handleHalf = 5; ///< of the playhead's handle
constexpr qint64 liveMs = 250;   ///< figures that people read change no more often

struct LaneLook {
    const char* name;
    Token token;
    QChar sign; ///< beside the name: never colour alone
};

const std::array<LaneLook, laneCount>& looks() {
    static const std::array<LaneLook, laneCount> all{{
        {QT_TRANSLATE_NOOP("hs::ui::TimelineView", "Forward"), Token::forward, QChar(0x25B8)},
        {QT_TRANSLATE_NOOP("hs::ui::TimelineView", "Backward"), Token::backward, QChar(0x25C2)},
        {QT_TRANSLATE_NOOP("hs::ui::TimelineView", "Accumulate"), Token::accumulate, QLatin1Char('+')},
        {QT_TRANSLATE_NOOP("hs::ui::TimelineView", "Update"), Token::update, QChar(0x25C6)},
    }};
    return all;
}

QPainterPath diamond(const QRectF& around) {
    const double half = std::min(around.height() / 2, 6.0);
    const QPointF centre = around.center();
    QPainterPath path(centre + QPointF(0, -half));
    path.lineTo(centre + QPointF(half, 0));
    path.lineTo(centre + QPointF(0, half));
    path.lineTo(centre + QPointF(-half, 0));
    path.closeSubpath();
    return path;
}

} // namespace

TimelineView::TimelineView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent)
    : QWidget(parent), m_session(session), m_selection(selection), m_cursor(cursor),
      m_step(new QPushButton(tr("Step"), this)) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Timeline"));
    setMouseTracking(true);
    m_step->setToolTip(tr("Do one training step and pause"));
    m_step->hide();
    m_takeTimer.setSingleShot(true);
    connect(m_step, &QPushButton::clicked, &session, &SessionModel::step);
    connect(&m_takeTimer, &QTimer::timeout, this, &TimelineView::takeMoment);
    connect(&cursor, &TraceCursor::moved, this, [this] {
        const qint64 passed = m_sinceTaken.isValid() ? m_sinceTaken.elapsed() : liveMs;
        if (!m_session.isRunning() || passed >= liveMs)
            takeMoment();
        else if (!m_takeTimer.isActive())
            m_takeTimer.start(static_cast<int>(liveMs - passed));
    });
    connect(&session, &SessionModel::readyChanged, this, &TimelineView::takeMoment);
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void TimelineView::takeMoment() {
    if (!isVisible()) return;
    m_takeTimer.stop();
    m_sinceTaken.start();
    const auto& trace = m_cursor.trace();
    if (trace != m_taken || m_cursor.size() != m_takenSize) m_model.take(trace.get());
    m_taken = trace;
    m_takenSize = m_cursor.size();
    const QString now = caption(m_cursor.event());
    setAccessibleDescription(tr("Event %1 of %2. %3").arg(m_cursor.position()).arg(m_cursor.size()).arg(now));
    m_step->setVisible(m_model.marks().empty() && m_session.isReady() && !m_session.isRunning() &&
                       m_session.status().state != session::State::failed);
    update();
}

void TimelineView::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    takeMoment();
}

void TimelineView::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    const QSize size = m_step->sizeHint();
    m_step->setGeometry((width() - size.width()) / 2, height() / 2 + 8, size.width(), size.height());
}

double TimelineView::laneHeight() const {
    return std::clamp<double>((height() - topRoom - bottomRoom) / static_cast<double>(laneCount), 12, laneMost);
}

QRectF TimelineView::strip() const {
    const double left = side + nameWidth;
    return {left, topRoom, std::max(width() - left - side, 1.0), laneHeight() * laneCount};
}

QRectF TimelineView::markRect(const TimelineMark& mark) const {
    const QRectF area = strip();
    const double left = area.left() + mark.left * area.width();
    const double right = area.left() + mark.right * area.width();
    const double gap = right - left > 4 ? 1 : 0; // crowded ones touch
    const double inset = std::min(3.0, laneHeight() / 6);
    return {left, area.top() + static_cast<int>(mark.lane) * laneHeight() + inset, std::max(right - left - gap, 1.0),
            laneHeight() - 2 * inset};
}

QString TimelineView::caption(trace::Id id) const {
    const auto& trace = m_cursor.trace();
    if (!trace || id == trace::none || id >= trace->events.size()) return tr("Begin of the step");
    const trace::Event& event = trace->events[id];
    QString text = QString::fromStdString(session::event_text(*trace, id));
    if (event.end_ns > event.begin_ns)
        text += QStringLiteral(" · ") + formatSeconds(static_cast<double>(event.end_ns - event.begin_ns) * 1e-9);
    if (event.value == trace::none) return text;
    const trace::Value& value = trace->values[event.value];
    const auto count = static_cast<std::size_t>(element_count(value.shape));
    return text + QStringLiteral(" · ") + formatBytes(count * size_of(value.dtype));
}

QString TimelineView::emptyText() const {
    if (!m_session.hasSource()) return tr("The events of a training step will be here.");
    return m_session.isRunning() ? QString() : tr("No step recorded yet.");
}

void TimelineView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), theme().color(Token::panel));
    if (m_model.marks().empty()) {
        painter.setFont(theme().font());
        painter.setPen(theme().color(Token::text2));
        painter.drawText(QRect(0, 0, width(), height() / 2), Qt::AlignHCenter | Qt::AlignBottom, emptyText());
        return;
    }
    paintLanes(painter);
    paintPhases(painter);
    paintMarks(painter);
    paintPlayhead(painter);
}

void TimelineView::paintLanes(QPainter& painter) const {
    const QRectF area = strip();
    for (int lane = 0; lane < laneCount; ++lane) {
        const LaneLook& look = looks()[static_cast<std::size_t>(lane)];
        const double top = area.top() + lane * laneHeight();
        const QRectF row(area.left(), top + 1, area.width(), laneHeight() - 2);
        painter.fillRect(row, theme().color(Token::raised));
        painter.setFont(theme().font(TypeSize::secondary));
        painter.setPen(theme().color(look.token));
        painter.drawText(QRectF(side, top, 16, laneHeight()), Qt::AlignCenter, look.sign);
        painter.setPen(theme().color(Token::text2));
        painter.drawText(QRectF(side + 20, top, nameWidth - 24, laneHeight()), Qt::AlignLeft | Qt::AlignVCenter,
                         tr(look.name));
    }
}

void TimelineView::paintMarks(QPainter& painter) const {
    const std::size_t now = m_cursor.position();
    const trace::Id lastEvent = m_cursor.event();
    std::array<double, laneCount> painted{}; // the right end, by lane
    for (const TimelineMark& mark : m_model.marks()) {
        const QRectF box = markRect(mark);
        // Where several share a pixel one of them is painted.
        double& end = painted[static_cast<std::size_t>(mark.lane)];
        if (box.right() - end < 0.5 && mark.event != lastEvent) continue;
        end = box.right();
        const QColor color = theme().color(looks()[static_cast<std::size_t>(mark.lane)].token);
        const bool happened = mark.event < now;
        const bool last = mark.event == lastEvent;
        const bool filled = happened && !mark.isZero;
        painter.setPen(filled     ? QPen(Qt::NoPen)
                       : happened ? QPen(theme().color(Token::text3), 1)
                                  : QPen(blend(color, theme().color(Token::raised), 55), 1, Qt::DotLine));
        painter.setBrush(filled ? QBrush(last ? color : blend(color, theme().color(Token::raised), 75))
                                : QBrush(Qt::NoBrush));
        if (mark.isSum)
            painter.drawPath(diamond(box));
        else
            painter.drawRoundedRect(filled ? box : box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2);
        if (!last) continue;
        painter.setPen(QPen(theme().color(Token::selection), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 3, 3);
    }
}

void TimelineView::paintPhases(QPainter& painter) const {
    const QRectF area = strip();
    painter.setFont(theme().font(TypeSize::annotation));
    const QFontMetricsF metrics(painter.font());
    const double head = std::round(area.left() + m_model.shareAt(m_cursor.position()) * area.width());
    double free = area.left();
    for (const TimelinePhase& phase : m_model.phases()) {
        const double x = std::round(area.left() + phase.at * area.width()) + 0.5;
        painter.setPen(QPen(theme().color(Token::lineStrong), 1, Qt::DotLine));
        painter.drawLine(QPointF(x, 4), QPointF(x, area.bottom()));
        const QString name = phase.pass > 0 ? tr("pass %1").arg(phase.pass) : tr("optimizer");
        const double wide = metrics.horizontalAdvance(name);
        // Before the line where there is no room behind it.
        double left = x + 4 + wide > area.right() ? x - 4 - wide : x + 4;
        // Beside the playhead's handle, which would hide it.
        if (!m_session.isRunning() && left < head + handleHalf + 1 && left + wide > head - handleHalf - 1)
            left = head + handleHalf + 3 + wide > area.right() ? head - handleHalf - 3 - wide : head + handleHalf + 3;
        if (left < free) continue;
        painter.setPen(theme().color(Token::text3));
        painter.drawText(QRectF(left, 2, wide + 2, topRoom - 4), Qt::AlignLeft | Qt::AlignVCenter, name);
        free = left + wide + 8;
    }
}

void TimelineView::paintPlayhead(QPainter& painter) const {
    if (m_session.isRunning()) return;
    const QRectF area = strip();
    const double x = std::round(area.left() + m_model.shareAt(m_cursor.position()) * area.width());
    const QColor color = theme().color(Token::text);
    painter.setPen(QPen(color, 2));
    painter.drawLine(QPointF(x, area.top() - 6), QPointF(x, area.bottom() + 2));
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawRoundedRect(QRectF(x - handleHalf, area.top() - 12, 2 * handleHalf, 8), 2, 2);
    painter.setFont(theme().font(TypeSize::secondary, QFont::Medium));
    painter.setPen(color);
    const QFontMetricsF metrics(painter.font());
    const QString text = metrics.elidedText(caption(m_cursor.event()), Qt::ElideRight, width() - 2 * side);
    const double wide = metrics.horizontalAdvance(text) + 2;
    const double left = std::clamp(x - wide / 2, double{side}, std::max<double>(width() - side - wide, side));
    painter.drawText(QRectF(left, area.bottom() + 3, wide, bottomRoom - 4), Qt::AlignLeft | Qt::AlignVCenter, text);
}

const TimelineMark* TimelineView::markAt(QPointF point) const {
    for (const TimelineMark& mark : m_model.marks())
        if (markRect(mark).adjusted(-1, -2, 1, 2).contains(point)) return &mark;
    return nullptr;
}

void TimelineView::scrub(double x) {
    const QRectF area = strip();
    m_cursor.moveTo(m_model.positionAt((x - area.left()) / area.width()));
    select();
}

void TimelineView::select() {
    const auto& trace = m_cursor.trace();
    const trace::Id event = m_cursor.event();
    if (!trace) return;
    m_selection.selectEvent(event);
    if (event != trace::none && trace->events[event].node != trace::none)
        m_selection.selectNode(trace->events[event].node);
}

void TimelineView::mousePressEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton) scrub(event->position().x());
}

void TimelineView::mouseMoveEvent(QMouseEvent* event) {
    if (event->buttons() & Qt::LeftButton) scrub(event->position().x());
}

void TimelineView::keyPressEvent(QKeyEvent* event) {
    using session::Goal;
    switch (event->key()) {
    case Qt::Key_Left:
        m_cursor.stepBack(Goal::event);
        break;
    case Qt::Key_Right:
        m_cursor.stepForward(Goal::event);
        break;
    case Qt::Key_PageUp:
        m_cursor.stepBack(Goal::over);
        break;
    case Qt::Key_PageDown:
        m_cursor.stepForward(Goal::over);
        break;
    case Qt::Key_Home:
        m_cursor.moveToBegin();
        break;
    case Qt::Key_End:
        m_cursor.moveToEnd();
        break;
    default:
        return QWidget::keyPressEvent(event);
    }
    select();
}

bool TimelineView::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        if (const TimelineMark* mark = markAt(help->pos()))
            QToolTip::showText(help->globalPos(), caption(mark->event), this);
        else
            QToolTip::showText(help->globalPos(),
                               m_session.isRunning()
                                   ? tr("The newest step. Pause to go through its events")
                                   : tr("Click or drag to go to a moment; the arrow keys go event by event"),
                               this);
        return true;
    }
    return QWidget::event(event);
}

} // namespace hs::ui
