#include "ui/views/activations_canvas.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"

#include <QKeyEvent>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr double fitMargin = 24; // that of CanvasWidget::fit
constexpr double margin = 12;
constexpr double legendHeight = 34; // below the maps, over the view
constexpr double gap = 3;

} // namespace

ActivationsCanvas::ActivationsCanvas(SessionModel& session, Selection& selection, QWidget* parent)
    : SessionCanvas(session, selection, parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Activation maps"));
    setAccessibleDescription(tr("The output of the selected module. Arrow keys move over its values."));
    setCameraEnabled(true);
    setZoomRange(0.2, 40);
    connect(&session, &SessionModel::modulesChanged, this, &ActivationsCanvas::refresh);
    connect(&session, &SessionModel::valuesChanged, this, &ActivationsCanvas::takeValues);
    connect(&selection, &Selection::valueChanged, this, &ActivationsCanvas::takeSubject);
    connect(&selection, &Selection::sampleChanged, this, &ActivationsCanvas::takeValues);
}

void ActivationsCanvas::setRange(MapRange range) {
    m_model.setRange(range);
    requestFrame();
}

void ActivationsCanvas::setColorMap(const QString& name) {
    m_colorMap = name;
    requestFrame();
}

void ActivationsCanvas::setGradient(bool on) {
    m_gradient = on;
    takeSubject();
}

ColorMap ActivationsCanvas::colors() const {
    return ColorMap::named(m_model.isGradient() ? theme().divergingMap() : m_colorMap);
}

void ActivationsCanvas::refresh() {
    if (!isSeen()) return;
    takeSubject();
    takeValues();
}

void ActivationsCanvas::takeSubject() {
    const trace::Role role = m_gradient ? trace::Role::output_gradient : trace::Role::output;
    const trace::ValueKey key{role, selection().module(), {}};
    if (key == m_model.key() && !m_model.isEmpty()) return;
    m_model.setKey(key);
    m_hit = {};
    updateWatch();
    takeValues();
    emit subjectChanged();
    emit readOutChanged();
}

void ActivationsCanvas::takeValues() {
    if (!isSeen()) return;
    if (session().valuesTrace()) m_model.read(*session().valuesTrace(), selection().sample());
    const auto samples = static_cast<int>(m_model.sampleShape().samples);
    if (samples > 0 && samples != m_samples) {
        m_samples = samples;
        emit batchSizeChanged(samples);
    }
    if (m_model.sampleShape() != m_arranged || m_model.maps() != m_arrangedMaps) {
        arrange();
        fit();
    }
    emit readOutChanged();
    updateNotice();
    requestFrame();
}

std::set<trace::ValueKey> ActivationsCanvas::wantedValues() const {
    return m_model.keys();
}

Notice ActivationsCanvas::ownNotice() const {
    if (!m_model.isEmpty()) return {};
    if (session().trace() && session().trace()->find(m_model.key()) == trace::none) {
        const QString text = m_gradient ? tr("No gradient reaches the output of this module.")
                                        : tr("This module has no output of its own. Select another one.");
        return {Notice::Kind::empty, text, {}, {}};
    }
    if (session().trace()) return {Notice::Kind::loading, tr("The maps come with the next step."), {}, {}};
    return SessionCanvas::ownNotice();
}

void ActivationsCanvas::arrange() {
    m_arranged = m_model.sampleShape();
    m_arrangedMaps = m_model.maps();
    const QRectF all = QRectF(rect()).adjusted(margin, margin, -margin, -margin - legendHeight);
    const SampleShape& input = m_model.inputShape();
    const bool image = !input.strip && input.perMap() > 0;
    const double side = image ? std::clamp(all.height() - 22, 28.0, 140.0) : 0;
    if (image) {
        const double height = side * static_cast<double>(input.height) / static_cast<double>(input.width);
        m_input = {all.left(), all.top() + 20, side, std::min(height, all.height() - 20)};
    } else {
        m_input = {};
    }
    const QRectF room = all.adjusted(image ? side + 20 : 0, 0, 0, 0);
    if (m_arranged.strip) {
        m_stripColumns = stripColumns(m_arranged.width, room.width() / std::max(1.0, room.height()));
        const std::int64_t rows = (m_arranged.width + m_stripColumns - 1) / m_stripColumns;
        m_grid = MapGrid::fit(room, 1, int(m_stripColumns), int(rows), 0);
        return;
    }
    m_grid = MapGrid::fit(room, int(m_arrangedMaps), int(m_arranged.width), int(m_arranged.height), gap);
    const MapGrid whole =
        MapGrid::fit(room, int(m_arrangedMaps), int(m_arranged.width), int(m_arranged.height), gap, false, true);
    if (whole.cell.width() >= 0.8 * m_grid.cell.width()) m_grid = whole;
}

QRectF ActivationsCanvas::contentBounds() const {
    // The maps are arranged for the view as it is, so that shows them at 100 %; fit() adds a margin of its own.
    return QRectF(rect()).adjusted(fitMargin, fitMargin, -fitMargin, -fitMargin);
}

void ActivationsCanvas::resizeEvent(QResizeEvent* event) {
    arrange();
    SessionCanvas::resizeEvent(event);
}

QRectF ActivationsCanvas::cellRect(const Hit& hit) const {
    if (hit.map < 0) return {};
    const SampleShape& s = m_model.sampleShape();
    if (s.strip) {
        const QRectF all = m_grid.cellRect(0);
        const auto columns = static_cast<double>(m_stripColumns);
        const double rows = std::ceil(static_cast<double>(s.width) / columns);
        const double w = all.width() / columns;
        const double h = all.height() / rows;
        const auto at = static_cast<double>(hit.column);
        return {all.left() + std::fmod(at, columns) * w, all.top() + std::floor(at / columns) * h, w, h};
    }
    const QRectF map = m_grid.cellRect(static_cast<int>(hit.map));
    const double w = map.width() / static_cast<double>(s.width);
    const double h = map.height() / static_cast<double>(s.height);
    return {map.left() + static_cast<double>(hit.column) * w, map.top() + static_cast<double>(hit.row) * h, w, h};
}

ActivationsCanvas::Hit ActivationsCanvas::hitAt(QPointF point) const {
    const SampleShape& s = m_model.sampleShape();
    if (m_model.isEmpty() || legendRect().contains(point)) return {};
    const QPointF scene = viewport().toScene(point);
    const int map = m_grid.indexAt(scene);
    if (map < 0) return {};
    const QRectF box = m_grid.cellRect(map);
    const QPointF in = scene - box.topLeft();
    Hit hit{map, 0, 0};
    if (s.strip) {
        const std::int64_t rows = (s.width + m_stripColumns - 1) / m_stripColumns;
        const auto row = static_cast<std::int64_t>(in.y() / box.height() * static_cast<double>(rows));
        const auto column = static_cast<std::int64_t>(in.x() / box.width() * static_cast<double>(m_stripColumns));
        hit.column = row * m_stripColumns + column;
        return hit.column < s.width ? hit : Hit{};
    }
    hit.row = std::min(s.height - 1, static_cast<std::int64_t>(in.y() / box.height() * static_cast<double>(s.height)));
    hit.column = std::min(s.width - 1, static_cast<std::int64_t>(in.x() / box.width() * static_cast<double>(s.width)));
    return hit;
}

QColor ActivationsCanvas::colorOf(const Hit& hit) const {
    const SampleShape& s = m_model.sampleShape();
    const auto at = static_cast<std::size_t>(hit.map * s.perMap() + hit.row * s.width + hit.column);
    if (hit.map < 0 || at >= m_model.values().size()) return {};
    double low = 0;
    double high = 0;
    m_model.rangeOf(hit.map, low, high);
    const float value = m_model.values()[at];
    if (!std::isfinite(value)) return theme().color(Token::nan);
    return colors().color(static_cast<double>(value), low, high);
}

QString ActivationsCanvas::readOut() const {
    const QString hit = m_model.describe(m_hit.map, m_hit.row, m_hit.column);
    return hit.isEmpty() ? m_model.title() : hit;
}

void ActivationsCanvas::setHit(const Hit& hit) {
    if (hit == m_hit) return;
    m_hit = hit;
    emit readOutChanged();
    requestFrame();
}

void ActivationsCanvas::canvasHovered(QPointF scene) {
    setHit(hitAt(viewport().toView(scene)));
}

void ActivationsCanvas::canvasLeft() {
    setHit({});
}

void ActivationsCanvas::moveHit(std::int64_t rows, std::int64_t columns) {
    const SampleShape& s = m_model.sampleShape();
    if (m_model.isEmpty()) return;
    if (m_hit.map < 0) return setHit({0, 0, 0});
    Hit to = m_hit;
    if (s.strip) {
        to.column = std::clamp<std::int64_t>(to.column + columns + rows * m_stripColumns, 0, s.width - 1);
        return setHit(to);
    }
    to.row += rows;
    to.column += columns;
    // Over the edge of a map is the next one.
    const auto across = static_cast<std::int64_t>(m_grid.columns);
    const auto step = [&](std::int64_t& at, std::int64_t size, std::int64_t maps) {
        if (at >= 0 && at < size) return;
        const std::int64_t next = to.map + (at < 0 ? -maps : maps);
        if (next < 0 || next >= m_model.maps()) {
            at = std::clamp<std::int64_t>(at, 0, size - 1);
        } else {
            to.map = next;
            at = at < 0 ? size - 1 : 0;
        }
    };
    step(to.row, s.height, across);
    step(to.column, s.width, 1);
    setHit(to);
}

void ActivationsCanvas::keyPressEvent(QKeyEvent* event) {
    showFocus();
    const bool plain = !(event->modifiers() & ~Qt::KeypadModifier);
    switch (plain ? event->key() : 0) {
    case Qt::Key_Left:
        return moveHit(0, -1);
    case Qt::Key_Right:
        return moveHit(0, 1);
    case Qt::Key_Up:
        return moveHit(-1, 0);
    case Qt::Key_Down:
        return moveHit(1, 0);
    case Qt::Key_Escape:
        if (m_hit.map >= 0) return setHit({});
        break;
    default:
        break;
    }
    SessionCanvas::keyPressEvent(event);
}

QRectF ActivationsCanvas::legendRect() const {
    return {0, height() - legendHeight, double(width()), legendHeight};
}

} // namespace hs::ui
