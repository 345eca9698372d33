#pragma once

#include "engine/session/scratch.h"

#include <QObject>
#include <QString>
#include <QStringList>

#include <memory>

namespace hs::ui {

class SessionModel;
class TraceCursor;

/// The scratch pad as its views see it: its text, and what the run of the moment that is shown gave. Lives on the UI
/// thread.
class ScratchModel : public QObject {
    Q_OBJECT

  public:
    ScratchModel(SessionModel& session, TraceCursor& cursor, QObject* parent = nullptr);

    /// Opens a pad's session in the SessionModel with a text of the person's own, and runs it. What is open goes.
    void open(const QString& text);
    /// Puts a lesson's lines into the pad, apart from the person's own text. Where no lesson has the pad, a session is
    /// opened for it.
    void showLesson(const QString& text, std::vector<session::ScratchQuestion> questions);
    /// Whether the session that is open is the pad's.
    bool isOpen() const { return m_pad != nullptr; }
    /// Whether it shows the lines of a lesson.
    bool isInLesson() const { return m_inLesson; }
    QString text() const { return m_text; }
    /// What the person wrote outside of lessons.
    QString ownText() const { return m_ownText; }
    /// Runs another text; the session starts over. Does nothing for the same text, and where no pad is open.
    void setText(const QString& text);

    /// The run that is shown, or null.
    const std::shared_ptr<const session::ScratchRun>& run() const { return m_run; }
    /// Whether the run is of the text that is set: not while a newer one is still on its way.
    bool isCurrent() const { return m_run && QString::fromStdString(m_run->text) == m_text; }
    /// The moment that is shown, and the one an event before.
    const session::ScratchMark& moment() const { return m_moment; }
    const session::ScratchMark& before() const { return m_before; }

    /// The last of `changes` at the moment, or null.
    const session::ScratchChange* at(const std::vector<session::ScratchChange>& changes) const;
    QString textAt(const std::vector<session::ScratchChange>& changes) const;
    /// Whether what happened by this mark happened in the step that was made last.
    bool isNew(const session::ScratchMark& mark) const { return mark.by(m_moment) && !mark.by(m_before); }

  signals:
    /// Another run or another moment is shown.
    void changed();
    /// A pad was opened, or is no longer.
    void opened();

  private:
    void refresh();
    void start(const QString& text);

    SessionModel& m_session;
    TraceCursor& m_cursor;
    std::shared_ptr<session::ScratchPad> m_pad;
    QString m_text;
    QString m_ownText;
    std::vector<session::ScratchQuestion> m_questions;
    std::shared_ptr<const session::ScratchRun> m_run;
    session::ScratchMark m_moment;
    session::ScratchMark m_before;
    bool m_inLesson = false;
    bool m_opening = false;
};

} // namespace hs::ui
