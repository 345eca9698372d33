#include "ui/window/messages.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/tensor_choice.h"
#include "ui/theme/numbers.h"
#include "ui/window/message_strip.h"

namespace hs::ui {

namespace {

constexpr int patienceMs = 300;

QString placeOf(const session::NonFinite& bad) {
    return bad.module.empty() ? Messages::tr("the loss") : QString::fromStdString(bad.module);
}

} // namespace

Messages::Messages(SessionModel& session, Selection& selection, MessageStrip& strip)
    : m_session(session), m_selection(selection), m_strip(strip) {
    m_loading.setSingleShot(true);
    m_loading.setInterval(patienceMs);
    connect(&m_loading, &QTimer::timeout, this, &Messages::update);
    connect(&session, &SessionModel::sourceChanged, this, [this] {
        m_loading.start();
        update();
    });
    connect(&session, &SessionModel::readyChanged, this, &Messages::update);
    connect(&session, &SessionModel::statusChanged, this, &Messages::update);
    connect(&strip, &MessageStrip::closed, this, [this] {
        m_dismissed = m_strip.text();
        m_said.clear();
    });
    connect(&strip, &MessageStrip::triggered, this, [this] {
        if (m_strip.kind() == MessageStrip::Kind::nan)
            goToNonFinite();
        else if (m_strip.kind() == MessageStrip::Kind::loading)
            emit closeRequested();
        else
            emit reopenRequested();
    });
}

void Messages::say(const QString& text) {
    m_said = text;
    m_dismissed.clear();
    update();
}

/// What was refused, or why the engine stopped by itself.
bool Messages::showSaid() {
    const session::Status& status = m_session.status();
    if (status.state == session::State::running) m_said.clear();
    QString text = m_said;
    const QString why = QString::fromStdString(status.message);
    if (text.isEmpty() && status.state == session::State::paused &&
        !why.startsWith(QStringLiteral("NaN or Inf appeared")))
        text = why;
    if (text.isEmpty()) return false;
    const bool dismissed = text == m_dismissed && m_strip.kind() == MessageStrip::Kind::none;
    if (!dismissed) m_strip.show(MessageStrip::Kind::warning, text, {}, true);
    return true;
}

void Messages::forget() {
    m_said.clear();
    m_dismissed.clear();
    m_strip.clear();
}

void Messages::update() {
    if (!m_session.hasSource()) {
        const QString action = m_subject.isEmpty() ? QString() : tr("Open %1").arg(m_subject);
        return m_strip.show(MessageStrip::Kind::empty, tr("Nothing is open."), action);
    }
    const session::Status& status = m_session.status();
    if (status.state == session::State::failed) {
        m_loading.stop();
        return m_strip.show(MessageStrip::Kind::error, QString::fromStdString(status.message), tr("Try again"));
    }
    if (!m_session.isReady()) {
        if (!m_loading.isActive())
            m_strip.show(MessageStrip::Kind::loading, tr("Making %1 and reading its data").arg(m_subject),
                         tr("Cancel"));
        return;
    }
    if (showSaid()) return;
    if (!status.has_non_finite) return m_strip.clear();
    const session::NonFinite& bad = status.non_finite;
    const QString step = formatCount(bad.step);
    const QString text = tr("NaN or Inf appeared first in step %1, in %2 (%3).")
                             .arg(step, placeOf(bad), QString::fromStdString(bad.what));
    // A strip that was closed is not pushed back at the person.
    if (text == m_dismissed && m_strip.kind() == MessageStrip::Kind::none) return;
    m_strip.show(MessageStrip::Kind::nan, text, tr("Go to first NaN, step %1, %2").arg(step, placeOf(bad)), true);
}

void Messages::goToNonFinite() {
    const session::Status& status = m_session.status();
    if (!status.has_non_finite) return;
    m_session.pause();
    const std::string& path = status.non_finite.module;
    const trace::Module* module = findModule(m_session.modules().get(), path);
    if (!module) return;
    trace::ValueKey key{trace::Role::output, path, {}};
    for (const trace::Member& member : module->members)
        if (status.non_finite.what.ends_with(" " + member.name)) key = {trace::Role::gradient, path, member.name};
    m_selection.selectValue(key);
}

} // namespace hs::ui
