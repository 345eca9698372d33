#include "ui/views/microscope_figure.h"

#include "ui/models/element_model.h"
#include "ui/render/color_map.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr int microscopeGap = 22; ///< between two maps, for the sign
constexpr int microscopeMost = 104;
constexpr int microscopeLabels = 32;
constexpr int microscopeNumbers = 26;
constexpr int microscopeRow = 20;

double microscopeReach(const std::vector<double>& values) {
    double reach = 0;
    for (const double value : values)
        if (std::isfinite(value)) reach = std::max(reach, std::fabs(value));
    return reach;
}

bool isMicroscopeMask(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return value == 0 || value == 1; });
}

} // namespace

MicroscopeFigure::MicroscopeFigure(QWidget* parent) : QWidget(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Incoming gradient, local derivative, outgoing gradient"));
    setToolTip(tr("Click a place of a map, or use the arrow keys, to look at another element"));
}

bool MicroscopeFigure::hasMaps() const {
    return m_rule && m_rule->plane;
}

void MicroscopeFigure::show(std::shared_ptr<const session::ChainRule> rule, bool hasRun) {
    m_rule = std::move(rule);
    m_hasRun = hasRun && m_rule && m_rule->has_run;
    setAccessibleDescription(text());
    updateGeometry();
    update();
}

QString MicroscopeFigure::text() const {
    if (!m_rule) return {};
    const QString pending = tr("pending");
    return tr("%1 × %2 = %3")
        .arg(m_hasRun ? formatNumber(m_rule->incoming) : pending, formatNumber(m_rule->local),
             m_hasRun ? formatNumber(m_rule->incoming * m_rule->local) : pending);
}

QSize MicroscopeFigure::sizeHint() const {
    return {300, hasMaps() ? mapRect(0).height() + microscopeLabels + microscopeNumbers + 4 : microscopeNumbers};
}

QRect MicroscopeFigure::mapRect(int index) const {
    const int widest = std::max((width() - 2 * microscopeGap) / 3, 24);
    int w = std::min(widest, microscopeMost);
    int h = w;
    if (hasMaps()) {
        const double aspect = static_cast<double>(m_rule->plane->columns) / static_cast<double>(m_rule->plane->rows);
        h = std::clamp(static_cast<int>(w / aspect), 18, microscopeMost);
        if (aspect < 1) w = std::max(static_cast<int>(h * aspect), 18);
    }
    return {index * (widest + microscopeGap) + (widest - w) / 2, 2, w, h};
}

void MicroscopeFigure::paintMap(QPainter& painter, int index, const std::vector<double>& values) const {
    const Theme& t = theme();
    const QRect rect = mapRect(index);
    const session::ChainRule::Plane& plane = *m_rule->plane;
    const bool mask = index == 1 && isMicroscopeMask(values);
    const double reach = microscopeReach(values);
    QString range = mask ? tr("0 or 1") : QStringLiteral("±") + formatNumber(reach, 3);
    if (values.empty()) {
        painter.setPen(QPen(t.color(Token::control), 1, Qt::DashLine));
        painter.drawRect(rect.adjusted(0, 0, -1, -1));
        range = tr("pending");
    } else {
        const ColorMap map = ColorMap::named(t.divergingMap());
        QImage image(static_cast<int>(plane.columns), static_cast<int>(plane.rows), QImage::Format_RGB32);
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x) {
                const double value = values[static_cast<std::size_t>(y * image.width() + x)];
                const QColor color = !std::isfinite(value) ? t.color(Token::nan)
                                     : mask                ? t.color(value == 1 ? Token::saved : Token::canvas)
                                                           : map.color(value, -reach, reach > 0 ? reach : 1);
                image.setPixelColor(x, y, color);
            }
        painter.drawImage(rect, image);
        painter.setPen(t.color(Token::line));
        painter.drawRect(rect.adjusted(0, 0, -1, -1));
        const double w = static_cast<double>(rect.width()) / image.width();
        const double h = static_cast<double>(rect.height()) / image.height();
        QRectF at(rect.x() + static_cast<double>(plane.at % plane.columns) * w,
                  rect.y() + static_cast<double>(plane.at / plane.columns) * h, w, h);
        if (w < 6) at.adjust((w - 6) / 2, 0, (6 - w) / 2, 0);
        if (h < 6) at.adjust(0, (h - 6) / 2, 0, (6 - h) / 2);
        painter.setPen(QPen(t.color(Token::canvas), 4));
        painter.drawRect(at);
        painter.setPen(QPen(t.color(Token::selection), 2));
        painter.drawRect(at);
    }
    const QString names[] = {tr("grad_out"), tr("local"), tr("grad_in")};
    const int column = (width() - 2 * microscopeGap) / 3;
    const QRect label(index * (column + microscopeGap) - 8, mapRect(0).bottom() + 4, column + 16, 14);
    painter.setFont(t.font(TypeSize::annotation));
    painter.setPen(t.color(Token::text2));
    painter.drawText(label, Qt::AlignCenter, names[index]);
    painter.setFont(t.mono(TypeSize::annotation));
    painter.drawText(label.translated(0, 14), Qt::AlignCenter, range);
}

void MicroscopeFigure::paintEvent(QPaintEvent*) {
    if (!m_rule) return;
    QPainter painter(this);
    const Theme& t = theme();
    if (hasMaps()) {
        const std::vector<double> none;
        paintMap(painter, 0, m_hasRun ? m_rule->plane->incoming : none);
        paintMap(painter, 1, m_rule->plane->local);
        paintMap(painter, 2, m_hasRun ? m_rule->plane->outgoing : none);
    }
    const int column = (width() - 2 * microscopeGap) / 3;
    const QStringList words = text().split(QLatin1Char(' '));
    const int top = height() - microscopeNumbers;
    for (int i = 0; i < words.size(); ++i) {
        const bool sign = i % 2 == 1;
        const int x = (i / 2) * (column + microscopeGap) + (sign ? column : 0);
        painter.setFont(sign ? t.font() : t.mono(TypeSize::base, QFont::Medium));
        painter.setPen(t.color(sign ? Token::text2 : i == 2 ? Token::saved : Token::backward));
        painter.drawText(QRect(x, top, sign ? microscopeGap : column, microscopeNumbers), Qt::AlignCenter, words[i]);
        if (sign && hasMaps()) {
            painter.drawText(QRect(x, mapRect(0).top(), microscopeGap, mapRect(0).height()), Qt::AlignCenter, words[i]);
        }
    }
}

void MicroscopeFigure::pick(std::int64_t row, std::int64_t column) {
    const session::ChainRule::Plane& plane = *m_rule->plane;
    if (row < 0 || column < 0 || row >= plane.rows || column >= plane.columns) return;
    const std::vector<std::int64_t>& shape = m_rule->inputs[m_rule->question.input].shape;
    const std::int64_t width = shape.empty() ? 1 : shape.back();
    const std::int64_t rows = row - plane.at / plane.columns;
    const std::int64_t columns = column - plane.at % plane.columns;
    emit picked(m_rule->question.position + rows * width + columns);
}

void MicroscopeFigure::mousePressEvent(QMouseEvent* event) {
    if (!hasMaps()) return;
    const QPoint at = event->position().toPoint();
    for (int i = 0; i < 3; ++i) {
        const QRect rect = mapRect(i);
        if (rect.contains(at))
            return pick((at.y() - rect.y()) * m_rule->plane->rows / rect.height(),
                        (at.x() - rect.x()) * m_rule->plane->columns / rect.width());
    }
}

void MicroscopeFigure::keyPressEvent(QKeyEvent* event) {
    const int key = event->key();
    const int right = (key == Qt::Key_Right) - (key == Qt::Key_Left);
    const int down = (key == Qt::Key_Down) - (key == Qt::Key_Up);
    if (!hasMaps() || (right == 0 && down == 0)) return QWidget::keyPressEvent(event);
    const session::ChainRule::Plane& plane = *m_rule->plane;
    pick(plane.at / plane.columns + down, plane.at % plane.columns + right);
}

MicroscopeSlice::MicroscopeSlice(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Local Jacobian"));
}

void MicroscopeSlice::show(std::shared_ptr<const session::ChainRule> rule) {
    m_rule = std::move(rule);
    if (m_rule && !m_rule->inputs.empty())
        setToolTip(tr("Derivatives of outputs (rows) to inputs (columns). Positions are counted row by row from 0: "
                      "input %1 is %2")
                       .arg(m_rule->question.position)
                       .arg(formatIndex(m_rule->question.position, m_rule->inputs[m_rule->question.input].shape)));
    updateGeometry();
    update();
}

QSize MicroscopeSlice::sizeHint() const {
    const int rows = m_rule ? static_cast<int>(m_rule->slice.outputs.size()) : 0;
    return {300, (rows + 1) * microscopeRow + 4};
}

/// Columns that do not fit are left out, so that no number is cut; the element's own is always there.
void MicroscopeSlice::paintEvent(QPaintEvent*) {
    if (!m_rule || m_rule->slice.inputs.empty()) return;
    QPainter painter(this);
    const Theme& t = theme();
    const session::ChainRule::Slice& slice = m_rule->slice;
    painter.setFont(t.mono(TypeSize::annotation));
    const QFontMetrics metrics(painter.font());
    int cell = 0;
    for (const double value : slice.values)
        cell = std::max(cell, metrics.horizontalAdvance(formatNumber(value, 3)));
    int head = 0;
    for (const std::int64_t output : slice.outputs)
        head = std::max(head, metrics.horizontalAdvance(QString::number(output)));
    for (const std::int64_t input : slice.inputs)
        cell = std::max(cell, metrics.horizontalAdvance(QString::number(input)));
    head += 10;
    cell += 8;
    const int all = static_cast<int>(slice.inputs.size());
    const int shown = std::clamp((width() - head) / cell, 1, all);
    const auto own = static_cast<int>(std::find(slice.inputs.begin(), slice.inputs.end(), m_rule->question.position) -
                                      slice.inputs.begin());
    const int first = std::clamp(own - shown / 2, 0, all - shown);
    for (int column = 0; column < shown; ++column) {
        const auto input = static_cast<std::size_t>(first + column);
        const int x = head + column * cell;
        const bool isOwn = first + column == own;
        painter.setPen(t.color(isOwn ? Token::text : Token::text3));
        const auto place = [&](int row) { return QRect(x, row * microscopeRow, cell - 4, microscopeRow); };
        painter.drawText(place(0), Qt::AlignRight | Qt::AlignVCenter, QString::number(slice.inputs[input]));
        for (std::size_t row = 0; row < slice.outputs.size(); ++row) {
            const double value = slice.values[row * slice.inputs.size() + input];
            const QRect at = place(static_cast<int>(row) + 1);
            if (isOwn && slice.outputs[row] == m_rule->output_position) {
                painter.setPen(QPen(t.color(Token::selection), 1));
                painter.drawRect(at.adjusted(0, 1, 3, -2));
            }
            painter.setPen(t.color(value == 0 ? Token::text3 : isOwn ? Token::saved : Token::text2));
            painter.drawText(at, Qt::AlignRight | Qt::AlignVCenter, formatNumber(value, 3));
        }
    }
    painter.setPen(t.color(Token::text3));
    for (std::size_t row = 0; row < slice.outputs.size(); ++row)
        painter.drawText(QRect(0, static_cast<int>(row + 1) * microscopeRow, head - 8, microscopeRow),
                         Qt::AlignRight | Qt::AlignVCenter, QString::number(slice.outputs[row]));
}

} // namespace hs::ui
