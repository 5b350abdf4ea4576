#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/kexec-test, an overlay for a VM that starts its own kernel anew.
set -eu
folder=build/kexec-test
"$TRIVISOR" setup
rm -rf $folder
mkdir -p $folder/boot $folder/sbin
cp -r tests/system/overlay-kexec/. $folder/
cp build/guest/kernels/trixie/linux-image-cloud-arm64/Image $folder/boot/
aarch64-linux-gnu-gcc -Wall -O2 -static -o $folder/sbin/kexec tests/system/kexec.c
