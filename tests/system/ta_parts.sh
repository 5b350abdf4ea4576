#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/ta-parts/parts: a new project whose client is spread over folders and uses a static library of its own, a
# shared one of its own, and shared zlib of Debian's packages, and whose TA has a folder and a static library, too.
# $TRIVISOR is the command.
set -eu
project=build/ta-parts/parts
rm -rf build/ta-parts
mkdir -p build/ta-parts
"$TRIVISOR" ta new $project
mkdir -p $project/common $project/lib $project/ta/deeper

cat >$project/ta.toml <<'END'
[client]
sources = ["client", "common/thrice.c"]
include = ["common"]
flags = ["-DFACTOR=3"]
libraries = ["z", "lib/libsum.a", "lib/libproduct.so"]
packages = ["zlib1g-dev", "zlib1g:arm64"]
END
printf 'int thrice(int a);\n' >$project/common/thrice.h
printf '#include <thrice.h>\n\nint thrice(int a)\n{\n\treturn a * FACTOR;\n}\n' >$project/common/thrice.c
cat >$project/client/uses.c <<'END'
#include <math.h>
#include <stdio.h>
#include <thrice.h>
#include <time.h>
#include <zlib.h>

int sum(int a, int b);
int product(int a, int b);

__attribute__((constructor)) static void use_all(void)
{
	volatile double two = 2 + 0 * (double)time(NULL);

	printf("zlib %s, power %.0f, thrice %d, sum %d, product %d\n", zlibVersion(), pow(two, 10), thrice(7), sum(1, 2),
	       product(3, 4));
}
END
cd $project/lib
printf 'int sum(int a, int b);\nint sum(int a, int b)\n{\n\treturn a + b;\n}\n' >sum.c
printf 'int product(int a, int b);\nint product(int a, int b)\n{\n\treturn a * b;\n}\n' >product.c
aarch64-linux-gnu-gcc -O2 -c sum.c
aarch64-linux-gnu-ar rcs libsum.a sum.o
aarch64-linux-gnu-gcc -O2 -shared -fPIC -Wl,-soname,libproduct.so.1 -o libproduct.so product.c

printf 'int four(void);\nint four(void)\n{\n\treturn 4;\n}\n' >four.c
aarch64-linux-gnu-gcc -ffreestanding -fPIC -Os -c four.c
aarch64-linux-gnu-ar rcs libfour.a four.o
cd ../ta
printf 'int five(void);\nint five(void)\n{\n\treturn 5;\n}\n' >deeper/five.c
printf 'srcs-y += five.c\n' >deeper/sub.mk
printf 'subdirs-y += deeper\nlibnames += four\nlibdirs += ../lib\nlibdeps += ../lib/libfour.a\n' >>sub.mk
sed -i 's/^#include <tee_internal_api.h>/&\n\nint four(void);\nint five(void);/
    /^TEE_Result TA_CreateEntryPoint(void)/,/^{/s/^{/{\n\tIMSG("four and five make %d", four() + five());/' ./*.c
