#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what the host VM's devices cost it on Trivisor and on the bare machine: instructions, by the instruction clock.

usage: bench/host_io.py [ROUNDS]    (2 when not given; $TRIVISOR is the command, ./trivisor when not set)

Boots the host's disk in turn as both, with one CPU, and prints a table: for each workload the time that the CPU had
something to do, and the ratio. The disk is made anew, and gets fio from its mirror. What a program waits for does not
count: the emulated disk answers in the time of the machine that runs QEMU. Each round measures thrice; the smallest
figure counts.
"""

import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[1]
MACHINE = """[machine]
platform = "qemu-virt"
cpus = 1
memory = "2GiB"
disks = [{ image = "debian:trixie", bus = "virtio-pci" }]
network = "user"

[vm.host]
memory = "1GiB"
vcpus = 1
kernel = "disk"
devices = "all"
"""
GET_FIO = ("udevadm settle && /usr/lib/systemd/systemd-networkd-wait-online --timeout 200 && apt-get -qq update && "
           "DEBIAN_FRONTEND=noninteractive apt-get -qq -y install fio >/dev/null && "
           "dd if=/dev/urandom of=/var/file bs=1M count=256 status=none")
# A loop of the lowest priority has all the time that nothing else wants, so that the CPU never sleeps: what a sleep costs
# the kernel, and how often it sleeps, depends on how fast the disk of the machine that runs QEMU answers. The time that
# the loop had is known from its turns.
MEASURE = r"""
systemctl is-system-running --wait >/dev/null
systemctl stop '*.timer' systemd-timesyncd cron 2>/dev/null
chrt --idle 0 bash -c 'trap "echo \$turns >/tmp/turns; : >/tmp/told" USR1; while :; do turns=$((turns + 1)); done' &
spare=$!
turns() {
    rm -f /tmp/told; kill -USR1 $spare
    until [ -e /tmp/told ]; do sleep 0.002; done
    cat /tmp/turns
}
spent() {
    i=$(turns); t=$(date +%s%N)
    "$@" >/tmp/said 2>&1 || { cat /tmp/said; exit 1; }
    u=$(date +%s%N); j=$(turns)
}
sleep 20
spent sleep 4
turn=$(((u - t) * 1000 / (j - i)))
busy() {
    name=$1; shift; sync; echo 3 >/proc/sys/vm/drop_caches; sleep 1
    spent "$@"
    echo "figure $name $((u - t - (j - i) * turn / 1000))"
}
disk() {
    name=$1; shift
    busy $name fio --name=x --filename=/var/file --direct=1 --ioengine=libaio --randseed=1 --size=256M "$@"
}
network() { dd if=/dev/zero bs=64k count=8192 >/dev/tcp/10.0.2.2/PORT; }
hash() { head -c 100000000 /dev/zero | sha256sum; }
for again in 1 2 3; do
busy cpu hash
disk random-read-4k-depth-1 --rw=randread --bs=4k --io_size=40M --iodepth=1
disk random-read-4k-depth-16 --rw=randread --bs=4k --io_size=40M --iodepth=16
disk random-write-4k-depth-1 --rw=randwrite --bs=4k --io_size=40M --iodepth=1
disk read-1m --rw=read --bs=1M --io_size=2G --iodepth=4
disk write-1m --rw=write --bs=1M --io_size=1G --iodepth=4
busy network-send network
done
"""


def swallow(server):
    """Reads what connections send, until the server is closed."""
    def read(connection):
        with connection:
            while connection.recv(1 << 20):
                pass
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=read, args=(connection,), daemon=True).start()


def host(machine, *options):
    command = [os.environ.get("TRIVISOR", ROOT / "trivisor"), "host", machine, *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          check=False, text=True, errors="replace")
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout[-3000:]}")
    return [(name, int(value)) for name, value in re.findall(r"figure ([a-z0-9-]+) (-?[0-9]+)", done.stdout)]


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=swallow, args=(server,), daemon=True).start()
    measure = MEASURE.replace("PORT", str(server.getsockname()[1]))
    figures = {"bare": {}, "trivisor": {}}
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as machine:
        machine.write(MACHINE)
        machine.flush()
        host(machine.name, "--fresh", "--exec", GET_FIO)
        for _ in range(rounds):
            for kind, found in figures.items():
                bare = ["--bare"] if kind == "bare" else []
                script = f"cat >/tmp/measure <<'END'\n{measure}\nEND\nbash /tmp/measure"
                for name, value in host(machine.name, "--icount", *bare, "--exec", script):
                    found.setdefault(name, []).append(value)
                    print(f"{kind} {name} {value / 1e6:.1f} ms", flush=True)
    server.close()
    print("\n| workload | bare | trivisor | ratio |\n| --- | --- | --- | --- |")
    for name, values in figures["bare"].items():
        bare, ours = min(values), min(figures["trivisor"][name])
        print(f"| {name} | {bare / 1e6:.0f} ms | {ours / 1e6:.0f} ms | {ours / bare:.4f} |")


if __name__ == "__main__":
    main()
