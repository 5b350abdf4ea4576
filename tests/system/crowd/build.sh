#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build.sh FOLDER: makes an overlay with `crowd` and hello_world's application and client.
set -e
"$TRIVISOR" ta build examples/hello_world
packages=build/cache/packages/trixie
rm -rf "$1"
mkdir -p "$1/bin" "$1/lib/optee_armtz"
cp build/ta/hello_world/ta/*.ta "$1/lib/optee_armtz/"
cp build/ta/hello_world/client/hello_world "$1/bin/"
aarch64-linux-gnu-gcc -std=gnu17 -O2 -Wall -Wextra -Werror -Iexamples/hello_world/include \
    -isystem $packages/optee-client-dev/usr/include -o "$1/bin/crowd" tests/system/crowd/crowd.c \
    $packages/libteec2/usr/lib/aarch64-linux-gnu/libteec.so.2 -Wl,--allow-shlib-undefined -Wl,-z,max-page-size=4096
