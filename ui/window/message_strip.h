#pragma once

#include "ui/theme/theme.h"

#include <QFrame>

class QLabel;
class QProgressBar;
class QPushButton;

namespace hs::ui {

/// A strip above the views that says what is wrong (or under way), where, and offers what to do. It takes the place of
/// dialogs, and hides itself when there is nothing to say.
class MessageStrip : public QFrame {
    Q_OBJECT

  public:
    enum class Kind : quint8 { none, empty, info, loading, warning, error, nan };

    explicit MessageStrip(QWidget* parent = nullptr);

    /// `action` is the text of the button; empty: none. The strip emits triggered() for it.
    void show(Kind kind, const QString& text, const QString& action = {}, bool canClose = false);
    void clear() { show(Kind::none, {}); }
    Kind kind() const { return m_kind; }
    QString text() const;
    QPushButton* button() const { return m_action; }

  signals:
    void triggered();
    void closed();

  protected:
    void paintEvent(QPaintEvent* event) override;

  private:
    Token token() const;

    Kind m_kind = Kind::none;
    QLabel* m_text;
    QPushButton* m_action;
    QPushButton* m_close;
    QProgressBar* m_progress;
};

} // namespace hs::ui
