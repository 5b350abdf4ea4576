#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# archives.sh SUITE PATTERN PACKAGE: prints the archives of the package and all that it needs, of those whose names match the
# pattern. They come from where the tool has its own, and are kept.
set -eu
suite=$1 pattern=$2 package=$3
apt=$PWD/build/cache/apt
kept=$PWD/build/cache/test-packages/$suite
mkdir -p "$kept"
# The tool has no lists of backports, and its own updates remove them.
lists=$apt/test-lists
if ! ls "$apt"/state/lists/*_trixie-backports_main_binary-arm64_Packages* >/dev/null 2>&1; then
    sed '/^deb .* trixie main$/ { p; s/ trixie main/ trixie-backports main/; }; /^deb-src/d' "$apt/releases.list" >"$lists"
    apt-get -q -c "$apt/apt.conf" -o Dir::Etc::sourcelist="$lists" -o APT::Get::List-Cleanup=false update >&2
fi
apt() {
    program=$1
    shift
    "$program" -q -c "$apt/apt.conf" -o Dir::Etc::sourcelist="$lists" -t "$suite" "$@"
}
names=$(apt apt-get --no-install-recommends --simulate install "$package" | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -E "$pattern")
missing=
for name in $names; do
    set -- "$kept/$name"_*.deb
    [ -e "$1" ] || missing="$missing $name"
done
[ -z "$missing" ] || (cd "$kept" && apt apt-get download $missing >&2)
for name in $names; do
    echo "$kept/$name"_*.deb
done
