# SPDX-License-Identifier: Apache-2.0
"""What scripts ask a running machine's monitor. $TRIVISOR is the command."""

import json
import os
import subprocess
import sys
import time

KEPT = ("free_frames", "hypervisor_frames", "heap_objects", "vmids")
POLL = 0.05  # seconds between two questions
SETTLED = 2  # seconds without a change
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
            sys.exit(f"{sys.argv[0]}: {what}: not within {LIMIT} s")
        time.sleep(POLL)
    return result


def stats(machine):
    return wait_for("stats", lambda: ask(machine, "stats"))


def find(machine, vm):
    return next((one for one in stats(machine)["vms"] if one["vm"] == vm), None)


def destroy(machine, vm):
    ask(machine, "destroy", vm)
    wait_for(f"{vm} goes", lambda: find(machine, vm) is None)


def start(machine, vm):
    # One that `list` no longer names may still be giving back its last object.
    wait_for(f"{vm} starts", lambda: ask(machine, "start", vm))


def left(machine):
    """What the hypervisor has, once nothing changes any more: a VM that has just gone gives its last objects back a moment later."""
    last, since = None, 0.0
    while last is None or time.monotonic() - since < SETTLED:
        now = {key: stats(machine)[key] for key in KEPT}
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(POLL)
    return last
