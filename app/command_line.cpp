#include "app/command_line.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace hs::app {

namespace {

[[noreturn]] void bad_value(std::string_view option, const std::string& value, const std::string& wanted) {
    throw InputError(std::string(option) + ": '" + value + "' is not " + wanted);
}

template <class Number>
Number number(std::string_view option, const std::string& value, Number least, Number most, const std::string& wanted) {
    Number result{};
    const char* end = value.data() + value.size();
    const auto [stop, code] = std::from_chars(value.data(), end, result);
    // Written so that NaN, which from_chars accepts, fails too.
    if (code != std::errc() || stop != end || !(result >= least && result <= most)) bad_value(option, value, wanted);
    return result;
}

std::filesystem::path path(std::string_view option, const std::string& value) {
    if (value.empty()) bad_value(option, value, "a path");
    return value;
}

struct Option {
    std::string_view name;
    std::string_view value; ///< what --help calls the value; empty: the option takes none
    std::string_view help;
    void (*apply)(Options& options, std::string_view name, const std::string& value);
};

constexpr int most_threads = 1024;
constexpr double most_seconds = 1e7;
constexpr std::int64_t most_steps = 1'000'000'000;

constexpr std::array option_table{
    Option{"--demo", "NAME", "what is trained (--list-demos tells the names); fashion-cnn if not said",
           [](Options& options, std::string_view name, const std::string& value) {
               if (value.empty()) bad_value(name, value, "a demo; --list-demos tells their names");
               options.demo = value;
           }},
    Option{"--list-demos", "", "list the demos and end",
           [](Options& options, std::string_view, const std::string&) { options.action = Action::list_demos; }},
    Option{"--scratch", "", "open a scratch pad for a few lines of tensors, instead of a demo",
           [](Options& options, std::string_view, const std::string&) { options.scratch = true; }},
    Option{
        "--lesson", "FILE", "open a lesson, instead of a demo",
        [](Options& options, std::string_view name, const std::string& value) { options.lesson = path(name, value); }},
    Option{"--data", "DIR", "where Fashion-MNIST is; /usr/share/datasets/fashion-mnist if not said",
           [](Options& options, std::string_view name, const std::string& value) { options.data = path(name, value); }},
    Option{"--seed", "N", "seed of the weights and of the order of the data; 7 if not said",
           [](Options& options, std::string_view name, const std::string& value) {
               options.seed = number<std::uint64_t>(name, value, 0, std::numeric_limits<std::uint64_t>::max(),
                                                    "a whole number from 0 to 18446744073709551615");
           }},
    Option{"--threads", "N", "threads of the engine; chosen by the machine if not said",
           [](Options& options, std::string_view name, const std::string& value) {
               options.threads = number<int>(name, value, 1, most_threads, "a whole number from 1 to 1024");
           }},
    Option{"--theme", "dark|light", "colours of the window; dark if not said",
           [](Options& options, std::string_view name, const std::string& value) {
               if (value != "dark" && value != "light") bad_value(name, value, "a theme; there are dark and light");
               options.theme = value;
           }},
    Option{"--headless", "", "train without a window; needs no display",
           [](Options& options, std::string_view, const std::string&) { options.headless = true; }},
    Option{"--steps", "N", "stop after so many training steps; headless 300 if not said",
           [](Options& options, std::string_view name, const std::string& value) {
               options.steps = number<std::int64_t>(name, value, 1, most_steps, "a whole number from 1 to 1000000000");
           }},
    Option{"--screenshot", "DIR", "leave pictures of all views in this folder at the end",
           [](Options& options, std::string_view name, const std::string& value) {
               options.screenshot = path(name, value);
           }},
    Option{
        "--report", "FILE", "leave what was measured in this file, as JSON",
        [](Options& options, std::string_view name, const std::string& value) { options.report = path(name, value); }},
    Option{"--run-seconds", "N", "end after so many seconds",
           [](Options& options, std::string_view name, const std::string& value) {
               options.run_seconds = number<double>(name, value, 0.001, most_seconds, "a number of seconds above 0");
           }},
    Option{"--help", "", "print this and end",
           [](Options& options, std::string_view, const std::string&) { options.action = Action::help; }},
    Option{"--version", "", "print the version and end",
           [](Options& options, std::string_view, const std::string&) { options.action = Action::version; }},
};

} // namespace

Options parse_command_line(std::span<const std::string> arguments) {
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        const std::size_t equals = argument.starts_with("--") ? argument.find('=') : std::string::npos;
        std::string name = argument.substr(0, equals);
        if (name == "-h") name = "--help";
        const auto* option = std::ranges::find(option_table, name, &Option::name);
        if (option == option_table.end()) {
            throw InputError((name.starts_with("-") ? "unknown option '" : "unexpected argument '") + argument +
                             "'; hookscope --help lists what there is");
        }
        std::string value;
        if (option->value.empty()) {
            if (equals != std::string::npos) throw InputError(name + ": this option takes no value");
        } else if (equals != std::string::npos) {
            value = argument.substr(equals + 1);
        } else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--")) {
            value = arguments[++i];
        } else {
            throw InputError(name + ": a value is missing (" + name + " " + std::string(option->value) + ")");
        }
        option->apply(options, option->name, value);
        if (options.action == Action::help) return options;
    }
    return options;
}

std::string help_text() {
    std::string text = "Hookscope: a debugger for backprop. Opens a network and shows it while it trains.\n\n"
                       "hookscope [OPTION...]\n\n";
    for (const Option& option : option_table) {
        std::string left = "  " + std::string(option.name) + (option.value.empty() ? "" : " ");
        left += option.value;
        left.resize(24, ' ');
        text += left + std::string(option.help) + "\n";
    }
    return text + "\nBad input ends the program with one line on the error output and exit code 2.\n";
}

} // namespace hs::app
