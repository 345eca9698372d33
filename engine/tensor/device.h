#pragma once

#include <cstdint>
#include <string>

namespace hs {

enum class DeviceType : std::uint8_t { cpu, cuda };

inline constexpr int device_type_count = 2;

/// Where a tensor's bytes are.
struct Device {
    DeviceType type = DeviceType::cpu;
    std::int8_t index = 0;

    bool operator==(const Device&) const = default;
};

/// `cpu` or `cuda:0`.
std::string to_string(Device device);

} // namespace hs
