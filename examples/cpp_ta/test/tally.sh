#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in a VM: two numbers add up, and their digest is that of the same bytes here.
set -eu
cpp_ta 40 2 | grep -qx '2 numbers, sum 42'
digest=$(printf '\050\000\000\000\002\000\000\000' | sha256sum | cut -d' ' -f1)
cpp_ta 40 2 | grep -qx "sha256 $digest"
