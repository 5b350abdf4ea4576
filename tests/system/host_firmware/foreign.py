# SPDX-License-Identifier: Apache-2.0
"""Copies an EFI program, and says that it is for x86-64: foreign.py PROGRAM OUTPUT. [PE 3.1]"""

import pathlib
import struct
import sys

program = bytearray(pathlib.Path(sys.argv[1]).read_bytes())
(header,) = struct.unpack_from("<I", program, 0x3C)
struct.pack_into("<H", program, header + 4, 0x8664)
pathlib.Path(sys.argv[2]).write_bytes(program)
