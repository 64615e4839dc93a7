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

is_built() {
    [ -e "$jar" ] && [ -d "$here/target/lib" ] && [ -e "$root/target/workerpipe.jar" ] &&
        [ -z "$(find "$here/pom.xml" "$here/src/main" "$root/pom.xml" "$root/src/main" -newer "$jar" -type f | head -n 1)" ]
}

if ! is_built; then
    command -v mvn >/dev/null || fail "there is no mvn on the PATH to build it: install Maven 3.8 or newer"
    echo "prefork-http: building, this takes a moment ..." >&2
    # Toolchains look at such variables: the JDK found here is one that they find.
    JAVA22_HOME=$jdk mvn -q -B -Dstyle.color=never -f "$root/pom.xml" -Dmaven.test.skip=true -Dmaven.javadoc.skip=true -Dmaven.source.skip=true install >&2 \
        && JAVA22_HOME=$jdk mvn -q -B -Dstyle.color=never -f "$here/pom.xml" -DskipTests package >&2 \
        || fail "the build failed: see above"
    touch "$root/target/workerpipe.jar" "$jar"
fi

# Exec: signals are for the supervisor.
exec "$root/bin/workerpipe" run --group prefork-http -n "$workers" "$@" -- \
    "$jdk/bin/java" -XX:+UseSerialGC -Xmx128m --enable-native-access=ALL-UNNAMED \
    -cp "$jar:$root/target/workerpipe.jar:$here/target/lib/*" prefork.PreforkHttp "$port"
