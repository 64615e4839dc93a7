#!/bin/sh
# Builds the library and its tests from what is here, then lets workers run under faults: never stale.
set -u

bench=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
root=$(dirname -- "$bench")

usage() {
    cat <<'USAGE'
usage: bench/soak.sh --minutes N [--seed S] [--workers N]
  --minutes N   how long, 1 to 600
  --seed S      the faults of an earlier run once more; it says its seed in its first line
  --workers N   2 to 64, 8 by default
Results: bench/results/soak/report.md, soak.csv, faults.log and pictures; those of the run before are in
bench/results/soak.before. Exit code 1 if anything was wrong: an alert lost without a reason, doubled, changed or out of
order, memory, descriptors or threads that grow, something left behind, a crash. It ends at the first such thing, and keeps
journals and logs. Needs Maven and a JDK 22 or newer.
USAGE
}

fail() {
    echo "soak: $1" >&2
    exit "${2:-1}"
}

# A whole number from $3 to $4, in no more digits than the shell can count.
number() {
    case $2 in
        '' | *[!0-9]* | ??????????*) fail "$1 needs a whole number from $3 to $4, not '$2'" 2 ;;
    esac
    [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] || fail "$1 needs a whole number from $3 to $4, not '$2'" 2
}

for argument; do
    case $argument in
        -h | --help)
            usage
            exit
            ;;
    esac
done
minutes=
seed=$(od -A n -N 3 -t u4 /dev/urandom | tr -d ' ')
workers=8
while [ $# -gt 0 ]; do
    case $1 in
        --minutes)
            number "$1" "${2:-}" 1 600
            minutes=$2
            ;;
        --seed)
            number "$1" "${2:-}" 0 999999999
            seed=$2
            ;;
        --workers)
            number "$1" "${2:-}" 2 64
            workers=$2
            ;;
        *) fail "unknown argument '$1': see bench/soak.sh --help" 2 ;;
    esac
    shift 2
done
[ -n "$minutes" ] || fail "how long? --minutes N, 1 to 600, is needed; see bench/soak.sh --help" 2

jdk=$("$root/bin/find-jdk") || exit 1
command -v mvn >/dev/null || fail "there is no mvn on the PATH to build it: install Maven 3.8 or newer"

echo "soak: building ..." >&2
mvn -q -B -Dstyle.color=never -f "$root/pom.xml" -DskipTests -DskipITs -Dmaven.javadoc.skip=true -Dmaven.source.skip=true install >&2 \
    && mvn -q -B -Dstyle.color=never -f "$bench/pom.xml" -DskipTests package >&2 \
    || fail "the build failed: see above"

results="$bench/results/soak"
if [ -e "$results" ]; then
    rm -rf "$results.before" && mv "$results" "$results.before" || fail "cannot move away $results"
fi
mkdir -p "$results" || fail "cannot write to $results"

# In one file, so that a build of the same tree does not change what runs.
printf 'Main-Class: io.workerpipe.soak.SoakWorker\nEnable-Native-Access: ALL-UNNAMED\n' >"$results/manifest"
"$jdk/bin/jar" --create --file "$results/soak.jar" --manifest "$results/manifest" -C "$root/target/classes" io \
    -C "$root/target/test-classes" io/workerpipe/process -C "$root/target/test-classes" io/workerpipe/soak \
    || fail "soak.jar cannot be made: see above"
rm "$results/manifest"
cp -r "$bench/target/classes" "$results/plot" && cp -r "$bench/target/lib" "$results/plot-lib" \
    || fail "cannot write to $results"

ended=0
"$jdk/bin/java" -XX:+UseSerialGC -Xmx1g --enable-native-access=ALL-UNNAMED -Dsoak.folder="$results" \
    -Dsoak.jar="$results/soak.jar" -cp "$results/soak.jar" io.workerpipe.soak.Soak "$minutes" "$seed" "$workers" || ended=$?
"$jdk/bin/java" -XX:+UseSerialGC -Xmx256m -Djava.awt.headless=true -cp "$results/plot:$results/plot-lib/*" \
    io.workerpipe.bench.SoakPlots "$results" || echo "soak: no pictures" >&2
rm -rf "$results/plot" "$results/plot-lib"
[ "$ended" -ne 0 ] || rm -f "$results/soak.jar" "$results/workers.jsa"
echo "soak: $results/report.md"
exit "$ended"
