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
    void goToNonFinite();
    /// Why something was refused; stays until it is closed, or training goes on.
    void say(const QString& text);

  signals:
    void reopenRequested();
    void closeRequested();

  private:
    void update();
    bool showSaid();

    SessionModel& m_session;
    Selection& m_selection;
    MessageStrip& m_strip;
    QTimer m_loading;
    QString m_subject;
    QString m_dismissed;
    QString m_said;
};

} // namespace hs::ui
