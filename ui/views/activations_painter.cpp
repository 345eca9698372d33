// How activation maps are drawn.
#include "ui/views/activations_canvas.h"

#include "ui/models/session_model.h"
#include "ui/render/draw_list.h"
#include "ui/theme/numbers.h"
#include "ui/views/read_out.h"
#include "ui/views/strip.h"

#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hs::ui {

namespace {

enum Layer { maps, marks, fixedBack, fixedFront };

const TextStyle label{TypeSize::annotation};
const TextStyle figure{TypeSize::annotation, QFont::Normal, true};

/// Numbers are written into cells of at least this width, in logical pixels.
constexpr double numberWidth = 54;

} // namespace

void ActivationsCanvas::prepareScene(const Viewport& view, DrawList& list) {
    if (m_model.isEmpty()) return;
    prepareInput(list);
    list.setLayer(maps);
    const SampleShape& s = m_model.sampleShape();
    MapStyle style{colors(), 0, 1, theme().color(Token::nan)};
    const std::span<const float> values = m_model.values();
    if (s.strip) {
        m_model.rangeOf(0, style.low, style.high);
        drawStrip(list, m_grid.cellRect(0), values, m_stripColumns, style);
    } else if (m_model.range() != MapRange::map) {
        m_model.rangeOf(0, style.low, style.high);
        list.maps.addGrid(m_grid, values, int(s.width), int(s.height), style);
    } else {
        const auto each = static_cast<std::size_t>(s.perMap());
        for (int map = 0; map < static_cast<int>(m_model.maps()); ++map) {
            const QRectF box = m_grid.cellRect(map);
            if (list.isHidden(box)) continue;
            m_model.rangeOf(map, style.low, style.high);
            list.maps.add(box, values.subspan(static_cast<std::size_t>(map) * each, each), int(s.width), int(s.height),
                          style);
        }
    }
    if (m_hit.map >= 0) {
        list.setLayer(marks);
        const RingStyle ring{theme().color(Token::selection), 2, 1, showsFocus() ? Dash{2, 2} : Dash{}};
        list.shapes.ring(cellRect(m_hit), {}, ring);
    }
    list.beginFixed();
    const QRectF legend = legendRect();
    list.setLayer(fixedBack);
    list.shapes.rect(legend, background());
    list.setLayer(fixedFront);
    list.maps.legend({12, legend.top() + 6, 150, 9}, colors());
    if (m_hit.map >= 0)
        list.shapes.roundedRect(swatchRect(),
                                {colorOf(m_hit), theme().color(Token::lineStrong), 1, Corners::all(2), {}});
    if (showsFocus())
        list.shapes.ring(QRectF(rect()).adjusted(5, 5, -5, -5), Corners::all(4),
                         {theme().color(Token::text), 1, 2, {2, 2}});
    list.endFixed();
    Q_UNUSED(view);
}

QRectF ActivationsCanvas::swatchRect() const {
    return {width() - 24.0, legendRect().top() + 9, 12, 12};
}

void ActivationsCanvas::prepareInput(DrawList& list) const {
    const SampleShape& shape = m_model.inputShape();
    if (m_input.isEmpty() || static_cast<std::int64_t>(m_model.input().size()) < shape.perMap()) return;
    double low = 0;
    double high = 1;
    finiteRange(m_model.input(), low, high);
    const MapStyle style{ColorMap::named(QStringLiteral("grey")), low, high, theme().color(Token::nan)};
    list.setLayer(maps);
    list.maps.add(m_input, m_model.input(), int(shape.width), int(shape.height), style);
}

void ActivationsCanvas::paintOverlay(QPainter& painter, const Viewport& view) {
    if (!m_model.isEmpty()) {
        paintNumbers(painter, view);
        paintLegend(painter);
    }
    paintNotice(painter);
}

void ActivationsCanvas::paintNumbers(QPainter& painter, const Viewport& view) const {
    const Theme& t = theme();
    if (!m_input.isEmpty()) {
        const QRectF box = view.toView(m_input);
        const QRectF above(box.left(), box.top() - 19, box.width(), 16);
        const TextStyle title{TypeSize::secondary, QFont::DemiBold};
        const bool drawn =
            text().draw(painter, above, Qt::AlignLeft | Qt::AlignVCenter, tr("input"), title, t.color(Token::text));
        const auto& names = session().info().class_names;
        const bool known = m_model.target() >= 0 && m_model.target() < static_cast<std::int64_t>(names.size());
        if (drawn && known) {
            const QRectF rest = above.adjusted(text().width(tr("input"), title) + 8, 0, 0, 0);
            const QString name = QString::fromStdString(names[static_cast<std::size_t>(m_model.target())]);
            text().draw(painter, rest, Qt::AlignLeft | Qt::AlignVCenter, name, label, t.color(Token::text2));
        }
    }
    // Numbers in the cells where these are large enough on the screen.
    const SampleShape& s = m_model.sampleShape();
    const QRectF first = view.toView(cellRect({0, 0, 0}));
    if (first.width() < numberWidth || first.height() < 16) return;
    const QRectF seen(0, 0, view.size.width(), legendRect().top());
    for (std::int64_t map = 0; map < m_model.maps(); ++map) {
        if (!s.strip && !view.toView(m_grid.cellRect(static_cast<int>(map))).intersects(seen)) continue;
        for (std::int64_t row = 0; row < s.height; ++row) {
            for (std::int64_t column = 0; column < s.width; ++column) {
                const Hit at{map, row, column};
                const QRectF cell = view.toView(cellRect(at));
                if (!seen.contains(cell)) continue;
                const auto index = static_cast<std::size_t>(map * s.perMap() + row * s.width + column);
                const QString words = formatNumber(static_cast<double>(m_model.values()[index]), 3);
                const QColor color = blackTextOver(colorOf(at)) ? Qt::black : Qt::white;
                text().draw(painter, cell, Qt::AlignCenter, words, figure, color);
            }
        }
    }
}

void ActivationsCanvas::paintLegend(QPainter& painter) const {
    const QRectF legend = legendRect();
    const Theme& t = theme();
    const QColor dim = t.color(Token::text2);
    const QRectF under(12, legend.top() + 16, 150, 14);
    double low = 0;
    double high = 0;
    if (m_model.commonRange(low, high)) {
        text().draw(painter, under, Qt::AlignLeft | Qt::AlignVCenter, formatNumber(low, 3), figure, dim);
        text().draw(painter, under, Qt::AlignRight | Qt::AlignVCenter, formatNumber(high, 3), figure, dim);
    } else if (m_hit.map >= 0) {
        m_model.rangeOf(m_hit.map, low, high);
        text().draw(painter, under, Qt::AlignLeft | Qt::AlignVCenter, formatNumber(low, 3), figure, dim);
        text().draw(painter, under, Qt::AlignRight | Qt::AlignVCenter, formatNumber(high, 3), figure, dim);
    } else {
        text().draw(painter, under, Qt::AlignLeft | Qt::AlignVCenter, tr("min"), label, dim);
        text().draw(painter, under, Qt::AlignRight | Qt::AlignVCenter, tr("max of each map"), label, dim);
    }
    const bool pointed = m_hit.map >= 0;
    const double right = pointed ? swatchRect().left() - 8 : width() - 12;
    const QRectF line(178, legend.top(), right - 178, legend.height() - 4);
    const QFontMetrics metrics(theme().mono(TypeSize::numbers));
    const QString words = fittingParts(readOut(), metrics, static_cast<int>(line.width()));
    text().draw(painter, line, Qt::AlignRight | Qt::AlignVCenter, words, {TypeSize::numbers, QFont::Normal, true},
                t.color(pointed ? Token::text : Token::text3));
}

} // namespace hs::ui
