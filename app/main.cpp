#include "app/program.h"

int main(int argc, char** argv) {
    return hs::app::run_program(argc, argv, hs::app::demos());
}
