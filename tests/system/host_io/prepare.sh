#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/host-io: an overlay for a host without a disk, with what its VMs boot, tools.img, a disk for those VMs with fio
# and the programs beside this one, and kernels.img, which one case fills.
set -eu
base=build/host-io
here=tests/system/host_io
overlay=$base/overlay
tools=$base/tools
rm -rf "$base"
mkdir -p "$overlay/vms/hostile" "$tools/dev" "$tools/proc" "$tools/tmp" "$base/guest"
sh $here/overlay.sh "$overlay"

sh $here/packages.sh trixie "$tools" '^(fio|zlib1g|lib([^p]|p[^y]).*)$' fio
rm -rf "$tools/usr/share"
ln -s usr/lib "$tools/lib"
compile() {
    aarch64-linux-gnu-gcc -std=gnu17 -O2 -Wall -Wextra -Werror -static -pthread -o "$2" "$here/$1.c"
}
compile secret "$tools/usr/bin/secret"
cp "$tools/usr/bin/secret" "$overlay/usr/bin/"
compile service "$overlay/usr/bin/service"
compile backend "$overlay/vms/hostile/qemu-storage-daemon"
kernel=build/guest/kernels/trixie/linux-image-cloud-arm64
cp "$kernel/Image" "$overlay/vms/"
/usr/bin/python3 $here/archive.py $here/guest >"$base/guest.cpio"
cat build/guest/demo.cpio "$kernel/modules.cpio" "$base/guest.cpio" >"$overlay/vms/root.cpio"

# A disk from which a VM boots, and what finds the kernel there.
sh $here/packages.sh trixie "$base/e2fsprogs" '^(e2fsprogs|lib([^c]|c[^6]).*)$' e2fsprogs
cp -r "$base/e2fsprogs/usr/lib/aarch64-linux-gnu" "$overlay/usr/lib/"
mkdir -p "$overlay/sbin" "$base/root/etc"
cp "$base/e2fsprogs/usr/sbin/debugfs" "$overlay/sbin/"
echo "LABEL=small / ext4 ro 0 1" >"$base/root/etc/fstab"
cp "$overlay/vms/Image" "$base/root/vmlinuz"
cp "$overlay/vms/root.cpio" "$base/root/initrd.img"
truncate -s 128M "$tools/boot.img"
/sbin/mke2fs -q -t ext4 -L small -d "$base/root" "$tools/boot.img"
rm -r "$base/root" "$base/e2fsprogs"
truncate -s 384M "$base/tools.img"
/sbin/mke2fs -q -t ext4 -d "$tools" "$base/tools.img"
truncate -s 512M "$base/kernels.img"

cp build/hypervisor/guests/virtio.bin $here/*.toml $here/hosts/* "$overlay/vms/"
