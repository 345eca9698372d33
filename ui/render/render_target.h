#pragma once

#include <QColor>
#include <QImage>
#include <QString>

#include <memory>

namespace hs::ui {

class DrawList;
class GpuDevice;

/// A picture that is drawn by Vulkan and read by the CPU, with all the memory one frame needs. A view owns two: one is
/// on the screen while the other is drawn. One thread at a time may submit; the device must outlive it.
class RenderTarget {
  public:
    explicit RenderTarget(GpuDevice& device);
    /// Must not be under way: FenceWaiter keeps a target until it is drawn.
    ~RenderTarget();
    RenderTarget(const RenderTarget&) = delete;
    RenderTarget& operator=(const RenderTarget&) = delete;

    /// Uploads and submits the list; returns at once. False, and a sentence in `problem()`, when the driver refuses: no
    /// memory, or a lost device. The last submission must have been waited for.
    bool submit(const DrawList& list, const QColor& background);

    /// Waits until it is drawn and in the CPU's memory. Callable from any thread. False: it never will be.
    bool wait();

    /// The picture of the last submission that was waited for, without a device pixel ratio; null before the first. It
    /// wraps this target's memory: drop it, or copy it, before the next submission.
    QImage image() const;

    const QString& problem() const;

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace hs::ui
