#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in a VM: the standard's example, and a round trip over 1 MiB.
set -eu
shared_memory | grep -qx 'decrypted: matches the original'
