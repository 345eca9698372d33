#include "ui/window/command_button.h"

#include "ui/theme/icons.h"

#include <QAction>
#include <QPainter>

#include <algorithm>

namespace hs::ui {

namespace {

constexpr int buttonHeight = 30;
constexpr int glyphSize = 16;
constexpr int side = 12;
constexpr int sideOfIcon = 7;
constexpr int between = 7;

QString plainText(const QAction& action) {
    return action.iconText();
}

} // namespace

QString nameAndKey(const QAction& action) {
    const QString name = plainText(action);
    const QString key = action.shortcut().toString(QKeySequence::NativeText);
    return key.isEmpty() ? name : name + QStringLiteral(" (") + key + QLatin1Char(')');
}

CommandButton::CommandButton(QAction* action, Look look, QWidget* parent)
    : QAbstractButton(parent), m_action(action), m_look(look) {
    setFocusPolicy(Qt::TabFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setCursor(Qt::ArrowCursor);
    connect(this, &QAbstractButton::clicked, action, &QAction::trigger);
    connect(action, &QAction::changed, this, &CommandButton::follow);
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
    follow();
}

void CommandButton::follow() {
    setEnabled(m_action->isEnabled());
    setToolTip(m_action->toolTip());
    setAccessibleName(plainText(*m_action));
    setAccessibleDescription(m_action->toolTip());
    updateGeometry();
    update();
}

void CommandButton::setWordShown(bool shown) {
    if (shown == m_wordShown) return;
    m_wordShown = shown;
    updateGeometry();
}

void CommandButton::setKeyShown(bool shown) {
    if (shown == m_keyShown) return;
    m_keyShown = shown;
    updateGeometry();
}

QString CommandButton::key() const {
    return m_wordShown && m_keyShown ? m_action->shortcut().toString(QKeySequence::NativeText) : QString();
}

QSize CommandButton::sizeHint() const {
    if (!m_wordShown) return {glyphSize + 2 * sideOfIcon, buttonHeight};
    int width = side + glyphSize + between + side;
    // "Run" and "Pause" share one button, which must not change its width under the pointer.
    const QFontMetrics metrics(theme().font(TypeSize::base, QFont::DemiBold));
    width += std::max(metrics.horizontalAdvance(plainText(*m_action)), m_look == Look::primary ? 40 : 0);
    if (!key().isEmpty()) width += between + QFontMetrics(theme().mono(TypeSize::annotation)).horizontalAdvance(key());
    return {width, buttonHeight};
}

void CommandButton::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const bool primary = m_look == Look::primary && isEnabled();
    const bool over = isEnabled() && underMouse();
    QColor ground = theme().color(Token::panel);
    if (primary)
        ground = theme().color(over || isDown() ? Token::text2 : Token::text);
    else if (isDown())
        ground = theme().color(Token::line);
    else if (over)
        ground = theme().color(Token::hover);
    else if (m_look == Look::primary)
        ground = theme().color(Token::raised);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(rect(), 6, 6);

    const Token ink = !isEnabled() ? Token::text3 : primary ? Token::panel : over ? Token::text : Token::text2;
    // The action's icon is named by its data, so that it can be drawn in the button's own ink.
    const QPixmap picture = iconPixmap(m_action->property("iconName").toString(), ink, glyphSize, devicePixelRatioF());
    int x = m_wordShown ? side : (width() - glyphSize) / 2;
    painter.drawPixmap(QRect(x, (height() - glyphSize) / 2, glyphSize, glyphSize), picture);
    if (!m_wordShown) return;
    x += glyphSize + between;
    painter.setPen(theme().color(ink));
    painter.setFont(theme().font(TypeSize::base, primary ? QFont::DemiBold : QFont::Medium));
    const QRect word(x, 0, width() - x - side, height());
    painter.drawText(word, Qt::AlignLeft | Qt::AlignVCenter, plainText(*m_action));
    if (key().isEmpty()) return;
    painter.setFont(theme().mono(TypeSize::annotation));
    if (primary) painter.setPen(blend(theme().color(Token::panel), ground, 75));
    painter.drawText(word, Qt::AlignRight | Qt::AlignVCenter, key());
}

void CommandButton::enterEvent(QEnterEvent* event) {
    QAbstractButton::enterEvent(event);
    update();
}

void CommandButton::leaveEvent(QEvent* event) {
    QAbstractButton::leaveEvent(event);
    update();
}

} // namespace hs::ui
