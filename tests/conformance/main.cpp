#include "tests/conformance/report.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace {

using hs::conformance::Options;
using hs::conformance::Report;

using Run = void (*)(const Options&, Report&);
constexpr std::pair<std::string_view, Run> kinds[] = {{"ops", hs::conformance::run_ops},
                                                      {"modules", hs::conformance::run_modules},
                                                      {"printing", hs::conformance::run_printing}};

constexpr const char* usage =
    "usage: conformance ops|modules DIR [--filter NAME] [--json OUT]\n"
    "       conformance printing FILE|DIR [--filter NAME] [--json OUT]\n"
    "Runs the cases and compares with what PyTorch gave. NAME is a part of a case's name; OUT gets the results as\n"
    "JSON. Exits 1 when a case failed, 2 on a wrong call.\n";

Run find_run(std::string_view name) {
    for (const auto& [kind, run] : kinds)
        if (kind == name) return run;
    return nullptr;
}

/// Nothing when the command line is wrong.
std::optional<Options> parse(int count, char** words) {
    Options options;
    for (int i = 2; i < count; ++i) {
        const bool has_value = i + 1 < count;
        if (std::strcmp(words[i], "--filter") == 0 && has_value)
            options.filter = words[++i];
        else if (std::strcmp(words[i], "--json") == 0 && has_value)
            options.json = words[++i];
        else if (options.folder.empty() && words[i][0] != '-')
            options.folder = words[i];
        else
            return std::nullopt;
    }
    if (options.folder.empty()) return std::nullopt;
    return options;
}

/// A case that asks for more than the machine has fails by itself, and takes no other program with it. Sanitizers need
/// more addresses than that.
void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page <= 0) return;
    const rlim_t bytes = static_cast<rlim_t>(pages) * static_cast<rlim_t>(page);
    const rlimit limit{bytes, RLIM_INFINITY};
    setrlimit(RLIMIT_AS, &limit);
#endif
}

} // namespace

int main(int count, char** words) {
    if (count > 1 && std::strcmp(words[1], "--help") == 0) {
        std::fputs(usage, stdout);
        return 0;
    }
    const std::optional<Options> options = parse(count, words);
    const Run run = options ? find_run(words[1]) : nullptr;
    if (!run) {
        std::fputs(usage, stderr);
        return 2;
    }
    limit_memory();
    try {
        Report report;
        run(*options, report);
        if (!options->json.empty()) report.write_json(options->json);
        return report.finish();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "conformance: %s\n", error.what());
        return 2;
    }
}
