#!/bin/sh
# Builds the library and this example, then drives it with an HTTP client: under a minute.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
root=$(CDPATH= cd -- "$here/../.." && pwd)

"$here/build.sh"
JAVA22_HOME=$("$root/bin/find-jdk")
export JAVA22_HOME
exec mvn -q -B -ntp -Dstyle.color=never -f "$here/pom.xml" verify
