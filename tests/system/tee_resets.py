# SPDX-License-Identifier: Apache-2.0
"""Resets and destroys VMs in the midst of their xtest, again and again, and compares what the hypervisor has left.

usage: tee_resets.py MACHINE VM[,VM...] ROUNDS SEED    ($TRIVISOR is the command; the machine runs, the VMs start xtest by themselves)

In each round one of them, the others go on. Which one and when is random, and the same for the same seed: so many
invocations after the VM's start.
"""

import random
import sys

from monitor import ask, destroy, find, left, start, wait_for


def invocations(machine, vm):
    one = find(machine, vm)
    return one["optee"]["calls"].get("invoke", 0) if one and "optee" in one else 0


def main():
    machine, vms, rounds, seed = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3]), int(sys.argv[4])
    choices = random.Random(seed)
    for vm in vms:
        wait_for(f"{vm} is busy", lambda: invocations(machine, vm) > 0)
        destroy(machine, vm)
    before = left(machine)
    for vm in vms[1:]:
        start(machine, vm)
    gone = {vms[0]}
    for turn in range(rounds):
        vm = choices.choice(vms)
        if vm in gone:
            start(machine, vm)
            gone.remove(vm)
        moment = choices.choice((1, 10, 100)) * choices.randint(1, 9) // 2
        # At least that many: between two questions it goes on.
        wait_for(f"{vm} makes {moment} invocations", lambda: invocations(machine, vm) >= moment)
        again = choices.random() < 0.5
        if again:
            begun = max(invocations(machine, vm), 1)
            ask(machine, "reset", vm)
            wait_for(f"{vm} starts over", lambda: invocations(machine, vm) < begun)
        else:
            destroy(machine, vm)
            gone.add(vm)
        print(f"round {turn + 1}: {vm} {'reset' if again else 'destroyed'} after {moment} invocations", flush=True)
    for vm in vms:
        if vm not in gone:
            destroy(machine, vm)
    after = left(machine)
    print(f"before {before}\nafter  {after}")
    if after != before:
        sys.exit("tee_resets: something is not given back")
    print("all is given back")


main()
