// What a frame of 1400x900 costs on this machine's Vulkan device, from building the list to the picture in memory.
#include "ui/render/draw_list.h"
#include "ui/render/gpu_device.h"
#include "ui/render/offscreen_renderer.h"
#include "ui/render/plot_series.h"
#include "ui/render/scene.h"

#include <benchmark/benchmark.h>

#include <cmath>
#include <functional>
#include <vector>

namespace {

using namespace hs::ui;

constexpr QSizeF view(1400, 900);
const QColor ink(0xF0, 0xA8, 0x30), edge(0x3B, 0x44, 0x4F), surface(0x0F, 0x12, 0x15);

struct Drawing : Scene {
    std::function<void(DrawList&)> draw;
    void prepareScene(const Viewport&, DrawList& list) override { draw(list); }
    QColor background() const override { return surface; }
};

std::vector<float> wave(std::size_t count) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i)
        values[i] = 1 + std::sin(0.2f * float(i % 64) + 0.01f * float(i / 64));
    return values;
}

void boxes(DrawList& list) {
    for (int i = 0; i < 1000; ++i) {
        list.shapes.roundedRect({i % 40 * 35.0, i / 40 * 35.0, 30, 30},
                                {.fill = surface.lighter(), .outline = edge, .corners = Corners::all(6)});
    }
}

void nested(DrawList& list) {
    for (int i = 0; i < 30; ++i) {
        list.shapes.roundedRect(QRectF(QPointF(0, 0), view).adjusted(10 * i, 10 * i, -10 * i, -10 * i),
                                {.fill = surface, .outline = edge, .corners = Corners::all(10)});
    }
}

void edges(DrawList& list) {
    for (int i = 0; i < 200; ++i) {
        const double x = i % 20 * 70.0, y = i / 20 * 90.0;
        const std::array points{QPointF(x, y), QPointF(x, y + 40), QPointF(x + 60, y + 40), QPointF(x + 60, y + 80)};
        list.shapes.edge(points, 8, {.color = ink, .width = 2, .arrow = true});
    }
}

void maps(DrawList& list, const char* colors) {
    static const std::vector<float> values = wave(64 * 28 * 28);
    list.maps.addGrid(MapGrid::fit(QRectF(QPointF(0, 0), view), 64, 28, 28, 1), values, 28, 28,
                      {.colors = ColorMap::named(colors), .low = 0, .high = 2});
}

void ridges(DrawList& list) {
    static const std::vector<float> counts = wave(26 * 64);
    for (int i = 0; i < 5; ++i) {
        list.ridges.panel({i * 208.0, 0, 196, 130}, counts, 26, 64, {.color = ink, .surface = surface});
    }
}

void loss(DrawList& list) {
    static const std::vector<float> values = wave(5000), smooth = smoothed(values, 0.05);
    const PlotArea area{{30, 10, 360, 180}, 0, 5000, 0, 2};
    drawEnvelope(list, area, values, 0, 1, edge);
    drawSeries(list, area, smooth, 0, 1, {.color = ink, .width = 2});
}

void frame(benchmark::State& state, const std::function<void(DrawList&)>& draw) {
    static const GpuResult gpu = GpuDevice::create({});
    if (!gpu.device) {
        state.SkipWithError(qPrintable(gpu.problem));
        return;
    }
    OffscreenRenderer renderer(gpu.device);
    Drawing drawing;
    drawing.draw = draw;
    for (auto _ : state)
        benchmark::DoNotOptimize(renderer.render(drawing, {view, 1, {}}));
    state.SetLabel(qPrintable(gpu.device->name()));
}

[[maybe_unused]] const bool registered = [] {
    const auto add = [](const char* name, const std::function<void(DrawList&)>& draw) {
        benchmark::RegisterBenchmark(name, [draw](benchmark::State& state) { frame(state, draw); })
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime()
            ->MeasureProcessCPUTime();
    };
    add("canvas/clear", [](DrawList&) {});
    add("canvas/dot_grid", [](DrawList& list) { list.shapes.dotGrid(20, edge); });
    add("canvas/boxes/1000", boxes);
    add("canvas/nested_boxes/30", nested);
    add("canvas/edges/200", edges);
    add("canvas/maps/viridis/64", [](DrawList& list) { maps(list, "viridis"); });
    add("canvas/maps/dusk/64", [](DrawList& list) { maps(list, "dusk"); });
    add("canvas/ridges/5x26", ridges);
    add("canvas/loss/5000", loss);
    return true;
}();

} // namespace
