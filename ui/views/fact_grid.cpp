#include "ui/views/fact_grid.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

namespace hs::ui {

namespace {

constexpr int columnGap = 20;

} // namespace

FactGrid::FactGrid(int columns, int rowHeight, bool alignRight, QWidget* parent)
    : QWidget(parent), m_columns(columns), m_rowHeight(rowHeight), m_alignRight(alignRight) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void FactGrid::setFacts(std::vector<Fact> facts) {
    if (facts == m_facts) return;
    const bool resized = facts.size() != m_facts.size();
    m_facts = std::move(facts);
    QString spoken;
    for (const Fact& fact : m_facts)
        spoken += fact.label + QStringLiteral(": ") + fact.value + QStringLiteral("; ");
    setAccessibleDescription(spoken);
    if (resized) updateGeometry();
    update();
}

void FactGrid::setLabelWidth(int width) {
    m_labelWidth = width;
    update();
}

QSize FactGrid::sizeHint() const {
    const int rows = (static_cast<int>(m_facts.size()) + m_columns - 1) / m_columns;
    return {m_columns * 160, rows * m_rowHeight};
}

QSize FactGrid::minimumSizeHint() const {
    return {m_columns * 80, sizeHint().height()};
}

QRect FactGrid::cell(int index) const {
    const int width = (this->width() - (m_columns - 1) * columnGap) / m_columns;
    return {index % m_columns * (width + columnGap), index / m_columns * m_rowHeight, width, m_rowHeight};
}

void FactGrid::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QFont labelFont = theme().font(TypeSize::secondary);
    const QFont valueFont = theme().mono();
    const QFontMetrics values(valueFont);
    for (int i = 0; i < static_cast<int>(m_facts.size()); ++i) {
        const Fact& fact = m_facts[static_cast<std::size_t>(i)];
        const QRect all = cell(i);
        painter.setFont(labelFont);
        painter.setPen(theme().color(Token::text2));
        painter.drawText(all, Qt::AlignLeft | Qt::AlignVCenter, fact.label);
        const int left = m_alignRight ? all.left() + QFontMetrics(labelFont).horizontalAdvance(fact.label) + 6
                                      : all.left() + m_labelWidth;
        QRect rest = all.adjusted(left - all.left(), 0, 0, 0);
        painter.setFont(valueFont);
        painter.setPen(theme().color(fact.color));
        const QString value = values.horizontalAdvance(fact.value) <= rest.width()
                                  ? fact.value
                                  : values.elidedText(fact.value, Qt::ElideRight, rest.width());
        painter.drawText(rest, (m_alignRight ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, value);
        if (fact.more.isEmpty()) continue;
        rest.setLeft(rest.left() + values.horizontalAdvance(value) + 12);
        if (values.horizontalAdvance(fact.more) > rest.width()) continue;
        painter.setPen(theme().color(fact.moreColor));
        painter.drawText(rest, Qt::AlignLeft | Qt::AlignVCenter, fact.more);
    }
}

void FactGrid::mousePressEvent(QMouseEvent* event) {
    for (int i = 0; i < static_cast<int>(m_facts.size()); ++i)
        if (event->button() == Qt::LeftButton && cell(i).contains(event->position().toPoint())) {
            emit clicked(m_facts[static_cast<std::size_t>(i)].label);
            return;
        }
}

bool FactGrid::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (int i = 0; i < static_cast<int>(m_facts.size()); ++i) {
        if (!cell(i).contains(help->pos())) continue;
        const Fact& fact = m_facts[static_cast<std::size_t>(i)];
        const QString tip = fact.toolTip.isEmpty()
                                ? fact.label + QStringLiteral(": ") + fact.value +
                                      (fact.more.isEmpty() ? QString() : QStringLiteral(", ") + fact.more)
                                : fact.toolTip;
        QToolTip::showText(help->globalPos(), tip, this, cell(i));
        return true;
    }
    return QWidget::event(event);
}

} // namespace hs::ui
