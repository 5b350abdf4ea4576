#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/host-net: what host_vms/prepare.sh makes, with Debian's passt.
set -eu
here=tests/system/host_net
overlay=build/host-net
sh tests/system/host_vms/prepare.sh
rm -rf "$overlay"
mv build/host-vms "$overlay"

# Of the archive that the tool uses; kept.
apt=$PWD/build/cache/apt
kept=$PWD/build/cache/test-packages/trixie
mkdir -p "$kept"
set -- "$kept"/passt_*.deb
[ -e "$1" ] || (cd "$kept" && apt-get -q -c "$apt/apt.conf" -o Dir::Etc::sourcelist="$apt/releases.list" -t trixie download passt)
mkdir "$overlay/passt"
dpkg-deb -x "$kept"/passt_*.deb "$overlay/passt"
cp "$overlay/passt/usr/bin/passt" "$overlay/usr/bin/"
rm -r "$overlay/passt"

cp $here/net.toml $here/net $here/networks $here/served "$overlay/vms/"
chmod 755 "$overlay/vms/net" "$overlay/vms/networks" "$overlay/vms/served"
