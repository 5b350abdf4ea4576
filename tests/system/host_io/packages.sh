#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# packages.sh SUITE FOLDER PATTERN PACKAGE: unpacks into the folder, of the package and all that it needs, the packages whose
# names match the pattern. They come from the archive that the tool uses, and are kept.
set -eu
suite=$1 folder=$2 pattern=$3 package=$4
apt=$PWD/build/cache/apt
kept=$PWD/build/cache/test-packages/$suite
mkdir -p "$kept" "$folder"
# The tool has no lists of backports.
lists=$apt/test-lists
if ! [ -e "$lists" ]; then
    sed '/^deb .* trixie main$/ { p; s/ trixie main/ trixie-backports main/; }; /^deb-src/d' "$apt/releases.list" >"$lists.new"
    apt-get -q -c "$apt/apt.conf" -o Dir::Etc::sourcelist="$lists.new" -o APT::Get::List-Cleanup=false update
    mv "$lists.new" "$lists"
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
[ -z "$missing" ] || (cd "$kept" && apt apt-get download $missing)
for name in $names; do
    dpkg-deb -x "$kept/$name"_*.deb "$folder"
done
