#pragma once

#include "ui/render/draw_list.h"
#include "ui/render/gpu_device.h"
#include "ui/render/offscreen_renderer.h"
#include "ui/render/scene.h"

#include <QApplication>
#include <QStringList>
#include <QTest>

#include <functional>
#include <memory>
#include <mutex>

namespace hs::ui::test {

/// What the validation layer said on any thread, also while the device ended.
struct ValidationWatch {
    std::mutex mutex;
    QStringList messages;

    GpuOptions options() {
        GpuOptions result;
        result.validation = true;
        result.onValidationMessage = [this](const QString& message) {
            const std::lock_guard lock(mutex);
            messages.append(message);
        };
        return result;
    }
};

/// A scene from a function; black behind, one unit a pixel unless said otherwise.
struct Drawing : Scene {
    std::function<void(DrawList&)> draw;
    QColor behind = Qt::black;

    explicit Drawing(std::function<void(DrawList&)> what) : draw(std::move(what)) {}
    void prepareScene(const Viewport&, DrawList& list) override { draw(list); }
    QColor background() const override { return behind; }
};

/// The device and the renderer of a test: start() in initTestCase, end() in cleanupTestCase, which gives what
/// validation said.
class Pictures {
  public:
    /// Why it cannot draw, or nothing.
    QString start() {
        const GpuResult result = GpuDevice::create(watch.options());
        if (!result.device) return result.problem;
        device = result.device;
        renderer = std::make_unique<OffscreenRenderer>(device);
        return device->hasValidation() ? QString() : "install the Debian package vulkan-validationlayers";
    }
    QStringList end() {
        renderer.reset();
        device.reset();
        return watch.messages;
    }
    /// `size` in logical pixels.
    QImage draw(QSize size, const std::function<void(DrawList&)>& what, double dpr = 1, Camera camera = {}) {
        Drawing drawing(what);
        QString problem;
        const QImage image = renderer->render(drawing, {QSizeF(size), dpr, camera}, &problem);
        if (image.isNull()) qFatal("%s", qPrintable(problem));
        return image;
    }

    ValidationWatch watch;
    std::shared_ptr<GpuDevice> device;
    std::unique_ptr<OffscreenRenderer> renderer;
};

/// True when no channel differs by more than `tolerance`; says what it saw otherwise.
inline bool isNear(const QColor& seen, const QColor& wanted, int tolerance = 1) {
    const auto off = [](int a, int b) { return std::abs(a - b); };
    const bool near = off(seen.red(), wanted.red()) <= tolerance && off(seen.green(), wanted.green()) <= tolerance &&
                      off(seen.blue(), wanted.blue()) <= tolerance;
    if (!near) qWarning("saw %s, wanted %s", qPrintable(seen.name()), qPrintable(wanted.name()));
    return near;
}

/// Runs the tests of `Test`, without a display where none is set.
template <typename Test>
int runTests(int argc, char** argv) {
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM") && !qEnvironmentVariableIsSet("DISPLAY"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    Test test;
    return QTest::qExec(&test, argc, argv);
}

} // namespace hs::ui::test
