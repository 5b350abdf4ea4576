# SPDX-License-Identifier: Apache-2.0
"""Resets and destroys a VM in the midst of its xtest, again and again, and compares what the hypervisor has left.

usage: tee_resets.py MACHINE VM ROUNDS SEED    ($TRIVISOR is the command; the machine runs, the VM starts xtest by itself)

The moments are random, and the same for the same seed: so many invocations after the VM's start.
"""

import json
import os
import random
import subprocess
import sys
import time

KEPT = ("free_frames", "hypervisor_frames", "heap_objects", "vmids")
POLL = 0.05  # seconds between two questions
LIMIT = 300  # seconds for one step of a VM's life; a busy host is slow


def ask(machine, *words):
    """The monitor's answer, or None if it refused."""
    line = [os.environ["TRIVISOR"], "vm", *words, "--machine", machine, "--json"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def wait_for(what, condition):
    end = time.monotonic() + LIMIT
    while not (result := condition()):
        if time.monotonic() > end:
            sys.exit(f"tee_resets: {what}: not within {LIMIT} s")
        time.sleep(POLL)
    return result


def stats(machine):
    return wait_for("stats", lambda: ask(machine, "stats"))


def find(machine, vm):
    return next((one for one in stats(machine)["vms"] if one["vm"] == vm), None)


def invocations(machine, vm):
    one = find(machine, vm)
    return one["optee"]["calls"].get("invoke", 0) if one and "optee" in one else 0


def destroy(machine, vm):
    ask(machine, "destroy", vm)
    wait_for(f"{vm} goes", lambda: find(machine, vm) is None)


def start(machine, vm):
    # One that `list` no longer names may still be giving back its last object.
    wait_for(f"{vm} starts", lambda: ask(machine, "start", vm))


def left(machine):
    """Once nothing changes any more: a VM that has just gone gives its last objects back a moment later."""
    last = None
    while True:
        now = {key: stats(machine)[key] for key in KEPT}
        if now == last:
            return now
        last = now
        time.sleep(POLL)


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
