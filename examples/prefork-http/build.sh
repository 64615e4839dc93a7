#!/bin/sh
# Builds the library and this example from what is here.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
command -v mvn >/dev/null || {
    echo "prefork-http: there is no mvn on the PATH to build it: install Maven 3.8 or newer" >&2
    exit 1
}

# Toolchains look at such variables: the JDK found here is one that they find.
JAVA22_HOME=$("$root/bin/find-jdk")
export JAVA22_HOME
mvn -q -B -ntp -Dstyle.color=never -f "$root/pom.xml" -Dmaven.test.skip=true -Dmaven.javadoc.skip=true -Dmaven.source.skip=true install
mvn -q -B -ntp -Dstyle.color=never -f "$here/pom.xml" -DskipTests package
# Maven leaves a jar alone whose content is the same.
touch "$root/target/workerpipe.jar" "$here/target/prefork-http.jar"
