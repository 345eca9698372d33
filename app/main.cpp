#include "app/command_line.h"

#include <cstdio>
#include <string>
#include <vector>

int main(int argc, char** argv) {
    try {
        const auto options = hs::app::parse_command_line(std::vector<std::string>(argv + 1, argv + argc));
        if (options.action == hs::app::Action::help) std::fputs(hs::app::help_text().c_str(), stdout);
        return 0;
    } catch (const hs::app::InputError& error) {
        std::fprintf(stderr, "hookscope: %s\n", error.what());
        return 2;
    }
}
