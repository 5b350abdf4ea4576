# SPDX-License-Identifier: Apache-2.0
# Makes build/host-vms, which is laid over the root file system of a host without a disk: the package for the host, a kernel
# and an initramfs for its VMs, and the scripts beside this one. With the argument `busy`, the host makes VMs by itself.
set -eu
folder=build/host-vms
rm -rf "$folder"
mkdir -p "$folder/vms"
dpkg-deb -x "$($TRIVISOR host --package)" "$folder"
rm -r "$folder/usr/share/man"
kernel=build/guest/kernels/trixie/linux-image-cloud-arm64
cp "$kernel/Image" "$folder/vms/Image"
mv "$folder/usr/share/trivisor/examples/tee.cpio" "$folder/vms/tee.cpio"
cat "$kernel/modules.cpio" >>"$folder/vms/tee.cpio"
cat build/guest/demo.cpio "$kernel/modules.cpio" >"$folder/vms/demo.cpio"
cp build/hypervisor/guests/checks.bin "$folder/vms/small.bin"
cp tests/system/host_vms/*.toml tests/system/host_vms/cycles tests/system/host_vms/kills tests/system/host_vms/xtests "$folder/vms"
if [ "${1-}" = busy ]; then
    mkdir -p "$folder/etc"
    cp tests/system/host_vms/busy "$folder/etc/profile"
fi
