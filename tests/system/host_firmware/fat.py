# SPDX-License-Identifier: Apache-2.0
"""Writes a folder's tree as a FAT16 file system that fills a disk: fat.py FOLDER IMAGE MEBIBYTES."""

import pathlib
import re
import struct
import sys

SECTOR, CLUSTER, ROOT_ENTRIES = 512, 4096, 512
DIRECTORY, ARCHIVE, LONG_NAME = 0x10, 0x20, 0x0F
LAST = 0xFFFF

folder, image, clusters = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) * 256
assert 4085 <= clusters < 65525  # the number decides what kind of FAT it is
table = [0xFFF8, LAST]  # the first cluster is number 2
data = bytearray()


def place(content):
    """Appends a file. @return its first cluster"""
    count = -(-len(content) // CLUSTER)
    first = len(table)
    table.extend([*range(first + 1, first + count), LAST][:count])
    data.extend(content + bytes(-len(content) % CLUSTER))
    return first if count else 0


def entry(short, attributes, cluster, size):
    return struct.pack("<11sB14xHI", short, attributes, cluster, size)


def names(name, number):
    """The entries of a long name, if it needs them, and the short name."""
    if re.fullmatch(r"[A-Z0-9_-]{1,8}(\.[A-Z0-9_-]{1,3})?", name):
        stem, _, end = name.partition(".")
        return b"", (stem.ljust(8) + end.ljust(3)).encode()
    short = f"LONG~{number:<3}   ".encode()
    check = 0
    for byte in short:
        check = ((check >> 1 | check << 7) + byte) & 0xFF
    text = name.encode("utf-16-le") + bytes(2)
    text += b"\xff" * (-len(text) % 26)
    parts = [text[at : at + 26] for at in range(0, len(text), 26)]
    entries = b""
    for index in reversed(range(len(parts))):
        order = index + 1 | (0x40 if index + 1 == len(parts) else 0)
        part = parts[index]
        entries += struct.pack("<B10sBxB12s2x4s", order, part[:10], LONG_NAME, check, part[10:22], part[22:])
    return entries, short


def tree(path, own):
    """The entries of a folder, whose own first cluster is known to its folders."""
    entries = b""
    for number, child in enumerate(sorted(path.iterdir())):
        long, short = names(child.name, number)
        if child.is_dir():
            cluster = place(bytes(CLUSTER))
            dots = entry(b".          ", DIRECTORY, cluster, 0) + entry(b"..         ", DIRECTORY, own, 0)
            inside = dots + tree(child, cluster)
            assert len(inside) <= CLUSTER
            at = (cluster - 2) * CLUSTER
            data[at : at + len(inside)] = inside
            entries += long + entry(short, DIRECTORY, cluster, 0)
        else:
            content = child.read_bytes()
            entries += long + entry(short, ARCHIVE, place(content), len(content))
    return entries


root = tree(folder, 0)
assert len(root) <= ROOT_ENTRIES * 32 and len(table) <= clusters + 2
table_sectors = -(-(clusters + 2) * 2 // SECTOR)
before = 1 + table_sectors + ROOT_ENTRIES * 32 // SECTOR
sectors = before + clusters * CLUSTER // SECTOR
boot = struct.pack(
    "<3s8sHBHBHHBHHHIIBBBI11s8s",
    *(b"\xeb\x3c\x90", b"TRIVISOR", SECTOR, CLUSTER // SECTOR, 1, 1, ROOT_ENTRIES, 0, 0xF8, table_sectors),
    *(32, 2, 0, sectors, 0x80, 0, 0x29, 0x7215, b"TEST       ", b"FAT16   "),
)
with open(image, "wb") as out:
    out.write(boot + bytes(510 - len(boot)) + b"\x55\xaa")
    out.write(struct.pack(f"<{len(table)}H", *table).ljust(table_sectors * SECTOR, b"\0"))
    out.write(root.ljust(ROOT_ENTRIES * 32, b"\0"))
    out.write(data)
    out.truncate(sectors * SECTOR)
