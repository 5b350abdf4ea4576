# SPDX-License-Identifier: Apache-2.0
"""Boots two VMs that print, alone and beside busy loops, and compares how long it takes.

usage: busy_host.py [ROUNDS]    (5 when not given; $TRIVISOR is the command, ./trivisor when not set)

The median beside two loops may be 3 times the one without, beside six loops 6 times, and no guest may report a soft lockup.
For two CPUs: a fair share is 2 times for two loops and 4 times for six, as each machine has two busy threads.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

MOST = {0: 1.0, 2: 3.0, 6: 6.0}  # loops: times of the boot without
BOOT = ["run", "machines/two.toml", "--exec", "alpha=true", "--exec", "beta=true"]
LIMIT = 600  # seconds for one boot
ROOT = pathlib.Path(__file__).resolve().parents[2]


def boot(loops, log):
    """Returns the seconds that a boot of both VMs takes, from the command's start to its end."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(loops)]
    try:
        log.truncate(0)
        log.seek(0)
        start = time.monotonic()
        command = [os.environ.get("TRIVISOR", ROOT / "trivisor"), *BOOT]
        done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                              timeout=LIMIT, check=False)
        seconds = time.monotonic() - start
    finally:
        for loop in busy:
            loop.kill()
            loop.wait()
    log.seek(0)
    text = log.read().decode(errors="replace")
    if done.returncode != 0:
        sys.exit(f"{text}\nbusy_host: a boot beside {loops} loops ended with exit code {done.returncode}")
    if "soft lockup" in text:
        sys.exit(f"{text}\nbusy_host: a guest reported a soft lockup beside {loops} loops")
    return seconds


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    times = {loops: [] for loops in MOST}
    with tempfile.TemporaryFile() as log:
        boot(0, log)  # builds what is not built yet, and fills the host's caches
        for _ in range(rounds):
            for loops, found in times.items():  # in turn: what else the host does meets all three alike
                found.append(boot(loops, log))
                print(f"{loops} loops: {found[-1]:.1f} s", flush=True)
    medians = {loops: statistics.median(found) for loops, found in times.items()}
    failed = False
    for loops, median in medians.items():
        ratio = median / medians[0]
        failed |= ratio > MOST[loops]
        print(f"{loops} loops: median {median:.1f} s, {ratio:.2f} times, at most {MOST[loops]:.0f}")
    sys.exit(1 if failed else 0)


main()
