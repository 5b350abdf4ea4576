#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What scripts of the rules and of the build compute: scripts_test.py ROOT"""

import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(sys.argv.pop(1))
sys.path += [str(ROOT / "tests/rules"), str(ROOT / "hypervisor/boot")]
sys.dont_write_bytecode = True

import check_docs  # noqa: E402
import check_layering  # noqa: E402
import make_symbols  # noqa: E402


class FileLengths(unittest.TestCase):
    def problems(self, name, lines):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True)
            path.write_text("\n" * lines)
            return len(list(check_layering.check_lengths(pathlib.Path(folder))))

    def test_a_file_has_less_than_400_lines(self):
        for folder in ("hypervisor/vm", "tool/run", "host/vms", "guests/linux", "contract"):
            self.assertEqual(self.problems(f"{folder}/a.cpp", 399), 0)
            self.assertEqual(self.problems(f"{folder}/a.cpp", 400), 1)

    def test_a_test_may_be_longer(self):
        self.assertEqual(self.problems("tests/unit/a_test.cpp", 600), 0)
        self.assertEqual(self.problems("tests/unit/a_test.cpp", 601), 1)


class Crowds(unittest.TestCase):
    def problems(self, place, concepts):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / place
            path.mkdir(parents=True)
            for number in range(concepts):
                (path / f"a{number}.hpp").touch()
                (path / f"a{number}.cpp").touch()
            return len(list(check_layering.check_crowds(pathlib.Path(folder))))

    def test_a_folder_has_at_most_20_concepts(self):
        self.assertEqual(self.problems("hypervisor/vm", 20), 0)
        self.assertEqual(self.problems("hypervisor/vm", 21), 1)
        self.assertEqual(self.problems("tests/unit", 21), 0)


class NamedSystemTests(unittest.TestCase):
    def missing(self, text):
        return len(list(check_docs.missing_system_tests(text, ["tee: xtest, 5 times", "host: a reboot"])))

    def test_one_that_exists_is_found(self):
        for text in ('"tee: xtest, 5 times"', '| a | "host: a reboot" (--full) |', 'as in "host:\na reboot"', '"tee: …, 5 times"'):
            self.assertEqual(self.missing(text), 0, text)

    def test_one_that_does_not_exist_is_reported(self):
        for text in ('"tee: xtest"', '| "host: a reboot", "host: another" |', '"tee: …, 6 times"'):
            self.assertEqual(self.missing(text), 1, text)

    def test_code_names_none(self):
        self.assertEqual(self.missing('`"time: 5 ms"`, and "yes"'), 0)


class Keys(unittest.TestCase):
    def test_a_list_may_have_constants(self):
        text = 'constexpr std::array<std::string_view, 2> net_keys{"to", plugged_key};'
        self.assertEqual(check_docs.listed_keys(text, r"\bnet_keys", {"plugged_key": "plugged"}), ["to", "plugged"])
        self.assertEqual(check_docs.listed_keys(text, r"\bkeys", {}), [])


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
