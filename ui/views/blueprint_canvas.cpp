#include "ui/views/blueprint_canvas.h"

#include "ui/models/selection.h"
#include "ui/models/session_model.h"
#include "ui/views/blueprint_painter.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr int figuresMs = 250;   // figures change at most four times a second
constexpr double fitMargin = 24; // that of CanvasWidget::fit

} // namespace

BlueprintCanvas::BlueprintCanvas(SessionModel& session, Selection& selection, QWidget* parent)
    : SessionCanvas(session, selection, parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Blueprint"));
    setAccessibleDescription(tr("The modules of the model. Arrow keys move the selection, Enter shows its maps."));
    setCameraEnabled(true);
    setZoomRange(0.1, 6);
    m_figuresTimer.setSingleShot(true);
    connect(&m_figuresTimer, &QTimer::timeout, this, &BlueprintCanvas::takeTrace);
    connect(&session, &SessionModel::modulesChanged, this, &BlueprintCanvas::refresh);
    connect(&session, &SessionModel::traceChanged, this, &BlueprintCanvas::takeTrace);
    connect(&session, &SessionModel::valuesChanged, this, &BlueprintCanvas::takeValues);
    connect(&session, &SessionModel::figuresChanged, this, [this] { requestFrame(); });
    connect(&selection, &Selection::moduleChanged, this, [this] {
        updateVisible();
        requestFrame();
    });
    connect(&selection, &Selection::sampleChanged, this, &BlueprintCanvas::takeValues);
    connect(this, &CanvasWidget::cameraChanged, this, &BlueprintCanvas::updateVisible);
}

void BlueprintCanvas::refresh() {
    if (!isSeen()) return;
    takeModel();
    takeTrace();
    takeValues();
}

void BlueprintCanvas::takeModel() {
    const trace::Trace* trace = session().trace().get();
    if (!m_model.setModel(session().modules(), trace, session().info().class_names)) return;
    m_hovered = m_model.graph().items.size();
    layOutAgain();
    fit();
    updateVisible();
    requestFrame();
}

void BlueprintCanvas::takeTrace() {
    const trace::Trace* trace = session().trace().get();
    if (!isSeen() || !trace) return;
    if (!m_model.isSettled()) takeModel();
    const bool early = session().isRunning() && m_sinceFigures.isValid() && m_sinceFigures.elapsed() < figuresMs;
    if (early) {
        if (!m_figuresTimer.isActive()) m_figuresTimer.start(figuresMs);
        return;
    }
    m_sinceFigures.start();
    m_model.readSummaries(*trace);
    m_model.formatFigures(*trace);
    requestFrame();
}

void BlueprintCanvas::takeValues() {
    const trace::Trace* values = session().valuesTrace().get();
    if (!isSeen() || !values) return;
    m_model.readSummaries(*values);
    m_model.readValues(*values, selection().sample(), m_visible);
    const int samples = static_cast<int>(m_model.samples());
    if (samples != m_samples) {
        m_samples = samples;
        emit batchSizeChanged(samples);
    }
    requestFrame();
}

void BlueprintCanvas::layOutAgain() {
    m_model.layOut(width(), height());
    emit laidOut();
}

std::set<trace::ValueKey> BlueprintCanvas::wantedValues() const {
    return m_model.keysOf(m_visible);
}

void BlueprintCanvas::updateVisible() {
    const BlueprintGraph& graph = m_model.graph();
    if (m_model.layout().rects.size() != graph.items.size()) return;
    const Viewport view = viewport();
    const QRectF seen(QPointF(0, 0), view.size);
    const std::size_t selected = m_model.itemOf(selection().module());
    std::vector<std::size_t> visible;
    for (std::size_t item : graph.order) {
        const QRectF box = itemRect(item);
        if (!box.intersects(seen)) continue;
        if (!cardFrame(box, graph.items[item], view.camera.zoom, item == selected).maps.isEmpty())
            visible.push_back(item);
    }
    if (visible == m_visible) return;
    m_visible = std::move(visible);
    updateWatch();
    takeValues();
}

Notice BlueprintCanvas::ownNotice() const {
    const session::Status& status = session().status();
    if (status.has_non_finite) {
        const QString module = QString::fromStdString(status.non_finite.module);
        const QString where = module.isEmpty()
                                  ? QString::fromStdString(status.non_finite.what)
                                  : tr("%1 of %2").arg(QString::fromStdString(status.non_finite.what), module);
        const auto go = [this, path = status.non_finite.module] { selection().selectModule(path); };
        return {Notice::Kind::warning,
                tr("NaN or Inf, first at step %L1 in the %2.").arg(status.non_finite.step).arg(where),
                module.isEmpty() ? QString() : tr("Go to %1").arg(module), go};
    }
    // The structure can be seen before the first step; the sentence would lie over it.
    if (!session().trace() && !m_model.graph().items.empty())
        return {Notice::Kind::hint, tr("No step recorded yet."), tr("Run"), [this] { session().run(); }};
    return SessionCanvas::ownNotice();
}

QRectF BlueprintCanvas::contentBounds() const {
    const Rect& bounds = m_model.layout().bounds;
    // The layout has its own margins; what fit() adds is taken off, so that a layout made for this size is at 100 %.
    // What is narrower than the view is centred on whole pixels, so that lines stay crisp.
    const double in = fitMargin;
    const double wide = std::max(bounds.width, double(width()));
    const double high = std::max(bounds.height, double(height()));
    return QRectF(-std::floor((wide - bounds.width) / 2), 0, wide, high).adjusted(in, in, -in, -in);
}

void BlueprintCanvas::resizeEvent(QResizeEvent* event) {
    layOutAgain();
    SessionCanvas::resizeEvent(event);
    updateVisible();
}

std::size_t BlueprintCanvas::itemAt(QPointF point) const {
    const QPointF scene = viewport().toScene(point);
    return m_model.layout().itemAt(m_model.graph(), {scene.x(), scene.y()});
}

QRectF BlueprintCanvas::itemRect(std::size_t item) const {
    const Rect& rect = m_model.layout().rects[item];
    return viewport().toView(QRectF(rect.x, rect.y, rect.width, rect.height));
}

void BlueprintCanvas::selectItem(std::size_t item, bool show) {
    if (item >= m_model.graph().items.size()) return;
    selection().selectModule(m_model.pathOf(item));
    if (!show) return;
    const QRectF box = itemRect(item);
    const QRectF seen = QRectF(rect()).adjusted(16, 16, -16, -16);
    if (seen.contains(box)) return;
    Camera target = camera();
    target.origin += (box.center() - seen.center()) / target.zoom;
    moveCamera(target);
}

void BlueprintCanvas::canvasClicked(QPointF scene, Qt::MouseButton button, Qt::KeyboardModifiers) {
    if (button != Qt::LeftButton) return;
    const QRectF map = miniMapRect();
    const QPointF point = viewport().toView(scene);
    if (map.contains(point)) {
        const Rect& bounds = m_model.layout().bounds;
        const QPointF at((point.x() - map.left()) / map.width() * bounds.width,
                         (point.y() - map.top()) / map.height() * bounds.height);
        Camera target = camera();
        target.origin = at - QPointF(width(), height()) / (2 * target.zoom);
        moveCamera(target);
        return;
    }
    selectItem(m_model.layout().itemAt(m_model.graph(), {scene.x(), scene.y()}), false);
}

void BlueprintCanvas::canvasDoubleClicked(QPointF scene) {
    const std::size_t item = m_model.layout().itemAt(m_model.graph(), {scene.x(), scene.y()});
    if (item < m_model.graph().items.size()) emit openRequested(QString::fromStdString(m_model.pathOf(item)));
}

void BlueprintCanvas::canvasHovered(QPointF scene) {
    const std::size_t item = m_model.layout().itemAt(m_model.graph(), {scene.x(), scene.y()});
    if (item == m_hovered) return;
    m_hovered = item;
    requestFrame();
}

void BlueprintCanvas::canvasLeft() {
    m_hovered = m_model.graph().items.size();
    requestFrame();
}

bool BlueprintCanvas::moveSelection(Qt::Key key) {
    const BlueprintGraph& graph = m_model.graph();
    if (graph.items.empty()) return false;
    std::size_t from = m_model.itemOf(selection().module());
    if (from < graph.items.size() && !graph.isCard(from)) from = graph.items.size();
    const Direction direction = key == Qt::Key_Up     ? Direction::up
                                : key == Qt::Key_Down ? Direction::down
                                : key == Qt::Key_Left ? Direction::left
                                                      : Direction::right;
    selectItem(neighbour(graph, m_model.layout(), from, direction), true);
    return true;
}

void BlueprintCanvas::keyPressEvent(QKeyEvent* event) {
    showFocus();
    switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Left:
    case Qt::Key_Right:
        if (event->modifiers() == Qt::NoModifier || event->modifiers() == Qt::KeypadModifier) {
            moveSelection(static_cast<Qt::Key>(event->key()));
            return;
        }
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        emit openRequested(QString::fromStdString(selection().module()));
        return;
    default:
        break;
    }
    SessionCanvas::keyPressEvent(event);
}

bool BlueprintCanvas::event(QEvent* event) {
    if (event->type() != QEvent::ToolTip) return SessionCanvas::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const QString tip = m_model.describe(itemAt(help->pos()));
    if (tip.isEmpty())
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(), tip, this);
    return true;
}

void BlueprintCanvas::prepareScene(const Viewport& view, DrawList& list) {
    BlueprintPainter(*this, view).prepare(list);
}

void BlueprintCanvas::paintOverlay(QPainter& painter, const Viewport& view) {
    BlueprintPainter(*this, view).paint(painter);
    paintNotice(painter);
}

QRectF BlueprintCanvas::miniMapRect() const {
    const Rect& bounds = m_model.layout().bounds;
    if (bounds.empty() || width() < 420 || height() < 260) return {};
    const double scale = std::min(100 / bounds.width, 46 / bounds.height);
    const QSizeF size(std::round(bounds.width * scale), std::round(bounds.height * scale));
    return {QPointF(12, height() - 12 - size.height()), size};
}

QRectF BlueprintCanvas::legendRect() const {
    // Maps and their range, then the two arrows; what there is no room for is dropped from the right.
    const double room = width() - 12 - 300;
    const double size = room >= 330 ? 320 : room >= 170 ? 160 : 0;
    return {width() - 12 - size, 12, size, 32};
}

QRegion BlueprintCanvas::coveredRegion() const {
    QRegion region = miniMapRect().adjusted(-4, -4, 4, 4).toAlignedRect();
    QRectF top = legendRect().adjusted(-pickerWidth - 24, -6, 12, 4);
    if (m_samples <= 1 && legendRect().width() > 0) top.setLeft(legendRect().left() - 8);
    if (m_samples > 1 || legendRect().width() > 0) region += top.toAlignedRect();
    return region;
}

} // namespace hs::ui
