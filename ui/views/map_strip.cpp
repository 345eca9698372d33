#include "ui/views/map_strip.h"

#include "ui/models/values_model.h"
#include "ui/theme/numbers.h"
#include "ui/theme/theme.h"
#include "ui/views/value_colors.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <vector>

namespace hs::ui {

namespace {

constexpr int mapHeight = 40;
constexpr int gap = 3;
constexpr int largestSide = 96; ///< pixels that a plane is read at: larger ones are thinned, and the tooltip says so

} // namespace

struct MapStrip::Places {
    int planes = 1;
    int first = 0; ///< plane at the left
    int shown = 1;
    int width = 0;

    QRect rect(int plane) const { return {(plane - first) * (width + gap), 2, width, mapHeight}; }
};

MapStrip::MapStrip(ValuesModel& model, const ValueColors& colors, QWidget* parent)
    : QWidget(parent), m_model(model), m_colors(colors) {
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Planes of the tensor"));
    connect(&model, &QAbstractItemModel::modelReset, this, qOverload<>(&QWidget::update));
    connect(&model, &QAbstractItemModel::dataChanged, this, qOverload<>(&QWidget::update));
    connect(&model, &ValuesModel::sliceChanged, this, qOverload<>(&QWidget::update));
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

/// The dimension whose planes are shown, or -1 when there is only one plane.
int MapStrip::dimension() const {
    int dimension = m_model.fixedDimensions() - 1;
    while (dimension >= 0 && m_model.fixedSize(dimension) == 1)
        --dimension;
    return dimension;
}

int MapStrip::chosen() const {
    const int along = dimension();
    return along < 0 ? 0 : static_cast<int>(m_model.fixedIndex(along));
}

void MapStrip::choose(int plane) {
    const int along = dimension();
    if (along >= 0) m_model.setFixedIndex(along, plane);
}

MapStrip::Places MapStrip::places() const {
    Places places;
    const int along = dimension();
    if (along >= 0) places.planes = static_cast<int>(std::min<std::int64_t>(m_model.fixedSize(along), 1 << 20));
    const double aspect =
        std::clamp(static_cast<double>(m_model.columnCount()) / std::max(m_model.rowCount(), 1), 0.5, 6.0);
    const int least = std::max(static_cast<int>(mapHeight * std::min(aspect, 1.0)), 24);
    places.shown = std::clamp((width() + gap) / (least + gap), 1, std::max(places.planes, 1));
    // Maps grow to fill the line, but not beyond twice their shape.
    const int most = static_cast<int>(mapHeight * aspect * 1.3);
    places.width = std::clamp((width() + gap) / places.shown - gap, least, std::max(most, least));
    if (places.planes == 1) places.width = std::min(width(), std::max(most, least));
    places.first = std::clamp(chosen() - places.shown / 2, 0, std::max(places.planes - places.shown, 0));
    return places;
}

QImage MapStrip::plane(std::int64_t index) const {
    const int rows = m_model.rowCount();
    const int columns = m_model.columnCount();
    const int every = std::max({(rows + largestSide - 1) / largestSide, (columns + largestSide - 1) / largestSide, 1});
    QImage image((columns + every - 1) / every, (rows + every - 1) / every, QImage::Format_RGB32);
    const trace::Snapshot& snapshot = m_model.snapshot();
    std::int64_t base = 0;
    const int along = dimension();
    for (int i = 0; i < m_model.fixedDimensions(); ++i)
        base = base * m_model.fixedSize(i) + (i == along ? index : m_model.fixedIndex(i));
    base *= static_cast<std::int64_t>(rows) * columns;
    std::vector<float> line(static_cast<std::size_t>(columns));
    const QRgb bad = theme().color(Token::nan).rgb();
    for (int y = 0; y < image.height(); ++y) {
        snapshot.read(base + static_cast<std::int64_t>(y) * every * columns, line);
        auto* pixels = reinterpret_cast<QRgb*>(image.scanLine(y));
        for (int x = 0; x < image.width(); ++x) {
            const double value = line[static_cast<std::size_t>(x * every)];
            pixels[x] = std::isfinite(value) ? m_colors.color(value).rgb() : bad;
        }
    }
    return image;
}

void MapStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (m_model.isEmpty() || m_model.rowCount() == 0 || m_model.columnCount() == 0) return;
    const Places now = places();
    for (int i = now.first; i < std::min(now.first + now.shown, now.planes); ++i) {
        const QRect rect = now.rect(i);
        painter.drawImage(rect, plane(i));
        if (now.planes > 1 && i == chosen()) {
            painter.setPen(QPen(theme().color(Token::selection), 2));
            painter.drawRect(rect.adjusted(1, 1, -1, -1));
        }
    }
    paintLegend(painter);
}

void MapStrip::paintLegend(QPainter& painter) const {
    painter.setFont(theme().mono(TypeSize::annotation));
    painter.setPen(theme().color(Token::text2));
    const QRect row(0, mapHeight + 8, width(), 14);
    const QString low = formatNumber(m_colors.low());
    const QString high = formatNumber(m_colors.high());
    const QFontMetrics metrics(painter.font());
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, low);
    painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, high);
    const QRect bar = row.adjusted(metrics.horizontalAdvance(low) + 8, 4, -metrics.horizontalAdvance(high) - 8, -4);
    if (bar.width() < 16) return;
    QImage gradient(bar.width(), 1, QImage::Format_RGB32);
    for (int x = 0; x < gradient.width(); ++x)
        gradient.setPixelColor(x, 0, m_colors.map().at(static_cast<double>(x) / (gradient.width() - 1)));
    painter.drawImage(bar, gradient);
}

void MapStrip::mousePressEvent(QMouseEvent* event) {
    const Places now = places();
    for (int i = now.first; i < std::min(now.first + now.shown, now.planes); ++i)
        if (now.rect(i).contains(event->position().toPoint())) return choose(i);
}

void MapStrip::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Left)
        choose(chosen() - 1);
    else if (event->key() == Qt::Key_Right)
        choose(chosen() + 1);
    else
        QWidget::keyPressEvent(event);
}

bool MapStrip::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip || m_model.isEmpty()) return QWidget::event(event);
    const Places now = places();
    const auto* help = static_cast<QHelpEvent*>(event);
    QString tip = tr("%1 planes, %2 shown").arg(formatCount(now.planes), formatCount(std::min(now.shown, now.planes)));
    const int side = std::max(m_model.rowCount(), m_model.columnCount());
    if (side > largestSide) tip += tr(", every %1. element drawn").arg((side + largestSide - 1) / largestSide);
    QToolTip::showText(help->globalPos(), tip, this);
    return true;
}

} // namespace hs::ui
