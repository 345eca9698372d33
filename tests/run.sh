#!/usr/bin/env bash
# Installs what the tests need, builds the release preset with them, and runs them all. Arguments are ctest's
# (-R NAME, -L engine, ...). The last line says how many passed, failed and were skipped.
set -euo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
. "$root/app/packages.sh"
. "$root/tests/ctest.sh"

use_utf8
install_packages "$build_packages" "$run_packages" "$test_packages"
say "Building the release preset and its tests in $root/build/release"
configure release -DHOOKSCOPE_TESTS=ON
build release
run_ctest release "$@"
