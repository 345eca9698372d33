#pragma once

#include "engine/trace/summary.h"
#include "engine/trace/value.h"
#include "ui/render/color_map.h"
#include "ui/theme/theme.h"

#include <QRectF>

class QPainter;

namespace hs::ui {

/// Which colour a number of a tensor has: the theme's diverging map about 0 for weights and gradients, viridis (grey
/// for input images) from smallest to largest for the rest.
class ValueColors {
  public:
    void set(trace::Role role, const trace::Summary* summary);

    const ColorMap& map() const { return m_map; }
    double low() const { return m_low; }
    double high() const { return m_high; }
    /// The colour of a finite number.
    QColor color(double value) const { return m_map.color(value, m_low, m_high); }

  private:
    ColorMap m_map;
    QString m_name;
    double m_low = -1;
    double m_high = 1;
};

/// Fills `rect` as NaN (hatched) or infinity (dotted), in the token `nan`.
void fillNonFinite(QPainter& painter, const QRectF& rect, bool infinite);

/// What a role means: leaf for parameters, backward for gradients, and so on.
Token tokenOf(trace::Role role);

} // namespace hs::ui
