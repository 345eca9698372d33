#include "ui/render/gpu_device_impl.h"

#include <QCryptographicHash>
#include <QFile>
#include <QSaveFile>

#include <algorithm>
#include <stdexcept>

namespace hs::ui {

namespace {

constexpr const char* validationLayer = "VK_LAYER_KHRONOS_validation";
constexpr qint64 largestCache = 64 << 20;

VKAPI_ATTR VkBool32 VKAPI_CALL onMessage(VkDebugUtilsMessageSeverityFlagBitsEXT, VkDebugUtilsMessageTypeFlagsEXT,
                                         const VkDebugUtilsMessengerCallbackDataEXT* data, void* log) {
    static_cast<ValidationLog*>(log)->add(QString::fromUtf8(data->pMessage));
    return VK_FALSE;
}

vk::DebugUtilsMessengerCreateInfoEXT messengerInfo(ValidationLog& log) {
    vk::DebugUtilsMessengerCreateInfoEXT info;
    using Severity = vk::DebugUtilsMessageSeverityFlagBitsEXT;
    using Type = vk::DebugUtilsMessageTypeFlagBitsEXT;
    info.messageSeverity = Severity::eWarning | Severity::eError;
    info.messageType = Type::eGeneral | Type::eValidation | Type::ePerformance;
    info.pfnUserCallback = &onMessage;
    info.pUserData = &log;
    return info;
}

bool hasLayer(const vk::raii::Context& context, const char* name) {
    const auto layers = context.enumerateInstanceLayerProperties();
    return std::any_of(layers.begin(), layers.end(),
                       [&](const auto& layer) { return std::strcmp(layer.layerName, name) == 0; });
}

/// A real GPU before a software device; 0 for what cannot draw.
int rank(const vk::PhysicalDeviceProperties& properties) {
    switch (properties.deviceType) {
    case vk::PhysicalDeviceType::eDiscreteGpu:
        return 5;
    case vk::PhysicalDeviceType::eIntegratedGpu:
        return 4;
    case vk::PhysicalDeviceType::eVirtualGpu:
        return 3;
    case vk::PhysicalDeviceType::eCpu:
        return 2;
    case vk::PhysicalDeviceType::eOther:
        return 1;
    }
    return 1;
}

std::optional<std::uint32_t> graphicsFamily(const vk::raii::PhysicalDevice& physical) {
    const auto families = physical.getQueueFamilyProperties();
    for (std::uint32_t i = 0; i < families.size(); ++i) {
        if (families[i].queueFlags & vk::QueueFlagBits::eGraphics) return i;
    }
    return std::nullopt;
}

/// The content of the cache file, without its checksum; empty when there is none or it is damaged.
QByteArray readCache(const QString& path) {
    QFile file(path);
    if (path.isEmpty() || !file.open(QIODevice::ReadOnly) || file.size() > largestCache) return {};
    const QByteArray sum = file.read(20), content = file.readAll();
    return QCryptographicHash::hash(content, QCryptographicHash::Sha1) == sum ? content : QByteArray();
}

} // namespace

void ValidationLog::add(const QString& message) {
    {
        const std::lock_guard lock(m_mutex);
        m_messages.append(message);
    }
    if (onMessage) onMessage(message);
}

QStringList ValidationLog::messages() const {
    const std::lock_guard lock(m_mutex);
    return m_messages;
}

void GpuDevice::Impl::createInstance(const GpuOptions& options) {
    if (context.enumerateInstanceVersion() < VK_API_VERSION_1_1)
        throw std::runtime_error("the loader knows Vulkan 1.0 only, 1.1 is needed");
    log.onMessage = options.onValidationMessage;
    validation = options.validation && hasLayer(context, validationLayer);

    vk::ApplicationInfo application;
    application.pApplicationName = "Hookscope";
    application.apiVersion = VK_API_VERSION_1_1;
    vk::InstanceCreateInfo info;
    info.pApplicationInfo = &application;
    const char* extension = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
    const vk::DebugUtilsMessengerCreateInfoEXT talk = messengerInfo(log);
    if (validation) {
        info.setPEnabledLayerNames(validationLayer).setPEnabledExtensionNames(extension);
        info.pNext = &talk;
    }
    instance = vk::raii::Instance(context, info);
    if (validation) messenger = vk::raii::DebugUtilsMessengerEXT(instance, talk);
}

bool GpuDevice::Impl::choosePhysicalDevice(const QString& wanted) {
    int best = 0;
    for (vk::raii::PhysicalDevice& candidate : instance.enumeratePhysicalDevices()) {
        const vk::PhysicalDeviceProperties found = candidate.getProperties();
        const std::optional<std::uint32_t> graphics = graphicsFamily(candidate);
        if (!graphics || found.apiVersion < VK_API_VERSION_1_1 || rank(found) <= best) continue;
        if (!QString::fromUtf8(found.deviceName.data()).contains(wanted, Qt::CaseInsensitive)) continue;
        best = rank(found);
        properties = found;
        family = *graphics;
        physical = std::move(candidate);
    }
    if (best == 0) return false;
    memory = physical.getMemoryProperties();
    return true;
}

void GpuDevice::Impl::createDevice() {
    const float priority = 1;
    vk::DeviceQueueCreateInfo queues;
    queues.queueFamilyIndex = family;
    queues.setQueuePriorities(priority);
    vk::DeviceCreateInfo info;
    info.setQueueCreateInfos(queues);
    device = vk::raii::Device(physical, info);
    queue = device.getQueue(family, 0);
}

void GpuDevice::Impl::createPipelines() {
    const QByteArray saved = readCache(cacheFile);
    vk::PipelineCacheCreateInfo info;
    info.initialDataSize = std::size_t(saved.size());
    info.pInitialData = saved.constData();
    cache = vk::raii::PipelineCache(device, info);
    pipelines.emplace(device, cache);
}

void GpuDevice::Impl::savePipelineCache() const {
    if (cacheFile.isEmpty()) return;
    const std::vector<std::uint8_t> data = cache.getData();
    const QByteArray content(reinterpret_cast<const char*>(data.data()), qsizetype(data.size()));
    QSaveFile file(cacheFile);
    // A cache that cannot be written costs time at the next start and nothing else.
    if (!file.open(QIODevice::WriteOnly)) return;
    file.write(QCryptographicHash::hash(content, QCryptographicHash::Sha1));
    file.write(content);
    file.commit();
}

std::uint32_t GpuDevice::Impl::memoryType(std::uint32_t bits, vk::MemoryPropertyFlags needed,
                                          vk::MemoryPropertyFlags preferred) const {
    for (const vk::MemoryPropertyFlags flags : {needed | preferred, needed}) {
        for (std::uint32_t i = 0; i < memory.memoryTypeCount; ++i) {
            if ((bits >> i & 1) && (memory.memoryTypes[i].propertyFlags & flags) == flags) return i;
        }
    }
    throw std::runtime_error("the device has no memory of a kind that is needed");
}

} // namespace hs::ui
