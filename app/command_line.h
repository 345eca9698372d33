#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hs::app {

/// Something that the person who started the program can put right. One line: what, where, what to do. Exit code 2.
struct InputError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Action : std::uint8_t { open, help, version, list_demos };

/// What the command line asks for. A later option wins over an earlier one.
struct Options {
    Action action = Action::open;
    std::string demo;                                                 ///< empty: the first there is
    std::filesystem::path data = "/usr/share/datasets/fashion-mnist"; ///< where the Fashion-MNIST files are
    std::uint64_t seed = 7;
    bool scratch = false;         ///< the window opens with a scratch pad
    std::filesystem::path lesson; ///< the window opens with this lesson; empty: none
    int threads = 0;              ///< 0: chosen by the machine
    std::string theme = "dark";
    bool headless = false;
    std::int64_t steps = 0;           ///< 0: with a window no end, headless 300
    double run_seconds = 0;           ///< 0: no limit
    std::filesystem::path screenshot; ///< a folder; empty: no pictures
    std::filesystem::path report;     ///< a file; empty: no report
};

/// Reads the arguments, without the program's name. Throws InputError for an unknown option, a missing or a bad value.
/// `--help`, `--version` and `--list-demos` win over everything that is asked beside them.
Options parse_command_line(std::span<const std::string> arguments);

/// The text of `--help`, from the same table that the parser reads.
std::string help_text();

} // namespace hs::app
