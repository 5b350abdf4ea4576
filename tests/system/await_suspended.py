# SPDX-License-Identifier: Apache-2.0
"""Waits until a VM is suspended: its CPUs but the first are off, and that one has been in its call for a while.

usage: await_suspended.py MACHINE VM    ($TRIVISOR is the command; the machine runs)

A key that is pressed before is an interrupt that is pending at the call, which ends at once: Linux has not suspended then.
"""

import sys
import time

from monitor import POLL, find, wait_for

A_WHILE = 2  # seconds: a kernel that only waits for something runs sooner


def how_far(machine, vm):
    """How long its first CPU has run, in ns, if it stands still and the others are off; otherwise None."""
    first, *others = find(machine, vm)["vcpu_stats"]
    return first["run_ns"] if first["state"] == "blocked" and all(one["state"] == "off" for one in others) else None


def is_suspended(machine, vm):
    begun, ran = time.monotonic(), how_far(machine, vm)
    while ran is not None and how_far(machine, vm) == ran:
        if time.monotonic() - begun >= A_WHILE:
            return True
        time.sleep(POLL)
    return False


def main():
    machine, vm = sys.argv[1:]
    wait_for(f"{vm} suspends", lambda: is_suspended(machine, vm))
    print(f"{vm} is suspended", flush=True)


main()
