#include "ui/render/ridge_batch.h"

#include "ui/render/draw_data.h"
#include "ui/render/draw_list.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hs::ui {

namespace {

float countOrZero(float count) {
    return count > 0 && std::isfinite(count) ? count : 0;
}

float largest(std::span<const float> counts) {
    float most = 0;
    for (float count : counts)
        most = std::max(most, countOrZero(count));
    return most;
}

std::uint32_t heightOf(std::span<const float> bins, float full) {
    return full > 0 ? std::uint32_t(std::lround(4095 * std::sqrt(std::min(largest(bins) / full, 1.0f)))) : 0;
}

/// Appends square-root heights as types.h describes them: a pixel then needs one read. Where a bin
/// would be narrower than two pixels, neighbours are joined and the larger of them is shown. Gives back how many bins a
/// row has then.
int appendHeights(DrawData& data, std::span<const float> counts, int steps, int bins, float full, QSizeF pixels) {
    const int joined = std::max(1, int(std::ceil(2.0 * bins / std::max(pixels.width(), 2.0))));
    const int shown = (bins + joined - 1) / joined;
    const double slopeUnit = pixels.height() / 4095 * std::max(shown - 1, 1) / pixels.width();
    for (int step = 0; step < steps; ++step) {
        const auto row = counts.subspan(std::size_t(step) * std::size_t(bins), std::size_t(bins));
        std::uint32_t right = 0;
        const std::size_t start = data.words.size();
        data.words.resize(start + std::size_t(shown));
        for (int bin = shown - 1; bin >= 0; --bin) {
            const auto from = std::size_t(bin * joined), to = std::min(from + std::size_t(joined), row.size());
            const std::uint32_t height = heightOf(row.subspan(from, to - from), full);
            if (bin == shown - 1) right = height;
            const double slope = (double(right) - double(height)) * slopeUnit;
            const auto cosine = std::uint32_t(std::lround(255 / std::hypot(1.0, slope)));
            data.words[start + std::size_t(bin)] = height | right << 12 | cosine << 24;
            right = height;
        }
    }
    return shown;
}

} // namespace

void RidgeBatch::panel(const QRectF& rect, std::span<const float> counts, int steps, int bins, const RidgeStyle& style,
                       float full) {
    DrawData& data = m_list.data();
    const QRectF pixels = snapped(data.toPixels(rect.normalized()));
    if (steps <= 0 || bins <= 0 || counts.size() < std::size_t(steps) * std::size_t(bins) || data.isOutside(pixels))
        return;
    if (!(full > 0)) full = largest(counts.first(std::size_t(steps) * std::size_t(bins)));

    // Room for the line above the highest ridge and below the newest base line.
    const auto dpr = float(data.viewport.dpr);
    const float margin = float(std::max(style.lineWidth, style.newestWidth)) * dpr / 2 + 0.5f;
    const float usable = std::max(float(pixels.height()) - 2 * margin, 1.0f);
    const auto overlap = float(std::max(style.overlap, 0.1));
    const float spacing = usable / (float(steps - 1) + overlap);

    gpu::RidgeItem item{};
    item.rect = toVec4(pixels);
    item.spacing = spacing;
    item.height = overlap * spacing;
    item.firstBase = margin + item.height;
    item.halfWidth = float(style.lineWidth) * dpr / 2;
    item.newestHalfWidth = float(style.newestWidth) * dpr / 2;
    item.oldest = float(style.oldest);
    item.tint = float(style.tint);
    item.heights = std::uint32_t(data.words.size());
    item.steps = std::uint32_t(steps);
    item.bins =
        std::uint32_t(appendHeights(data, counts, steps, bins, full, QSizeF(pixels.width(), double(item.height))));
    item.color = packed(style.color);
    item.surface = packed(style.surface);
    data.append(item, pixels);
}

void RidgeBatch::single(const QRectF& rect, std::span<const float> counts, const RidgeStyle& style, float full) {
    RidgeStyle one = style;
    one.overlap = 1;
    panel(rect, counts, 1, int(counts.size()), one, full);
}

} // namespace hs::ui
