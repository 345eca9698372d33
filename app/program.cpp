#include "app/program.h"

#include "app/command_line.h"
#include "app/run.h"

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace hs::app {

namespace {

void print_demos(std::span<const Demo> list) {
    for (const Demo& demo : list)
        std::printf("%-16s %s\n", demo.name.c_str(), demo.summary.c_str());
}

int run_arguments(std::span<const std::string> arguments, std::span<const Demo> list) {
    Options options = parse_command_line(arguments);
    if (options.demo.empty()) options.demo = list.front().name;
    switch (options.action) {
    case Action::help:
        std::fputs(help_text().c_str(), stdout);
        break;
    case Action::version:
        std::puts("Hookscope " HOOKSCOPE_VERSION);
        break;
    case Action::list_demos:
        print_demos(list);
        break;
    case Action::open:
        return run(options, list);
    }
    return 0;
}

} // namespace

int run_program(int argc, char** argv, std::span<const Demo> list) {
    try {
        return run_arguments(std::vector<std::string>(argv + 1, argv + argc), list);
    } catch (const InputError& error) {
        std::fprintf(stderr, "hookscope: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "hookscope: %s\n", error.what());
        return 1;
    }
}

} // namespace hs::app
