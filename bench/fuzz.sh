#!/bin/sh
# Fuzzes what reads other processes' bytes, guided by coverage (Jazzer), from a clean clone; what is found is kept.
set -u

root=$(dirname -- "$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)")
targets="wire.HeaderFuzz wire.ReassemblerFuzz wire.LiesFuzz wire.EncoderFuzz roster.RosterFuzz"

usage() {
    cat <<'USAGE'
usage: bench/fuzz.sh [--minutes N | --seconds N] [--only NAME,...] [--jobs N] [--keep]
  --minutes N, --seconds N  in all, shared by the targets (10 minutes)
  --only NAME,...           HeaderFuzz, ReassemblerFuzz, LiesFuzz, EncoderFuzz, RosterFuzz
  --jobs N                  so many targets at a time (1)
  --keep                    make the committed corpus, src/test/resources/fuzz, anew from it and from what was found:
                            few inputs that together reach all that was reached
Exit code 1 if a target failed: its input is in target/fuzz/failures, and the log beside it says why. Put the input into
src/test/resources/fuzz/NAME, and 'mvn test' fails until it is mended.
USAGE
}

fail() {
    echo "fuzz: $1" >&2
    exit "${2:-1}"
}

number() {
    case $2 in
        '' | *[!0-9]* | 0*) fail "$1 needs a number, 1 or more" 2 ;;
    esac
}

seconds=600
only=
jobs=1
keep=
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help)
            usage
            exit
            ;;
        --minutes)
            number "$1" "${2:-}"
            seconds=$(($2 * 60))
            shift
            ;;
        --seconds)
            number "$1" "${2:-}"
            seconds=$2
            shift
            ;;
        --jobs)
            number "$1" "${2:-}"
            jobs=$2
            shift
            ;;
        --only)
            [ -n "$(echo "${2:-}" | tr -d ,)" ] || fail "--only needs names of targets: ReassemblerFuzz,LiesFuzz" 2
            only=$(echo "$2" | tr , ' ')
            shift
            ;;
        --keep) keep=1 ;;
        *) fail "unknown argument '$1': see bench/fuzz.sh --help" 2 ;;
    esac
    shift
done
if [ -n "$only" ]; then
    chosen=
    for name in $only; do
        case " $targets " in
            *".$name "*) ;;
            *) fail "there is no target '$name': see bench/fuzz.sh --help" 2 ;;
        esac
        for target in $targets; do
            [ "${target#*.}" != "$name" ] || chosen="$chosen $target"
        done
    done
    targets=$chosen
fi

[ "$(uname -sm)" = "Linux x86_64" ] || fail "needs Linux on x86-64, as the library does; this is $(uname -sm)"
jdk=$("$root/bin/find-jdk") || exit 1
command -v mvn >/dev/null || fail "there is no mvn on the PATH to build it: install Maven 3.8 or newer"

# Jazzer uses what JDK 24 and newer warn of.
options=
grep -q '^JAVA_VERSION="2[23]' "$jdk/release" || options=--sun-misc-unsafe-memory-access=allow

echo "fuzz: building ..." >&2
mvn -q -B -Dstyle.color=never -f "$root/pom.xml" -Pfuzz -DskipTests process-test-classes >&2 \
    || fail "the build failed, or Jazzer could not be fetched: see above"

work=$root/target/fuzz
mkdir -p "$work/failures" "$work/tmp" || exit 1
rm -f "$work"/failed.*

# Each target's share of the time, when so many run at a time.
count=0
for target in $targets; do count=$((count + 1)); done
[ "$jobs" -le "$count" ] || jobs=$count
share=$((seconds * jobs / count))
[ "$share" -ge 1 ] || share=1

# Jazzer over one target; the other arguments are libFuzzer's.
jazzer() {
    target=$1
    shift
    "$jdk/bin/java" -XX:+UseSerialGC -Xmx1g --enable-native-access=ALL-UNNAMED -XX:+EnableDynamicAgentLoading \
        $options -Djava.io.tmpdir="$work/tmp" \
        -cp "$work/lib/*:$root/target/classes:$root/target/test-classes" com.code_intelligence.jazzer.Jazzer \
        --target_class="io.workerpipe.$target" --reproducer_path="$work/failures" \
        --instrumentation_includes='io.workerpipe.wire.*:io.workerpipe.roster.*' \
        -max_len=16384 -timeout=20 -rss_limit_mb=4096 "$@"
}

run() {
    name=${1#*.}
    seeds=$root/src/test/resources/fuzz/$name
    found=$work/$name
    mkdir -p "$seeds" "$found"
    log=$work/failures/$name.log
    jazzer "$1" -max_total_time="$share" -print_final_stats=1 -artifact_prefix="$work/failures/$name-" \
        "$found" "$seeds" >"$log" 2>&1
    code=$?
    if [ $code -ne 0 ]; then
        : >"$work/failed.$name"
        grep -m 1 -A 12 -E '== Java Exception|ERROR: libFuzzer|^Error|^Exception' "$log" >&2
        echo "fuzz: $name FAILED (exit code $code): see $log" >&2
    else
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
        echo "$name: no failure in $runs runs, $share s, $(grep -o 'cov: [0-9]*' "$log" | tail -n 1 | sed 's/cov: //') places reached"
        rm -f "$log"
    fi
}

running=0
for target in $targets; do
    run "$target" &
    running=$((running + 1))
    if [ $running -ge "$jobs" ]; then
        wait
        running=0
    fi
done
wait

if [ -n "$keep" ]; then
    for target in $targets; do
        name=${target#*.}
        merged=$work/merged-$name
        rm -rf "$merged"
        mkdir -p "$merged"
        jazzer "$target" -merge=1 "$merged" "$root/src/test/resources/fuzz/$name" "$work/$name" \
            >"$work/merge-$name.log" 2>&1 || fail "the corpus of $name could not be merged: see $work/merge-$name.log"
        # Those with a name of their own failed once: they stay.
        find "$root/src/test/resources/fuzz/$name" -type f -regextype posix-extended -regex '.*/[0-9a-f]{40}' -delete
        cp "$merged"/* "$root/src/test/resources/fuzz/$name/"
    done
fi
rm -rf "$work/tmp"
for failed in "$work"/failed.*; do
    [ ! -e "$failed" ] || exit 1
done
