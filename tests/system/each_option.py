# SPDX-License-Identifier: Apache-2.0
"""Changes each build option by itself, builds the image, and boots VMs on it.

usage: each_option.py    ($TRIVISOR is the command; in the checkout's root)

Starts from the defaults. What an option's change drags along is changed with it, as the menus would.
"""

import os
import re
import subprocess
import sys

import kconfiglib

CONFIGURATION = "build/option-test/changed"
DESCRIPTION = "tests/system/machines/options.toml"
MACHINE = "build/option-test/options.toml"
RUN = ["run", MACHINE, "--config", CONFIGURATION,
       "--exec", "linux=uname -m", "--exec", "bare=calls"]
SIGNS = (r"^linux .*aarch64$", r"^bare .*SUMMARY calls: [1-9]\d* passed, 0 failed")
NUMBERS = {"MAX_CPUS": ("1", "2"), "EARLY_UART_ADDRESS": ("0x0",)}


def other_values(symbol):
    """The values that the menus could give it instead of the one it has."""
    if symbol.orig_type in (kconfiglib.INT, kconfiglib.HEX):
        return NUMBERS[symbol.name]
    if symbol.choice:
        return () if symbol.str_value == "y" else ("y",)
    return ("n",) if symbol.str_value == "y" else ("y",)


def changes():
    """Each option that has a place in the menus, with each other value."""
    tree = kconfiglib.Kconfig("Kconfig")
    for symbol in tree.unique_defined_syms:
        if any(node.prompt for node in symbol.nodes):
            for value in other_values(symbol):
                yield symbol.name, value


def configure(name, value):
    tree = kconfiglib.Kconfig("Kconfig")
    symbol = tree.syms[name]
    if not symbol.set_value(value) or symbol.str_value != value:
        sys.exit(f"each_option: {name} cannot be {value}")
    os.makedirs(os.path.dirname(CONFIGURATION), exist_ok=True)
    tree.write_config(CONFIGURATION, save_old=False)
    describe_machine(int(tree.syms["MAX_CPUS"].str_value), "qemu-virt-gicv2" if tree.syms["GICV2"].str_value == "y" else "qemu-virt")


def describe_machine(most_cpus, platform):
    """The machine has no more CPUs than the image is built for, and the interrupt controller that it is built for."""
    with open(DESCRIPTION, encoding="utf-8") as file:
        text = file.read()
    with open(MACHINE, "w", encoding="utf-8") as file:
        file.write(text.replace("cpus = 2", f"platform = \"{platform}\"\ncpus = {min(2, most_cpus)}", 1))


def main():
    count = 0
    for name, value in changes():
        configure(name, value)
        done = subprocess.run([os.environ["TRIVISOR"], *RUN], capture_output=True, text=True, check=False)
        missing = [sign for sign in SIGNS if not re.search(sign, done.stdout, re.MULTILINE)]
        if done.returncode != 0 or missing:
            sys.exit(f"{done.stdout}{done.stderr}each_option: {name}={value}: exit code {done.returncode}, no {missing}")
        print(f"{name}={value}: builds and boots", flush=True)
        count += 1
    print(f"{count} images")


main()
