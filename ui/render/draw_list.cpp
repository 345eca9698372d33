#include "ui/render/draw_list.h"

#include "ui/render/draw_data.h"

#include <algorithm>
#include <cmath>

namespace hs::ui {

std::size_t itemSize(DrawKind kind) {
    switch (kind) {
    case DrawKind::Rect:
        return sizeof(gpu::RectItem);
    case DrawKind::Box:
    case DrawKind::Glow:
        return sizeof(gpu::BoxItem);
    case DrawKind::Line:
        return sizeof(gpu::LineItem);
    case DrawKind::Polygon:
        return sizeof(gpu::PolygonItem);
    case DrawKind::Map:
    case DrawKind::PatternedMap:
        return sizeof(gpu::MapItem);
    case DrawKind::Ridge:
        return sizeof(gpu::RidgeItem);
    }
    return 0;
}

std::uint32_t packed(const QColor& color) {
    if (!color.isValid()) return 0;
    const QRgb c = color.rgba();
    return std::uint32_t(qRed(c)) | std::uint32_t(qGreen(c)) << 8 | std::uint32_t(qBlue(c)) << 16 |
           std::uint32_t(qAlpha(c)) << 24;
}

QRectF snapped(const QRectF& pixels) {
    const double left = std::round(pixels.left()), top = std::round(pixels.top());
    const double right = std::max(std::round(pixels.right()), left + 1);
    const double bottom = std::max(std::round(pixels.bottom()), top + 1);
    return {left, top, right - left, bottom - top};
}

void DrawData::reset(const Viewport& view) {
    viewport = view;
    for (auto& kind : items)
        kind.clear();
    words.clear();
    runs.clear();
    clips.assign(1, QRect(QPoint(0, 0), view.pixels()));
    layer = 0;
    fixed = false;
    m_tables.clear();
    m_held.clear();
}

bool DrawData::isSameDrawing(const DrawData& other) const {
    return viewport.pixels() == other.viewport.pixels() && viewport.dpr == other.viewport.dpr && runs == other.runs &&
           items == other.items && words == other.words;
}

QPointF DrawData::toPixels(QPointF p) const {
    return (fixed ? p : viewport.toView(p)) * viewport.dpr;
}

QRectF DrawData::toPixels(const QRectF& r) const {
    return {toPixels(r.topLeft()), r.size() * scale()};
}

bool DrawData::isOutside(const QRectF& pixels) const {
    const QRect& clip = clips.back();
    return clip.isEmpty() || !(pixels.left() < clip.x() + clip.width() && pixels.right() > clip.x() &&
                               pixels.top() < clip.y() + clip.height() && pixels.bottom() > clip.y());
}

void DrawData::append(DrawKind kind, const void* item, const QRectF& bounds) {
    // A switch of pipelines costs as much as drawing some ten small items.
    constexpr std::size_t lookBack = 8;

    std::vector<std::byte>& bytes = items[std::size_t(kind)];
    const std::size_t size = itemSize(kind);
    const auto* from = static_cast<const std::byte*>(item);
    bytes.insert(bytes.end(), from, from + size);
    for (std::size_t i = 0; i < std::min(lookBack, runs.size()); ++i) {
        DrawRun& run = runs[runs.size() - 1 - i];
        if (run.layer != layer || run.clip != clips.back()) break;
        if (run.kind == kind) {
            ++run.count;
            run.bounds = run.bounds.united(bounds);
            return;
        }
        if (run.bounds.intersects(bounds)) break;
    }
    runs.push_back({kind, layer, clips.back(), std::uint32_t(bytes.size() / size - 1), 1, bounds});
}

std::vector<DrawRun> DrawData::sortedRuns() const {
    std::vector<DrawRun> sorted = runs;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const DrawRun& a, const DrawRun& b) { return a.layer < b.layer; });
    return sorted;
}

std::uint32_t DrawData::tableOffset(const ColorMap& colors) {
    const std::span<const std::uint32_t> table = colors.lookup();
    const auto [place, isNew] = m_tables.try_emplace(table.data(), std::uint32_t(words.size()));
    if (isNew) {
        words.insert(words.end(), table.begin(), table.end());
        m_held.push_back(colors);
    }
    return place->second;
}

DrawList::DrawList(const Viewport& viewport)
    : shapes(*this), maps(*this), ridges(*this), m_data(std::make_unique<DrawData>()) {
    m_data->reset(viewport);
}

DrawList::~DrawList() = default;

const Viewport& DrawList::viewport() const {
    return m_data->viewport;
}

void DrawList::setLayer(int layer) {
    m_data->layer = layer;
}

void DrawList::pushClip(const QRectF& rect) {
    const QRectF pixels = m_data->toPixels(rect);
    // Kept near the view, so that far edges of a zoomed scene do not leave the range of int.
    const QRectF near = pixels.intersected(QRectF(m_data->clips.front()));
    m_data->clips.push_back(near.isEmpty() ? QRect() : snapped(near).toRect().intersected(m_data->clips.back()));
}

void DrawList::popClip() {
    if (m_data->clips.size() > 1) m_data->clips.pop_back();
}

void DrawList::beginFixed() {
    m_data->fixed = true;
}

void DrawList::endFixed() {
    m_data->fixed = false;
}

bool DrawList::isHidden(const QRectF& rect) const {
    return m_data->isOutside(m_data->toPixels(rect));
}

void DrawList::reset(const Viewport& viewport) {
    m_data->reset(viewport);
}

DrawData& DrawList::data() {
    return *m_data;
}

const DrawData& DrawList::data() const {
    return *m_data;
}

} // namespace hs::ui
