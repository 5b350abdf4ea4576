#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in a VM: ./trivisor ta test puts it there. It passes when it ends with 0.
set -eu
@NAME@ 21 | grep -qx '21 doubled is 42'
