#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Wraps a kernel as newer ones are: make_zboot.py IMAGE OUTPUT. [Linux, drivers/firmware/efi/libstub/zboot-header.S]"""

import gzip
import pathlib
import struct
import sys

payload = gzip.compress(pathlib.Path(sys.argv[1]).read_bytes(), compresslevel=1)
header = struct.pack("<4s4sIIII32s", b"MZ\0\0", b"zimg", 4096, len(payload), 0, 0, b"gzip")
pathlib.Path(sys.argv[2]).write_bytes(header.ljust(4096, b"\0") + payload)
