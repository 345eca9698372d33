#pragma once

#include "engine/session/edits.h"

#include <QObject>
#include <QPointer>

class QLineEdit;

namespace hs::ui {

class Inspector;
class SessionModel;
class TraceCursor;

/// Writes into the Inspector's values: a box over the cell takes a number, Enter makes the edit, Escape gives it up.
/// What cannot be edited now is refused with a sentence that says why and what to do.
class ValueEditor : public QObject {
    Q_OBJECT

  public:
    ValueEditor(SessionModel& session, const TraceCursor& cursor, Inspector& inspector);

    /// `kind`: of one element, or how the number is meant for all of them (fill, scale).
    void begin(session::EditKind kind);
    /// The open box, or null.
    QLineEdit* box() const;

  signals:
    void edited(const hs::session::Edit& edit);
    void refused(const QString& why);

  protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    QString reason() const;
    void commit();

    SessionModel& m_session;
    const TraceCursor& m_cursor;
    Inspector& m_inspector;
    QPointer<QLineEdit> m_box;
    session::Edit m_edit;
};

} // namespace hs::ui
