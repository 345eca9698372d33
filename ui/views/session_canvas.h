#pragma once

#include "engine/trace/value.h"
#include "ui/render/canvas_widget.h"
#include "ui/views/text_painter.h"

#include <functional>
#include <set>

class QPushButton;

namespace hs::ui {

class Selection;
class SessionModel;

/// What a view says instead of its content, or above it.
struct Notice {
    enum class Kind : quint8 {
        none,
        empty,   ///< one sentence in the middle: what will be here
        loading, ///< the same with no button
        hint,    ///< a plain strip at the top; the content stays
        warning, ///< a strip at the top; the content stays
        error,   ///< a strip at the top; the last good content stays, dimmed
    };
    Kind kind = Kind::none;
    QString text;
    QString action; ///< of the button; empty: none
    std::function<void()> run;
};

/// A canvas over the session: it watches the values it shows while it can be seen, repaints in the theme's colours, and
/// shows the states in which there is nothing to draw.
class SessionCanvas : public CanvasWidget {
    Q_OBJECT

  public:
    SessionCanvas(SessionModel& session, Selection& selection, QWidget* parent = nullptr);

    QColor background() const override;

    /// Without it, what is wrong with the training (or that it is being made) is not said here: the window does.
    void setSaysTraining(bool says);

    /// The state that is shown; tests read it.
    Notice notice() const;

  protected:
    SessionModel& session() const { return m_session; }
    Selection& selection() const { return m_selection; }
    const TextPainter& text() const { return m_text; }
    /// Whether somebody can see it: hidden views read nothing and watch nothing.
    bool isSeen() const { return m_seen; }

    /// Whether a focus ring is due: the focus came by a key, or a key was pressed since.
    bool showsFocus() const { return m_keyboardFocus && hasFocus(); }
    /// A key was pressed that the view takes itself.
    void showFocus() { m_keyboardFocus = true; }

    /// Values whose bytes the view needs as it is shown now.
    virtual std::set<trace::ValueKey> wantedValues() const { return {}; }
    /// To be called when wantedValues() may have changed. Cheap: what is the same is not sent.
    void updateWatch();
    /// Takes what is new from the session; called when the view comes into sight and as data arrive.
    virtual void refresh() {}
    /// What to say when the session is there and ready; by default that no step has been recorded yet.
    virtual Notice ownNotice() const;
    void updateNotice();

    /// The last call of every paintOverlay().
    void paintNotice(QPainter& painter);

    /// A hidden view that is grabbed (pictures of docks behind others) is drawn at once, from what is known.
    void paintEvent(QPaintEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

  private:
    void placeAction();

    SessionModel& m_session;
    Selection& m_selection;
    TextPainter m_text;
    QPushButton* m_action;
    Notice m_notice;
    bool m_seen = false;
    bool m_saysTraining = true;
    bool m_keyboardFocus = false;
};

} // namespace hs::ui
