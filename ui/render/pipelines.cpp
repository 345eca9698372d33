#include "ui/render/pipelines.h"

#include <QFile>

#include <stdexcept>

namespace hs::ui {

namespace {

struct ShaderNames {
    const char* vertex;
    const char* fragment;
};

ShaderNames shadersOf(DrawKind kind) {
    switch (kind) {
    case DrawKind::Rect:
        return {"rect.vert", "rect.frag"};
    case DrawKind::Box:
        return {"box.vert", "box.frag"};
    case DrawKind::Glow:
        return {"glow.vert", "glow.frag"};
    case DrawKind::Line:
        return {"line.vert", "line.frag"};
    case DrawKind::Polygon:
        return {"polygon.vert", "polygon.frag"};
    case DrawKind::Map:
    case DrawKind::PatternedMap:
        return {"map.vert", "map.frag"};
    case DrawKind::Ridge:
        return {"ridge.vert", "ridge.frag"};
    }
    throw std::logic_error("a kind of drawing without shaders");
}

vk::raii::ShaderModule loadShader(const vk::raii::Device& device, const char* name) {
    QFile file(QStringLiteral(":/shaders/%1.spv").arg(QLatin1String(name)));
    if (!file.open(QIODevice::ReadOnly)) throw std::runtime_error(std::string("the program has no shader ") + name);
    const QByteArray bytes = file.readAll();
    std::vector<std::uint32_t> words(std::size_t(bytes.size()) / 4);
    std::memcpy(words.data(), bytes.constData(), words.size() * 4);
    vk::ShaderModuleCreateInfo info;
    info.codeSize = words.size() * 4;
    info.pCode = words.data();
    return {device, info};
}

vk::raii::RenderPass makePass(const vk::raii::Device& device) {
    vk::AttachmentDescription color;
    color.format = Pipelines::format;
    color.samples = vk::SampleCountFlagBits::e1;
    color.loadOp = vk::AttachmentLoadOp::eClear;
    color.storeOp = vk::AttachmentStoreOp::eStore;
    color.stencilLoadOp = vk::AttachmentLoadOp::eDontCare;
    color.stencilStoreOp = vk::AttachmentStoreOp::eDontCare;
    color.initialLayout = vk::ImageLayout::eUndefined;
    color.finalLayout = vk::ImageLayout::eTransferSrcOptimal;

    vk::AttachmentReference reference;
    reference.attachment = 0;
    reference.layout = vk::ImageLayout::eColorAttachmentOptimal;
    vk::SubpassDescription subpass;
    subpass.pipelineBindPoint = vk::PipelineBindPoint::eGraphics;
    subpass.setColorAttachments(reference);

    vk::SubpassDependency toCopy;
    toCopy.srcSubpass = 0;
    toCopy.dstSubpass = VK_SUBPASS_EXTERNAL;
    toCopy.srcStageMask = vk::PipelineStageFlagBits::eColorAttachmentOutput;
    toCopy.srcAccessMask = vk::AccessFlagBits::eColorAttachmentWrite;
    toCopy.dstStageMask = vk::PipelineStageFlagBits::eTransfer;
    toCopy.dstAccessMask = vk::AccessFlagBits::eTransferRead;

    vk::RenderPassCreateInfo info;
    info.setAttachments(color).setSubpasses(subpass).setDependencies(toCopy);
    return {device, info};
}

vk::raii::DescriptorSetLayout makeSetLayout(const vk::raii::Device& device) {
    std::array<vk::DescriptorSetLayoutBinding, 2> bindings;
    bindings[0].binding = 0; // the instances
    bindings[0].descriptorType = vk::DescriptorType::eStorageBuffer;
    bindings[0].descriptorCount = 1;
    bindings[0].stageFlags = vk::ShaderStageFlagBits::eVertex;
    bindings[1].binding = 1; // numbers and colour tables
    bindings[1].descriptorType = vk::DescriptorType::eUniformTexelBuffer;
    bindings[1].descriptorCount = 1;
    bindings[1].stageFlags = vk::ShaderStageFlagBits::eFragment;
    vk::DescriptorSetLayoutCreateInfo info;
    info.setBindings(bindings);
    return {device, info};
}

vk::raii::PipelineLayout makeLayout(const vk::raii::Device& device, vk::DescriptorSetLayout set) {
    vk::PushConstantRange constants;
    constants.stageFlags = vk::ShaderStageFlagBits::eVertex | vk::ShaderStageFlagBits::eFragment;
    constants.size = sizeof(gpu::Frame);
    vk::PipelineLayoutCreateInfo info;
    info.setSetLayouts(set).setPushConstantRanges(constants);
    return {device, info};
}

vk::raii::Pipeline makePipeline(const vk::raii::Device& device, const vk::raii::PipelineCache& cache,
                                vk::RenderPass pass, vk::PipelineLayout layout, DrawKind kind) {
    const ShaderNames names = shadersOf(kind);
    const vk::raii::ShaderModule vertex = loadShader(device, names.vertex);
    const vk::raii::ShaderModule fragment = loadShader(device, names.fragment);

    std::array<vk::PipelineShaderStageCreateInfo, 2> stages;
    stages[0].stage = vk::ShaderStageFlagBits::eVertex;
    stages[0].module = *vertex;
    stages[0].pName = "main";
    stages[1].stage = vk::ShaderStageFlagBits::eFragment;
    stages[1].module = *fragment;
    stages[1].pName = "main";

    const VkBool32 hasPatterns = kind == DrawKind::PatternedMap;
    vk::SpecializationMapEntry entry;
    entry.size = sizeof(hasPatterns);
    vk::SpecializationInfo constants;
    constants.setMapEntries(entry);
    constants.dataSize = sizeof(hasPatterns);
    constants.pData = &hasPatterns;
    if (hasPatterns) stages[1].pSpecializationInfo = &constants;

    const vk::PipelineVertexInputStateCreateInfo vertexInput; // none: the shaders read the instances
    vk::PipelineInputAssemblyStateCreateInfo assembly;
    assembly.topology = vk::PrimitiveTopology::eTriangleStrip;
    vk::PipelineViewportStateCreateInfo viewport;
    viewport.viewportCount = 1;
    viewport.scissorCount = 1;
    vk::PipelineRasterizationStateCreateInfo raster;
    raster.lineWidth = 1;
    const vk::PipelineMultisampleStateCreateInfo samples;

    vk::PipelineColorBlendAttachmentState blend;
    blend.blendEnable = VK_TRUE;
    blend.srcColorBlendFactor = blend.srcAlphaBlendFactor = vk::BlendFactor::eOne;
    blend.dstColorBlendFactor = blend.dstAlphaBlendFactor = vk::BlendFactor::eOneMinusSrcAlpha;
    using enum vk::ColorComponentFlagBits;
    blend.colorWriteMask = eR | eG | eB | eA;
    vk::PipelineColorBlendStateCreateInfo blending;
    blending.setAttachments(blend);
    const std::array dynamic{vk::DynamicState::eViewport, vk::DynamicState::eScissor};
    vk::PipelineDynamicStateCreateInfo dynamics;
    dynamics.setDynamicStates(dynamic);

    vk::GraphicsPipelineCreateInfo info;
    info.setStages(stages);
    info.pVertexInputState = &vertexInput;
    info.pInputAssemblyState = &assembly;
    info.pViewportState = &viewport;
    info.pRasterizationState = &raster;
    info.pMultisampleState = &samples;
    info.pColorBlendState = &blending;
    info.pDynamicState = &dynamics;
    info.layout = layout;
    info.renderPass = pass;
    return {device, cache, info};
}

} // namespace

Pipelines::Pipelines(const vk::raii::Device& device, const vk::raii::PipelineCache& cache)
    : m_pass(makePass(device)), m_setLayout(makeSetLayout(device)), m_layout(makeLayout(device, *m_setLayout)) {
    m_pipelines.reserve(drawKinds);
    for (std::size_t kind = 0; kind < drawKinds; ++kind)
        m_pipelines.push_back(makePipeline(device, cache, *m_pass, *m_layout, DrawKind(kind)));
}

} // namespace hs::ui
