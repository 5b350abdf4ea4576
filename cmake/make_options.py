#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns Kconfig's options and a configuration file into what the build and the sources read.

    make_options.py KCONFIG CONFIG FOLDER     writes below FOLDER:
        option/NAME.hpp     one constant an option, so that a change rebuilds only who asks for it
        options.hpp         all of them as one text, for people and for the tool
        config.h            the same for assembly
        options.cmake       the same for CMake: CONFIG_NAME is y, n or a value
        options.json        the same for ./trivisor
    make_options.py KCONFIG CONFIG            prints the options as a table

A file is left alone when it would not change.
"""

import json
import os
import pathlib
import sys

import kconfiglib


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


def load(kconfig, config):
    # Names in messages are relative to the checkout, as people know them.
    os.environ["srctree"] = str(pathlib.Path(kconfig).parent)
    options = kconfiglib.Kconfig(pathlib.Path(kconfig).name, warn_to_stderr=False)
    options.warn_assign_undef = True
    options.load_config(config)
    problems = [*without_effect(options), *options.warnings]  # values out of range are only noticed when they are asked for
    if problems:
        fail("\n".join(problems) + f"\n{config}: correct this, or choose again with ./trivisor menuconfig")
    return options


def without_effect(options):
    for symbol in options.unique_defined_syms:
        if symbol.choice is None and symbol.orig_type == kconfiglib.BOOL and symbol.user_value == 2 and symbol.str_value == "n":
            yield f"{symbol.name}=y: has no effect, because it depends on {kconfiglib.expr_str(symbol.direct_dep)}"
        _ = symbol.str_value


def described(options):
    """The options that have a value in this configuration; of a choice, its number stands for its members."""
    for symbol in options.unique_defined_syms:
        if symbol.choice is None and symbol.orig_type != kconfiglib.UNKNOWN:
            yield symbol


def is_offered(symbol):
    return kconfiglib.expr_value(symbol.direct_dep) > 0


def value_of(symbol):
    if symbol.orig_type == kconfiglib.BOOL:
        return symbol.str_value == "y"
    return int(symbol.str_value, 0)


def cpp_constant(symbol):
    value = value_of(symbol)
    if isinstance(value, bool):
        return f"inline constexpr bool {symbol.name.lower()} = {str(value).lower()};"
    return f"inline constexpr unsigned long {symbol.name.lower()} = {symbol.str_value};"


def text_of(options):
    return " ".join(f"{symbol.name}={symbol.str_value}" for symbol in described(options) if is_offered(symbol))


def write(path, content):
    if not path.exists() or path.read_text() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def write_all(options, folder):
    for symbol in described(options):
        write(folder / "option" / f"{symbol.name.lower()}.hpp",
              f"#pragma once\nnamespace trv::option {{\n{cpp_constant(symbol)}\n}}\n")
    write(folder / "options.hpp",
          "#pragma once\n#include <string_view>\nnamespace trv::option {\n"
          f'inline constexpr std::string_view all = "{text_of(options)}";\n}}\n')
    write(folder / "config.h",  # as usual, an option that is off is not defined
          "".join(f"#define CONFIG_{symbol.name} {int(value_of(symbol)):#x}\n" for symbol in described(options)
                  if value_of(symbol) is not False))
    write(folder / "options.cmake",
          "".join(f'set(CONFIG_{symbol.name} "{symbol.str_value}")\n' for symbol in described(options)))
    write(folder / "options.json",
          json.dumps({symbol.name: value_of(symbol) for symbol in described(options)}, indent=2) + "\n")


def prompt_of(symbol):
    for node in symbol.nodes:
        if node.prompt:
            return node.prompt[0]
    return "(follows from others)"


def show(options):
    for symbol in described(options):
        if is_offered(symbol):
            print(f"{symbol.name + '=' + symbol.str_value:<36} {prompt_of(symbol)}")


def main():
    if len(sys.argv) not in (3, 4):
        fail(__doc__)
    options = load(sys.argv[1], sys.argv[2])
    if len(sys.argv) == 4:
        write_all(options, pathlib.Path(sys.argv[3]))
    else:
        show(options)


if __name__ == "__main__":
    main()
