#pragma once

#include "ui/render/fence_waiter.h"
#include "ui/render/gpu_device.h"
#include "ui/render/pipelines.h"
#include "ui/render/vulkan_raii.h"

#include <atomic>
#include <mutex>
#include <optional>

namespace hs::ui {

/// What the validation layer said. It outlives the instance, which still talks while it ends.
class ValidationLog {
  public:
    std::function<void(const QString&)> onMessage;

    void add(const QString& message);
    QStringList messages() const;

  private:
    mutable std::mutex m_mutex;
    QStringList m_messages;
};

/// The members are in the order in which they come to be; the last goes first.
class GpuDevice::Impl {
  public:
    /// Each step throws vk::SystemError or std::runtime_error.
    void createInstance(const GpuOptions& options);
    /// False when no device fits.
    bool choosePhysicalDevice(const QString& wanted);
    void createDevice();
    void createPipelines();
    void savePipelineCache() const;

    /// The first memory type of `bits` with all of `needed`, if possible with `preferred` too. Throws.
    std::uint32_t memoryType(std::uint32_t bits, vk::MemoryPropertyFlags needed,
                             vk::MemoryPropertyFlags preferred) const;

    ValidationLog log;
    vk::raii::Context context; // throws where there is no loader
    vk::raii::Instance instance{nullptr};
    vk::raii::DebugUtilsMessengerEXT messenger{nullptr};
    vk::raii::PhysicalDevice physical{nullptr};
    vk::PhysicalDeviceProperties properties;
    vk::PhysicalDeviceMemoryProperties memory;
    std::uint32_t family = 0;
    vk::raii::Device device{nullptr};
    vk::raii::Queue queue{nullptr};
    QString cacheFile;
    vk::raii::PipelineCache cache{nullptr};
    std::optional<Pipelines> pipelines;

    bool validation = false;
    std::atomic<bool> lost = false;
    std::mutex submitMutex; // a queue takes one thread at a time
    std::optional<FenceWaiter> waiter;
};

} // namespace hs::ui
