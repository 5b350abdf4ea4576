#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# packages.sh SUITE FOLDER PATTERN PACKAGE: unpacks into the folder what archives.sh finds.
set -eu
suite=$1 folder=$2
shift 2
mkdir -p "$folder"
archives=$(sh tests/system/host_io/archives.sh "$suite" "$@")
for archive in $archives; do
    dpkg-deb -x "$archive" "$folder"
done
