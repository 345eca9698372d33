#include "ui/views/scratch_view.h"

#include "ui/models/scratch_model.h"
#include "ui/theme/theme.h"
#include "ui/views/scratch_editor.h"

#include <QLabel>
#include <QVBoxLayout>

namespace hs::ui {

ScratchView::ScratchView(ScratchModel& model, QWidget* parent)
    : QWidget(parent), m_model(model), m_editor(new ScratchEditor(model)), m_message(new QLabel) {
    setObjectName(QStringLiteral("scratchView"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 8, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_editor, 1);
    m_message->setObjectName(QStringLiteral("scratchMessage"));
    m_message->setWordWrap(true);
    m_message->setContentsMargins(14, 8, 14, 10);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    column->addWidget(m_message);
    setFocusProxy(m_editor);
    connect(m_editor, &ScratchEditor::edited, this, [this](const QString& text) { m_model.setText(text); });
    connect(&model, &ScratchModel::changed, this, &ScratchView::showMessage);
    connect(&theme(), &Theme::changed, this, &ScratchView::showMessage);
    showMessage();
}

QString ScratchView::message() const {
    return m_message->text();
}

void ScratchView::showMessage() {
    QString text = tr("Each line moves the graph. Ctrl+Space completes, Ctrl+Up brings back what ran before.");
    Token token = Token::text2;
    if (!m_model.isOpen()) {
        text = tr("The scratch pad is not open. Ctrl+Shift+P opens it.");
    } else if (m_model.isCurrent() && m_model.run()->error) {
        const session::ScratchError& error = *m_model.run()->error;
        text =
            tr("✕  Line %1, column %2: %3").arg(error.line).arg(error.column).arg(QString::fromStdString(error.text));
        token = Token::error;
    } else if (m_model.isCurrent()) {
        for (const session::ScratchLine& line : m_model.run()->lines) {
            if (line.warnings.empty() || !line.end.by(m_model.moment())) continue;
            text = tr("⚠  Line %1: %2").arg(line.last).arg(QString::fromStdString(line.warnings.front()));
            constexpr qsizetype longest = 220;
            if (text.size() > longest) text = text.left(longest) + QStringLiteral("…");
            token = Token::warning;
        }
    }
    QPalette colours = m_message->palette();
    colours.setColor(QPalette::WindowText, theme().color(token));
    m_message->setPalette(colours);
    m_message->setFont(theme().font(TypeSize::base));
    m_message->setText(text);
}

} // namespace hs::ui
