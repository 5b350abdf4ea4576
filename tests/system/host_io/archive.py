# SPDX-License-Identifier: Apache-2.0
"""Writes a folder's tree as an initramfs: archive.py FOLDER >FILE."""

import os
import pathlib
import stat
import sys

out = sys.stdout.buffer
number = 0


def write(name, mode, content):
    global number
    number += 1
    fields = [number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0]
    out.write(b"070701" + b"".join(b"%08x" % field for field in fields))
    for part in ((b"070701" + bytes(104) + name + b"\0")[110:], content):
        out.write(part)
        done = 110 + len(part) if part is not content else len(part)
        out.write(bytes(-done % 4))


root = pathlib.Path(sys.argv[1])
for path in sorted(root.rglob("*")):
    mode = path.lstat().st_mode
    content = b""
    if stat.S_ISLNK(mode):
        content = os.fsencode(os.readlink(path))
    elif stat.S_ISREG(mode):
        content = path.read_bytes()
    write(os.fsencode(path.relative_to(root)), mode, content)
write(b"TRAILER!!!", 0, b"")
