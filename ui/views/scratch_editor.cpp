#include "ui/views/scratch_editor.h"

#include "ui/theme/theme.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QHelpEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStringListModel>
#include <QTextBlock>
#include <QTimer>
#include <QToolTip>

#include <algorithm>
#include <functional>

namespace hs::ui {

namespace {

constexpr int numbersWidth = 40;
constexpr int typingPause = 350;
constexpr qsizetype historyLimit = 100;
constexpr qsizetype lettersToComplete = 2;

const session::ScratchLine* scratchLine(const ScratchModel& model, int line) {
    if (!model.isCurrent()) return nullptr;
    for (const session::ScratchLine& found : model.run()->lines)
        if (found.last == line && found.end.by(model.moment())) return &found;
    return nullptr;
}

} // namespace

class ScratchEditor::Numbers : public QWidget {
  public:
    Numbers(ScratchEditor* editor, std::function<void(QPaintEvent*)> paint)
        : QWidget(editor), m_paint(std::move(paint)) {}

  protected:
    void paintEvent(QPaintEvent* event) override { m_paint(event); }

  private:
    std::function<void(QPaintEvent*)> m_paint;
};

ScratchEditor::ScratchEditor(ScratchModel& model, QWidget* parent)
    : QPlainTextEdit(parent), m_model(model),
      m_numbers(new Numbers(this, [this](QPaintEvent* event) { paintNumbers(event); })),
      m_completer(new QCompleter(this)), m_pause(new QTimer(this)) {
    setObjectName(QStringLiteral("scratchEditor"));
    setAccessibleName(tr("Lines of the scratch pad"));
    setPlaceholderText(tr("w = tensor([1.], requires_grad=True)"));
    setLineWrapMode(QPlainTextEdit::NoWrap);
    setTabChangesFocus(true);
    setFrameShape(QFrame::NoFrame);
    setViewportMargins(numbersWidth, 0, 0, 0);
    m_completer->setModel(new QStringListModel(m_completer));
    m_completer->setWidget(this);
    m_completer->setCompletionMode(QCompleter::PopupCompletion);
    m_completer->setCaseSensitivity(Qt::CaseSensitive);
    connect(m_completer, qOverload<const QString&>(&QCompleter::activated), this, &ScratchEditor::insert);
    m_pause->setSingleShot(true);
    m_pause->setInterval(typingPause);
    connect(m_pause, &QTimer::timeout, this, &ScratchEditor::settle);
    connect(this, &QPlainTextEdit::textChanged, this, [this] {
        if (toPlainText() != m_model.text()) m_pause->start();
    });
    connect(this, &QPlainTextEdit::updateRequest, m_numbers,
            [this](const QRect&, int dy) { dy != 0 ? m_numbers->scroll(0, dy) : m_numbers->update(); });
    connect(&model, &ScratchModel::changed, this, &ScratchEditor::showRun);
    connect(&model, &ScratchModel::opened, this, &ScratchEditor::takePad);
    setEnabled(model.isOpen());
    connect(&theme(), &Theme::changed, this, &ScratchEditor::applyFonts);
    applyFonts();
}

void ScratchEditor::applyFonts() {
    QFont font = theme().mono(TypeSize::base);
    font.setPixelSize(15);
    setFont(font);
    document()->setDefaultFont(font);
    viewport()->update();
    showErrors();
}

void ScratchEditor::settle() {
    m_pause->stop();
    const QString text = toPlainText();
    if (text == m_model.text()) return;
    keep(m_model.text());
    emit edited(text);
}

/// For Ctrl+Up.
void ScratchEditor::keep(const QString& text) {
    if (m_history.isEmpty() || m_history.last() != text) m_history.append(text);
    if (m_history.size() > historyLimit) m_history.removeFirst();
    m_place = m_history.size();
}

void ScratchEditor::replace(const QString& text) {
    if (!document()->isEmpty()) keep(toPlainText());
    setPlainText(text);
}

/// Another pad's text comes, whatever was being typed into the one before.
void ScratchEditor::takePad() {
    m_pause->stop();
    m_completer->popup()->hide();
    if (toPlainText() != m_model.text()) replace(m_model.text());
    setEnabled(m_model.isOpen());
}

void ScratchEditor::showRun() {
    if (toPlainText() != m_model.text() && !m_pause->isActive() && !hasFocus()) replace(m_model.text());
    showErrors();
    viewport()->update();
    m_numbers->update();
}

void ScratchEditor::showErrors() {
    QList<QTextEdit::ExtraSelection> marks;
    if (m_model.isCurrent() && m_model.run()->error) {
        const session::ScratchError& error = *m_model.run()->error;
        const QTextBlock block = document()->findBlockByNumber(error.line - 1);
        if (block.isValid()) {
            // Columns count bytes, a text's positions do not.
            const QByteArray bytes = block.text().toUtf8();
            const auto begin = QString::fromUtf8(bytes.left(error.column - 1)).size();
            const auto length = QString::fromUtf8(bytes.mid(error.column - 1, error.length)).size();
            QTextEdit::ExtraSelection mark;
            mark.cursor = QTextCursor(block);
            mark.cursor.setPosition(block.position() +
                                    static_cast<int>(std::min<qsizetype>(begin, block.length() - 1)));
            mark.cursor.movePosition(QTextCursor::Right, QTextCursor::KeepAnchor,
                                     static_cast<int>(std::max<qsizetype>(length, 1)));
            if (!mark.cursor.hasSelection()) // at the end of the line: its last letter
                mark.cursor.movePosition(QTextCursor::Left, QTextCursor::KeepAnchor);
            mark.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
            mark.format.setUnderlineColor(theme().color(Token::error));
            mark.format.setForeground(theme().color(Token::error));
            marks.append(mark);
        }
    }
    setExtraSelections(marks);
}

QString ScratchEditor::resultOf(int line) const {
    const session::ScratchLine* found = scratchLine(m_model, line);
    if (!found) return {};
    QString text = QString::fromStdString(found->shown);
    if (text.isEmpty() && !found->printed.empty()) text = QString::fromStdString(found->printed.front());
    const qsizetype end = text.indexOf(QLatin1Char('\n'));
    return end < 0 ? text : text.left(end) + QStringLiteral(" …");
}

void ScratchEditor::paintEvent(QPaintEvent* event) {
    QPlainTextEdit::paintEvent(event);
    QPainter painter(viewport());
    painter.setFont(font());
    const QFontMetricsF metrics(font());
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF place = blockBoundingGeometry(block).translated(contentOffset());
        if (place.top() > event->rect().bottom()) break;
        const QString result = resultOf(block.blockNumber() + 1);
        if (result.isEmpty()) continue;
        const double written = metrics.horizontalAdvance(block.text()) + 28;
        const double room = viewport()->width() - written - 14;
        if (room < 40) continue; // never over what is written
        const session::ScratchLine* line = scratchLine(m_model, block.blockNumber() + 1);
        painter.setPen(theme().color(line->is_gradient ? Token::backward : Token::forward));
        const QRectF right(written, place.top(), room, metrics.height() + 2);
        painter.drawText(right, Qt::AlignRight | Qt::AlignTop, metrics.elidedText(result, Qt::ElideRight, room));
    }
}

void ScratchEditor::paintNumbers(QPaintEvent* event) {
    QPainter painter(m_numbers);
    painter.fillRect(event->rect(), theme().color(Token::panel));
    QFont small = font();
    small.setPixelSize(12);
    painter.setFont(small);
    const auto& error = m_model.isCurrent() ? m_model.run()->error : std::nullopt;
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        const QRectF place = blockBoundingGeometry(block).translated(contentOffset());
        if (place.top() > event->rect().bottom()) break;
        const int line = block.blockNumber() + 1;
        const bool wrong = error && error->line == line;
        const bool next = scratchLine(m_model, line) == nullptr;
        painter.setPen(theme().color(wrong ? Token::error : next ? Token::text3 : Token::text));
        painter.drawText(QRectF(0, place.top(), numbersWidth - 12, QFontMetricsF(font()).height()),
                         Qt::AlignRight | Qt::AlignVCenter,
                         wrong ? QStringLiteral("✕ %1").arg(line) : QString::number(line));
    }
}

void ScratchEditor::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    const QRect inside = contentsRect();
    m_numbers->setGeometry(inside.left(), inside.top(), numbersWidth, inside.height());
}

bool ScratchEditor::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QPlainTextEdit::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int line = cursorForPosition(viewport()->mapFrom(this, help->pos())).blockNumber() + 1;
    QStringList parts;
    if (const session::ScratchLine* found = scratchLine(m_model, line)) {
        if (!found->shown.empty()) parts.append(QString::fromStdString(found->shown));
        for (const std::string& printed : found->printed)
            parts.append(QString::fromStdString(printed));
        for (const std::string& warning : found->warnings)
            parts.append(tr("Warning: %1").arg(QString::fromStdString(warning)));
    }
    QToolTip::showText(help->globalPos(),
                       parts.join(QLatin1Char('\n')).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>")),
                       this);
    return true;
}

void ScratchEditor::keyPressEvent(QKeyEvent* event) {
    const bool control = event->modifiers() & Qt::ControlModifier;
    if (m_completer->popup()->isVisible()) {
        switch (event->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Escape:
        case Qt::Key_Tab:
            event->ignore(); // the list takes it
            return;
        default:
            break;
        }
    }
    if (control && event->key() == Qt::Key_Space) return complete(true);
    if (control && (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down))
        return recall(event->key() == Qt::Key_Up ? -1 : 1);
    if (control && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) return settle();
    QPlainTextEdit::keyPressEvent(event);
    if (!event->text().isEmpty() && event->text().at(0).isPrint())
        complete(false);
    else
        m_completer->popup()->hide();
}

/// Texts that ran before, as an undoable edit.
void ScratchEditor::recall(int direction) {
    if (m_place == m_history.size() && direction < 0 && (m_history.isEmpty() || m_history.last() != toPlainText())) {
        m_history.append(toPlainText());
        m_place = m_history.size() - 1;
    }
    const qsizetype place = m_place + direction;
    if (place < 0 || place >= m_history.size()) return;
    m_place = place;
    QTextCursor cursor(document());
    cursor.select(QTextCursor::Document);
    cursor.insertText(m_history[place]);
    m_pause->stop();
    emit edited(toPlainText());
}

QString ScratchEditor::wordBeforeCursor(bool& behindDot) const {
    const QTextCursor cursor = textCursor();
    const QString line = cursor.block().text().left(cursor.positionInBlock());
    qsizetype begin = line.size();
    while (begin > 0 && (line[begin - 1].isLetterOrNumber() || line[begin - 1] == QLatin1Char('_')))
        --begin;
    behindDot = begin > 0 && line[begin - 1] == QLatin1Char('.');
    return line.mid(begin);
}

void ScratchEditor::complete(bool asked) {
    bool behindDot = false;
    const QString word = wordBeforeCursor(behindDot);
    const bool enough = asked || word.size() >= lettersToComplete;
    if (!enough || (!word.isEmpty() && word[0].isDigit())) return m_completer->popup()->hide();
    QStringList names;
    if (!behindDot && m_model.run())
        for (const std::string& name : m_model.run()->names)
            names.append(QString::fromStdString(name));
    for (const std::string& name : session::scratch_names(behindDot))
        names.append(QString::fromStdString(name));
    static_cast<QStringListModel*>(m_completer->model())->setStringList(names);
    m_completer->setCompletionPrefix(word);
    const bool only = m_completer->completionCount() == 1 && m_completer->currentCompletion() == word;
    if (m_completer->completionCount() == 0 || only) return m_completer->popup()->hide();
    m_completer->popup()->setCurrentIndex(m_completer->completionModel()->index(0, 0));
    QRect place = cursorRect();
    place.translate(numbersWidth, 0);
    place.setWidth(260);
    m_completer->complete(place);
}

void ScratchEditor::insert(const QString& completion) {
    bool behindDot = false;
    const auto length = static_cast<int>(wordBeforeCursor(behindDot).size());
    QTextCursor cursor = textCursor();
    cursor.movePosition(QTextCursor::Left, QTextCursor::KeepAnchor, length);
    cursor.insertText(completion);
    setTextCursor(cursor);
}

} // namespace hs::ui
