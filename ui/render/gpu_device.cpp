#include "ui/render/gpu_device.h"

#include "ui/render/draw_list.h"
#include "ui/render/gpu_device_impl.h"
#include "ui/render/render_target.h"

#include <QCoreApplication>

#include <array>
#include <limits>

namespace hs::ui {

namespace {

QString text(const char* source) {
    return QCoreApplication::translate("GpuDevice", source);
}

QString noDriver() {
    return text("No Vulkan driver was found, so nothing can be drawn here. Install the Debian package "
                "mesa-vulkan-drivers and start again.");
}

/// Draws one of each kind into a small picture: a software device compiles its code for a pipeline when it is first
/// used, and that belongs to the start and not to the first frame of a view.
void warmUp(GpuDevice& device) {
    Viewport view;
    view.size = {16, 16};
    DrawList list(view);
    const QRectF whole(0, 0, 16, 16);
    const std::array<float, 4> values{0, 1, 2, 3};
    list.shapes.rect(whole, Qt::black);
    list.shapes.roundedRect(whole, {.fill = Qt::black, .outline = Qt::white, .corners = Corners::all(3)});
    list.shapes.glow(whole, {}, Qt::white, 4);
    list.shapes.line({0, 0}, {16, 16}, {.color = Qt::white});
    list.shapes.diamond(whole, {.fill = Qt::white});
    list.maps.add(whole, values, 2, 2, {});
    list.maps.add(whole, std::array{std::numeric_limits<float>::quiet_NaN()}, 1, 1, {});
    list.ridges.single(whole, values, {.color = Qt::white});
    RenderTarget target(device);
    if (target.submit(list, Qt::black)) target.wait();
}

} // namespace

GpuResult GpuDevice::create(const GpuOptions& options) {
    std::unique_ptr<Impl> impl;
    try {
        impl = std::make_unique<Impl>();
    } catch (const std::exception&) {
        return {nullptr,
                text("Vulkan's loader, libvulkan.so.1, was not found, so nothing can be drawn here. Install the "
                     "Debian packages libvulkan1 and mesa-vulkan-drivers and start again.")};
    }
    try {
        impl->cacheFile = options.pipelineCacheFile;
        impl->createInstance(options);
        if (!impl->choosePhysicalDevice(options.deviceName)) {
            if (options.deviceName.isEmpty()) return {nullptr, noDriver()};
            return {nullptr, text("No Vulkan device has \"%1\" in its name, or it cannot draw. Name another one, or "
                                  "install the Debian package mesa-vulkan-drivers.")
                                 .arg(options.deviceName)};
        }
        impl->createDevice();
        impl->createPipelines();
        std::shared_ptr<GpuDevice> device(new GpuDevice(std::move(impl)));
        warmUp(*device);
        if (device->isLost())
            return {nullptr, text("The Vulkan device %1 failed at its first picture. Install the "
                                  "Debian package mesa-vulkan-drivers for a software device.")
                                 .arg(device->name())};
        device->m_impl->savePipelineCache();
        return {std::move(device), {}};
    } catch (const vk::IncompatibleDriverError&) {
        return {nullptr, noDriver()};
    } catch (const std::exception& error) {
        return {nullptr, text("Vulkan could not be started (%1). The Debian package mesa-vulkan-drivers brings a "
                              "software device that works everywhere.")
                             .arg(QString::fromUtf8(error.what()))};
    }
}

GpuDevice::GpuDevice(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {
    m_impl->waiter.emplace();
}

GpuDevice::~GpuDevice() {
    m_impl->waiter.reset();
}

QString GpuDevice::name() const {
    return QString::fromUtf8(m_impl->properties.deviceName.data());
}

QString GpuDevice::summary() const {
    const std::uint32_t version = m_impl->properties.apiVersion;
    return QStringLiteral("Vulkan %1.%2 · %3")
        .arg(VK_API_VERSION_MAJOR(version))
        .arg(VK_API_VERSION_MINOR(version))
        .arg(isSoftware() ? text("software device") : name());
}

bool GpuDevice::isSoftware() const {
    return m_impl->properties.deviceType == vk::PhysicalDeviceType::eCpu;
}

bool GpuDevice::isLost() const {
    return m_impl->lost;
}

bool GpuDevice::hasValidation() const {
    return m_impl->validation;
}

QStringList GpuDevice::validationMessages() const {
    return m_impl->log.messages();
}

void GpuDevice::watch(std::shared_ptr<RenderTarget> target, std::function<void(bool ok)> done) {
    m_impl->waiter->watch(std::move(target), std::move(done));
}

} // namespace hs::ui
