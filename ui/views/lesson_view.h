#pragma once

#include "engine/session/lesson.h"

#include <QList>
#include <QScrollArea>
#include <QString>
#include <QStringList>

#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QVBoxLayout;

namespace hs::ui {

class ScratchModel;

/// A lesson's file.
struct LessonFile {
    QString path;
    QString title; ///< of its first line; the file's name where it cannot be read
};

/// The lessons that come with the program, and those of the person's own folder.
QList<LessonFile> findLessons();
/// Where a teacher puts lessons.
QString lessonFolder();
/// Reads a file; on failure nothing, and `error` says file, line and reason.
std::optional<session::Lesson> readLesson(const QString& path, QString& error);

/// A lesson, step by step: what is built, what the learner predicts, what it was, and why. The lines go into the
/// scratch pad as they come.
class LessonView : public QScrollArea {
    Q_OBJECT

  public:
    explicit LessonView(ScratchModel& model, QWidget* parent = nullptr);

    /// Opens a file; a broken one says line and reason, and what was open stays.
    bool open(const QString& path);
    const session::Lesson* lesson() const { return m_lesson ? &*m_lesson : nullptr; }
    /// Its file, or that of the one before.
    QString path() const { return m_path; }
    std::size_t step() const { return m_step; }
    bool isRevealed() const { return m_revealed; }
    QString message() const;

    QPushButton* revealButton() const { return m_next; }
    QPushButton* backButton() const { return m_back; }
    QLineEdit* answerBox() const { return m_typed; }
    QList<QPushButton*> choices() const { return m_choices; }
    /// What stands in the card of a prediction when it is revealed.
    QString verdict() const;

  public slots:
    /// Reveals a prediction, or goes on to the next step, or to the next lesson.
    void advance();
    void goBack();

  signals:
    /// The `.grad` that the graph must not show now; empty: none.
    void hiddenGradsChanged(const QStringList& names);
    /// Another was chosen in the list: the file. Who shows this view opens it, as it ends what is open.
    void lessonRequested(const QString& path);

  protected:
    void keyPressEvent(QKeyEvent* event) override;

  private:
    void fillList();
    void followPad();
    void showStep();
    void showStage();
    void showAnswer();
    void makeChoices(const session::LessonStep& step);
    QString said() const;
    QStringList hiddenGrads() const;
    QString rich(const std::string& text) const;
    const session::LessonStep* current() const;
    void applyTheme();

    ScratchModel& m_model;
    QList<LessonFile> m_files;
    std::optional<session::Lesson> m_lesson;
    QString m_path;
    std::size_t m_step = 0;
    bool m_revealed = false;
    QComboBox* m_list;
    QLabel* m_progress;
    QLabel* m_stage;
    QLabel* m_error;
    QLabel* m_text;
    QWidget* m_card;
    QLabel* m_question;
    QWidget* m_choiceRow;
    QList<QPushButton*> m_choices;
    QLineEdit* m_typed;
    QLabel* m_verdict;
    QPushButton* m_back;
    QPushButton* m_next;
};

} // namespace hs::ui
