#include "ui/views/session_canvas.h"

#include "ui/models/session_model.h"
#include "ui/render/offscreen_renderer.h"
#include "ui/views/glyphs.h"

#include <QFocusEvent>
#include <QPainter>
#include <QPushButton>

#include <utility>

namespace hs::ui {

namespace {

constexpr double stripHeight = 32;

} // namespace

SessionCanvas::SessionCanvas(SessionModel& session, Selection& selection, QWidget* parent)
    : CanvasWidget(parent), m_session(session), m_selection(selection), m_action(new QPushButton(this)) {
    m_action->hide();
    m_action->setProperty("primary", true);
    connect(m_action, &QPushButton::clicked, this, [this] {
        if (m_notice.run) m_notice.run();
    });
    connect(&theme(), &Theme::changed, this, [this] {
        m_text.clear();
        refresh();
        requestFrame();
    });
    connect(&session, &SessionModel::statusChanged, this, &SessionCanvas::updateNotice);
    connect(&session, &SessionModel::readyChanged, this, &SessionCanvas::updateNotice);
    connect(&session, &SessionModel::sourceChanged, this, &SessionCanvas::updateNotice);
    connect(&session, &SessionModel::traceChanged, this, &SessionCanvas::updateNotice);
    setReducedMotion(theme().reducedMotion());
}

QColor SessionCanvas::background() const {
    return theme().color(Token::canvas);
}

void SessionCanvas::updateWatch() {
    m_session.watch(this, m_seen ? wantedValues() : std::set<trace::ValueKey>{});
}

Notice SessionCanvas::ownNotice() const {
    if (m_session.trace()) return {};
    return {Notice::Kind::empty, tr("No step recorded yet."), tr("Run"), [this] { m_session.run(); }};
}

Notice SessionCanvas::notice() const {
    if (!m_session.hasSource())
        return {Notice::Kind::empty, tr("No model is open. Choose a demo in the File menu."), {}, {}};
    const session::Status& status = m_session.status();
    if (status.state == session::State::failed)
        return {Notice::Kind::error, QString::fromStdString(status.message), {}, {}};
    if (!m_session.isReady()) return {Notice::Kind::loading, tr("Loading the model and its data"), {}, {}};
    return ownNotice();
}

void SessionCanvas::setSaysTraining(bool says) {
    m_saysTraining = says;
    updateNotice();
}

void SessionCanvas::updateNotice() {
    Notice now = notice();
    const bool ofTraining =
        now.kind == Notice::Kind::error || now.kind == Notice::Kind::warning || now.kind == Notice::Kind::loading;
    if (ofTraining && !m_saysTraining) now = {};
    const bool changed = now.kind != m_notice.kind || now.text != m_notice.text || now.action != m_notice.action;
    m_notice = std::move(now);
    if (!changed) return;
    m_action->setText(m_notice.action);
    m_action->setVisible(!m_notice.action.isEmpty());
    placeAction();
    requestFrame();
}

void SessionCanvas::placeAction() {
    if (m_notice.action.isEmpty()) return;
    m_action->adjustSize();
    const bool middle = m_notice.kind == Notice::Kind::empty || m_notice.kind == Notice::Kind::loading;
    if (!middle)
        m_action->move(width() - m_action->width() - 12, (int(stripHeight) - m_action->height()) / 2);
    else
        m_action->move((width() - m_action->width()) / 2, height() / 2 + 12);
}

void SessionCanvas::paintNotice(QPainter& painter) {
    if (m_notice.kind == Notice::Kind::none) return;
    const QRectF all(0, 0, width(), height());
    if (m_notice.kind == Notice::Kind::empty || m_notice.kind == Notice::Kind::loading) {
        const TextStyle style{TypeSize::base};
        const QString shown = m_text.elided(m_notice.text, style, all.width() - 24);
        m_text.draw(painter, all.adjusted(0, 0, 0, -24), Qt::AlignCenter, shown, style, theme().color(Token::text2));
        return;
    }
    const bool error = m_notice.kind == Notice::Kind::error;
    const bool hint = m_notice.kind == Notice::Kind::hint;
    const Token token = error ? Token::error : Token::warning;
    const QRectF strip(0, 0, all.width(), stripHeight);
    if (error) {
        QColor veil = background();
        veil.setAlphaF(0.4f);
        painter.fillRect(all.adjusted(0, stripHeight, 0, 0), veil);
    }
    painter.fillRect(strip, hint ? theme().color(Token::panel) : theme().tint(token, 12));
    painter.fillRect(QRectF(0, stripHeight - 1, all.width(), 1), theme().color(hint ? Token::line : token));
    if (!hint) paintSign(painter, {20, stripHeight / 2}, token);
    const double right = m_notice.action.isEmpty() ? 12 : m_action->width() + 24;
    const TextStyle style{TypeSize::base};
    const double left = hint ? 12 : 36;
    const QString shown = m_text.elided(m_notice.text, style, all.width() - left - right);
    m_text.drawAt(painter, {left, stripHeight / 2}, shown, style, theme().color(Token::text));
    if (shown != m_notice.text) setToolTip(m_notice.text);
}

void SessionCanvas::paintEvent(QPaintEvent* event) {
    if (isVisible() || !device()) return CanvasWidget::paintEvent(event);
    m_seen = true;
    refresh();
    updateNotice();
    m_seen = false;
    const QImage image = OffscreenRenderer(device()).render(*this);
    QPainter(this).drawImage(0, 0, image);
}

void SessionCanvas::focusInEvent(QFocusEvent* event) {
    const Qt::FocusReason reason = event->reason();
    if (reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason || reason == Qt::ShortcutFocusReason)
        m_keyboardFocus = true;
    CanvasWidget::focusInEvent(event);
    requestFrame();
}

void SessionCanvas::focusOutEvent(QFocusEvent* event) {
    CanvasWidget::focusOutEvent(event);
    requestFrame();
}

void SessionCanvas::keyPressEvent(QKeyEvent* event) {
    m_keyboardFocus = true;
    CanvasWidget::keyPressEvent(event);
}

void SessionCanvas::mousePressEvent(QMouseEvent* event) {
    if (m_keyboardFocus) requestFrame();
    m_keyboardFocus = false;
    CanvasWidget::mousePressEvent(event);
}

void SessionCanvas::showEvent(QShowEvent* event) {
    m_seen = true;
    refresh();
    updateNotice();
    updateWatch();
    CanvasWidget::showEvent(event);
}

void SessionCanvas::hideEvent(QHideEvent* event) {
    m_seen = false;
    updateWatch();
    CanvasWidget::hideEvent(event);
}

void SessionCanvas::resizeEvent(QResizeEvent* event) {
    CanvasWidget::resizeEvent(event);
    placeAction();
}

} // namespace hs::ui
