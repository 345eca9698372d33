#include "ui/views/value_colors.h"

#include "ui/models/tensor_choice.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace hs::ui {

void ValueColors::set(trace::Role role, const trace::Summary* summary) {
    const bool diverging = isDiverging(role);
    const QString name = diverging                    ? theme().divergingMap()
                         : role == trace::Role::input ? QStringLiteral("grey")
                                                      : QStringLiteral("viridis");
    if (name != m_name) m_map = ColorMap::named(name);
    m_name = name;
    m_low = summary ? summary->min : 0;
    m_high = summary ? summary->max : 1;
    if (diverging) {
        m_high = std::max(std::abs(m_low), std::abs(m_high));
        m_low = -m_high;
    }
    if (!(m_high > m_low)) {
        m_high = m_low + 1;
        if (diverging) m_low = -m_high;
    }
}

void fillNonFinite(QPainter& painter, const QRectF& rect, bool infinite) {
    const QColor color = theme().color(Token::nan);
    painter.fillRect(rect, blend(color, theme().color(Token::canvas), 20));
    painter.fillRect(rect, QBrush(color, infinite ? Qt::Dense6Pattern : Qt::BDiagPattern));
}

Token tokenOf(trace::Role role) {
    switch (role) {
    case trace::Role::parameter:
        return Token::leaf;
    case trace::Role::gradient:
    case trace::Role::output_gradient:
        return Token::backward;
    case trace::Role::update:
        return Token::update;
    case trace::Role::buffer:
    case trace::Role::target:
    case trace::Role::input:
        return Token::buffer;
    default:
        return Token::forward;
    }
}

} // namespace hs::ui
