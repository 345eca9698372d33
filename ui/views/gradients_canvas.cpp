#include "ui/views/gradients_canvas.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/theme/numbers.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QToolTip>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr int readMs = 100; // ridges: ten times a second
constexpr double pad = 12;
constexpr double gap = 14;
constexpr double headerHeight = 38;
constexpr double axisHeight = 16;
constexpr double ridgeOverlap = 5; // as RidgeStyle::overlap
constexpr double ridgeMargin = 1.3;

} // namespace

GradientsCanvas::GradientsCanvas(SessionModel& session, Selection& selection, QWidget* parent)
    : SessionCanvas(session, selection, parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Gradients"));
    setAccessibleDescription(tr("Histograms of each parameter's gradient over the last steps. Left and right move."));
    m_readTimer.setSingleShot(true);
    connect(&m_readTimer, &QTimer::timeout, this, &GradientsCanvas::takeHistory);
    connect(&session, &SessionModel::modulesChanged, this, &GradientsCanvas::refresh);
    connect(&session, &SessionModel::historyChanged, this, &GradientsCanvas::takeHistory);
    connect(&session, &SessionModel::figuresChanged, this, &GradientsCanvas::takeFigures);
    connect(&selection, &Selection::valueChanged, this, [this] { requestFrame(); });
}

void GradientsCanvas::setWhich(GradientsModel::Which which) {
    m_which = which;
    refresh();
}

void GradientsCanvas::refresh() {
    if (!isSeen()) return;
    const std::size_t before = m_model.panels().size();
    m_model.setModules(session().modules(), m_which);
    if (m_model.panels().size() != before) {
        m_hit = {m_model.panels().size(), 0, -1};
        m_lowDecade = -6;
        m_highDecade = 0;
        setOffset(0);
        emit contentChanged();
    }
    m_sinceRead.invalidate();
    takeHistory();
    takeFigures();
}

void GradientsCanvas::takeHistory() {
    if (!isSeen() || !session().history()) return;
    if (m_sinceRead.isValid() && m_sinceRead.elapsed() < readMs && session().isRunning()) {
        if (!m_readTimer.isActive()) m_readTimer.start(readMs - static_cast<int>(m_sinceRead.elapsed()));
        return;
    }
    m_sinceRead.start();
    std::size_t first = m_model.panels().size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < m_model.panels().size(); ++i) {
        const QRectF panel = panelRect(i);
        if (panel.right() < overviewRect().right() || panel.left() > width()) continue;
        first = std::min(first, i);
        last = i + 1;
    }
    m_model.read(*session().history(), first, last);
    for (const GradientPanel& panel : m_model.panels()) {
        if (!(panel.rms > 0)) continue;
        m_lowDecade = std::min(m_lowDecade, std::floor(std::log10(panel.rms)));
        m_highDecade = std::max(m_highDecade, std::ceil(std::log10(panel.rms)));
    }
    emit readOutChanged();
    requestFrame();
}

void GradientsCanvas::takeFigures() {
    if (!isSeen() || !session().trace()) return;
    m_model.formatFigures(*session().trace());
    requestFrame();
}

double GradientsCanvas::panelRoom() const {
    return std::max(0.0, width() - overviewRect().right() - gap - pad);
}

double GradientsCanvas::contentWidth() const {
    return static_cast<double>(m_model.panels().size()) * (leastPanel + gap) - gap;
}

void GradientsCanvas::setOffset(double offset) {
    const double most = std::max(0.0, contentWidth() - panelRoom());
    const double to = std::clamp(offset, 0.0, most);
    if (to == m_offset) return;
    m_offset = to;
    m_sinceRead.invalidate();
    takeHistory();
    requestFrame();
}

QRectF GradientsCanvas::overviewRect() const {
    return {pad, 4, overviewWidth, std::max(0.0, height() - 8.0)};
}

QRectF GradientsCanvas::panelRect(std::size_t panel) const {
    const auto count = static_cast<double>(std::max<std::size_t>(1, m_model.panels().size()));
    const double width = std::max(leastPanel, (panelRoom() - gap * (count - 1)) / count);
    const double left = overviewRect().right() + gap + static_cast<double>(panel) * (width + gap) - m_offset;
    return {left, 4, width, std::max(0.0, height() - 8.0)};
}

QRectF GradientsCanvas::ridgeRect(std::size_t panel) const {
    return panelRect(panel).adjusted(0, headerHeight, 0, -axisHeight);
}

double GradientsCanvas::rowHeight() const {
    const auto rows = static_cast<double>(std::max<std::size_t>(1, m_model.panels().size()));
    return std::clamp((overviewRect().height() - 22 - axisHeight) / rows, 1.0, 20.0);
}

double GradientsCanvas::share(double rms) const {
    if (!(rms > 0)) return 0;
    const double at = (std::log10(rms) - m_lowDecade) / (m_highDecade - m_lowDecade);
    return std::clamp(at, 0.0, 1.0);
}

std::size_t GradientsCanvas::panelAt(QPointF point) const {
    const std::size_t none = m_model.panels().size();
    const QRectF overview = overviewRect();
    if (overview.contains(point)) {
        const double row = (point.y() - overview.top() - 22) / rowHeight();
        return row >= 0 && row < static_cast<double>(none) ? static_cast<std::size_t>(row) : none;
    }
    if (point.x() < overview.right() + gap / 2) return none;
    for (std::size_t i = 0; i < none; ++i)
        if (panelRect(i).contains(point)) return i;
    return none;
}

GradientsCanvas::Hit GradientsCanvas::hitAt(QPointF point) const {
    Hit hit{panelAt(point), 0, -1};
    if (hit.panel >= m_model.panels().size() || overviewRect().contains(point)) return hit;
    const GradientPanel& panel = m_model.panels()[hit.panel];
    const QRectF ridges = ridgeRect(hit.panel);
    if (panel.points.empty() || !ridges.contains(point)) return hit;
    const double rows = static_cast<double>(panel.points.size());
    const double spacing = (ridges.height() - 2 * ridgeMargin) / (rows - 1 + ridgeOverlap);
    const double row = std::ceil((point.y() - ridges.top() - ridgeMargin - ridgeOverlap * spacing) / spacing);
    hit.point = static_cast<std::size_t>(std::clamp(row, 0.0, rows - 1));
    const double column = (point.x() - ridges.left()) / ridges.width() * (trace::bin_count - 1);
    hit.bin = std::clamp(static_cast<int>(std::lround(column)), 0, trace::bin_count - 1);
    return hit;
}

QString GradientsCanvas::readOut() const {
    const QString hit = m_model.describe(m_hit.panel, m_hit.point, m_hit.bin);
    return hit.isEmpty() ? m_model.title() : hit;
}

bool GradientsCanvas::isSelected(const GradientPanel& panel) const {
    const auto& value = selection().value();
    if (!value) return selection().module() == panel.key.module && !panel.key.module.empty();
    return value->module == panel.key.module && value->member == panel.key.member;
}

void GradientsCanvas::select(std::size_t panel) {
    if (panel >= m_model.panels().size()) return;
    selection().selectValue(m_model.panels()[panel].key);
    const QRectF rect = panelRect(panel);
    const double left = overviewRect().right() + gap;
    if (rect.left() < left)
        emit scrollRequested(rect.left() - left);
    else if (rect.right() > width() - pad)
        emit scrollRequested(rect.right() - width() + pad);
}

void GradientsCanvas::canvasClicked(QPointF scene, Qt::MouseButton button, Qt::KeyboardModifiers) {
    if (button == Qt::LeftButton) select(panelAt(scene));
}

void GradientsCanvas::canvasHovered(QPointF scene) {
    const Hit hit = hitAt(scene);
    if (hit.panel == m_hit.panel && hit.point == m_hit.point && hit.bin == m_hit.bin) return;
    m_hit = hit;
    emit readOutChanged();
    requestFrame();
}

void GradientsCanvas::canvasLeft() {
    canvasHovered({-1, -1});
}

void GradientsCanvas::wheelEvent(QWheelEvent* event) {
    const QPoint turned = event->angleDelta();
    const int most = std::abs(turned.x()) > std::abs(turned.y()) ? turned.x() : turned.y();
    if (most == 0 || contentWidth() <= panelRoom()) return event->ignore();
    emit scrollRequested(-most * 0.75);
    event->accept();
}

void GradientsCanvas::keyPressEvent(QKeyEvent* event) {
    showFocus();
    const int by = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    const auto count = static_cast<int>(m_model.panels().size());
    if (by == 0 || count == 0) return SessionCanvas::keyPressEvent(event);
    int at = -1;
    for (int i = 0; i < count; ++i)
        if (isSelected(m_model.panels()[static_cast<std::size_t>(i)])) at = i;
    at = at < 0 ? (by > 0 ? 0 : count - 1) : std::clamp(at + by, 0, count - 1);
    select(static_cast<std::size_t>(at));
}

void GradientsCanvas::resizeEvent(QResizeEvent* event) {
    SessionCanvas::resizeEvent(event);
    setOffset(m_offset);
    emit contentChanged();
}

bool GradientsCanvas::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return SessionCanvas::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const std::size_t at = panelAt(help->pos());
    if (at >= m_model.panels().size()) {
        QToolTip::hideText();
        return true;
    }
    const GradientPanel& panel = m_model.panels()[at];
    QStringList lines{panel.path, tr("%1 elements").arg(formatCount(panel.count))};
    if (panel.rms >= 0) lines << tr("root mean square over the steps shown %1").arg(formatNumber(panel.rms));
    if (panel.health == GradientHealth::vanishing)
        lines << tr("vanishing: below %1 of the largest layer's, or below %2")
                     .arg(formatNumber(m_model.limits().vanishingShare), formatNumber(m_model.limits().vanishing));
    if (panel.health == GradientHealth::exploding)
        lines << tr("exploding: NaN or Inf, above %1 times the median, or above %2")
                     .arg(formatCount(static_cast<std::int64_t>(m_model.limits().explodingFactor)),
                          formatCount(static_cast<std::int64_t>(m_model.limits().exploding)));
    QToolTip::showText(help->globalPos(), lines.join(QLatin1Char('\n')), this);
    return true;
}

} // namespace hs::ui
