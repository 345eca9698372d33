#pragma once

#include <QByteArray>

#include <cstdint>
#include <optional>
#include <string>

namespace hs::app {

/// What only a run with a window has.
struct WindowFigures {
    double frames_per_second = 0;   ///< of the canvas that drew most, since its first frame
    double longest_ui_pause_ms = 0; ///< longest time in which the window took no event, since its first frame
    double first_frame_ms = 0;      ///< from the start of the process until a canvas had painted its first picture
};

/// What --report leaves. Figures that were not measured are null in the file.
struct Report {
    std::string demo;
    std::string model;
    std::uint64_t seed = 0;
    int threads = 0;
    std::int64_t batch_size = 0;
    std::string state; ///< finished, stopped, failed
    std::string message;
    double loss = 0; ///< of the last step
    std::optional<double> test_accuracy;
    std::int64_t steps = 0;
    double seconds_per_step = 0;
    double observe_ratio = 1; ///< step time observed over not observed
    double peak_memory_mb = 0;
    std::string render_device;
    std::optional<WindowFigures> window;
};

/// JSON in UTF-8, ending with a line feed. NaN and Inf, which JSON cannot carry, become null.
QByteArray to_json(const Report& report);

} // namespace hs::app
