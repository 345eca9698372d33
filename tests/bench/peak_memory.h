#pragma once

#include <fstream>
#include <limits>
#include <malloc.h>
#include <string>

/// By how much the process has grown at most since the first of these was made, in MiB. Memory that an earlier
/// benchmark left behind counts too, so only one that is run alone in its process says what it needs.
class PeakMemory {
  public:
    PeakMemory() { before(); }
    double mebibytes() const { return (status("VmHWM:") - before()) / 1024; }

  private:
    static double before() {
        static const double resident = [] {
            malloc_trim(0);
            std::ofstream("/proc/self/clear_refs") << 5; // the peak begins anew at what is resident now
            return status("VmRSS:");
        }();
        return resident;
    }
    static double status(const std::string& wanted) {
        std::ifstream file("/proc/self/status");
        for (std::string key; file >> key; file.ignore(std::numeric_limits<std::streamsize>::max(), '\n'))
            if (double kibibytes = 0; key == wanted && file >> kibibytes) return kibibytes;
        return 0;
    }
};
