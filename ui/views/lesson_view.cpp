#include "ui/views/lesson_view.h"

#include "ui/models/scratch_model.h"
#include "ui/theme/theme.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStandardPaths>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>

namespace hs::ui {

namespace {

using session::LessonStep;

QString titleOf(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) return QFileInfo(path).fileName();
    const QByteArray first = file.readLine(200).trimmed();
    return first.startsWith("title:") ? QString::fromUtf8(first.mid(6)).trimmed() : QFileInfo(path).fileName();
}

QString firstLines(const QString& text, int count) {
    return text.split(QLatin1Char('\n')).mid(0, count).join(QLatin1Char('\n'));
}

} // namespace

QString lessonFolder() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/hookscope/lessons");
}

QList<LessonFile> findLessons() {
    QList<LessonFile> found;
    for (const QString& folder : {QStringLiteral(":/lessons"), lessonFolder()})
        for (const QFileInfo& file : QDir(folder).entryInfoList({QStringLiteral("*.lesson")}, QDir::Files, QDir::Name))
            found.append({file.filePath(), titleOf(file.filePath())});
    return found;
}

std::optional<session::Lesson> readLesson(const QString& path, QString& error) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        error = LessonView::tr("%1: %2").arg(path, file.errorString());
        return std::nullopt;
    }
    try {
        return session::parse_lesson(file.read(session::lesson_limit + 1).toStdString());
    } catch (const session::LessonError& problem) {
        error = LessonView::tr("%1, line %2: %3")
                    .arg(QFileInfo(path).fileName())
                    .arg(problem.line)
                    .arg(QString::fromUtf8(problem.what()));
        return std::nullopt;
    }
}

LessonView::LessonView(ScratchModel& model, QWidget* parent)
    : QScrollArea(parent), m_model(model), m_list(new QComboBox), m_progress(new QLabel), m_stage(new QLabel),
      m_error(new QLabel), m_text(new QLabel), m_card(new QWidget), m_question(new QLabel), m_choiceRow(new QWidget),
      m_typed(new QLineEdit), m_verdict(new QLabel), m_back(new QPushButton(tr("Back"))),
      m_next(new QPushButton(tr("Next"))) {
    setObjectName(QStringLiteral("lessonView"));
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* inside = new QWidget;
    inside->setAutoFillBackground(true);
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(16, 12, 16, 16);
    column->setSpacing(12);
    m_list->setAccessibleName(tr("Lesson"));
    m_list->setToolTip(tr("All lessons. Your own go into %1").arg(lessonFolder()));
    m_list->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    column->addWidget(m_list);
    column->addWidget(m_progress);
    column->addWidget(m_stage);
    for (QLabel* label : {m_error, m_text, m_question, m_verdict}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::RichText);
    }
    column->addWidget(m_error);
    column->addWidget(m_text);
    m_card->setObjectName(QStringLiteral("lessonCard"));
    m_card->setAttribute(Qt::WA_StyledBackground);
    m_question->setObjectName(QStringLiteral("lessonQuestion"));
    m_progress->setObjectName(QStringLiteral("lessonProgress"));
    m_stage->setObjectName(QStringLiteral("lessonStage"));
    auto* card = new QVBoxLayout(m_card);
    card->setContentsMargins(14, 12, 14, 12);
    card->setSpacing(10);
    card->addWidget(m_question);
    auto* row = new QVBoxLayout(m_choiceRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    card->addWidget(m_choiceRow);
    m_typed->setAccessibleName(tr("Your prediction"));
    m_typed->setMaxLength(60);
    card->addWidget(m_typed);
    card->addWidget(m_verdict);
    column->addWidget(m_card);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_next);
    buttons->addWidget(m_back);
    buttons->addStretch();
    column->addLayout(buttons);
    column->addStretch();
    setWidget(inside);
    setFocusProxy(m_next);
    m_back->setToolTip(tr("Back to the step before (Alt+Left)"));
    m_back->setShortcut(QKeySequence(QStringLiteral("Alt+Left")));
    m_next->setToolTip(tr("Go on (Enter)"));
    m_next->setProperty("primary", true);

    connect(m_next, &QPushButton::clicked, this, &LessonView::advance);
    connect(m_back, &QPushButton::clicked, this, &LessonView::goBack);
    connect(m_list, qOverload<int>(&QComboBox::activated), this,
            [this](int index) { emit lessonRequested(m_files.value(index).path); });
    connect(&model, &ScratchModel::opened, this, &LessonView::followPad);
    connect(&model, &ScratchModel::changed, this, &LessonView::showAnswer);
    connect(&theme(), &Theme::changed, this, &LessonView::applyTheme);
    fillList();
    applyTheme();
    showStep();
}

void LessonView::applyTheme() {
    const auto colour = [](QLabel* label, Token token) {
        QPalette palette = label->palette();
        palette.setColor(QPalette::WindowText, theme().color(token));
        label->setPalette(palette);
    };
    colour(m_progress, Token::text2);
    colour(m_error, Token::error);
    // Through the style sheet, since that of the application says sizes too.
    const QString text = theme().color(Token::text).name(), line = theme().color(Token::control).name();
    widget()->setStyleSheet(
        QStringLiteral("QLabel, QLineEdit { font-size: 17px; } QPushButton { font-size: 16px; padding: 6px 14px; }"
                       "#lessonQuestion { font-weight: 600; } #lessonProgress, #lessonStage { font-size: 15px; }"
                       "#lessonCard { border: 2px solid %2; border-radius: 10px; background: %3; }"
                       "#lessonCard QPushButton { border: 1px solid %2; }"
                       "#lessonCard QPushButton:checked { border: 3px solid %1; font-weight: 600; color: %1; }")
            .arg(text, line, theme().color(Token::panel).name()));
    showStage();
    showAnswer();
}

void LessonView::fillList() {
    m_files = findLessons();
    m_list->clear();
    for (const LessonFile& file : m_files)
        m_list->addItem(file.title);
}

bool LessonView::open(const QString& path) {
    QString error;
    const QString wanted = path.isEmpty() && !m_files.isEmpty() ? m_files.first().path : path;
    std::optional<session::Lesson> read = readLesson(wanted, error);
    m_error->setText(error.toHtmlEscaped());
    m_error->setVisible(!error.isEmpty());
    if (!read) return false;
    m_lesson = std::move(read);
    m_path = wanted;
    const auto same = [&](const LessonFile& file) { return file.path == wanted; };
    if (std::ranges::none_of(m_files, same)) {
        m_files.append({wanted, QString::fromStdString(m_lesson->title)});
        m_list->addItem(m_files.last().title);
    }
    const auto found = std::ranges::find_if(m_files, same);
    m_list->setCurrentIndex(static_cast<int>(found - m_files.begin()));
    m_progress->setText(tr("Lesson %1 of %2").arg(m_list->currentIndex() + 1).arg(m_files.size()));
    m_step = 0;
    m_revealed = false;
    showStep();
    return true;
}

/// A lesson whose lines the pad shows no longer is over.
void LessonView::followPad() {
    if (!m_lesson || m_model.isInLesson()) return;
    m_lesson.reset();
    m_step = 0;
    m_revealed = false;
    m_progress->clear();
    emit hiddenGradsChanged({});
    showStep();
}

const LessonStep* LessonView::current() const {
    return m_lesson && m_step < m_lesson->steps.size() ? &m_lesson->steps[m_step] : nullptr;
}

QString LessonView::message() const {
    return m_error->text();
}

QString LessonView::verdict() const {
    return m_verdict->text();
}

/// Backticks are code, the rest is text: a file cannot bring markup of its own.
QString LessonView::rich(const std::string& text) const {
    const QStringList parts = QString::fromStdString(text).toHtmlEscaped().split(QLatin1Char('`'));
    QString result;
    for (qsizetype i = 0; i < parts.size(); ++i)
        result += i % 2 == 1
                      ? QStringLiteral("<span style=\"font-family:'%1'\">%2</span>").arg(theme().monoFamily(), parts[i])
                      : parts[i];
    return result.replace(QStringLiteral("\n\n"), QStringLiteral("<br><br>"));
}

void LessonView::makeChoices(const LessonStep& step) {
    qDeleteAll(m_choices);
    m_choices.clear();
    for (const session::LessonChoice& choice : step.choices) {
        auto* button = new QPushButton(QString::fromStdString(choice.label));
        button->setCheckable(true);
        button->setAutoExclusive(true);
        button->setMinimumHeight(40);
        button->setToolTip(tr("Choose with %1, or with Space").arg(m_choices.size() + 1));
        connect(button, &QPushButton::toggled, this, &LessonView::showAnswer);
        m_choiceRow->layout()->addWidget(button);
        m_choices.append(button);
    }
}

void LessonView::showStep() {
    const LessonStep* step = current();
    m_card->setVisible(step && step->kind == LessonStep::Kind::predict);
    m_back->setEnabled(m_step > 0);
    m_next->setEnabled(step != nullptr);
    m_text->setVisible(!step || step->kind != LessonStep::Kind::predict);
    if (!step) {
        m_text->setText(tr("No lesson is open. Choose one above, or press Ctrl+Shift+L."));
        m_error->setVisible(!m_error->text().isEmpty());
        m_stage->clear();
        return;
    }
    const QString lines = firstLines(QString::fromStdString(m_lesson->script), step->lines);
    m_model.showLesson(lines, m_lesson->questions);
    m_typed->clear();
    makeChoices(*step);
    const bool typed = step->kind == LessonStep::Kind::predict && step->choices.empty();
    m_typed->setVisible(typed);
    m_choiceRow->setVisible(!typed);
    m_typed->setPlaceholderText(step->prediction == session::PredictionKind::shape ? tr("a shape, such as [2, 3]")
                                                                                   : tr("a number, or None"));
    showStage();
    showAnswer();
    if (typed)
        m_typed->setFocus();
    else if (!m_choices.isEmpty())
        m_choices.first()->setFocus();
    else
        m_next->setFocus();
}

void LessonView::showStage() {
    const LessonStep* step = current();
    if (!step) return;
    const int stage = step->kind == LessonStep::Kind::build     ? 0
                      : step->kind == LessonStep::Kind::explain ? 3
                      : m_revealed                              ? 2
                                                                : 1;
    QStringList parts;
    const QStringList names{tr("Build"), tr("Predict"), tr("Reveal"), tr("Explain")};
    for (int i = 0; i < 4; ++i) {
        const Token token = i <= stage ? Token::text : Token::text3;
        const QString sign = i < stage ? QStringLiteral("✔") : i == stage ? QStringLiteral("●") : QStringLiteral("○");
        parts.append(QStringLiteral("<span style=\"color:%1;%2\">%3&nbsp;%4</span>")
                         .arg(theme().color(token).name(), i == stage ? QStringLiteral("font-weight:600") : QString(),
                              sign, names[i]));
    }
    m_stage->setTextFormat(Qt::RichText);
    m_stage->setText(parts.join(QStringLiteral(" — ")));
}

QString LessonView::said() const {
    for (const QPushButton* button : m_choices)
        if (button->isChecked()) return button->text();
    return m_typed->text().trimmed();
}

/// Of what is still to be predicted, before more is built.
QStringList LessonView::hiddenGrads() const {
    QStringList names;
    for (std::size_t i = m_step + (m_revealed ? 1 : 0); i < m_lesson->steps.size(); ++i) {
        const LessonStep& step = m_lesson->steps[i];
        if (i > m_step && step.kind == LessonStep::Kind::build) break;
        if (!step.hidden.empty()) names.append(QString::fromStdString(step.hidden));
    }
    return names;
}

void LessonView::showAnswer() {
    const LessonStep* step = current();
    if (!step) return;
    const bool predicts = step->kind == LessonStep::Kind::predict;
    emit hiddenGradsChanged(hiddenGrads());
    const bool last = m_step + 1 >= m_lesson->steps.size();
    m_next->setText(predicts && !m_revealed ? tr("Reveal") : last ? tr("Next lesson") : tr("Next"));
    m_verdict->setVisible(predicts && m_revealed);
    for (QPushButton* button : m_choices)
        button->setEnabled(!m_revealed);
    m_typed->setEnabled(!m_revealed);
    if (!m_model.isCurrent() || m_model.run()->answers.size() != m_lesson->questions.size()) return;
    const session::ScratchRun& run = *m_model.run();
    if (predicts)
        m_question->setText(rich(session::filled(step->text, run)));
    else
        m_text->setText(rich(session::filled(step->text, run)));
    if (!predicts || !m_revealed) return;
    const session::ScratchAnswer& answer = run.answers[step->answer];
    const QString right = QString::fromStdString(session::right_answer(*step, answer)).toHtmlEscaped();
    const QString own = said().toHtmlEscaped();
    const bool good = session::is_right(*step, answer, said().toStdString());
    const QString head = own.isEmpty() ? tr("It is <b>%1</b>.").arg(right)
                         : good        ? tr("✔ Yes, it is <b>%1</b>.").arg(right)
                                       : tr("You said <s>%1</s>, it is <b>%2</b>.").arg(own, right);
    m_verdict->setText(head + QStringLiteral("<br>") + rich(session::filled(step->says, run)));
}

void LessonView::advance() {
    const LessonStep* step = current();
    if (!step) return;
    if (step->kind == LessonStep::Kind::predict && !m_revealed) {
        if (!m_model.isCurrent()) return; // its lines are still running
        m_revealed = true;
        showStage();
        showAnswer();
        m_next->setFocus();
        // When the card has its new height.
        QTimer::singleShot(0, this, [this] { ensureWidgetVisible(m_next); });
        return;
    }
    m_revealed = false;
    if (m_step + 1 < m_lesson->steps.size()) {
        ++m_step;
        return showStep();
    }
    if (!m_files.isEmpty()) open(m_files[(m_list->currentIndex() + 1) % m_files.size()].path);
}

void LessonView::goBack() {
    if (m_revealed)
        m_revealed = false;
    else if (m_step > 0)
        --m_step;
    showStep();
}

void LessonView::keyPressEvent(QKeyEvent* event) {
    const int number = event->key() - Qt::Key_1;
    if (number >= 0 && number < m_choices.size() && !m_revealed) {
        m_choices[number]->setChecked(true);
        m_choices[number]->setFocus();
        return;
    }
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) return advance();
    QScrollArea::keyPressEvent(event);
}

} // namespace hs::ui
