# SPDX-License-Identifier: Apache-2.0
"""Resets and destroys a VM in the midst of its xtest, again and again, and compares what the hypervisor has left.

usage: tee_resets.py MACHINE VM ROUNDS SEED    ($TRIVISOR is the command; the machine runs, the VM starts xtest by itself)

The moments are random, and the same for the same seed: so many invocations after the VM's start.
"""

import random
import sys

from monitor import ask, destroy, find, left, start, wait_for


def invocations(machine, vm):
    one = find(machine, vm)
    return one["optee"]["calls"].get("invoke", 0) if one and "optee" in one else 0


def main():
    machine, vm, rounds, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    moments = random.Random(seed)
    wait_for(f"{vm} is busy", lambda: invocations(machine, vm) > 0)
    destroy(machine, vm)
    before = left(machine)
    there = False
    for turn in range(rounds):
        if not there:
            start(machine, vm)
        moment = moments.choice((1, 10, 100)) * moments.randint(1, 9) // 2
        # At least that many: between two questions it goes on.
        wait_for(f"{vm} makes {moment} invocations", lambda: invocations(machine, vm) >= moment)
        there = moments.random() < 0.5
        if there:
            ask(machine, "reset", vm)
            wait_for(f"{vm} starts over", lambda: invocations(machine, vm) < max(moment, 1))
        else:
            destroy(machine, vm)
        print(f"round {turn + 1}: {'reset' if there else 'destroyed'} after {moment} invocations", flush=True)
    destroy(machine, vm)
    after = left(machine)
    print(f"before {before}\nafter  {after}")
    if after != before:
        sys.exit("tee_resets: something is not given back")
    print("all is given back")


main()
