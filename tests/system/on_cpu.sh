#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# on_cpu.sh MACHINE CPU [QEMU]: writes build/on-cpu/CPU[-QEMU]-NAME.toml, which is MACHINE with CPUs of this model.
set -e
name=$2${3:+-$3}-$(basename "$1" .toml)
mkdir -p build/on-cpu
{
    sed "s/^\[machine\]\$/&\ncpu = \"$2\"/" "$1"
} | sed "s/^cpu = /${3:+qemu = \"$3\"\\n}&/" >"build/on-cpu/$name.toml"
grep -q "^cpu = \"$2\"" "build/on-cpu/$name.toml"
