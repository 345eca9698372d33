#include "ui/window/status_line.h"

#include "ui/theme/icons.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace hs::ui {

namespace {

constexpr int margin = 12;
constexpr int betweenItems = 20;
constexpr int iconSize = 12;
constexpr int wordGap = 6;

/// A label without a value is the message itself.
QFont labelFont(const StatusItem& item) {
    return theme().font(TypeSize::secondary, item.value.isEmpty() ? QFont::Medium : QFont::Normal);
}

QFont valueFont() {
    return theme().mono(TypeSize::numbers, QFont::Medium);
}

} // namespace

StatusLine::StatusLine(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Status"));
    connect(&theme(), &Theme::changed, this, [this] { place(); });
}

void StatusLine::setItems(const QList<StatusItem>& left, const QList<StatusItem>& right) {
    if (left == m_left && right == m_right) return;
    m_left = left;
    m_right = right;
    QString spoken;
    for (const StatusItem& item : m_left + m_right)
        spoken += item.label + QLatin1Char(' ') + item.value + QStringLiteral("; ");
    setAccessibleDescription(spoken);
    place();
}

int StatusLine::widthOf(const StatusItem& item) const {
    int width = item.icon.isEmpty() ? 0 : iconSize + wordGap;
    if (!item.label.isEmpty()) width += QFontMetrics(labelFont(item)).horizontalAdvance(item.label);
    if (!item.label.isEmpty() && !item.value.isEmpty()) width += wordGap;
    if (!item.value.isEmpty()) width += QFontMetrics(valueFont()).horizontalAdvance(item.value);
    return width;
}

void StatusLine::place() {
    m_placed.clear();
    // Most wanted first: state and device, then inwards.
    int left = margin, right = width() - margin;
    qsizetype l = 0, r = m_right.size();
    while (l < m_left.size() || r > 0) {
        if (l < m_left.size()) {
            const int wide = widthOf(m_left[l]);
            if (left + wide + betweenItems > right) break;
            m_placed.append({m_left[l], left, wide});
            left += wide + betweenItems;
            ++l;
        }
        if (r > 0) {
            const int wide = widthOf(m_right[r - 1]);
            if (right - wide < left) break;
            right -= wide;
            m_placed.append({m_right[r - 1], right, wide});
            right -= betweenItems;
            --r;
        }
    }
    update();
}

void StatusLine::resizeEvent(QResizeEvent*) {
    place();
}

void StatusLine::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme().color(Token::panel));
    painter.fillRect(0, 0, width(), 1, theme().color(Token::line));
    for (const Placed& placed : m_placed) {
        const StatusItem& item = placed.item;
        QRect rest(placed.x, 1, placed.width + 2, height() - 1);
        if (!item.icon.isEmpty()) {
            const QRect sign(rest.left(), (height() - iconSize) / 2 + 1, iconSize, iconSize);
            painter.drawPixmap(sign, iconPixmap(item.icon, item.color, iconSize, devicePixelRatioF()));
            rest.setLeft(sign.right() + 1 + wordGap);
        }
        if (!item.label.isEmpty()) {
            painter.setFont(labelFont(item));
            painter.setPen(theme().color(item.value.isEmpty() ? item.color : Token::text2));
            painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, item.label);
            rest.setLeft(rest.left() + QFontMetrics(labelFont(item)).horizontalAdvance(item.label) + wordGap);
        }
        painter.setFont(valueFont());
        painter.setPen(theme().color(item.color));
        painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, item.value);
    }
}

bool StatusLine::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (const Placed& placed : m_placed) {
        if (help->pos().x() < placed.x || help->pos().x() > placed.x + placed.width) continue;
        QToolTip::showText(help->globalPos(), placed.item.toolTip, this);
        return true;
    }
    QToolTip::hideText();
    return true;
}

} // namespace hs::ui
