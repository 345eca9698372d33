#pragma once

#include "engine/session/chain_rule.h"
#include "engine/trace/event.h"

#include <QTimer>
#include <QWidget>

#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace hs::ui {

class MicroscopeFigure;
class MicroscopeSlice;
class Selection;
class SessionModel;
class TraceCursor;

/// The dock "Microscope": the chain rule at one node, with the real numbers in it. It follows the node that ran last,
/// or shows the selected one.
class MicroscopeView : public QWidget {
    Q_OBJECT

  public:
    MicroscopeView(SessionModel& session, Selection& selection, TraceCursor& cursor, QWidget* parent = nullptr);

    /// What is shown, or null.
    const std::shared_ptr<const session::ChainRule>& rule() const { return m_rule; }
    QComboBox* inputBox() const { return m_input; }
    QLineEdit* indexBox() const { return m_index; }
    QPushButton* checkButton() const { return m_check; }
    MicroscopeFigure* figure() const { return m_figure; }
    QLabel* title() const { return m_title; }
    QLabel* formula() const { return m_formula; }
    QLabel* facts() const { return m_facts; }

    QSize sizeHint() const override { return {324, 300}; }
    QSize minimumSizeHint() const override { return {232, 120}; }

  protected:
    void showEvent(QShowEvent* event) override;

  private:
    trace::Id node() const;
    bool hasRun(trace::Id node) const;
    void refresh();
    void ask(const session::ChainRule::Question& question);
    void askForElement(qint64 position, bool check);
    void takeIndex();
    void takeAnswer();
    void showRule();
    void setFonts();
    QString factsText() const;

    SessionModel& m_session;
    Selection& m_selection;
    TraceCursor& m_cursor;
    std::optional<session::ChainRule::Question> m_asked;
    std::shared_ptr<const session::ChainRule> m_rule;
    trace::Id m_node = trace::none;
    bool m_hasRun = false;
    QLabel* m_title;
    QLabel* m_formula;
    QLabel* m_problem;
    QWidget* m_numbers;
    QComboBox* m_input;
    QLineEdit* m_index;
    MicroscopeFigure* m_figure;
    QLabel* m_facts;
    QPushButton* m_check;
    QLabel* m_sliceTitle;
    MicroscopeSlice* m_slice;
    QTimer m_poll;
    int m_waited = 0; ///< polls since the question
};

} // namespace hs::ui
