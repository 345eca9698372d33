#pragma once

#include "ui/models/scratch_model.h"

#include <QPlainTextEdit>
#include <QStringList>

class QCompleter;

namespace hs::ui {

/// The lines of a scratch pad: line numbers at the left, what each line gave at the right, an error underlined where it
/// is.
class ScratchEditor : public QPlainTextEdit {
    Q_OBJECT

  public:
    explicit ScratchEditor(ScratchModel& model, QWidget* parent = nullptr);

    /// What is written at the right of a line (counted from 1) at the moment that is shown.
    QString resultOf(int line) const;
    QCompleter* completer() const { return m_completer; }

  signals:
    /// Another text is there, and nothing was typed for a moment.
    void edited(const QString& text);

  protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

  private:
    class Numbers;
    void showRun();
    void takePad();
    void keep(const QString& text);
    void replace(const QString& text);
    void showErrors();
    void paintNumbers(QPaintEvent* event);
    void applyFonts();
    void settle();
    void recall(int direction);
    void complete(bool asked);
    void insert(const QString& completion);
    QString wordBeforeCursor(bool& behindDot) const;

    ScratchModel& m_model;
    Numbers* m_numbers;
    QCompleter* m_completer;
    QTimer* m_pause;
    QStringList m_history; ///< texts that ran, oldest first
    qsizetype m_place = 0; ///< in it; its size: what is being written
};

} // namespace hs::ui
