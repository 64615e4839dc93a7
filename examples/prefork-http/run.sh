#!/bin/sh
# Starts the workers under 'workerpipe run', all behind one port; builds what is missing first.
# usage: run.sh [PORT [WORKERS [OPTION OF 'workerpipe run' ...]]]
set -u

here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
jar=$here/target/prefork-http.jar
port=${1:-8080}
workers=${2:-5}
[ $# -lt 2 ] && set -- || shift 2

fail() {
    echo "prefork-http: $1" >&2
    exit "${2:-1}"
}

case $port in
    '' | *[!0-9]*) fail "'$port' is no port; usage: run.sh [PORT [WORKERS]]" 2 ;;
esac

jdk=$("$root/bin/find-jdk") || exit 1

# Whether the second argument and what follows is older than the first, which is there.
is_newest() {
    newest=$1
    shift
    [ -e "$newest" ] && [ -z "$(find "$@" -newer "$newest" -type f | head -n 1)" ]
}

if ! is_newest "$root/target/workerpipe.jar" "$root/pom.xml" "$root/src/main" ||
    ! is_newest "$jar" "$here/pom.xml" "$here/src/main" || ! [ -d "$here/target/lib" ]; then
    echo "prefork-http: building, this takes a moment ..." >&2
    "$here/build.sh" >&2 || fail "the build failed: see above"
fi

# Exec: signals are for the supervisor.
exec "$root/bin/workerpipe" run --group prefork-http -n "$workers" "$@" -- \
    "$jdk/bin/java" -XX:+UseSerialGC -Xmx128m --enable-native-access=ALL-UNNAMED \
    -cp "$jar:$root/target/workerpipe.jar:$here/target/lib/*" prefork.PreforkHttp "$port"
