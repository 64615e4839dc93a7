#!/bin/sh
# Builds the library and this example, then drives it with an HTTP client: under a minute.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)
jdk=$("$root/bin/find-jdk")

JAVA22_HOME=$jdk mvn -q -B -ntp -Dstyle.color=never -f "$root/pom.xml" -Dmaven.test.skip=true -Dmaven.javadoc.skip=true -Dmaven.source.skip=true install
JAVA22_HOME=$jdk exec mvn -q -B -ntp -Dstyle.color=never -f "$here/pom.xml" verify
