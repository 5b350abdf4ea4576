# SPDX-License-Identifier: Apache-2.0
"""compress.py FORMAT FILE OUTPUT: a kernel as FORMAT, without a program that only this would need."""

import bz2
import lzma
import pathlib
import struct
import sys

LZ4_LEGACY_MAGIC = 0x184C2102
LZ4_LEGACY_BLOCK = 8 << 20


def lz4_block(data: bytes) -> bytes:
    """One sequence of literals alone [LZ4 Block Format Description]."""
    rest = len(data) - 15
    return b"\xf0" + b"\xff" * (rest // 255) + bytes([rest % 255]) + data


def lz4(data: bytes) -> bytes:
    """The legacy format, which `make Image.lz4` writes [LZ4 Frame Format Description]."""
    packed = struct.pack("<I", LZ4_LEGACY_MAGIC)
    for start in range(0, len(data), LZ4_LEGACY_BLOCK):
        block = lz4_block(data[start : start + LZ4_LEGACY_BLOCK])
        packed += struct.pack("<I", len(block)) + block
    return packed


FORMATS = {
    "bzip2": lambda data: bz2.compress(data, 1),
    "lz4": lz4,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE, preset=0),
}

form, source, output = sys.argv[1:]
pathlib.Path(output).write_bytes(FORMATS[form](pathlib.Path(source).read_bytes()))
