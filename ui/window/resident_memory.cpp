#include "ui/window/resident_memory.h"

#include <cstdio>
#include <memory>

#include <unistd.h>

namespace hs::ui {

std::size_t residentMemory() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "r"), &std::fclose);
    unsigned long all = 0, resident = 0;
    if (!file || std::fscanf(file.get(), "%lu %lu", &all, &resident) != 2) return 0;
    return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

} // namespace hs::ui
