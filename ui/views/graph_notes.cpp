// Notes of what nodes keep, between each node and its forward operation, and the marks of the tensors that those made.
#include "ui/views/blueprint_card.h"
#include "ui/views/graph_painter.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace hs::ui {

namespace {

/// A page whose upper right corner is folded down.
QPainterPath page(const QRectF& rect, double fold) {
    QPainterPath path(rect.topLeft());
    path.lineTo(rect.right() - fold, rect.top());
    path.lineTo(rect.right(), rect.top() + fold);
    path.lineTo(rect.bottomRight());
    path.lineTo(rect.bottomLeft());
    path.closeSubpath();
    path.moveTo(rect.right() - fold, rect.top());
    path.lineTo(rect.right() - fold, rect.top() + fold);
    path.lineTo(rect.right(), rect.top() + fold);
    return path;
}

/// Two opposite corners round, two sharp: what keeps a `.grad`.
QPainterPath leafShape(const QRectF& rect) {
    const double r = rect.height() * 0.6;
    QPainterPath path(rect.bottomLeft());
    path.lineTo(rect.left(), rect.top() + r);
    path.quadTo(rect.topLeft(), {rect.left() + r, rect.top()});
    path.lineTo(rect.topRight());
    path.lineTo(rect.right(), rect.bottom() - r);
    path.quadTo(rect.bottomRight(), {rect.right() - r, rect.bottom()});
    path.closeSubpath();
    return path;
}

} // namespace

void paintTensorMark(QPainter& painter, const QRectF& rect, TensorMark mark) {
    const Theme& t = theme();
    painter.setBrush(Qt::NoBrush);
    switch (mark) {
    case TensorMark::retains:
        painter.setPen(QPen(t.color(Token::leaf), 1.4));
        painter.setBrush(t.tint(Token::leaf, 20, Token::canvas));
        painter.drawPath(leafShape(rect));
        break;
    case TensorMark::view: {
        // A pane before the one whose bytes it shows.
        painter.setPen(QPen(t.color(Token::forward), 1.2));
        const QSizeF size = rect.size() * 0.7;
        painter.setBrush(t.color(Token::canvas));
        painter.drawRect(QRectF(rect.topRight() - QPointF(size.width(), 0), size));
        painter.drawRect(QRectF(rect.bottomLeft() - QPointF(0, size.height()), size));
        break;
    }
    case TensorMark::changed: {
        // A pencil's stroke over a line, as PyTorch ends the names of what writes in place with one.
        painter.setPen(QPen(t.color(Token::warning), 1.6, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(rect.bottomLeft(), rect.bottomRight());
        painter.drawLine(QPointF(rect.left() + rect.width() * 0.2, rect.bottom() - rect.height() * 0.25),
                         QPointF(rect.right() - rect.width() * 0.1, rect.top()));
        break;
    }
    }
    painter.setBrush(Qt::NoBrush);
}

void paintSavedPage(QPainter& painter, const QRectF& rect, bool held) {
    const Theme& t = theme();
    const double fold = std::min(rect.height() * 0.4, 7.0);
    painter.setBrush(held ? QBrush(t.tint(Token::saved, 20, Token::canvas)) : QBrush(t.color(Token::canvas)));
    QPen pen(t.color(held ? Token::saved : Token::control), 1);
    if (!held) pen.setDashPattern({3, 3});
    painter.setPen(pen);
    painter.drawPath(page(rect, fold));
    painter.setBrush(Qt::NoBrush);
}

QRectF GraphPainter::noteRect(std::size_t item) const {
    const Rect& partner = m_layout.partners[item];
    if (partner.empty() || m_model.note(item).text.isEmpty()) return {};
    const Rect& node = m_layout.rects[item];
    const double gap = node.x - partner.right();
    return toView(Rect{partner.right() + 6, node.center().y - 10, gap - 12, 20});
}

void GraphPainter::paintNote(QPainter& painter, std::size_t item) const {
    const Rect& partner = m_layout.partners[item];
    if (partner.empty() || !isSeen(partner.united(m_layout.rects[item]))) return;
    const QRectF rect = noteRect(item);
    if (rect.isEmpty() || isCovered(rect)) return;
    const Theme& t = theme();
    const SavedNote& note = m_model.note(item);
    const double s = textScale(zoom());
    paintSavedPage(painter, rect, note.isHeld);
    if (note.willBreak) {
        painter.setPen(QPen(t.color(Token::warning), 2));
        painter.drawRect(rect.adjusted(-3, -3, 3, 3));
    }
    const TextStyle style{TypeSize::annotation, QFont::Normal, false, s};
    const QRectF inner = rect.adjusted(5 * s, 0, -7 * s, 0);
    m_text.draw(painter, inner, Qt::AlignLeft | Qt::AlignVCenter,
                m_text.elided(note.text, style, inner.width(), Qt::ElideRight), style,
                t.color(note.willBreak ? Token::warning
                        : note.isHeld  ? Token::text
                                       : Token::text3));
}

void GraphPainter::paintMarks(QPainter& painter, std::size_t item) const {
    const Rect& partner = m_layout.partners[item];
    if (partner.empty() || !isSeen(partner)) return;
    const TensorMarks& marks = m_model.marks(item);
    if (!marks.any()) return;
    const QRectF box = toView(partner);
    if (isCovered(box)) return;
    const double size = 9 * textScale(zoom());
    // On the box's upper edge, from the right, where no word is.
    QPointF at(box.right() - size - 4, box.top() - size / 2);
    const auto put = [&](bool is, TensorMark mark) {
        if (!is) return;
        const QRectF rect(at, QSizeF(size, size));
        painter.fillRect(rect.adjusted(-3, -2, 3, 2), theme().color(Token::canvas));
        paintTensorMark(painter, rect, mark);
        at.rx() -= size + 7;
    };
    put(marks.retainsGrad, TensorMark::retains);
    put(marks.isView, TensorMark::view);
    put(marks.isChanged, TensorMark::changed);
}

} // namespace hs::ui
