#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/host-net: what host_vms/prepare.sh makes, with Debian's passt and virtiofsd, modules of the host's kernel for bridges
# and vhost, and a program for sockets between VMs and the host.
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
mkdir "$overlay/unpacked"
for package in passt virtiofsd libcap-ng0 libseccomp2 libgcc-s1; do
    set -- "$kept/$package"_*.deb
    [ -e "$1" ] || (cd "$kept" && apt-get -q -c "$apt/apt.conf" -o Dir::Etc::sourcelist="$apt/releases.list" -t trixie download $package)
    dpkg-deb -x "$kept/$package"_*.deb "$overlay/unpacked"
done
mkdir -p "$overlay/usr/libexec" "$overlay/usr/lib"
cp "$overlay/unpacked/usr/bin/passt" "$overlay/usr/bin/"
cp "$overlay/unpacked/usr/libexec/virtiofsd" "$overlay/usr/libexec/"
cp -r "$overlay/unpacked/usr/lib/aarch64-linux-gnu" "$overlay/usr/lib/"
rm -r "$overlay/unpacked"

sh tests/system/host_io/kernel.sh trixie-cloud "$overlay/kernel" vhost_net tun bridge vhost_vsock
mkdir "$overlay/vms/modules"
(cd "$overlay/kernel/modules" && cp --parents $(cat ../order) "../../vms/modules")
cp "$overlay/kernel/order" "$overlay/vms/modules/"
rm -r "$overlay/kernel"
aarch64-linux-gnu-gcc -std=gnu17 -O2 -Wall -Wextra -Werror -static -o "$overlay/usr/bin/vsock" $here/vsock.c
mkdir -p "$overlay/guest/bin"
cp "$overlay/usr/bin/vsock" $here/bridge "$overlay/guest/bin/"
chmod 755 "$overlay/guest/bin/bridge"
/usr/bin/python3 tests/system/host_io/archive.py "$overlay/guest" >"$overlay/guest.cpio"
cat "$overlay/vms/demo.cpio" "$overlay/guest.cpio" >"$overlay/vms/bridge.cpio"
rm -r "$overlay/guest" "$overlay/guest.cpio"

cp $here/*.toml $here/net $here/networks $here/served $here/shares $here/bridges $here/random "$overlay/vms/"
chmod 755 "$overlay/vms/net" "$overlay/vms/networks" "$overlay/vms/served" "$overlay/vms/shares" "$overlay/vms/bridges" "$overlay/vms/random"
