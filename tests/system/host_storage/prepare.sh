#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/host-storage: a disk for each of two VMs, and an overlay for the host that makes them, in which are `tenant` and
# its applications.
set -eu
base=build/host-storage
here=tests/system/host_storage
packages=build/cache/packages/trixie
libraries=usr/lib/aarch64-linux-gnu
rm -rf "$base"
mkdir -p "$base/overlay/vms" "$base/guest/bin" "$base/guest/lib/optee_armtz"
sh tests/system/host_io/overlay.sh "$base/overlay"
for vm in a b; do
    truncate -s 64M "$base/$vm.img"
    /sbin/mke2fs -q -t ext4 "$base/$vm.img"
done

"$TRIVISOR" ta build examples/secure_storage
cp build/ta/secure_storage/ta/*.ta "$base/guest/lib/optee_armtz/"
aarch64-linux-gnu-gcc -std=gnu17 -O2 -Wall -Wextra -Werror -Iexamples/secure_storage/include \
    -isystem $packages/optee-client-dev/usr/include -o "$base/guest/bin/tenant" tests/system/tenant/tenant.c \
    $packages/libckteec0t64/$libraries/libckteec.so.0 $packages/libteec2/$libraries/libteec.so.2 \
    -Wl,--allow-shlib-undefined -Wl,-z,max-page-size=4096
cp $here/storage "$base/guest/bin/"
/usr/bin/python3 tests/system/host_io/archive.py "$base/guest" >"$base/guest.cpio"
kernel=build/guest/kernels/trixie/linux-image-cloud-arm64
cp "$kernel/Image" $here/*.toml "$base/overlay/vms/"
cat build/guest/demo.cpio "$kernel/modules.cpio" "$base/guest.cpio" >"$base/overlay/vms/root.cpio"
