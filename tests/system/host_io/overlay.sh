#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# overlay.sh FOLDER: lays trivisorctl, Debian's storage daemon and qemu-img over the root of a host without a disk.
set -eu
overlay=$1
here=tests/system/host_io
scratch=$overlay.scratch
rm -rf "$scratch"
mkdir -p "$overlay/usr/bin" "$overlay/usr/lib" "$scratch"
dpkg-deb -x "$($TRIVISOR host --package)" "$scratch/package"
cp "$scratch/package/usr/bin/trivisorctl" "$overlay/usr/bin/"
# The C library is the host's own.
sh $here/packages.sh trixie "$scratch/daemon" '^(qemu-utils|zlib1g|lib([^c]|c[^6]).*)$' qemu-utils
cp -r "$scratch/daemon/usr/lib/aarch64-linux-gnu" "$overlay/usr/lib/"
cp "$scratch/daemon/usr/bin/qemu-storage-daemon" "$scratch/daemon/usr/bin/qemu-img" "$overlay/usr/bin/"
rm -rf "$scratch"
