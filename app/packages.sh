# Sourced by app/run.sh, tests/run.sh and .ci/run: the packages each of them needs, the one function that installs
# what is missing, and the one that builds. The caller sets `root` to the source tree.

# NAME:WHY, one a line.
build_packages='
g++:the C++20 compiler
cmake:the build
ninja-build:the build
libdnnl-dev:products and convolutions (oneDNN)
libeigen3-dev:elementwise operations, softmax and norms (Eigen)
zlib1g-dev:reading gzipped files
nlohmann-json3-dev:reports in JSON
qt6-base-dev:the window (Qt 6)
qt6-svg-dev:icons
libvulkan-dev:drawing (Vulkan)
glslc:compiles the shaders
'
run_packages='
mesa-vulkan-drivers:Vulkan drivers, the software device among them
fonts-inter:the font of the window
fonts-jetbrains-mono:the font of numbers
dataset-fashion-mnist:the pictures that the demos learn
'
test_packages='
xvfb:a display without a screen, for the tests of the window
xauth:access to that display
vulkan-validationlayers:checks every use of Vulkan in the tests
libbenchmark-dev:benchmarks (Google Benchmark)
'
check_packages='
clang-format:checks how the source is written
clang-tidy:looks for mistakes in the source
libomp-dev:the header omp.h that clang-tidy reads
'

say() { printf '%s\n' "$*" >&2; }

# Ends the script: what is wrong, and where it was seen.
die() {
    say "$(basename -- "$0"): $*"
    exit 1
}

# A minimal install has no locale, and perhaps one that is named but was never made; then tools complain, and file
# names that are not ASCII break.
use_utf8() {
    if [ "$(locale charmap 2>/dev/null)" != UTF-8 ]; then
        unset LANG LANGUAGE
        export LC_ALL=C.UTF-8
    fi
}

# ccache keeps its files under HOME, and a compiler that cannot write them does not compile.
use_writable_cache() {
    if [ -z "${CCACHE_DIR:-}" ] && { [ -z "${HOME:-}" ] || [ ! -w "${HOME:-/}" ]; }; then
        export CCACHE_DIR="$root/build/ccache"
    fi
}

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# install_packages LIST...: installs what is missing of the lists. Calls no apt, and needs no network, when nothing is.
install_packages() {
    local name why missing=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This is not Debian: nothing is installed. What is needed, by the names that Debian has for it:"
        say "  $(printf '%s\n' "$@" | sed '/^$/d; s/:.*//' | tr '\n' ' ')"
        return
    fi
    while IFS=: read -r name why; do
        if [ -n "$name" ] && ! installed "$name"; then
            [ "${#missing[@]}" -gt 0 ] || say "Installing Debian packages:"
            say "$(printf '  %-24s %s' "$name" "$why")"
            missing+=("$name")
        fi
    done < <(printf '%s\n' "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0

    local as_root=() apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "you are not root and there is no sudo. As root, run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    # An old package list still serves when the network does not, so only the installation decides.
    "${as_root[@]}" "${apt[@]}" update >&2 || say "The package lists could not be refreshed; trying with those that are there."
    "${as_root[@]}" "${apt[@]}" install --no-install-recommends "${missing[@]}" >&2 ||
        die "the packages could not be installed (see above). As root, run: apt-get install ${missing[*]}"
}

# How many compilers at once: one a core, and 1.5 GiB of free memory for each.
build_jobs() {
    local cores memory
    cores=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1572864) }' /proc/meminfo 2>/dev/null)
    [ -n "$memory" ] && [ "$memory" -lt "$cores" ] && cores=$memory
    [ "$cores" -ge 1 ] && echo "$cores" || echo 1
}

# configure PRESET [OPTION...]
configure() {
    local preset=$1 folder="$root/build/$1" fresh=()
    shift
    mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ] || die "cannot write to $folder (whose is it?)"
    # A tree that was moved or copied has a build of another place in it.
    if [ -f "$folder/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
        fresh=(--fresh)
    fi
    cmake "${fresh[@]}" -S "$root" --preset "$preset" "$@" >"$folder/configure.log" 2>&1 || {
        cat "$folder/configure.log" >&2
        die "cmake could not configure the preset '$preset' (see above)"
    }
}

# build PRESET [TARGET]
build() {
    local folder="$root/build/$1"
    use_writable_cache
    cmake --build "$folder" --parallel "$(build_jobs)" ${2:+--target "$2"} >&2 || die "the build in $folder failed (see above)"
}
