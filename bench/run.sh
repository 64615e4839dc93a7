#!/bin/sh
# Builds the library and the benchmarks from what is here, then runs them: never stale.
set -u

bench=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
root=$(dirname -- "$bench")

usage() {
    cat <<'USAGE'
usage: bench/run.sh [--smoke | --full] [--only TEXT,...] [--systems NAME,...] [--rounds N]
  (default)           five rounds, some 20 minutes
  --smoke             one short round, under 3 minutes: does it work, not how fast it is
  --full              all systems and all cases, longer
  --only TEXT,...     only the cases whose name contains one of these: pair-10, storm, part-encode, ...
  --systems NAME,...  only these systems: workerpipe, c-pipe, aeron-ipc, jdk-uds, ...
  --rounds N          so many runs of each
Results: bench/results/latest/results.json and report.md. Exit code 1 if an alert was lost, doubled or wrong.
USAGE
}

fail() {
    echo "bench: $1" >&2
    exit "${2:-1}"
}

for argument; do
    case $argument in
        -h | --help)
            usage
            exit
            ;;
    esac
done
mode=default
only=
systems=
rounds=
while [ $# -gt 0 ]; do
    case $1 in
        --smoke) mode=smoke ;;
        --full) mode=full ;;
        --only)
            [ $# -gt 1 ] || fail "--only needs parts of cases' names: pair-10,storm" 2
            only=$2
            shift
            ;;
        --systems)
            [ $# -gt 1 ] || fail "--systems needs names of systems: workerpipe,c-pipe" 2
            systems=$2
            shift
            ;;
        --rounds)
            case ${2:-} in
                '' | *[!0-9]* | 0*) fail "--rounds needs a number, 1 or more" 2 ;;
            esac
            rounds=$2
            shift
            ;;
        *) fail "unknown argument '$1': see bench/run.sh --help" 2 ;;
    esac
    shift
done

jdk=$("$root/bin/find-jdk") || exit 1
command -v mvn >/dev/null || fail "there is no mvn on the PATH to build it: install Maven 3.8 or newer"

echo "bench: building ..." >&2
mvn -q -B -Dstyle.color=never -f "$root/pom.xml" -Dmaven.test.skip=true -Dmaven.javadoc.skip=true -Dmaven.source.skip=true install >&2 \
    && mvn -q -B -Dstyle.color=never -f "$bench/pom.xml" package >&2 \
    || fail "the build failed: see above"

# The programs in C, for comparison, for this processor, as the JVM compiles too. Without a C compiler they are left out,
# and the report says so.
native=-march=native
echo 'int main(void) { return 0; }' | cc $native -x c -o /dev/null - 2>/dev/null || native=
for program in flow storm; do
    rm -f "$bench/target/$program"
    if command -v cc >/dev/null; then
        cc -O3 $native -Wall -Wextra -Werror -pthread -o "$bench/target/$program" "$bench/src/main/c/$program.c" \
            || fail "$program.c cannot be built: see above"
    fi
done

# JMH 1.37 uses what JDK 24 and newer warn of.
options=
grep -q '^JAVA_VERSION="2[23]' "$jdk/release" || options=--sun-misc-unsafe-memory-access=allow
commit=$(git -C "$root" describe --always --dirty 2>/dev/null)

# Exec: an interrupt goes to Java itself, which ends its workers.
exec "$jdk/bin/java" -XX:+UseSerialGC -Xmx256m $options --enable-native-access=ALL-UNNAMED -Djava.awt.headless=true \
    -cp "$bench/target/classes:$root/target/workerpipe.jar:$bench/target/lib/*" \
    -Dbench.folder="$bench" -Dbench.commit="${commit:-unknown}" -Djmh.ignoreLock=true \
    io.workerpipe.bench.Main "$mode" "$only" "$systems" "$rounds"
