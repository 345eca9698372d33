#include "ui/window/messages.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/models/tensor_choice.h"
#include "ui/theme/numbers.h"
#include "ui/window/message_strip.h"

#include <utility>

namespace hs::ui {

namespace {

constexpr int patienceMs = 300;
constexpr const char* nonFiniteMessage = "NaN or Inf appeared"; // how a status says what the strip says better

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
        m_told.clear();
        if (!m_session.hasSource()) update();
    });
    connect(&strip, &MessageStrip::triggered, this, [this] {
        if (m_strip.kind() == MessageStrip::Kind::nan)
            emit nonFiniteRequested();
        else if (m_strip.kind() == MessageStrip::Kind::loading)
            emit closeRequested();
        else
            emit reopenRequested();
    });
}

void Messages::forget() {
    m_dismissed.clear();
    m_told.clear();
    m_strip.clear();
}

void Messages::tell(const QString& text) {
    m_told = text;
    if (!text.isEmpty()) m_dismissed.clear();
    update();
}

void Messages::setElsewhere(bool elsewhere) {
    m_elsewhere = elsewhere;
    // While training runs the moment changes by itself.
    if (!m_session.isRunning()) tell({});
}

/// Why it stopped by itself, or what a command said.
void Messages::updateInfo() {
    const session::Status& status = m_session.status();
    QString text = m_told;
    const bool stopped = status.state == session::State::paused && !status.message.starts_with(nonFiniteMessage);
    if (text.isEmpty() && !m_elsewhere && stopped && !status.message.empty()) {
        text = QString::fromStdString(status.message);
        if (status.message.starts_with("breakpoint")) text = tr("Stopped at %1.").arg(text);
    }
    if (text.isEmpty()) return m_strip.clear();
    if (text == m_dismissed && m_strip.kind() == MessageStrip::Kind::none) return;
    m_strip.show(MessageStrip::Kind::info, text, {}, true);
}

void Messages::update() {
    if (!m_session.hasSource()) {
        const QString action = m_subject.isEmpty() ? QString() : tr("Open %1").arg(m_subject);
        return m_strip.show(MessageStrip::Kind::empty, m_told.isEmpty() ? tr("Nothing is open.") : m_told, action);
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
    const bool wasRunning = std::exchange(m_wasRunning, m_session.isRunning());
    if (m_session.isRunning()) {
        if (!wasRunning) m_told.clear();
        m_dismissed = status.has_non_finite ? m_dismissed : QString();
    }
    const bool stopped = !status.message.empty() && !status.message.starts_with(nonFiniteMessage);
    if (!status.has_non_finite || stopped || !m_told.isEmpty()) return updateInfo();
    const session::NonFinite& bad = status.non_finite;
    const QString step = formatCount(bad.step);
    const QString text = tr("NaN or Inf appeared first in step %1, in %2 (%3).")
                             .arg(step, placeOf(bad), QString::fromStdString(bad.what));
    // A strip that was closed is not pushed back at the person.
    if (text == m_dismissed && m_strip.kind() == MessageStrip::Kind::none) return;
    m_strip.show(MessageStrip::Kind::nan, text, tr("Go to first NaN, step %1, %2").arg(step, placeOf(bad)), true);
}

void Messages::selectNonFinite() {
    const session::Status& status = m_session.status();
    if (!status.has_non_finite) return;
    const std::string& path = status.non_finite.module;
    const trace::Module* module = findModule(m_session.modules().get(), path);
    if (!module) return;
    trace::ValueKey key{trace::Role::output, path, {}};
    for (const trace::Member& member : module->members)
        if (status.non_finite.what.ends_with(" " + member.name)) key = {trace::Role::gradient, path, member.name};
    m_selection.selectValue(key);
}

} // namespace hs::ui
