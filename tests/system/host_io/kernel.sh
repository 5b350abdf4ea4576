#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kernel.sh SUITE-FLAVOUR FOLDER MODULE…: makes a folder with one of Debian's kernels, vmlinuz, and the modules and those that they
# need: unpacked, as modprobe has them below modules/, and the order in which insmod takes them. The flavour is cloud or generic.
set -eu
name=$1 folder=$2
shift 2
here=tests/system/host_io
PATH=$PATH:/usr/sbin:/sbin
case $name in
*-cloud) package=linux-image-cloud-arm64 ;;
*) package=linux-image-arm64 ;;
esac
tree=$folder.scratch
rm -rf "$tree" "$folder"
mkdir -p "$tree" "$folder"
sh $here/packages.sh "${name%-*}" "$tree" '^linux-(image|base|binary|modules)-[0-9]' $package
modules=$(ls -d "$tree"/lib/modules/* "$tree"/usr/lib/modules/* 2>/dev/null | head -n 1)
release=${modules##*/}
base=${modules%/lib/modules/*}
depmod -b "$base" "$release"
some=$folder/modules/lib/modules/$release
for module; do # some are built into some of the kernels
    modprobe -d "$base" -S "$release" --show-depends "$module" 2>/dev/null || true
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' | while read -r file; do
    path=${file#*"/$release/"}
    mkdir -p "$some/${path%/*}"
    cp "$file" "$some/$path"
    case $path in *.xz) unxz "$some/$path" ;; *.zst) unzstd -q --rm "$some/$path" ;; esac
    path=${path%.xz}
    echo "lib/modules/$release/${path%.zst}" >>"$folder/order"
done
mkdir -p "$some"
cp "$modules"/modules.builtin* "$modules/modules.order" "$some/"
depmod -b "$folder/modules" "$release"
cp "$(ls "$tree"/boot/vmlinuz-* "$modules/vmlinuz" 2>/dev/null | head -n 1)" "$folder/vmlinuz"
rm -rf "$tree"
