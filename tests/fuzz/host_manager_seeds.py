#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds of host_manager_fuzz: lives of VMs whose devices a program serves, step by step as the target reads them.

usage: host_manager_seeds.py FOLDER    (tests/fuzz/seeds/host_manager_fuzz)

By itself a fuzzer hardly finds the twenty steps from a session to a queue in memory that is lent. Run this again when
tests/fuzz/hypervisor/host_manager_fuzz.cpp reads its input in another way. The names of the functions are its steps'.
"""

import pathlib
import sys

NO = 1  # where the target takes something else in one case of several
ROOT = 0
ALL_PAGES = 0
NAMES = {"a": 0, "b": 1, "c": 2}
KINDS = {"a": 3, "b": 1, "c": 2}  # of trees: a good one of that name


def open_session():
    return [0, ROOT]


def close_session(session):
    return [2, session]


def create(name, persistent=0, session=0):
    return [3, KINDS[name], session, NO, persistent]


def load(handle, session=0):
    return [5, handle, NO, ALL_PAGES, session]


def start(handle, session=0):
    return [7, session, handle]


def forget(name, session=0):
    return [8, session, NAMES[name]]


def resume(call=0):
    return [11, call]


def monitor(word, name, session=0):
    """Of list, stats, destroy, reset, pause, resume, start, log."""
    words = ["list", "stats", "destroy", "reset", "pause", "resume", "start", "log"]
    index = words.index(word)
    return [14, index, session, NAMES[name]] if 2 <= index <= 6 else [14, index, session]


def pass_time(turns=30):
    return [18, turns]


def register(pool=0):
    return [20, pool]


def unregister(pool=0):
    return [21, pool]


def lend(handle, pool=0, session=0):
    return [22, session, NO, pool, NO, handle, NO, NO]


def take_back(handle, session=0):
    return [22, session, NO, 0, 0, handle, NO, NO]


def create_whole(name="a", persistent=0, session=0):
    return [28, NO, session, NAMES[name], persistent]


def lend_piece(handle, piece, session=0):
    return [29, NO, piece, NO, session, handle]


def create_with_firmware(name="a", persistent=1, session=0):
    return [30, session, NAMES[name], persistent]


def write_variables(handle, session=0):
    return [31, session, handle, NO, 200, 0, 100]


def read_variables(handle, kept=0, session=0):
    return [31, session, handle, NO, 200, 1, kept, 100]


def program_flash(name, value=0):
    return [32, NAMES[name], value]


def put(handle, slot=0, session=0):
    return [23, 2, NO, 0, NO, NO, NO, session, handle, NO, slot]


def serve(handle, slot, what, session=0):
    return [24, session, handle, NO, slot, *what]


def events(handle, call=1):
    return serve(handle, 0, [0, 8, call, 0])


def state(handle, slot=0):
    return serve(handle, slot, [1])


def ring(handle):
    return serve(handle, 0, [2, 11, 0])


def stopped(handle, slot=0):
    return serve(handle, slot, [3])


def configure(handle, slot=0):
    return serve(handle, slot, [4, 16])


def drive(name, slot=0, reset=False):
    return [25, NAMES[name], slot, 1, 0 if reset else 1]


def write_register(name, offset, value, slot=0):
    return [25, NAMES[name], slot, 0, offset // 4, value]


def touch(name, page=0):
    return [27, NAMES[name], page]


def vm_with_disk(name="a", handle=0, pool=0, persistent=0, slots=(0,)):
    steps = [create(name, persistent), load(handle), register(pool), lend(handle, pool)]
    steps += [put(handle, slot) for slot in slots]
    return [*steps, start(handle), pass_time()]


def whole_vm(name="a", handle=0):
    return [create_whole(name), load(handle), register(2), register(3), lend_piece(handle, 0), lend_piece(handle, 1),
            put(handle), start(handle), pass_time()]


def seeds():
    begin = [open_session()]
    running = [*begin, *vm_with_disk(), drive("a"), state(0), events(0)]
    yield "life", [*running, ring(0), write_register("a", 0x64, 3), configure(0), touch("a"), events(0, 2), resume(),
                   monitor("destroy", "a"), pass_time(), forget("a")]
    yield "reset-by-driver", [*running, drive("a", reset=True), events(0), stopped(0), pass_time(), drive("a"), touch("a")]
    yield "reset-that-waits", [*begin, *vm_with_disk(), drive("a", reset=True), pass_time(39), pass_time(39), stopped(0),
                               lend(0), pass_time(), touch("a")]
    yield "reset-of-vm", [*running, monitor("reset", "a"), pass_time(), events(0), stopped(0), pass_time(), drive("a"),
                          monitor("list", "a")]
    yield "reset-of-vm-overdue", [*running, monitor("reset", "a"), *[pass_time(39) for _ in range(45)], touch("a"),
                                  stopped(0), lend(0), pass_time(), drive("a")]
    yield "loan-ends", [*running, unregister(), touch("a"), pass_time(), register(), lend(0), pass_time(), touch("a")]
    yield "taken-back", [*running, take_back(0), touch("a"), monitor("reset", "a"), pass_time(), lend(0), pass_time(),
                         monitor("destroy", "a"), pass_time()]
    yield "cookie-again", [*running, register(), pass_time(), touch("a"), lend(0), touch("a")]
    yield "overlapping-pools", [*running, register(1), create("b"), load(1), lend(1, 1), unregister(0), lend(1, 1),
                                put(1), start(1), pass_time(), drive("b"), touch("b"), unregister(1), touch("b")]
    yield "two-vms-one-pool", [*running, create("b"), load(1), lend(1), take_back(0), lend(1), put(1), start(1), pass_time(),
                               drive("b"), touch("a"), monitor("destroy", "b"), pass_time(), forget("b"), lend(0), touch("a")]
    yield "persistent", [*begin, *vm_with_disk(persistent=1), drive("a"), close_session(0), pass_time(), open_session(),
                         state(0), take_back(0), lend(0), monitor("destroy", "a"), pass_time(), start(0), pass_time(),
                         drive("a"), unregister()]
    yield "session-ends", [*running, close_session(0), pass_time(), open_session(), unregister()]
    yield "paused", [*running, monitor("pause", "a"), ring(0), unregister(), monitor("resume", "a"), touch("a"), pass_time(),
                     register(), lend(0), pass_time()]
    yield "plugging", [*begin, *vm_with_disk(slots=(0, 1, 2)), put(0, 2), drive("a", 1), drive("a", 2), drive("a", 1, True),
                       stopped(0, 1), put(0, 1), state(0, 1), configure(0, 1)]


    whole = [*begin, *whole_vm(), touch("a", 1), drive("a"), events(0)]
    yield "whole", [*whole, unregister(3), touch("a", 230), register(3), lend_piece(0, 1), pass_time(), touch("a", 230),
                    monitor("destroy", "a"), pass_time(), start(0), pass_time(), close_session(0), pass_time(),
                    unregister(2)]
    yield "whole-reset", [*whole, take_back(0), monitor("reset", "a"), pass_time(), lend_piece(0, 1), pass_time(),
                          lend_piece(0, 0), pass_time(), touch("a", 1), monitor("reset", "a"), unregister(2), pass_time(),
                          monitor("destroy", "a"), pass_time()]


    firmware = [*begin, create_with_firmware(), load(0), write_variables(0), start(0), pass_time(), program_flash("a"),
                read_variables(0), monitor("destroy", "a"), pass_time(), forget("a")]
    yield "variables", [*firmware, read_variables(0, 1), start(0), pass_time(), program_flash("a"), monitor("destroy", "a"),
                        pass_time(), forget("a"), read_variables(0, 2), forget("a"), pass_time(), create("a"), load(1)]
    yield "variables-session-ends", [*firmware, close_session(0), forget("a"), open_session(), read_variables(0),
                                     close_session(1), pass_time()]


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, steps in seeds():
        (folder / name).write_bytes(bytes(byte for step in steps for byte in step))


if __name__ == "__main__":
    main()
