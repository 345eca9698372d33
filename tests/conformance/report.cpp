#include "tests/conformance/report.h"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

namespace hs::conformance {

void Report::pass(const std::string& name) {
    ++passed_;
    entries_.push_back({name, "passed", ""});
}

void Report::fail(const std::string& name, const std::string& reason) {
    ++failed_;
    entries_.push_back({name, "failed", reason});
}

void Report::skip(const std::string& name, const std::string& reason) {
    ++skipped_;
    entries_.push_back({name, "skipped", reason});
}

int Report::finish() const {
    for (const Entry& entry : entries_)
        if (entry.state != "passed")
            std::printf("%s %s: %s\n", entry.state == "failed" ? "FAILED " : "skipped", entry.name.c_str(),
                        entry.reason.c_str());
    std::printf("%d passed, %d failed, %d skipped\n", passed_, failed_, skipped_);
    return failed_ > 0 ? 1 : 0;
}

void Report::write_json(const std::filesystem::path& file) const {
    nlohmann::json cases = nlohmann::json::array();
    for (const Entry& entry : entries_)
        cases.push_back({{"name", entry.name}, {"state", entry.state}, {"reason", entry.reason}});
    const nlohmann::json all = {{"passed", passed_}, {"failed", failed_}, {"skipped", skipped_}, {"cases", cases}};
    std::ofstream stream(file);
    stream << all.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
    if (!stream) throw std::runtime_error(file.string() + ": cannot be written");
}

} // namespace hs::conformance
