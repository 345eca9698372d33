#include "ui/views/tensor_graph_view.h"

#include "ui/theme/theme.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace hs::ui {

namespace {

using session::ScratchEdge;
using session::ScratchTensor;

// In the picture's own units, which are pixels where it fits at 100 %.
constexpr double cardWidth = 200;
constexpr double cardHeight = 112;
constexpr double numberSide = 76;
constexpr double tensorColumnGap = 190;
constexpr double rowGap = 92;
constexpr double laneShift = 9;
constexpr double bodyText = 26;
constexpr double smallText = 19;
constexpr double arrowSize = 11;
constexpr double formulaHeight = 76;
constexpr double legendHeight = 52;
constexpr double mostScale = 1.35;

QFont sizedFont(bool mono, double pixels, QFont::Weight weight = QFont::Normal) {
    QFont font = mono ? theme().mono(TypeSize::base, weight) : theme().font(TypeSize::base, weight);
    font.setPixelSize(qRound(pixels));
    return font;
}

/// Two opposite corners round, two sharp.
QPainterPath leafPath(const QRectF& r) {
    const double round = 26, sharp = 4;
    QPainterPath path;
    path.moveTo(r.left() + round, r.top());
    path.lineTo(r.right() - sharp, r.top());
    path.quadTo(r.right(), r.top(), r.right(), r.top() + sharp);
    path.lineTo(r.right(), r.bottom() - round);
    path.quadTo(r.right(), r.bottom(), r.right() - round, r.bottom());
    path.lineTo(r.left() + sharp, r.bottom());
    path.quadTo(r.left(), r.bottom(), r.left(), r.bottom() - sharp);
    path.lineTo(r.left(), r.top() + round);
    path.quadTo(r.left(), r.top(), r.left() + round, r.top());
    return path;
}

QPainterPath cardPath(ScratchTensor::Kind kind, const QRectF& r) {
    if (kind == ScratchTensor::Kind::leaf) return leafPath(r);
    QPainterPath path;
    if (kind == ScratchTensor::Kind::non_leaf)
        path.addRoundedRect(r, r.height() / 2.2, r.height() / 2.2);
    else
        path.addRoundedRect(r, 6, 6);
    return path;
}

Token colourOf(ScratchTensor::Kind kind) {
    return kind == ScratchTensor::Kind::leaf       ? Token::leaf
           : kind == ScratchTensor::Kind::non_leaf ? Token::forward
                                                   : Token::buffer;
}

void drawArrow(QPainter& painter, QPointF tip, bool toTheRight, const QColor& colour) {
    const double back = toTheRight ? -arrowSize : arrowSize;
    QPainterPath head(tip);
    head.lineTo(tip + QPointF(back, -arrowSize * 0.6));
    head.lineTo(tip + QPointF(back, arrowSize * 0.6));
    head.closeSubpath();
    painter.fillPath(head, colour);
}

QPainterPath edgeCurve(QPointF from, QPointF to) {
    const double pull = std::max(40.0, std::abs(to.x() - from.x()) * 0.5);
    QPainterPath path(from);
    path.cubicTo(from + QPointF(pull, 0), to - QPointF(pull, 0), to);
    return path;
}

/// A text in a width: smaller when it is too wide, and cut at last.
void drawFitted(QPainter& painter, const QRectF& rect, int flags, const QString& text, QFont font) {
    while (font.pixelSize() > 12 && QFontMetricsF(font).horizontalAdvance(text) > rect.width())
        font.setPixelSize(font.pixelSize() - 1);
    painter.setFont(font);
    painter.drawText(rect, flags, QFontMetricsF(font).elidedText(text, Qt::ElideRight, rect.width()));
}

} // namespace

TensorGraphView::TensorGraphView(ScratchModel& model, QWidget* parent) : QWidget(parent), m_model(model) {
    setObjectName(QStringLiteral("tensorGraph"));
    setAccessibleName(tr("Tensor graph"));
    setFocusPolicy(Qt::StrongFocus);
    setToolTip(tr("Drag or use the arrows to move, turn the wheel or press + and − to zoom, Home shows all"));
    connect(&model, &ScratchModel::changed, this, &TensorGraphView::takeRun);
    connect(&theme(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void TensorGraphView::setHiddenGrads(const QStringList& names) {
    m_hiddenGrads = names;
    update();
}

bool TensorGraphView::hidesGrad(std::size_t tensor) const {
    return !m_hiddenGrads.isEmpty() && m_hiddenGrads.contains(m_model.textAt(m_laidOut->tensors[tensor].names));
}

void TensorGraphView::takeRun() {
    const auto before = std::exchange(m_laidOut, m_model.run());
    // A run that is under way has the tensors of the one before, so far, and they stay where they are.
    const bool same = m_laidOut && before && before->text == m_laidOut->text;
    if (!same || m_laidOut->tensors.size() > m_cards.size()) layOut();
    update();
}

/// Columns by how many operations lie before a tensor; in a column each stands as near as it can to what it is made of.
void TensorGraphView::layOut() {
    m_cards.clear();
    m_bounds = {};
    if (!m_laidOut) return;
    const auto& tensors = m_laidOut->tensors;
    std::vector<int> column(tensors.size(), 0);
    for (const ScratchEdge& edge : m_laidOut->edges) // what is made later comes later
        column[edge.to] = std::max(column[edge.to], column[edge.from] + 1);
    for (const ScratchEdge& edge : m_laidOut->edges)
        if (tensors[edge.from].operation.empty() && tensors[edge.from].kind == ScratchTensor::Kind::number)
            column[edge.from] = column[edge.to] - 1;
    std::map<int, std::vector<std::size_t>> columns;
    for (std::size_t i = 0; i < tensors.size(); ++i)
        columns[column[i]].push_back(i);
    std::vector<double> middle(tensors.size(), 0);
    for (auto& [number, members] : columns) {
        std::vector<double> wish(tensors.size(), 0);
        for (const std::size_t i : members) {
            double sum = 0, count = 0;
            for (const ScratchEdge& edge : m_laidOut->edges)
                if (edge.to == i && tensors[edge.from].kind != ScratchTensor::Kind::number) {
                    sum += middle[edge.from];
                    ++count;
                }
            wish[i] = count > 0 ? sum / count : 0;
        }
        // Numbers go below the tensors of their column.
        std::ranges::stable_sort(members, {}, [&](std::size_t i) {
            return std::pair(tensors[i].kind == ScratchTensor::Kind::number, wish[i]);
        });
        double at = 0, shift = 0;
        for (const std::size_t i : members) {
            middle[i] = at;
            shift += wish[i] - at;
            at += cardHeight + rowGap;
        }
        shift /= static_cast<double>(members.size());
        const bool sources = number == columns.begin()->first;
        for (const std::size_t i : members)
            middle[i] += sources ? 0 : shift;
    }
    // A number stands above or below its column, on the side of the operation that takes it.
    for (const ScratchEdge& edge : m_laidOut->edges) {
        if (tensors[edge.from].kind != ScratchTensor::Kind::number) continue;
        double least = 0, most = 0, sum = 0, count = 0;
        for (const std::size_t i : columns[column[edge.from]]) {
            if (i == edge.from) continue;
            least = count > 0 ? std::min(least, middle[i]) : middle[i];
            most = count > 0 ? std::max(most, middle[i]) : middle[i];
            sum += middle[i];
            ++count;
        }
        if (count == 0)
            middle[edge.from] = middle[edge.to];
        else if (middle[edge.to] < sum / count)
            middle[edge.from] = least - cardHeight - rowGap * 0.7;
        else
            middle[edge.from] = most + cardHeight + rowGap * 0.7;
    }
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        const bool number = tensors[i].kind == ScratchTensor::Kind::number;
        const double x = column[i] * (cardWidth + tensorColumnGap) + cardWidth / 2;
        const QSizeF size = number ? QSizeF(numberSide, numberSide) : QSizeF(cardWidth, cardHeight);
        m_cards.emplace_back(QPointF(x - size.width() / 2, middle[i] - size.height() / 2), size);
        // With what is written above and below a card, and the gradient that arrives from the right.
        m_bounds |= m_cards.back().adjusted(-20, -38, 100, 40);
    }
}

QRectF TensorGraphView::canvas() const {
    return QRectF(rect()).adjusted(24, formulaHeight, -24, -legendHeight);
}

QTransform TensorGraphView::transform() const {
    const QRectF room = canvas();
    if (m_bounds.isEmpty() || room.width() <= 0 || room.height() <= 0) return {};
    const double fitting = std::min({mostScale, room.width() / m_bounds.width(), room.height() / m_bounds.height()});
    QTransform result;
    result.translate(room.center().x() + m_pan.x(), room.center().y() + m_pan.y());
    result.scale(fitting * m_zoom, fitting * m_zoom);
    result.translate(-m_bounds.center().x(), -m_bounds.center().y());
    return result;
}

void TensorGraphView::fit() {
    m_zoom = 1;
    m_pan = {};
    update();
}

void TensorGraphView::zoomBy(double factor, QPointF at) {
    const double before = m_zoom;
    m_zoom = std::clamp(m_zoom * factor, 0.25, 8.0);
    const QPointF centre = canvas().center();
    m_pan = at - centre - (at - centre - m_pan) * (m_zoom / before);
    update();
}

void TensorGraphView::wheelEvent(QWheelEvent* event) {
    zoomBy(std::pow(1.2, event->angleDelta().y() / 120.0), event->position());
}

void TensorGraphView::mousePressEvent(QMouseEvent* event) {
    m_grabbed = event->position();
}

void TensorGraphView::mouseMoveEvent(QMouseEvent* event) {
    if (!(event->buttons() & Qt::LeftButton)) return;
    m_pan += event->position() - m_grabbed;
    m_grabbed = event->position();
    update();
}

void TensorGraphView::mouseDoubleClickEvent(QMouseEvent*) {
    fit();
}

void TensorGraphView::keyPressEvent(QKeyEvent* event) {
    constexpr double step = 48;
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoomBy(1.2, canvas().center());
    case Qt::Key_Minus:
        return zoomBy(1 / 1.2, canvas().center());
    case Qt::Key_Home:
        return fit();
    case Qt::Key_Left:
        m_pan.rx() += step;
        return update();
    case Qt::Key_Right:
        m_pan.rx() -= step;
        return update();
    case Qt::Key_Up:
        m_pan.ry() += step;
        return update();
    case Qt::Key_Down:
        m_pan.ry() -= step;
        return update();
    default:
        QWidget::keyPressEvent(event);
    }
}

void TensorGraphView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), theme().color(Token::canvas));
    paintGrid(painter);
    if (!m_laidOut || m_laidOut->tensors.empty()) {
        painter.setPen(theme().color(Token::text2));
        painter.setFont(sizedFont(false, 19));
        painter.drawText(rect().adjusted(40, 40, -40, -40), Qt::AlignCenter | Qt::TextWordWrap,
                         m_model.isOpen() ? tr("The tensors of the scratch pad will be here. Write a line such as\n"
                                               "w = tensor([1.], requires_grad=True)")
                                          : tr("Open the scratch pad to see its tensors here (Ctrl+Shift+P)"));
        return;
    }
    painter.setRenderHint(QPainter::Antialiasing);
    painter.save();
    painter.setTransform(transform(), true);
    const auto& run = *m_laidOut;
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> lanes;
    for (const ScratchEdge& edge : run.edges)
        paintEdge(painter, edge, lanes[{edge.from, edge.to}]++);
    for (std::size_t i = 0; i < run.tensors.size(); ++i) {
        if (!run.tensors[i].made.by(m_model.moment())) continue;
        paintSeed(painter, i);
        if (run.tensors[i].kind == ScratchTensor::Kind::number)
            paintNumber(painter, i);
        else
            paintCard(painter, i);
        paintSum(painter, i);
    }
    painter.restore();
    paintFormula(painter);
    paintLegend(painter);
}

void TensorGraphView::paintGrid(QPainter& painter) const {
    painter.setPen(QPen(theme().color(Token::line), 1));
    constexpr int pitch = 20;
    for (int y = pitch; y < height(); y += pitch)
        for (int x = pitch; x < width(); x += pitch)
            painter.drawPoint(x, y);
}

void TensorGraphView::paintEdge(QPainter& painter, const ScratchEdge& edge, int lane) const {
    const auto& from = m_laidOut->tensors[edge.from];
    const auto& to = m_laidOut->tensors[edge.to];
    if (!to.made.by(m_model.moment()) || !from.made.by(m_model.moment())) return;
    const double apart = lane * 40.0;
    // Where several lines meet at a card they arrive side by side.
    const double slope =
        std::clamp((m_cards[edge.to].center().y() - m_cards[edge.from].center().y()) * 0.12, -24.0, 24.0);
    const QPointF begin(m_cards[edge.from].right(), m_cards[edge.from].center().y() + slope + apart);
    const QPointF end(m_cards[edge.to].left(), m_cards[edge.to].center().y() - slope + apart);
    const bool counts = from.kind == ScratchTensor::Kind::leaf || from.kind == ScratchTensor::Kind::non_leaf;
    const QColor forward = theme().color(counts ? Token::forward : Token::buffer);
    const QPointF up(0, counts ? -laneShift : 0);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(forward, counts ? 2.5 : 2, counts ? Qt::SolidLine : Qt::DashLine));
    painter.drawPath(edgeCurve(begin + up, end + up - QPointF(arrowSize * 0.7, 0)));
    drawArrow(painter, end + up, true, forward);
    const session::ScratchChange* gradient = m_model.at(edge.gradients);
    if (!gradient) return;
    const QColor backward = theme().color(Token::backward);
    painter.setPen(QPen(backward, 3));
    painter.setBrush(Qt::NoBrush);
    const QPainterPath back = edgeCurve(begin - up + QPointF(arrowSize * 0.7, 0), end - up);
    painter.drawPath(back);
    drawArrow(painter, begin - up, false, backward);
    // Nearer to where lines fan out, so that the boxes of two lines do not meet.
    const QString text = hidesGrad(edge.from) ? QStringLiteral("?") : QString::fromStdString(gradient->text);
    paintBox(painter, back.pointAtPercent(0.42), text, m_model.isNew(gradient->at));
}

/// The gradient that a backward pass begins with.
void TensorGraphView::paintSeed(QPainter& painter, std::size_t tensor) const {
    const auto& shown = m_laidOut->tensors[tensor];
    const session::ScratchChange* seed = m_model.at(shown.arrived);
    if (!seed) return;
    for (const ScratchEdge& edge : m_laidOut->edges)
        if (edge.from == tensor && m_model.at(edge.gradients)) return;
    const QPointF at(m_cards[tensor].right(), m_cards[tensor].center().y());
    painter.setPen(QPen(theme().color(Token::backward), 3));
    painter.drawLine(at + QPointF(arrowSize * 0.7, 0), at + QPointF(30, 0));
    drawArrow(painter, at, false, theme().color(Token::backward));
    paintBox(painter, at + QPointF(50, 0), QString::fromStdString(seed->text), m_model.isNew(seed->at));
}

void TensorGraphView::paintBox(QPainter& painter, QPointF centre, const QString& text, bool isNew) const {
    const QFont font = sizedFont(true, 22, QFont::DemiBold);
    const double width = std::max(40.0, QFontMetricsF(font).horizontalAdvance(text) + 20);
    const QRectF box(centre.x() - width / 2, centre.y() - 20, width, 40);
    painter.setPen(QPen(theme().color(Token::backward), 2));
    painter.setBrush(theme().tint(Token::backward, isNew ? 100 : 12, Token::canvas));
    painter.drawRoundedRect(box, 8, 8);
    painter.setPen(theme().color(isNew ? Token::onFill : Token::backward));
    painter.setFont(font);
    painter.drawText(box, Qt::AlignCenter, text);
}

void TensorGraphView::paintNumber(QPainter& painter, std::size_t tensor) const {
    const QRectF& card = m_cards[tensor];
    painter.setPen(QPen(theme().color(Token::buffer), 2, Qt::DashLine));
    painter.setBrush(theme().color(Token::panel));
    painter.drawRoundedRect(card, 4, 4);
    painter.setPen(theme().color(Token::text));
    drawFitted(painter, card.adjusted(4, 0, -4, 0), Qt::AlignCenter, m_model.textAt(m_laidOut->tensors[tensor].values),
               sizedFont(true, bodyText, QFont::Medium));
    painter.setPen(theme().color(Token::text2));
    painter.setFont(sizedFont(false, smallText - 2));
    painter.drawText(card.adjusted(-80, card.height() + 4, 80, 30), Qt::AlignHCenter | Qt::AlignTop,
                     tr("a number, no gradient"));
}

void TensorGraphView::paintCard(QPainter& painter, std::size_t tensor) const {
    const ScratchTensor& shown = m_laidOut->tensors[tensor];
    const QRectF& card = m_cards[tensor];
    const Token token = colourOf(shown.kind);
    const bool gradients = shown.kind != ScratchTensor::Kind::no_gradient;
    painter.setPen(QPen(theme().color(token), 2.5, gradients ? Qt::SolidLine : Qt::DashLine));
    painter.setBrush(gradients ? theme().tint(token, 12, Token::canvas) : theme().color(Token::panel));
    painter.drawPath(cardPath(shown.kind, card));

    const QString name = m_model.textAt(shown.names);
    const QRectF inside = card.adjusted(26, 8, -24, -8);
    const double half = inside.height() / 2;
    const QRectF upper(inside.left(), inside.top(), inside.width(), half), lower = upper.translated(0, half);
    painter.setPen(theme().color(name.isEmpty() ? Token::text2 : Token::text));
    const QFont nameFont = sizedFont(true, name.isEmpty() ? smallText : bodyText, QFont::DemiBold);
    const QString title = name.isEmpty() ? QString::fromStdString(shown.operation) : name;
    drawFitted(painter, upper.adjusted(0, 0, -upper.width() * 0.45, 0), Qt::AlignLeft | Qt::AlignVCenter, title,
               nameFont);
    painter.setPen(theme().color(Token::forward));
    drawFitted(painter, upper.adjusted(upper.width() * 0.4, 0, 0, 0), Qt::AlignRight | Qt::AlignVCenter,
               m_model.textAt(shown.values), sizedFont(true, bodyText));
    painter.setPen(QPen(theme().tint(token, 55, Token::canvas), 1));
    painter.drawLine(lower.topLeft(), lower.topRight());

    painter.setPen(theme().color(Token::text2));
    painter.setFont(sizedFont(false, smallText));
    painter.drawText(lower, Qt::AlignLeft | Qt::AlignVCenter, gradients ? tr("grad") : tr("no gradient"));
    if (gradients) {
        const QRectF value = lower.adjusted(lower.width() * 0.35, 0, 0, 0);
        const QString grad = m_model.textAt(shown.grads);
        const bool hidden = hidesGrad(tensor);
        const bool none = grad == QStringLiteral("None") || grad.isEmpty();
        painter.setPen(theme().color(hidden || none ? Token::text2 : Token::backward));
        drawFitted(painter, value, Qt::AlignRight | Qt::AlignVCenter,
                   hidden           ? QStringLiteral("?")
                   : grad.isEmpty() ? QStringLiteral("None")
                                    : grad,
                   none && !hidden ? sizedFont(true, smallText) : sizedFont(true, bodyText, QFont::Bold));
    }
    if (shown.grad_fn.empty()) return;
    painter.setPen(theme().color(Token::text2));
    painter.setFont(sizedFont(false, smallText - 1));
    painter.drawText(card.adjusted(-60, -32, 60, 0), Qt::AlignHCenter | Qt::AlignTop,
                     QString::fromStdString(shown.grad_fn));
}

/// `2 + 3 = 5` below a leaf that several gradients reached.
void TensorGraphView::paintSum(QPainter& painter, std::size_t tensor) const {
    const ScratchTensor& shown = m_laidOut->tensors[tensor];
    if (shown.kind != ScratchTensor::Kind::leaf) return;
    bool isNumber = false;
    const QString grad = m_model.textAt(shown.grads);
    const double total = grad.toDouble(&isNumber);
    if (!isNumber || hidesGrad(tensor)) return;
    QStringList parts;
    double sum = 0;
    for (const ScratchEdge& edge : m_laidOut->edges) {
        if (edge.from != tensor) continue;
        if (const session::ScratchChange* part = m_model.at(edge.gradients)) {
            parts.append(QString::fromStdString(part->text));
            sum += parts.last().toDouble();
        }
    }
    if (parts.size() < 2 || std::abs(sum - total) > 1e-3 * std::max(1.0, std::abs(total))) return;
    painter.setPen(theme().color(Token::backward));
    painter.setFont(sizedFont(true, 22, QFont::DemiBold));
    const QRectF& card = m_cards[tensor];
    painter.drawText(card.adjusted(-60, card.height() + 6, 60, 40), Qt::AlignHCenter | Qt::AlignTop,
                     parts.join(QStringLiteral(" + ")) + QStringLiteral(" = ") + grad);
}

void TensorGraphView::paintFormula(QPainter& painter) const {
    QString formula = QString::fromStdString(m_laidOut->formula).trimmed();
    formula.replace(QLatin1Char('*'), QChar(0x00d7)).replace(QStringLiteral("\u00d7\u00d7"), QStringLiteral("**"));
    painter.setPen(theme().color(Token::text));
    drawFitted(painter, QRectF(36, 14, width() - 72.0, formulaHeight - 24), Qt::AlignLeft | Qt::AlignVCenter, formula,
               sizedFont(true, 30, QFont::Medium));
    if (!m_laidOut->too_large) return;
    painter.setPen(theme().color(Token::warning));
    painter.setFont(sizedFont(false, 15));
    painter.drawText(QRectF(36, formulaHeight - 18, width() - 72.0, 22), Qt::AlignLeft,
                     tr("Only the first %1 tensors are shown").arg(m_laidOut->tensors.size()));
}

void TensorGraphView::paintLegend(QPainter& painter) const {
    const double y = height() - legendHeight / 2;
    double x = 36;
    const QFont font = sizedFont(false, 15);
    painter.setFont(font);
    const QFontMetricsF metrics(font);
    const auto entry = [&](const QString& text, const auto& sign) {
        if (x + 40 + metrics.horizontalAdvance(text) > width() - 12) return;
        painter.save();
        sign(QRectF(x, y - 9, 30, 18));
        painter.restore();
        painter.setPen(theme().color(Token::text2));
        painter.drawText(QPointF(x + 40, y + metrics.ascent() / 2 - 1), text);
        x += 40 + metrics.horizontalAdvance(text) + 28;
    };
    const auto card = [&](ScratchTensor::Kind kind) {
        return [this, &painter, kind](const QRectF& r) {
            const Token token = colourOf(kind);
            const bool dashed = kind == ScratchTensor::Kind::number;
            painter.setPen(QPen(theme().color(token), 2, dashed ? Qt::DashLine : Qt::SolidLine));
            painter.setBrush(theme().tint(token, 12, Token::canvas));
            if (kind == ScratchTensor::Kind::leaf) {
                painter.translate(r.topLeft());
                painter.scale(0.36, 0.36);
                painter.setPen(QPen(theme().color(token), 5));
                painter.drawPath(leafPath(QRectF(0, 0, r.width() / 0.36, r.height() / 0.36)));
            } else {
                painter.drawRoundedRect(r, dashed ? 2 : 9, dashed ? 2 : 9);
            }
        };
    };
    const auto arrow = [&](Token token, bool right) {
        return [&painter, token, right](const QRectF& r) {
            painter.setPen(QPen(theme().color(token), 2.5));
            painter.drawLine(QPointF(r.left(), r.center().y()), QPointF(r.right(), r.center().y()));
            drawArrow(painter, QPointF(right ? r.right() : r.left(), r.center().y()), right, theme().color(token));
        };
    };
    entry(tr("leaf, keeps .grad"), card(ScratchTensor::Kind::leaf));
    entry(tr("non-leaf"), card(ScratchTensor::Kind::non_leaf));
    entry(tr("constant"), card(ScratchTensor::Kind::number));
    entry(tr("value, forward"), arrow(Token::forward, true));
    entry(tr("gradient, backward"), arrow(Token::backward, false));
}

} // namespace hs::ui
