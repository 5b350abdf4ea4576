#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copies the checkout to build/copied-checkout, with a build folder that belongs to this checkout, and runs
# the copy. With an argument, stand-ins for cmake and ninja take note of what they are asked, which takes no time;
# without, the copy builds itself.
set -eu
root=$PWD
copy=$root/build/copied-checkout
rm -rf "$copy"
mkdir -p "$copy/build/tool/tool" "$copy/build/images/small" "$copy/build/images/own" "$copy/programs"
for entry in *; do
    [ "$entry" = build ] || cp -r "$entry" "$copy/"
done
cp build/tool/CMakeCache.txt build/tool/build.ninja "$copy/build/tool/"
cp build/tool/tool/trivisor "$copy/build/tool/tool/"
cp build/tool/CMakeCache.txt "$copy/build/images/small/"
printf 'CMAKE_HOME_DIRECTORY:INTERNAL=%s\n' "$copy" >"$copy/build/images/own/CMakeCache.txt"
before=$(stat -c '%Y %Z' build/tool/tool/trivisor)

if [ $# -gt 0 ]; then
    cat >"$copy/programs/cmake" <<'END'
#!/bin/sh
echo "cmake in $PWD: $*"
mkdir -p build/tool/tool
: >build/tool/build.ninja
END
    cat >"$copy/programs/ninja" <<'END'
#!/bin/sh
echo "ninja in $PWD: $*"
printf '#!/bin/sh\necho "built in $PWD"\n' >build/tool/tool/trivisor
chmod +x build/tool/tool/trivisor
END
    chmod +x "$copy"/programs/*
fi
cd "$copy"
PATH="$copy/programs:$PATH" ./trivisor --version
cat build/logs/tool.log
[ ! -e build/images/small ] || { echo "an image's build folder of the other checkout is still there"; exit 1; }
[ -e build/images/own/CMakeCache.txt ] || { echo "a build folder of this checkout is gone"; exit 1; }
if [ $# = 0 ]; then
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$copy" build/tool/CMakeCache.txt || { echo "configured for another folder"; exit 1; }
fi
cd "$root"
[ "$(stat -c '%Y %Z' build/tool/tool/trivisor)" = "$before" ] || { echo "the original was built"; exit 1; }
rm -rf "$copy"
echo "the copy stands alone"
