#pragma once

// The one place that includes Vulkan. It compiles slowly, so no public header of the window does. Entry points come
// from the loader at run time: a machine without Vulkan still starts the program.
#define VK_NO_PROTOTYPES
#define VULKAN_HPP_NO_STRUCT_CONSTRUCTORS
#include <vulkan/vulkan_raii.hpp>
