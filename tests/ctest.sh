# Sourced by tests/run.sh and .ci/run, after app/packages.sh: runs the tests of a build and counts their cases.

# The tests draw on Mesa's software device, so that pictures are the same everywhere.
use_software_vulkan() {
    local driver
    for driver in /usr/share/vulkan/icd.d/lvp_icd*.json; do
        [ -f "$driver" ] && export VK_ICD_FILENAMES="$driver" VK_DRIVER_FILES="$driver"
    done
}

# run_ctest PRESET [CTEST OPTION...]: fails when a test fails. `preload`, if set, is a library that stays in the tests.
run_ctest() {
    local preset=$1 folder="$root/build/$1" display=() result=0
    shift
    if command -v xvfb-run >/dev/null; then display=(xvfb-run -a -s '-screen 0 1600x1200x24 -nolisten tcp'); fi
    use_software_vulkan
    # A window that talks to the session's desktop would not be the same window everywhere.
    env -u WAYLAND_DISPLAY -u XDG_CURRENT_DESKTOP QT_QPA_PLATFORM="${QT_QPA_PLATFORM:-xcb}" "${display[@]}" \
        env ${preload:+LD_PRELOAD="$preload"} ctest --test-dir "$folder" --parallel 2 --output-on-failure --no-tests=error \
        --test-output-size-passed 4000000 --test-output-size-failed 4000000 "$@" || result=$?
    count_cases "$folder/Testing/Temporary/LastTest.log" || result=1
    return "$result"
}

# Prints what was skipped, then `N passed, N failed, N skipped` over all cases. QtTest marks each case; a program that
# fails without a failed case (it crashed, or ran out of time) counts as one failure, and one without cases as one case.
count_cases() {
    awk '
        /^[0-9]+\/[0-9]+ Testing: / { name = $3; cases = 0; bad = 0 }
        /^(PASS|XFAIL|BPASS) +: / && !/::(init|cleanup)TestCase\(\)/ { passed++; cases++ }
        /^(FAIL!|XPASS) +: / { failed++; cases++; bad++ }
        /^(SKIP|BSKIP|BFAIL) +: / { skipped++; cases++; sub(/^[A-Z]+ +: /, ""); reasons = reasons "  " name ": " $0 "\n" }
        /^Test Passed\.$/ && !cases { passed++ }
        /^Test (Failed|timed out|not run)|^Test .*(Exception|exception|SEGFAULT|abort)/ && !bad {
            failed++; bad++; broken = broken "  " name " ended without a result: " $0 "\n"
        }
        END {
            if (reasons) printf "Skipped:\n%s", reasons
            if (broken) printf "%s", broken
            printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
            exit (failed > 0 || passed == 0)
        }' "$1"
}
