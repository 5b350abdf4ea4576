#!/bin/sh
# Runs in a VM: ./trivisor ta test puts it there. It passes when it ends with 0.
set -eu
@NAME@ 21 | grep -qx '21 doubled is 42'
