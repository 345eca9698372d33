#include "ui/views/plots_view.h"

#include "ui/models/session_model.h"
#include "ui/render/draw_list.h"
#include "ui/theme/numbers.h"
#include "ui/views/read_out.h"

#include <QFontMetrics>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

constexpr int readMs = 200;
const TextStyle label{TypeSize::annotation};
const TextStyle figure{TypeSize::annotation, QFont::Normal, true};
const Dash accuracyDash{5, 3};

} // namespace

PlotsView::PlotsView(SessionModel& session, Selection& selection, QWidget* parent)
    : SessionCanvas(session, selection, parent) {
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Loss and accuracy"));
    setAccessibleDescription(tr("Curves over the steps. Left and right move the step that is read out."));
    m_readTimer.setSingleShot(true);
    connect(&m_readTimer, &QTimer::timeout, this, &PlotsView::takeHistory);
    connect(&session, &SessionModel::historyChanged, this, &PlotsView::takeHistory);
    connect(&session, &SessionModel::sourceChanged, this, [this] {
        m_sinceRead.invalidate();
        m_pointed.reset();
        takeHistory();
    });
}

QColor PlotsView::background() const {
    return theme().color(Token::panel);
}

void PlotsView::refresh() {
    m_sinceRead.invalidate();
    takeHistory();
}

void PlotsView::takeHistory() {
    if (!isSeen()) return;
    if (m_sinceRead.isValid() && m_sinceRead.elapsed() < readMs && session().isRunning()) {
        if (!m_readTimer.isActive()) m_readTimer.start(readMs - static_cast<int>(m_sinceRead.elapsed()));
        return;
    }
    m_sinceRead.start();
    if (session().history()) {
        const auto columns = static_cast<int>(plotRect().width() * devicePixelRatioF());
        m_model.read(*session().history(), columns, session().info().steps_per_epoch);
    } else {
        m_model = {};
    }
    updateNotice();
    requestFrame();
}

Notice PlotsView::ownNotice() const {
    return m_model.isEmpty() ? SessionCanvas::ownNotice() : Notice{};
}

QRectF PlotsView::plotRect() const {
    const double right = m_model.accuracy().empty() ? 12 : 48;
    return QRectF(rect()).adjusted(48, 26, -right, -46);
}

PlotArea PlotsView::lossArea() const {
    const auto first = static_cast<double>(m_model.firstStep());
    const auto last = static_cast<double>(std::max(m_model.firstStep() + 1, m_model.lastStep()));
    return {plotRect(), first, last, m_model.lossLow(), m_model.lossHigh()};
}

PlotArea PlotsView::accuracyArea() const {
    PlotArea area = lossArea();
    area.yLow = m_model.accuracyLow();
    area.yHigh = m_model.accuracyHigh();
    return area;
}

void PlotsView::prepareScene(const Viewport&, DrawList& list) {
    const QRectF plot = plotRect();
    if (m_model.isEmpty() || plot.width() < 20 || plot.height() < 20) return;
    const Theme& t = theme();
    const PlotArea loss = lossArea();
    for (double tick : m_model.lossTicks())
        list.shapes.rect({plot.left(), loss.toScene(0, tick).y(), plot.width(), 1}, t.color(Token::line));
    for (const PlotPoint& epoch : m_model.epochs()) {
        const double x = std::round(loss.toScene(epoch.x, 0).x()) + 0.5;
        list.shapes.line({x, plot.top()}, {x, plot.bottom()}, {t.color(Token::lineStrong), 1, {2, 3}, false, 8, true});
    }
    std::vector<QPointF> points;
    for (const PlotSpan& span : m_model.raw()) {
        points.push_back(loss.toScene(span.x, span.low));
        if (span.high > span.low) points.push_back(loss.toScene(span.x, span.high));
    }
    const QColor faint = blend(t.color(Token::text3), background(), t.isDark() ? 70 : 60);
    if (points.size() > 1) list.shapes.polyline(points, {faint, 1, {}, false, 8, false});
    points.clear();
    for (const PlotPoint& point : m_model.accuracy())
        points.push_back(accuracyArea().toScene(point.x, point.y));
    if (points.size() > 1) list.shapes.polyline(points, {t.color(Token::text2), 1.6, accuracyDash, false, 8, false});
    for (const QPointF& point : points)
        list.shapes.circle(point, 2, {t.color(Token::text2), {}, 1, {}, {}});
    points.clear();
    for (const PlotPoint& point : m_model.smooth())
        points.push_back(loss.toScene(point.x, point.y));
    if (points.size() > 1) list.shapes.polyline(points, {t.color(Token::text), 2, {}, false, 8, false});

    list.shapes.rect({plot.left(), plot.bottom(), plot.width(), 1}, t.color(Token::lineStrong));
    if (m_pointed) {
        const double x = std::round(loss.toScene(*m_pointed, 0).x());
        list.shapes.rect({x, plot.top(), 1, plot.height()}, t.color(Token::text2));
    }
    const double y = height() - 11.5;
    list.shapes.line({plot.left(), y}, {plot.left() + 16, y}, {t.color(Token::text), 2, {}, false, 8, true});
    if (!m_model.accuracy().empty()) {
        const double x = legendMiddle();
        list.shapes.line({x, y}, {x + 16, y}, {t.color(Token::text2), 1.6, accuracyDash, false, 8, true});
    }
    if (showsFocus())
        list.shapes.ring(QRectF(rect()).adjusted(6, 6, -6, -6), Corners::all(4), {t.color(Token::text), 1, 2, {2, 2}});
}

double PlotsView::legendMiddle() const {
    return plotRect().left() + 24 + text().width(tr("loss"), label) + 4 + 52 + 16;
}

void PlotsView::paintOverlay(QPainter& painter, const Viewport&) {
    const QRectF plot = plotRect();
    if (!m_model.isEmpty() && plot.width() >= 20 && plot.height() >= 20) {
        paintAxes(painter);
        paintLegend(painter);
        const TextStyle style{TypeSize::annotation};
        const QFontMetrics metrics(theme().font(TypeSize::annotation));
        const QString line = fittingParts(readOut(), metrics, width() - 24);
        text().draw(painter, QRectF(12, 3, width() - 24.0, 18), Qt::AlignRight | Qt::AlignVCenter, line, style,
                    theme().color(m_pointed ? Token::text : Token::text3));
    }
    paintNotice(painter);
}

void PlotsView::paintAxes(QPainter& painter) const {
    const QRectF plot = plotRect();
    const QColor dim = theme().color(Token::text3);
    const PlotArea loss = lossArea();
    for (double tick : m_model.lossTicks()) {
        const double y = loss.toScene(0, tick).y();
        const double step = m_model.lossTicks().size() > 1 ? m_model.lossTicks()[1] - m_model.lossTicks()[0] : 1;
        const int decimals = step >= 1 ? 0 : static_cast<int>(std::ceil(-std::log10(step) - 1e-9));
        text().draw(painter, {2, y - 8, plot.left() - 8, 16}, Qt::AlignRight | Qt::AlignVCenter,
                    formatFixed(tick, decimals), figure, dim);
    }
    if (!m_model.accuracy().empty()) {
        for (double tick : m_model.accuracyTicks()) {
            const double y = accuracyArea().toScene(0, tick).y();
            text().draw(painter, {plot.right() + 6, y - 8, 40, 16}, Qt::AlignLeft | Qt::AlignVCenter,
                        formatFixed(tick, 2), figure, dim);
        }
    }
    double free = -1e9; // right end of the last label
    for (double tick : m_model.stepTicks()) {
        const QString words = formatCount(static_cast<std::int64_t>(tick));
        const double wide = text().width(words, figure);
        const double x = std::clamp(loss.toScene(tick, 0).x() - wide / 2, 2.0, width() - wide - 2);
        if (x < free + 8) continue;
        text().drawAt(painter, {x, plot.bottom() + 10}, words, figure, dim);
        free = x + wide;
    }
    free = -1e9;
    for (const PlotPoint& epoch : m_model.epochs()) {
        const QString words = tr("epoch %1").arg(static_cast<int>(epoch.y));
        const double x = loss.toScene(epoch.x, 0).x() + 4;
        const double wide = text().width(words, label);
        if (x < free + 8 || x + wide > plot.right()) continue;
        // The curves pass behind the words.
        painter.fillRect(QRectF(x - 2, plot.top(), wide + 4, 14), background());
        text().drawAt(painter, {x, plot.top() + 7}, words, label, dim);
        free = x + wide;
    }
}

void PlotsView::paintLegend(QPainter& painter) const {
    const double y = height() - 12;
    const QColor dim = theme().color(Token::text2);
    const QColor strong = theme().color(Token::text);
    double x = plotRect().left() + 22;
    text().drawAt(painter, {x, y}, tr("loss"), label, dim);
    x += text().width(tr("loss"), label) + 4;
    text().drawAt(painter, {x, y}, formatNumber(session().figures().loss), figure, strong);
    if (m_model.accuracy().empty()) return;
    x = legendMiddle() + 22;
    const QString words = tr("test accuracy");
    const QString value = formatPercent(m_model.latestAccuracy(), 2);
    if (x + text().width(words, label) + 4 + text().width(value, figure) > width() - 4) return;
    text().drawAt(painter, {x, y}, words, label, dim);
    text().drawAt(painter, {x + text().width(words, label) + 4, y}, value, figure, strong);
}

QString PlotsView::readOut() const {
    return m_pointed ? m_model.describe(*m_pointed) : m_model.title();
}

void PlotsView::setPointed(std::optional<double> step) {
    if (step == m_pointed) return;
    m_pointed = step;
    requestFrame();
}

void PlotsView::canvasHovered(QPointF scene) {
    const QRectF plot = plotRect();
    if (m_model.isEmpty() || scene.x() < plot.left() || scene.x() > plot.right()) return setPointed(std::nullopt);
    setPointed(std::round(lossArea().toData(scene).x()));
}

void PlotsView::canvasLeft() {
    setPointed(std::nullopt);
}

void PlotsView::keyPressEvent(QKeyEvent* event) {
    showFocus();
    const int by = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
    if (by == 0 || m_model.isEmpty()) {
        if (event->key() == Qt::Key_Escape && m_pointed) return setPointed(std::nullopt);
        return SessionCanvas::keyPressEvent(event);
    }
    const auto last = static_cast<double>(m_model.lastStep());
    const double step = std::max(1.0, std::round((last - static_cast<double>(m_model.firstStep())) / 100));
    const double from = m_pointed.value_or(last);
    setPointed(std::clamp(from + by * step, static_cast<double>(m_model.firstStep()), last));
}

void PlotsView::resizeEvent(QResizeEvent* event) {
    SessionCanvas::resizeEvent(event);
    refresh();
}

} // namespace hs::ui
