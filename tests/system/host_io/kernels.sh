#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kernels.sh FOLDER MODULE…: puts Debian's kernels into a folder, and of each an archive with the modules and those that they
# need: 6.1, 6.12 and the newest one of backports, each for clouds and for all machines.
set -eu
folder=$1
shift
here=tests/system/host_io
mkdir -p "$folder"
for name in bookworm-cloud bookworm-generic trixie-cloud trixie-generic trixie-backports-cloud trixie-backports-generic; do
    [ ! -e "$folder/$name.modules" ] || continue
    sh $here/kernel.sh $name "$folder.one" "$@"
    mv "$folder.one/vmlinuz" "$folder/$name.vmlinuz"
    /usr/bin/python3 $here/archive.py "$folder.one/modules" >"$folder/$name.modules"
    rm -r "$folder.one"
done
