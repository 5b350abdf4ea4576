# SPDX-License-Identifier: Apache-2.0
# prepare.sh [FOLDER]: makes vm.img in the folder (build/host-disks), a disk for a VM: the Debian that the host boots, of which
# the archive is there when a host has booted once.
set -eu
folder=${1:-build/host-disks}
archive=build/cache/disks/debian-trixie.tar.zst
[ -e "$archive" ] || $TRIVISOR host --exec true
rm -rf "$folder"
mkdir -p "$folder"
tar -I zstd --sparse -xf "$archive" -C "$folder"
mv "$folder/disk.img" "$folder/vm.img"
# The VM's root has a label of its own, or the host could take it for its own.
partition="$folder/vm.img?offset=$((128 << 20))"
printf 'LABEL=vm-root / ext4 errors=remount-ro 0 1\n' >"$folder/fstab"
/sbin/tune2fs -L vm-root "$partition"
/sbin/debugfs -w -R 'rm /etc/fstab' "$partition"
/sbin/debugfs -w -R "write $folder/fstab /etc/fstab" "$partition"
