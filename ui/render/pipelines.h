#pragma once

#include "ui/render/draw_data.h"
#include "ui/render/vulkan_raii.h"

namespace hs::ui {

/// Everything that does not depend on a picture: the pass, the layouts and one pipeline for each kind of drawing.
class Pipelines {
  public:
    static constexpr vk::Format format = vk::Format::eB8G8R8A8Unorm; // the bytes of QImage::Format_RGB32

    /// Throws vk::SystemError, or std::runtime_error for a shader that is not in the program.
    Pipelines(const vk::raii::Device& device, const vk::raii::PipelineCache& cache);

    vk::RenderPass pass() const { return *m_pass; }
    vk::DescriptorSetLayout setLayout() const { return *m_setLayout; }
    vk::PipelineLayout layout() const { return *m_layout; }
    vk::Pipeline pipeline(DrawKind kind) const { return *m_pipelines[std::size_t(kind)]; }

  private:
    vk::raii::RenderPass m_pass{nullptr};
    vk::raii::DescriptorSetLayout m_setLayout{nullptr};
    vk::raii::PipelineLayout m_layout{nullptr};
    std::vector<vk::raii::Pipeline> m_pipelines;
};

} // namespace hs::ui
