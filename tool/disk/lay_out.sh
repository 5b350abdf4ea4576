# SPDX-License-Identifier: Apache-2.0
# lay_out.sh WORK HOST AGENT MIRROR: writes WORK/disk.img, a Debian of the packages in WORK/archives that waits for their
# scripts: guests/host/install runs them in a machine. HOST is guests/host. It is run under fakeroot, so that the files
# belong to root. dpkg unpacks on this machine, which is many times faster than an emulated one; scripts that come before
# that are put aside, because they are for the new system.
set -eu
work=$1 host=$2 agent=$3 mirror=$4
tree=$work/tree
PATH=$PATH:/usr/sbin:/sbin

mkdir -p "$tree/install/preinst" "$tree/var/lib/dpkg/info" "$tree/var/lib/dpkg/updates" "$work/packed"
for folder in bin lib sbin; do
    mkdir -p "$tree/usr/$folder"
    ln -s "usr/$folder" "$tree/$folder"
done
: >"$tree/var/lib/dpkg/status"
: >"$tree/var/lib/dpkg/available"

for archive in "$work"/archives/*.deb; do
    mkdir "$work/one"
    dpkg-deb -e "$archive" "$work/one/DEBIAN"
    if [ -e "$work/one/DEBIAN/preinst" ]; then
        mv "$work/one/DEBIAN/preinst" "$tree/install/preinst/$(dpkg-deb -f "$archive" Package)"
        dpkg-deb -x "$archive" "$work/one"
        dpkg-deb -Znone -b "$work/one" "$work/packed"
    else
        mv "$archive" "$work/packed"
    fi
    rm -r "$work/one"
done
dpkg --root="$tree" --force-architecture --force-depends --force-script-chrootless --force-unsafe-io --log=/dev/null \
    --unpack "$work"/packed/*.deb
rm -r "$work/archives" "$work/packed"

cp -r --no-preserve=ownership "$host/root/." "$tree"
cp "$host/install" "$tree/install/install"
mkdir -p "$tree/usr/local/sbin" "$tree/etc/apt"
install -m 755 "$agent" "$tree/usr/local/sbin/trivisor-agent"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.pgp] $mirror trixie main" >"$tree/etc/apt/sources.list"

# A system partition for UEFI, and the root, whose type is "root (arm64)"; the table itself has a MiB at both ends.
root_start=128 root_size=8063 # MiB
truncate -s $((root_start + root_size + 1))M "$work/disk.img"
sfdisk -q "$work/disk.img" <<TABLE
label: gpt
15: start=1MiB, size=$((root_start - 1))MiB, type=uefi, name=esp
1: start=${root_start}MiB, size=${root_size}MiB, type=B921B045-1DF0-41C3-AF44-4C6F280D3FAE, name=root, attrs="LegacyBIOSBootable"
TABLE
mke2fs -q -t ext4 -L host-root -E offset=$((root_start << 20)),root_owner=0:0 -d "$tree" "$work/disk.img" "${root_size}M"
rm -r "$tree"
