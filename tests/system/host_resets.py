# SPDX-License-Identifier: Apache-2.0
"""Resets and destroys the host at random moments, while its programs make and end VMs, and compares what the hypervisor has left.

usage: host_resets.py MACHINE ROUNDS SEED    ($TRIVISOR is the command; the machine runs, the host makes VMs by itself)

The moments are random, and the same for the same seed: so long after the host's start.
"""

import random
import sys
import time

from monitor import ask, destroy, find, left, start, wait_for

LONGEST = 12.0  # seconds: the host's kernel starts, then its programs make, run and end VMs all the time


def is_making_vms(machine):
    return find(machine, "passing") is not None


def main():
    machine, rounds, moments = sys.argv[1], int(sys.argv[2]), random.Random(int(sys.argv[3]))
    wait_for("the host makes VMs", lambda: is_making_vms(machine))
    destroy(machine, "host")
    before = left(machine)
    there = False
    with_vms = 0
    for turn in range(rounds):
        if not there:
            start(machine, "host")
        moment = moments.uniform(0, LONGEST)
        time.sleep(moment)
        with_vms += is_making_vms(machine)
        there = moments.random() < 0.5
        if there:
            wait_for("the host is reset", lambda: ask(machine, "reset", "host"))
        else:
            destroy(machine, "host")
        print(f"round {turn + 1}: {'reset' if there else 'destroyed'} {moment:.1f} s after its start", flush=True)
    destroy(machine, "host")
    after = left(machine)
    print(f"before {before}\nafter  {after}\n{with_vms} of {rounds} times the host had a VM")
    if after != before:
        sys.exit("host_resets: something is not given back")
    if with_vms < rounds // 10:
        sys.exit("host_resets: the host made too few VMs for this to mean something")
    print("all is given back")


main()
