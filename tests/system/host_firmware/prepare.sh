#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/host-firmware: an overlay for a host without a disk, with firmware for its VMs, and these VMs' disks: one by each boot
# loader.
set -eu
base=build/host-firmware
here=tests/system/host_firmware
overlay=$base/overlay
rm -rf "$base"
mkdir -p "$overlay/vms" "$overlay/usr/share/qemu-efi-aarch64" "$overlay/usr/lib/u-boot/qemu_arm64"
sh tests/system/host_io/overlay.sh "$overlay"
package() {
    sh tests/system/host_io/packages.sh trixie "$base/$1" "^$1\$" "$1"
}
package qemu-efi-aarch64
package u-boot-qemu
cp "$base/qemu-efi-aarch64/usr/share/qemu-efi-aarch64/QEMU_EFI.fd" "$overlay/usr/share/qemu-efi-aarch64/"
cp "$base/u-boot-qemu/usr/lib/u-boot/qemu_arm64/u-boot.bin" "$overlay/usr/lib/u-boot/qemu_arm64/"

# fat FOLDER MEBIBYTES: a FAT file system in FOLDER.img with what the folder has.
fat() {
    truncate -s "$2M" "$1.img"
    mformat -i "$1.img" -T $(($2 * 2048)) ::
    mcopy -s -i "$1.img" "$1"/* ::
}

package grub-efi-arm64-unsigned
package debian-installer-13-netboot-arm64
disk=$base/installer
mkdir -p "$disk/EFI/BOOT" "$disk/EFI/debian"
cp "$base/grub-efi-arm64-unsigned/usr/lib/grub/arm64-efi/monolithic/grubaa64.efi" "$disk/EFI/BOOT/BOOTAA64.EFI"
cp $here/grub.cfg "$disk/EFI/debian/"
installer=$base/debian-installer-13-netboot-arm64/usr/lib/debian-installer/images/13/arm64/text/debian-installer/arm64
cp "$installer/linux" "$installer/initrd.gz" "$disk/"
fat "$disk" 128

kernel=build/guest/kernels/trixie/linux-image-cloud-arm64
disk=$base/extlinux
mkdir -p "$disk/boot/extlinux"
cp "$kernel/Image" "$disk/boot/vmlinuz"
cp build/guest/demo.cpio "$disk/boot/initrd.img"
cp $here/extlinux.conf "$disk/boot/extlinux/"
truncate -s 96M "$disk.img"
echo '2048,,L,*' | /sbin/sfdisk -q "$disk.img"
/sbin/mke2fs -q -t ext4 -E offset=1048576 -d "$disk" "$disk.img" 95M

package systemd-boot-efi
disk=$base/systemd-boot
mkdir -p "$disk/EFI/BOOT" "$disk/loader/entries"
cp "$base/systemd-boot-efi/usr/lib/systemd/boot/efi/systemd-bootaa64.efi" "$disk/EFI/BOOT/BOOTAA64.EFI"
cp $here/loader.conf "$disk/loader/"
cp $here/debian.conf "$disk/loader/entries/"
cp "$kernel/Image" "$disk/linux"
cp build/guest/demo.cpio "$disk/initrd.img"
fat "$disk" 64

# GRUB's program, said to be for another architecture.
disk=$base/foreign
mkdir -p "$disk/EFI/BOOT"
/usr/bin/python3 $here/foreign.py "$base/installer/EFI/BOOT/BOOTAA64.EFI" "$disk/EFI/BOOT/BOOTAA64.EFI"
fat "$disk" 17

cp $here/*.toml $here/hosts/* "$overlay/vms/"
