#pragma once

#include <QString>
#include <QStringList>

#include <functional>
#include <memory>

class QObject;

namespace hs::ui {

class GpuDevice;
class RenderTarget;

struct GpuOptions {
    /// Puts the Khronos validation layer under every call, where it is installed (Debian: vulkan-validationlayers).
    bool validation = false;
    /// Called for each message of the layer, on the thread that caused it: also for those that come while the device
    /// ends.
    std::function<void(const QString&)> onValidationMessage;
    /// Picks the first device whose name contains this, whatever its kind; empty: a real GPU first, then a software
    /// device.
    QString deviceName;
    /// File that keeps compiled pipelines between runs; empty: none is kept.
    QString pipelineCacheFile;
};

/// A device, or in one sentence why there is none and what to do about it.
struct GpuResult {
    std::shared_ptr<GpuDevice> device;
    QString problem;
};

/// The Vulkan device of the process: created once by the program and handed to the canvases. It has no surface and
/// knows no window. Canvases keep it alive; the last one to go ends it, and it must go before QApplication does.
class GpuDevice {
  public:
    /// Takes some 50 to 500 ms (driver, pipelines): call it on a thread of its own, or use GpuStart. Never throws.
    static GpuResult create(const GpuOptions& options);

    ~GpuDevice();
    GpuDevice(const GpuDevice&) = delete;
    GpuDevice& operator=(const GpuDevice&) = delete;

    /// As the driver calls it: "llvmpipe (LLVM 15.0.6, 256 bits)".
    QString name() const;
    /// For the status bar: "Vulkan 1.3 · software device" or "Vulkan 1.3 · NVIDIA H200".
    QString summary() const;
    bool isSoftware() const;
    /// The driver has given up; nothing is drawn any more. A new device may be created and set.
    bool isLost() const;

    bool hasValidation() const;
    /// What the validation layer said since the start (warnings and errors). Tests want none. Callable from any thread.
    QStringList validationMessages() const;

    /// Calls `done` on the device's waiting thread when what was submitted to `target` is drawn (false: it never will
    /// be), and keeps the target alive until then.
    void watch(std::shared_ptr<RenderTarget> target, std::function<void(bool ok)> done);

    class Impl;
    Impl& impl() { return *m_impl; }

  private:
    explicit GpuDevice(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> m_impl;
};

/// Creates the device on a thread of its own while the window is being built.
class GpuStart {
  public:
    explicit GpuStart(const GpuOptions& options);
    /// Waits for the thread.
    ~GpuStart();
    GpuStart(const GpuStart&) = delete;
    GpuStart& operator=(const GpuStart&) = delete;

    /// Calls `then` by a queued call on `context`'s thread, once, when the device is there (or is known not to come).
    /// `context` must outlive this object.
    void whenReady(QObject* context, std::function<void(const GpuResult&)> then);

    /// Waits for it: headless runs and tests.
    const GpuResult& result();

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace hs::ui
