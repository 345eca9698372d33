#include "ui/views/histogram_view.h"

#include "ui/theme/numbers.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr int axisHeight = 18;

/// `10⁻³`, and 1 for 10⁰: powers of ten for an axis.
QString powerOfTen(double value) {
    const int exponent = static_cast<int>(std::lround(std::log10(value)));
    if (exponent == 0) return QStringLiteral("1");
    static const QString digits = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
    QString text = QStringLiteral("10");
    for (const QChar c : QString::number(exponent))
        text += c == QLatin1Char('-') ? QChar(0x207B) : digits[c.digitValue()];
    return text;
}

} // namespace

HistogramView::HistogramView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Histogram"));
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void HistogramView::setSummary(const std::optional<trace::Summary>& summary, Token color) {
    m_summary = summary;
    m_color = color;
    update();
}

QRectF HistogramView::plot() const {
    return QRectF(rect()).adjusted(0, 4, 0, -axisHeight);
}

void HistogramView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const QRectF area = plot();
    painter.setPen(theme().color(Token::line));
    painter.drawLine(QPointF(area.left(), area.bottom() + 0.5), QPointF(area.right(), area.bottom() + 0.5));
    if (!m_summary) return;
    const auto largest = *std::max_element(m_summary->bins.begin(), m_summary->bins.end());
    const double step = area.width() / trace::bin_count;
    const QColor fill = blend(theme().color(m_color), theme().color(Token::panel), 80);
    for (int bin = 0; largest > 0 && bin < trace::bin_count; ++bin) {
        const double share = static_cast<double>(m_summary->bins[static_cast<std::size_t>(bin)]) / largest;
        if (share == 0) continue;
        // A bin with anything in it is seen.
        const double height = std::max(share * area.height(), 1.0);
        painter.fillRect(QRectF(area.left() + bin * step, area.bottom() - height, std::max(step - 1, 1.0), height),
                         fill);
    }
    paintAxis(painter, area);
}

void HistogramView::paintAxis(QPainter& painter, const QRectF& area) const {
    painter.setFont(theme().mono(TypeSize::annotation));
    painter.setPen(theme().color(Token::text2));
    const trace::BinRange& range = m_summary->range;
    const QRectF row(area.left(), area.bottom() + 2, area.width(), axisHeight - 2);
    if (range.scale == trace::BinScale::symmetric_log) {
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("−") + powerOfTen(range.high));
        painter.drawText(row, Qt::AlignHCenter | Qt::AlignVCenter, QStringLiteral("±") + powerOfTen(range.low));
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, powerOfTen(range.high));
        return;
    }
    const QString low = formatNumber(range.low, 3);
    const QString high = formatNumber(range.high, 3);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, low);
    painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, high);
    if (range.low >= 0 || range.high <= 0) return;
    const double at = area.left() + area.width() * -range.low / (range.high - range.low);
    painter.drawLine(QPointF(at, area.bottom()), QPointF(at, area.bottom() + 3));
    const QFontMetricsF metrics(painter.font());
    if (at > area.left() + metrics.horizontalAdvance(low) + 10 &&
        at < area.right() - metrics.horizontalAdvance(high) - 10)
        painter.drawText(QRectF(at - 10, row.top(), 20, row.height()), Qt::AlignCenter, QStringLiteral("0"));
}

bool HistogramView::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || !m_summary) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int bin = std::clamp(static_cast<int>(help->pos().x() * trace::bin_count / std::max(width(), 1)), 0,
                               trace::bin_count - 1);
    QString tip = tr("%1 to %2: %3 elements")
                      .arg(formatNumber(trace::bin_edge(m_summary->range, bin)),
                           formatNumber(trace::bin_edge(m_summary->range, bin + 1)),
                           formatCount(m_summary->bins[static_cast<std::size_t>(bin)]));
    if (m_summary->bin_every > 1) tip += tr(", one element in %1 counted").arg(formatCount(m_summary->bin_every));
    QToolTip::showText(help->globalPos(), tip, this);
    return true;
}

} // namespace hs::ui
