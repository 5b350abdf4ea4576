#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scripts of the rules and of the build compute: scripts_test.py ROOT"""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))
sys.path += [str(ROOT / "hypervisor/boot")]
sys.dont_write_bytecode = True

import make_symbols  # noqa: E402


class SymbolNames(unittest.TestCase):
    def test_a_name_says_where_and_no_more(self):
        for full, short in {
            "trv::vm::Vm::pause()": "vm::Vm::pause",
            "trv::vm::(anonymous namespace)::place(trv::Range<int>)": "vm::place",
            "std::expected<trv::Unique<trv::vm::Vm>, trv::Error> trv::memory::make<trv::vm::Vm, int>(int&&)": "memory::make",
            "non-virtual thunk to trv::vdev::VPl031::read(trv::vdev::MmioAccess const&)": "vdev::VPl031::read",
            "trv::Unique<trv::vm::Vm>::~Unique()": "Unique::~Unique",
            "trv::HeapArray<char>::operator[](unsigned long)": "HeapArray::operator[]",
            "bool std::operator==<char>(int, int)": "std::operator==",
            "trv::A<int>::operator<=>(trv::A<int> const&) const": "A::operator<=>",
            "trv::A<int>::operator->() const": "A::operator->",
            "operator delete(void*)": "operator delete",
            "memcpy": "memcpy",
        }.items():
            self.assertEqual(make_symbols.short_name(full), short)


unittest.main()
