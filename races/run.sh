#!/bin/sh
# Builds the library and its race tests from what is here, then runs them: never stale.
set -u

races=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
root=$(dirname -- "$races")

usage() {
    cat <<'USAGE'
usage: races/run.sh [--quick] [--only REGEX]
  (default)     each race in all compilation modes and placements of threads: some 20 minutes
  --quick       each race once, about two minutes
  --only REGEX  only the races whose name matches: FlushRight, dispatch, ...
Report: races/results/index.html. Exit code 1 if an outcome came that must not, or a race could not be run.
USAGE
}

fail() {
    echo "races: $1" >&2
    exit "${2:-1}"
}

mode=default
only=.
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help)
            usage
            exit
            ;;
        --quick) mode=quick ;;
        --only)
            [ $# -gt 1 ] && [ -n "$2" ] || fail "--only needs a part of races' names: FlushRight" 2
            only=$2
            shift
            ;;
        *) fail "unknown argument '$1': see races/run.sh --help" 2 ;;
    esac
    shift
done

jdk=$("$root/bin/find-jdk") || exit 1
command -v mvn >/dev/null || fail "there is no mvn on the PATH to build it: install Maven 3.8 or newer"
# Each race that runs has two pipes or three for each of 256 states.
files=$(ulimit -n)
[ "$files" = unlimited ] || [ "$files" -ge 2048 ] || ulimit -n 2048 2>/dev/null \
    || fail "it needs 2048 open files, and may have $files: raise 'ulimit -n'"

echo "races: building ..." >&2
mvn -q -B -Dstyle.color=never -f "$root/pom.xml" -Dmaven.test.skip=true -Dmaven.javadoc.skip=true -Dmaven.source.skip=true install >&2 \
    && mvn -q -B -Dstyle.color=never -f "$races/pom.xml" package >&2 \
    || fail "the build failed: see above"

# States are few, since most of them hold a pipe.
set -- -strideSize 32 -strideCount 8 -spinStyle THREAD_YIELD -r "$races/results/" -t "$only"
case $mode in
    quick) set -- "$@" -f 1 -iters 1 -time 1500 -sc false -af NONE -jvmArgs --enable-native-access=ALL-UNNAMED ;;
    default) set -- "$@" -f 1 -iters 2 -time 1000 -jvmArgsPrepend --enable-native-access=ALL-UNNAMED ;;
esac

classes=$races/target/classes:$root/target/workerpipe.jar
for jar in "$races"/target/lib/*.jar; do
    classes=$classes:$jar
done
# It leaves its raw results where it is started.
rm -rf "$races/results"
mkdir -p "$races/results"
cd "$races/results" || exit 1
{
    "$jdk/bin/java" --enable-native-access=ALL-UNNAMED -cp "$classes" org.openjdk.jcstress.Main "$@" 2>&1
    echo $? >exit
} | tee races.log
# Twice, since nothing but its own words says how many it has run.
results=$(grep '^(Results: ' races.log | tail -n 1)
case $results in
    *' 0 failed, 0 soft errs, 0 hard errs)') [ "$(cat exit)" = 0 ] && [ -s index.html ] && exit 0 ;;
esac
fail "an outcome that must not be, or a race that did not run; $races/results/index.html has each one. ${results:-It ran none.}"
