#include "engine/ops/operation_reference.h"

#include <cstdio>
#include <fstream>

/// Writes the reference of all operations into the file that is named.
int main(int count, char** words) {
    if (count != 2) {
        std::fputs("usage: operation_reference FILE\n", stderr);
        return 2;
    }
    std::ofstream file(words[1]);
    file << hs::operation_reference();
    file.close();
    if (!file) {
        std::fprintf(stderr, "operation_reference: %s cannot be written\n", words[1]);
        return 1;
    }
}
