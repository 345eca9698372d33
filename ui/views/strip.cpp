#include "ui/views/strip.h"

#include "ui/render/draw_list.h"

namespace hs::ui {

void drawStrip(DrawList& list, const QRectF& rect, std::span<const float> values, std::int64_t columns,
               const MapStyle& style) {
    const auto count = static_cast<std::int64_t>(values.size());
    if (count == 0 || columns <= 0) return;
    const std::int64_t rows = (count + columns - 1) / columns;
    const std::int64_t whole = count / columns;
    const double height = rect.height() / static_cast<double>(rows);
    QRectF upper = rect;
    upper.setHeight(height * static_cast<double>(whole));
    if (whole) list.maps.add(upper, values, int(columns), int(whole), style);
    const std::int64_t rest = count - whole * columns;
    if (!rest) return;
    const double width = rect.width() * static_cast<double>(rest) / static_cast<double>(columns);
    list.maps.add({rect.left(), upper.bottom(), width, height},
                  values.subspan(static_cast<std::size_t>(whole * columns)), int(rest), 1, style);
}

} // namespace hs::ui
