#include "ui/views/blueprint_card.h"

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

/// Ridge and norm at the right of the thumbnails, with their share of the body's width.
void placeSide(CardFrame& frame, const QRectF& body, double share) {
    const double s = frame.scale;
    const double width = std::clamp(body.width() * share, 48 * s, 110 * s);
    if (body.width() < 2 * width || body.height() < 28 * s) {
        frame.maps = body;
        return;
    }
    frame.maps = body.adjusted(0, 0, -width - 8 * s, 0);
    const QRectF side(body.right() - width, body.top(), width, body.height());
    frame.norm = QRectF(side.left(), side.top() - 2 * s, width, 12 * s);
    frame.ridge = QRectF(side.left(), side.top() + 11 * s, width, side.height() - 11 * s);
}

void placeFooter(CardFrame& frame, const QRectF& body) {
    const double s = frame.scale;
    if (body.height() < 30 * s) {
        frame.maps = body;
        return;
    }
    frame.footer = QRectF(body.left(), body.bottom() - 13 * s, body.width(), 14 * s);
    frame.maps = body.adjusted(0, 0, 0, -15 * s);
}

} // namespace

double textScale(double zoom) {
    return std::clamp(std::round(zoom * 8) / 8, 0.9, 3.0);
}

CardDetail cardDetail(QSizeF size, bool selected) {
    const double side = (size.width() + size.height()) / 2;
    int level = side < 24 ? 0 : side < 60 ? 1 : side < 110 ? 2 : side < 120 ? 3 : 4;
    if (selected) ++level;
    return static_cast<CardDetail>(std::min(level, 4));
}

CardFrame cardFrame(const QRectF& box, const GraphItem& item, double zoom, bool selected) {
    CardFrame frame;
    frame.box = box;
    frame.scale = textScale(zoom);
    frame.detail = cardDetail(box.size(), selected);
    const double s = frame.scale;
    if (frame.detail == CardDetail::bar || box.height() < 14 || box.width() < 24) {
        frame.detail = CardDetail::bar;
        return frame;
    }
    const bool hasBody =
        item.content == Content::maps || item.content == Content::strip || item.content == Content::classes;
    const double header = hasBody ? std::min(26 * s, box.height()) : box.height();
    const double pad = std::clamp(box.width() / 8, 2.0, 8 * s);
    frame.header = QRectF(box.left() + pad, box.top(), box.width() - 2 * pad, header);
    const QRectF body = box.adjusted(pad, header, -pad, -pad);
    if (!hasBody || frame.detail < CardDetail::maps || body.height() < 12) {
        // Nothing below the name: it stands in the middle.
        frame.header.setHeight(box.height());
        return frame;
    }
    frame.maps = body;
    if (frame.detail < CardDetail::figures || item.content == Content::classes) return frame;
    if (item.content == Content::strip)
        placeSide(frame, body, 0.4);
    else if (item.hasParameters)
        placeSide(frame, body, 0.26);
    else
        placeFooter(frame, body);
    return frame;
}

} // namespace hs::ui
