#include "ui/window/message_strip.h"

#include "ui/theme/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>

namespace hs::ui {

MessageStrip::MessageStrip(QWidget* parent)
    : QFrame(parent), m_text(new QLabel), m_action(new QPushButton), m_close(new QPushButton),
      m_progress(new QProgressBar) {
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_close->setText(tr("Dismiss"));
    m_close->setToolTip(tr("Hide this message"));
    m_progress->setRange(0, 0);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(120);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(38, 6, 10, 6);
    row->setSpacing(12);
    row->addWidget(m_text, 1);
    row->addWidget(m_progress);
    row->addWidget(m_action);
    row->addWidget(m_close);
    connect(m_action, &QPushButton::clicked, this, &MessageStrip::triggered);
    connect(m_close, &QPushButton::clicked, this, [this] {
        clear();
        emit closed();
    });
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
    hide();
}

QString MessageStrip::text() const {
    return m_text->text();
}

void MessageStrip::show(Kind kind, const QString& text, const QString& action, bool canClose) {
    if (kind == m_kind && text == m_text->text() && action == m_action->text()) return;
    m_kind = kind;
    m_text->setText(text);
    m_action->setText(action);
    m_action->setToolTip(action);
    m_action->setVisible(!action.isEmpty());
    m_close->setVisible(canClose);
    m_progress->setVisible(kind == Kind::loading);
    setAccessibleName(text);
    setVisible(kind != Kind::none);
    update();
}

Token MessageStrip::token() const {
    switch (m_kind) {
    case Kind::warning:
        return Token::warning;
    case Kind::error:
        return Token::error;
    case Kind::nan:
        return Token::nan;
    default:
        return Token::text2;
    }
}

void MessageStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const bool colored = m_kind != Kind::loading && m_kind != Kind::empty && m_kind != Kind::info;
    painter.fillRect(rect(), colored ? theme().tint(token(), 12) : theme().color(Token::raised));
    painter.fillRect(0, height() - 1, width(), 1, colored ? theme().tint(token(), 55) : theme().color(Token::line));
    const QString sign = m_kind == Kind::warning ? QStringLiteral("warning")
                         : m_kind == Kind::error ? QStringLiteral("error")
                         : m_kind == Kind::nan   ? QStringLiteral("nan")
                                                 : QStringLiteral("info");
    painter.drawPixmap(QRect(13, (height() - 16) / 2, 16, 16), iconPixmap(sign, token(), 16, devicePixelRatioF()));
}

} // namespace hs::ui
