#pragma once

#include "engine/trace/why.h"

#include <QFrame>

#include <cstddef>
#include <memory>

class QLabel;
class QPushButton;

namespace hs::ui {

class Selection;
class SessionModel;
class TraceCursor;

/// Answers, for the selected tensor at the moment that is shown: why is its `.grad` None, and why is it a leaf? With
/// what can be done about it: retain_grad, and the place in the graph. Hidden where nothing is to be answered.
class WhyCard : public QFrame {
    Q_OBJECT

  public:
    WhyCard(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent = nullptr);

    const trace::Why& gradient() const { return m_gradient; }
    QString text() const; ///< all of it, a paragraph a line
    QPushButton* retainButton() const { return m_retain; }
    QPushButton* showButton() const { return m_show; }

  signals:
    /// The place in the graph was selected and is to be seen.
    void graphRequested();

  protected:
    bool event(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

  private:
    void refresh();
    bool isAnswered(trace::Id value) const;
    void answer(trace::Id value);
    void showRetain();
    void retain();
    void showPlace();
    void setTexts();

    SessionModel& m_session;
    Selection& m_selection;
    TraceCursor& m_cursor;
    trace::Why m_gradient;
    /// What was answered last.
    struct Question {
        std::weak_ptr<const trace::Trace> trace;
        std::size_t size = 0;
        std::size_t position = 0;
        trace::Id value = trace::none;
    };
    Question m_answered;
    QLabel* m_title;
    QLabel* m_rule;
    QLabel* m_sentence;
    QLabel* m_detail;
    QLabel* m_remedy;
    QLabel* m_leaf;
    QPushButton* m_retain;
    QPushButton* m_show;
};

} // namespace hs::ui
