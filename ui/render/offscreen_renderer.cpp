#include "ui/render/offscreen_renderer.h"

#include "ui/render/canvas_widget.h"
#include "ui/render/draw_list.h"
#include "ui/render/gpu_device.h"
#include "ui/render/render_target.h"

#include <QCoreApplication>
#include <QPainter>

#include <optional>

namespace hs::ui {

struct OffscreenRenderer::State {
    std::shared_ptr<GpuDevice> device; // before the target: it must outlive it
    std::optional<RenderTarget> target;
    DrawList list{Viewport{}};
};

OffscreenRenderer::OffscreenRenderer(std::shared_ptr<GpuDevice> device) : m_state(std::make_unique<State>()) {
    m_state->device = std::move(device);
}

OffscreenRenderer::~OffscreenRenderer() = default;

QImage OffscreenRenderer::render(Scene& scene, const Viewport& view, QString* problem) {
    State& s = *m_state;
    const auto fail = [&](const QString& reason) {
        if (problem)
            *problem = QCoreApplication::translate("OffscreenRenderer", "No picture was drawn: %1.").arg(reason);
        return QImage();
    };
    if (!s.device) return fail(QCoreApplication::translate("OffscreenRenderer", "there is no Vulkan device"));
    if (view.size.isEmpty()) return fail(QCoreApplication::translate("OffscreenRenderer", "its size is empty"));
    try {
        if (!s.target) s.target.emplace(*s.device);
    } catch (const std::exception& error) {
        return fail(QString::fromUtf8(error.what()));
    }

    s.list.reset(view);
    scene.prepareScene(view, s.list);
    if (!s.target->submit(s.list, scene.background())) return fail(s.target->problem());
    if (!s.target->wait())
        return fail(QCoreApplication::translate("OffscreenRenderer", "the device stopped answering"));
    QImage image = s.target->image().copy();
    image.setDevicePixelRatio(view.dpr);
    QPainter painter(&image);
    scene.paintOverlay(painter, view);
    return image;
}

QImage OffscreenRenderer::render(CanvasWidget& canvas, double dpr, QString* problem) {
    Viewport view = canvas.viewport();
    if (dpr > 0) view.dpr = dpr;
    return render(static_cast<Scene&>(canvas), view, problem);
}

} // namespace hs::ui
