#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/host-debian/files.img, a disk for the host with a Debian for VMs, what the host installs, a repository for VMs, and
# the files of this folder.
set -eu
here=tests/system/host_debian
base=build/host-debian
files=$base/files
PATH=$PATH:/usr/sbin:/sbin
sh tests/system/host_disks/prepare.sh "$base/disk"
rm -rf "$files"
mkdir -p "$files/debs" "$files/repository"

# What the image, which is the host's too, does not have yet.
debugfs -R 'cat /var/lib/dpkg/status' "$base/disk/vm.img?offset=$((128 << 20))" 2>/dev/null |
    sed -n 's/^Package: //p' | sort >"$base/installed"
missing() {
    for package; do
        sh tests/system/host_io/archives.sh trixie . $package
    done | sort -u | while read -r archive; do
        name=${archive##*/}
        grep -qx "${name%%_*}" "$base/installed" || echo "$archive"
    done
}
cp $(missing qemu-utils passt busybox-static) "$files/debs/"
cp $(missing iperf3 socat) "$files/repository/"

dpkg-deb --root-owner-group --build $here/package "$files/repository/trivisor-test.deb" >/dev/null
(cd "$files/repository" && dpkg-scanpackages -m . >Packages 2>/dev/null)

cp $here/files/* "$files/"
mv "$base/disk/vm.img" "$files/"
rm -f "$base/files.img"
truncate -s 12G "$base/files.img"
mke2fs -q -F -m 0 -t ext4 -L files -d "$files" "$base/files.img"
rm -r "$files" "$base/disk"
