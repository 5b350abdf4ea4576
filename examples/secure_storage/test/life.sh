#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in a VM: the whole life of an object, twice, so that nothing of the first is in the way of the second.
set -eu
secure_storage | grep -qx 'gone'
secure_storage | grep -qx 'gone'
