# SPDX-License-Identifier: Apache-2.0
"""Judges by the hypervisor's own accounts how two VMs that are always busy share the CPUs, over some time.

usage: check_shares.py MACHINE VM WEIGHT VM WEIGHT SECONDS    ($TRIVISOR is the command; the machine runs)

Their shares may be off by 5 %. Seconds are those of the machine: all its CPUs' time, busy or idle, is counted.
"""

import json
import os
import subprocess
import sys
import time

TOLERANCE = 0.05


def run_seconds(machine, vms):
    """How long each VM has run so far, all its vCPUs together."""
    line = [os.environ["TRIVISOR"], "vm", "stats", "--machine", machine, "--json"]
    stats = json.loads(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
    ran = {one["vm"]: sum(vcpu["run_ns"] for vcpu in one["vcpu_stats"]) / 1e9 for one in stats["vms"]}
    return [ran[vm] for vm in vms]


def main():
    machine, *pairs, seconds = sys.argv[1:]
    vms, weights = pairs[0::2], [int(weight) for weight in pairs[1::2]]
    before = run_seconds(machine, vms)
    while True:
        time.sleep(0.5)
        ran = [now - then for now, then in zip(run_seconds(machine, vms), before)]
        if sum(ran) >= int(seconds):
            break
    for vm, weight, own in zip(vms, weights, ran):
        wanted = weight / sum(weights)
        share = own / sum(ran)
        print(f"{vm}: {own:.2f} s, {share:.1%} of what both had; {wanted:.1%} by its weight")
        if abs(share - wanted) > TOLERANCE * wanted:
            sys.exit(f"check_shares: {vm}: not within {TOLERANCE:.0%}")
    print("the shares are right")


main()
