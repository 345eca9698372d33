#!/usr/bin/env bash
# Installs what is missing, builds the release preset, and opens Hookscope. Every argument is the program's
# (./app/run.sh --help lists them). Without a display the program trains headless and leaves pictures and a report.
set -euo pipefail
root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
. "$root/app/packages.sh"

use_utf8
packages=("$build_packages" "$run_packages")
[ -z "${WAYLAND_DISPLAY:-}" ] || packages+=('qt6-wayland:windows under Wayland')
install_packages "${packages[@]}"

folder="$root/build/release"
# Ninja sees by itself when a CMakeLists.txt changed, but not that the presets did or that the tree was moved.
if [ ! -f "$folder/build.ninja" ] || [ "$root/CMakePresets.json" -nt "$folder/build.ninja" ] ||
    ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    say "Building the release preset in $folder (some minutes the first time)"
    configure release
fi
build release programs

options=()
if [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; then
    pictures="$root/build/headless"
    options=(--headless --steps 400 --screenshot "$pictures" --report "$pictures/report.json")
    mkdir -p "$pictures" || die "cannot write to $pictures"
fi
# The person's own options come last, and so win.
exec "$folder/bin/hookscope" "${options[@]}" "$@"
