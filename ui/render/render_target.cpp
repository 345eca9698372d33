#include "ui/render/render_target.h"

#include "ui/render/draw_data.h"
#include "ui/render/draw_list.h"
#include "ui/render/gpu_device_impl.h"

#include <QCoreApplication>

#include <algorithm>
#include <bit>

namespace hs::ui {

namespace {

constexpr std::uint64_t longestFrame = 10'000'000'000; // ns; a device that takes longer is taken for lost
constexpr std::size_t alignment = 256;                 // the most that minStorageBufferOffsetAlignment may be

std::size_t aligned(std::size_t size) {
    return (size + alignment - 1) / alignment * alignment;
}

struct MappedBuffer {
    vk::raii::DeviceMemory memory{nullptr};
    vk::raii::Buffer buffer{nullptr};
    std::byte* data = nullptr;
    std::size_t capacity = 0;

    void create(GpuDevice::Impl& gpu, std::size_t size, vk::BufferUsageFlags usage, vk::MemoryPropertyFlags preferred) {
        capacity = 0;
        buffer.clear();
        memory.clear();
        vk::BufferCreateInfo info;
        info.size = size;
        info.usage = usage;
        buffer = vk::raii::Buffer(gpu.device, info);
        const vk::MemoryRequirements needs = buffer.getMemoryRequirements();
        vk::MemoryAllocateInfo allocation;
        allocation.allocationSize = needs.size;
        // Every device has visible memory that is coherent; cached memory without it is not worth a second path.
        const auto needed = vk::MemoryPropertyFlagBits::eHostVisible | vk::MemoryPropertyFlagBits::eHostCoherent;
        allocation.memoryTypeIndex = gpu.memoryType(needs.memoryTypeBits, needed, preferred);
        memory = vk::raii::DeviceMemory(gpu.device, allocation);
        buffer.bindMemory(*memory, 0);
        data = static_cast<std::byte*>(memory.mapMemory(0, VK_WHOLE_SIZE));
        capacity = size;
    }
};

/// Where one kind's instances lie in the upload buffer.
struct Section {
    std::size_t offset = 0, size = 0;
};

} // namespace

struct RenderTarget::State {
    explicit State(GpuDevice& device);

    void resize(QSize wanted);
    void upload(const DrawData& data);
    void growUploads(std::size_t wanted);
    /// In the order of the layers, so that runs of one kind that were apart become neighbours.
    void copyRuns(const DrawData& data);
    void describe(std::size_t kind);
    void record(const DrawData& data, const QColor& background);
    void recordRuns(const DrawData& data);
    void recordCopy();

    GpuDevice::Impl& gpu;
    QString problem;
    QSize size;     // of the picture
    QSize capacity; // of the image, which is larger so that a resize is cheap
    bool drawn = false;

    vk::raii::DeviceMemory imageMemory{nullptr};
    vk::raii::Image image{nullptr};
    vk::raii::ImageView view{nullptr};
    vk::raii::Framebuffer framebuffer{nullptr};
    MappedBuffer readBack, uploads;
    vk::raii::BufferView uploadView{nullptr}; // the whole buffer as words

    vk::raii::DescriptorPool descriptors{nullptr};
    std::vector<vk::raii::DescriptorSet> sets;
    vk::raii::CommandPool pool{nullptr};
    vk::raii::CommandBuffer commands{nullptr};
    vk::raii::Fence fence{nullptr};

    std::array<Section, drawKinds> sections{};
    Section words{};
    std::vector<DrawRun> runs; // with the firsts they have after the upload
};

RenderTarget::State::State(GpuDevice& device) : gpu(device.impl()) {
    std::array<vk::DescriptorPoolSize, 2> sizes;
    sizes[0].type = vk::DescriptorType::eStorageBuffer;
    sizes[1].type = vk::DescriptorType::eUniformTexelBuffer;
    sizes[0].descriptorCount = sizes[1].descriptorCount = drawKinds;
    vk::DescriptorPoolCreateInfo poolInfo;
    poolInfo.flags = vk::DescriptorPoolCreateFlagBits::eFreeDescriptorSet;
    poolInfo.maxSets = drawKinds;
    poolInfo.setPoolSizes(sizes);
    descriptors = vk::raii::DescriptorPool(gpu.device, poolInfo);
    const std::vector<vk::DescriptorSetLayout> layouts(drawKinds, gpu.pipelines->setLayout());
    vk::DescriptorSetAllocateInfo setInfo;
    setInfo.descriptorPool = *descriptors;
    setInfo.setSetLayouts(layouts);
    sets = vk::raii::DescriptorSets(gpu.device, setInfo);

    vk::CommandPoolCreateInfo commandInfo;
    commandInfo.flags = vk::CommandPoolCreateFlagBits::eTransient;
    commandInfo.queueFamilyIndex = gpu.family;
    pool = vk::raii::CommandPool(gpu.device, commandInfo);
    vk::CommandBufferAllocateInfo bufferInfo;
    bufferInfo.commandPool = *pool;
    bufferInfo.level = vk::CommandBufferLevel::ePrimary;
    bufferInfo.commandBufferCount = 1;
    commands = std::move(vk::raii::CommandBuffers(gpu.device, bufferInfo).front());
    fence = vk::raii::Fence(gpu.device, vk::FenceCreateInfo());
}

void RenderTarget::State::resize(QSize wanted) {
    const auto limit = int(std::min(gpu.properties.limits.maxImageDimension2D, 16384u));
    size = wanted.boundedTo({limit, limit});
    const bool fits = size.width() <= capacity.width() && size.height() <= capacity.height();
    const auto area = [](QSize s) { return std::int64_t(s.width()) * s.height(); };
    if (fits && area(capacity) <= 3 * area(size) + (1 << 18)) return;

    capacity = {};
    framebuffer.clear();
    view.clear();
    image.clear();
    imageMemory.clear();
    const auto grown = [limit](int v) { return std::min((v + 127) / 128 * 128, limit); };
    const QSize next(grown(size.width()), grown(size.height()));

    vk::ImageCreateInfo info;
    info.imageType = vk::ImageType::e2D;
    info.format = Pipelines::format;
    info.extent = vk::Extent3D{std::uint32_t(next.width()), std::uint32_t(next.height()), 1};
    info.mipLevels = 1;
    info.arrayLayers = 1;
    info.usage = vk::ImageUsageFlagBits::eColorAttachment | vk::ImageUsageFlagBits::eTransferSrc;
    image = vk::raii::Image(gpu.device, info);
    const vk::MemoryRequirements needs = image.getMemoryRequirements();
    vk::MemoryAllocateInfo allocation;
    allocation.allocationSize = needs.size;
    allocation.memoryTypeIndex = gpu.memoryType(needs.memoryTypeBits, {}, vk::MemoryPropertyFlagBits::eDeviceLocal);
    imageMemory = vk::raii::DeviceMemory(gpu.device, allocation);
    image.bindMemory(*imageMemory, 0);

    vk::ImageViewCreateInfo viewInfo;
    viewInfo.image = *image;
    viewInfo.viewType = vk::ImageViewType::e2D;
    viewInfo.format = Pipelines::format;
    viewInfo.subresourceRange.aspectMask = vk::ImageAspectFlagBits::eColor;
    viewInfo.subresourceRange.levelCount = 1;
    viewInfo.subresourceRange.layerCount = 1;
    view = vk::raii::ImageView(gpu.device, viewInfo);
    vk::FramebufferCreateInfo frame;
    frame.renderPass = gpu.pipelines->pass();
    frame.setAttachments(*view);
    frame.width = info.extent.width;
    frame.height = info.extent.height;
    frame.layers = 1;
    framebuffer = vk::raii::Framebuffer(gpu.device, frame);
    readBack.create(gpu, std::size_t(area(next)) * 4, vk::BufferUsageFlagBits::eTransferDst,
                    vk::MemoryPropertyFlagBits::eHostCached);
    capacity = next;
}

void RenderTarget::State::upload(const DrawData& data) {
    std::size_t total = 0, largest = 0;
    const auto place = [&](std::size_t bytes) {
        const Section section{total, bytes};
        total += aligned(bytes);
        largest = std::max(largest, bytes);
        return section;
    };
    for (std::size_t kind = 0; kind < drawKinds; ++kind)
        sections[kind] = place(data.items[kind].size());
    words = place(std::max(data.words.size() * 4, alignment)); // never empty: a binding must be there
    const vk::PhysicalDeviceLimits& limits = gpu.properties.limits;
    if (largest > limits.maxStorageBufferRange || std::bit_ceil(total) / 4 > limits.maxTexelBufferElements)
        throw std::runtime_error("a view draws more than the device can hold in one buffer");
    if (total > uploads.capacity) growUploads(total);
    copyRuns(data);
    if (!data.words.empty()) std::memcpy(uploads.data + words.offset, data.words.data(), data.words.size() * 4);
    for (std::size_t kind = 0; kind < drawKinds; ++kind) {
        if (sections[kind].size > 0) describe(kind);
    }
}

void RenderTarget::State::growUploads(std::size_t wanted) {
    uploadView.clear();
    uploads.create(gpu, std::bit_ceil(std::max(wanted, std::size_t(1) << 16)),
                   vk::BufferUsageFlagBits::eStorageBuffer | vk::BufferUsageFlagBits::eUniformTexelBuffer, {});
    vk::BufferViewCreateInfo info;
    info.buffer = *uploads.buffer;
    info.format = vk::Format::eR32Uint;
    info.range = uploads.capacity;
    uploadView = vk::raii::BufferView(gpu.device, info);
}

void RenderTarget::State::copyRuns(const DrawData& data) {
    runs.clear();
    std::array<std::uint32_t, drawKinds> next{};
    for (DrawRun run : data.sortedRuns()) {
        const auto kind = std::size_t(run.kind);
        const std::size_t item = itemSize(run.kind);
        std::memcpy(uploads.data + sections[kind].offset + next[kind] * item,
                    data.items[kind].data() + run.first * item, run.count * item);
        run.first = next[kind];
        next[kind] += run.count;
        if (!runs.empty() && runs.back().kind == run.kind && runs.back().clip == run.clip)
            runs.back().count += run.count;
        else
            runs.push_back(run);
    }
}

void RenderTarget::State::describe(std::size_t kind) {
    vk::DescriptorBufferInfo instances;
    instances.buffer = *uploads.buffer;
    instances.offset = sections[kind].offset;
    instances.range = sections[kind].size;
    std::array<vk::WriteDescriptorSet, 2> writes;
    writes[0].dstSet = writes[1].dstSet = *sets[kind];
    writes[0].descriptorType = vk::DescriptorType::eStorageBuffer;
    writes[0].setBufferInfo(instances);
    writes[1].dstBinding = 1;
    writes[1].descriptorType = vk::DescriptorType::eUniformTexelBuffer;
    writes[1].setTexelBufferView(*uploadView);
    gpu.device.updateDescriptorSets(writes, {});
}

void RenderTarget::State::record(const DrawData& data, const QColor& background) {
    pool.reset();
    vk::CommandBufferBeginInfo begin;
    begin.flags = vk::CommandBufferUsageFlagBits::eOneTimeSubmit;
    commands.begin(begin);

    vk::ClearValue clear;
    clear.color.float32 =
        std::array{float(background.redF()), float(background.greenF()), float(background.blueF()), 1.0f};
    vk::RenderPassBeginInfo pass;
    pass.renderPass = gpu.pipelines->pass();
    pass.framebuffer = *framebuffer;
    pass.renderArea.extent = vk::Extent2D{std::uint32_t(size.width()), std::uint32_t(size.height())};
    pass.setClearValues(clear);
    commands.beginRenderPass(pass, vk::SubpassContents::eInline);
    recordRuns(data);
    commands.endRenderPass();
    recordCopy();
    commands.end();
}

void RenderTarget::State::recordRuns(const DrawData& data) {
    vk::Viewport area;
    area.width = float(size.width());
    area.height = float(size.height());
    area.maxDepth = 1;
    commands.setViewport(0, area);
    const gpu::Frame constants{2.0f / area.width, 2.0f / area.height, float(data.viewport.dpr),
                               std::uint32_t(words.offset / 4)};
    commands.pushConstants<gpu::Frame>(
        gpu.pipelines->layout(), vk::ShaderStageFlagBits::eVertex | vk::ShaderStageFlagBits::eFragment, 0, constants);
    std::optional<DrawKind> bound;
    QRect clip;
    for (const DrawRun& run : runs) {
        if (bound != run.kind) {
            commands.bindPipeline(vk::PipelineBindPoint::eGraphics, gpu.pipelines->pipeline(run.kind));
            commands.bindDescriptorSets(vk::PipelineBindPoint::eGraphics, gpu.pipelines->layout(), 0,
                                        *sets[std::size_t(run.kind)], {});
            bound = run.kind;
        }
        if (clip != run.clip) {
            clip = run.clip;
            const QRect inside = clip.intersected(QRect(QPoint(0, 0), size));
            vk::Rect2D scissor;
            scissor.offset = vk::Offset2D{inside.x(), inside.y()};
            scissor.extent =
                vk::Extent2D{std::uint32_t(std::max(inside.width(), 0)), std::uint32_t(std::max(inside.height(), 0))};
            commands.setScissor(0, scissor);
        }
        commands.draw(4, run.count, 0, run.first);
    }
}

void RenderTarget::State::recordCopy() {
    vk::BufferImageCopy copy;
    copy.imageSubresource.aspectMask = vk::ImageAspectFlagBits::eColor;
    copy.imageSubresource.layerCount = 1;
    copy.imageExtent = vk::Extent3D{std::uint32_t(size.width()), std::uint32_t(size.height()), 1};
    commands.copyImageToBuffer(*image, vk::ImageLayout::eTransferSrcOptimal, *readBack.buffer, copy);

    vk::MemoryBarrier toHost;
    toHost.srcAccessMask = vk::AccessFlagBits::eTransferWrite;
    toHost.dstAccessMask = vk::AccessFlagBits::eHostRead;
    commands.pipelineBarrier(vk::PipelineStageFlagBits::eTransfer, vk::PipelineStageFlagBits::eHost, {}, toHost, {},
                             {});
}

RenderTarget::RenderTarget(GpuDevice& device) : m_state(std::make_unique<State>(device)) {}

RenderTarget::~RenderTarget() = default;

bool RenderTarget::submit(const DrawList& list, const QColor& background) {
    State& s = *m_state;
    s.drawn = false;
    try {
        if (s.gpu.lost) throw std::runtime_error("the device is lost");
        const DrawData& data = list.data();
        s.resize(data.viewport.pixels());
        s.upload(data);
        s.record(data, background);
        s.gpu.device.resetFences(*s.fence);
        vk::SubmitInfo info;
        info.setCommandBuffers(*s.commands);
        const std::lock_guard lock(s.gpu.submitMutex);
        s.gpu.queue.submit(info, *s.fence);
        return true;
    } catch (const vk::DeviceLostError&) {
        s.gpu.lost = true;
        s.problem = QCoreApplication::translate("RenderTarget", "the driver lost the device");
    } catch (const std::exception& error) {
        s.problem = QString::fromUtf8(error.what());
    }
    return false;
}

bool RenderTarget::wait() {
    State& s = *m_state;
    try {
        s.drawn = s.gpu.device.waitForFences(*s.fence, VK_TRUE, longestFrame) == vk::Result::eSuccess;
    } catch (const vk::SystemError&) {
        s.drawn = false;
    }
    if (!s.drawn) s.gpu.lost = true;
    return s.drawn;
}

QImage RenderTarget::image() const {
    const State& s = *m_state;
    if (!s.drawn) return {};
    return QImage(reinterpret_cast<const uchar*>(s.readBack.data), s.size.width(), s.size.height(),
                  qsizetype(s.size.width()) * 4, QImage::Format_RGB32);
}

const QString& RenderTarget::problem() const {
    return m_state->problem;
}

} // namespace hs::ui
