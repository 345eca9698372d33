#pragma once

#include <QObject>
#include <QString>
#include <QTimer>

namespace hs::ui {

class MessageStrip;
class Selection;
class SessionModel;

/// Decides what the strip above the views says: that the model is being made, why it could not be, or where NaN came
/// up first. Never a dialog.
class Messages : public QObject {
    Q_OBJECT

  public:
    Messages(SessionModel& session, Selection& selection, MessageStrip& strip);

    /// Name of what is being opened.
    void setSubject(const QString& name) { m_subject = name; }
    /// Another training: what was dismissed may come again.
    void forget();
    /// Selects the tensor that was not finite first.
    void selectNonFinite();
    /// What a command has to say; until training runs, or another is told (nothing: none).
    void tell(const QString& text);
    /// The moment that is shown is not the one at which the engine stands: why it stopped there is not said.
    void setElsewhere(bool elsewhere);

  signals:
    void nonFiniteRequested();
    void reopenRequested();
    void closeRequested();

  private:
    void update();
    void updateInfo();

    SessionModel& m_session;
    Selection& m_selection;
    MessageStrip& m_strip;
    QTimer m_loading;
    QString m_subject;
    QString m_dismissed;
    QString m_told;
    bool m_elsewhere = false;
    bool m_wasRunning = false;
};

} // namespace hs::ui
