#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in a VM: the number comes back changed by one.
set -eu
hello_world | grep -qx 'after: 43'
hello_world --decrement 7 | grep -qx 'after: 6'
