#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/host-debian/files.img, a disk for the host with a Debian for VMs, what the host installs, a repository for VMs,
# Debian's kernels, and the files of this folder.
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
cp $(missing qemu-utils passt virtiofsd busybox-static iperf3 socat) "$files/debs/"
cp $(missing iperf3 socat fio) "$files/repository/"

dpkg-deb --root-owner-group --build $here/package "$files/repository/trivisor-test.deb" >/dev/null
(cd "$files/repository" && dpkg-scanpackages -m . >Packages 2>/dev/null)

sh tests/system/host_io/kernels.sh "$base/kernels" virtio_mmio virtio_blk virtio_net crc32c_generic ext4
/usr/bin/python3 tests/system/host_io/archive.py $here/initramfs >"$base/init.cpio"
cat build/guest/demo.cpio "$base/init.cpio" >"$files/initramfs.cpio"
cp "$base"/kernels/* $here/files/* "$files/"
mv "$base/disk/vm.img" "$files/"
rm -f "$base/files.img"
truncate -s 12G "$base/files.img"
mke2fs -q -F -m 0 -t ext4 -L files -d "$files" "$base/files.img"
rm -r "$files" "$base/disk"
