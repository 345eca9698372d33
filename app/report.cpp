#include "app/report.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace hs::app {

namespace {

nlohmann::ordered_json number(double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

} // namespace

QByteArray to_json(const Report& report) {
    nlohmann::ordered_json json{
        {"demo", report.demo},
        {"model", report.model},
        {"seed", report.seed},
        {"threads", report.threads},
        {"batch_size", report.batch_size},
        {"state", report.state},
        {"message", report.message},
        {"loss", number(report.loss)},
        {"test_accuracy", report.test_accuracy ? number(*report.test_accuracy) : nullptr},
        {"steps", report.steps},
        {"seconds_per_step", number(report.seconds_per_step)},
        {"observe_ratio", number(report.observe_ratio)},
        {"peak_memory_mb", number(report.peak_memory_mb)},
        {"render_device", report.render_device},
    };
    if (report.window) {
        json["frames_per_second"] = number(report.window->frames_per_second);
        json["longest_ui_pause_ms"] = number(report.window->longest_ui_pause_ms);
        json["first_frame_ms"] = number(report.window->first_frame_ms);
    }
    // Texts come from file names and error texts; bytes that are no UTF-8 are replaced rather than refused.
    return QByteArray::fromStdString(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)) + '\n';
}

} // namespace hs::app
