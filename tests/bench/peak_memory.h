#pragma once

#include <fstream>
#include <limits>
#include <malloc.h>
#include <string>

/// By how much the process grew at most since this was made, in MiB. One that is measured alone in its process counts
/// no memory that others left behind.
class PeakMemory {
  public:
    PeakMemory() {
        malloc_trim(0);
        std::ofstream("/proc/self/clear_refs") << 5; // the peak begins anew at what is resident now
        before_ = status("VmRSS:");
    }
    double mebibytes() const { return (status("VmHWM:") - before_) / 1024; }

  private:
    static double status(const std::string& wanted) {
        std::ifstream file("/proc/self/status");
        for (std::string key; file >> key; file.ignore(std::numeric_limits<std::streamsize>::max(), '\n'))
            if (double kibibytes = 0; key == wanted && file >> kibibytes) return kibibytes;
        return 0;
    }

    double before_;
};
