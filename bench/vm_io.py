#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the devices of VMs, on Trivisor and on Debian's Xen, with those of the host and of the bare machine.

usage: bench/vm_io.py [--clock icount|wall] [--rounds ROUNDS] [--on bare,trivisor,xen] [--prepared] [--out FOLDER]
       ($TRIVISOR is the command, ./trivisor when not set)

Each boots the same Debian with the same kernel, which makes VMs with that kernel again: on Trivisor with trivisorctl, on
Xen, of which Debian's packages are taken, with xl. `whole` is a VM on Trivisor with io = "whole", whose memory is the
host's. A disk lies in the host's memory, so that nothing waits for the machine that runs QEMU. With icount the machine
has one CPU and a nanosecond is an instruction; with wall it has two, and the peers take turns. Figures of disks and ping
are microseconds, those of networks megabytes a second. With --out the folder gets vm-io-CLOCK.md, with median, minimum
and maximum, and vm-io-CLOCK.svg, VMs on Trivisor relative to those on Xen.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
FILES = ROOT / "bench" / "vm_io"
IMAGE = ROOT / "build" / "disks" / "debian-trixie.img"
SYSTEM = f"{IMAGE}?offset={128 << 20}"
# Debian 13's, which the tool fetches: with QEMU 7.2 and an instruction clock Xen's first domain stops.
FETCHED = ROOT / "build" / "cache" / "qemu" / "trixie" / "usr"
LIBRARIES = FETCHED / "lib" / "x86_64-linux-gnu"
QEMU = [LIBRARIES / "ld-linux-x86-64.so.2", "--library-path", f"{LIBRARIES}:{LIBRARIES}/pulseaudio:{LIBRARIES}/systemd",
        "--argv0", "qemu-system-aarch64", FETCHED / "bin" / "qemu-system-aarch64", "-L", FETCHED / "share" / "qemu"]
UNIT = """[Unit]
ConditionPathIsDirectory=/proc/xen
After=multi-user.target
[Service]
ExecStart=/bin/sh -c 'exec sh -x /srv/measure >/dev/hvc0 2>&1'
ExecStopPost=systemctl poweroff
[Install]
WantedBy=multi-user.target
"""


def machine(cpus):
    return f"""[machine]
platform = "qemu-virt"
qemu = "trixie"
cpus = {cpus}
memory = "3GiB"
disks = [{{ image = "debian:trixie", bus = "virtio-pci" }}]
network = "user"

[vm.host]
memory = "1GiB"
vcpus = {cpus}
kernel = "disk"
devices = "all"
"""


def run(command, **options):
    done = subprocess.run(list(map(str, command)), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, text=True, errors="replace", **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def host(cpus, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(machine(cpus))
        file.flush()
        return run([os.environ.get("TRIVISOR", ROOT / "trivisor"), "host", file.name, *options])


def prepare():
    commands = []
    for file in (FILES / name for name in ("workloads", "measure", "prepare")):
        commands += ["--exec", f"cat >/srv/{file.name} <<'END_OF_FILE'\n{file.read_text()}END_OF_FILE"]
    commands += ["--exec", f"cat >/etc/systemd/system/vm-io.service <<'END_OF_FILE'\n{UNIT}END_OF_FILE"]
    host(2, "--fresh", *commands, "--exec", "cp /vmlinuz /srv/guest.kernel && systemctl -q enable vm-io && sh /srv/prepare")


def on_xen(cpus, clock, folder):
    """Boots the disk as Xen's first domain. Its changes are thrown away."""
    for name, path in (("kernel", "/srv/guest.kernel"), ("initrd", "/srv/dom0.initrd"), ("xen", "/srv/xen")):
        run(["/sbin/debugfs", "-R", f"dump {path} {folder / name}", SYSTEM])
    console = folder / "console"
    arguments = "console=hvc0 root=LABEL=host-root ro quiet systemd.mask=serial-getty@hvc0.service"
    run([*QEMU, "-M", "virt,virtualization=on,gic-version=3", "-cpu", "cortex-a57", "-smp", cpus, "-m", "3G", "-display", "none",
         "-monitor", "none", "-no-reboot", "-nic", "none", "-serial", f"file:{console}", *clock, "-kernel", folder / "xen",
         "-append", f"console=dtuart dom0_mem=1G dom0_max_vcpus={cpus}",
         "-device", f"guest-loader,addr=0x60000000,kernel={folder / 'kernel'},bootargs={arguments}",
         "-device", f"guest-loader,addr=0x68000000,initrd={folder / 'initrd'}",
         "-drive", f"if=none,id=disk,file={IMAGE},format=raw,snapshot=on", "-device", "virtio-blk-pci,drive=disk"],
        timeout=3600, env={**os.environ, "QEMU_MODULE_DIR": str(LIBRARIES / "qemu")})
    return console.read_text(errors="replace")


def measure(kind, clock):
    cpus = 1 if clock == "icount" else 2
    if kind == "xen":
        with tempfile.TemporaryDirectory() as folder:
            return on_xen(cpus, ["-icount", "shift=0,sleep=on"] if clock == "icount" else [], pathlib.Path(folder))
    options = ["--icount"] if clock == "icount" else []
    if kind == "bare":
        return host(cpus, *options, "--bare", "--exec",
                    ". /srv/workloads; modprobe brd rd_nr=1 rd_size=131072; disk | sed 's/^figure/figure host/'")
    return host(cpus, *options, "--exec", "sh /srv/measure")


def request_time(name, fields):
    """From fio's line, in microseconds."""
    kib, milliseconds = (int(fields[46]), int(fields[49])) if "write" in name else (int(fields[5]), int(fields[8]))
    return milliseconds * 1000 / (kib / (1024 if name.endswith("1m") else 4))


def value(name, said):
    if name == "ping" and (times := re.search(r"= [0-9.]+/([0-9.]+)/", said)):
        return float(times[1]) * 1000
    if ";" in said:
        return request_time(name, said.split(";"))
    if rate := re.search(r"([0-9.]+) Mbits/sec", said):
        return float(rate[1]) / 8
    return sys.exit(f"{name}: no figure: {said}")


def cell(figures):
    spread = f" ({min(figures):.1f} to {max(figures):.1f})" if len(figures) > 1 else ""
    return f"{statistics.median(figures):.1f}{spread}"


def table(found):
    columns = sorted({column for figures in found.values() for column in figures})
    lines = ["| | " + " | ".join(columns) + " |", "|" + " --- |" * (len(columns) + 1)]
    for name, figures in found.items():
        lines.append(f"| {name} | " + " | ".join(cell(figures[column]) if column in figures else "" for column in columns) + " |")
    return "\n".join(lines) + "\n"


def is_rate(name):
    return name.startswith(("to-", "from-"))


def draw(found, file, clock):
    """Time relative to Xen, so that less is better for networks as well."""
    data = ""
    for name, figures in found.items():
        if {"trivisor vm", "xen vm"} <= figures.keys():
            ratio = statistics.median(figures["trivisor vm"]) / statistics.median(figures["xen vm"])
            data += f"{name} {1 / ratio if is_rate(name) else ratio:.4f}\n"
    script = f"""set terminal svg size 960,440 font "sans-serif,12" background "white"
set output "{file}"
set title "Disks and networks of VMs ({clock})"
set style data histograms
set style fill solid 0.8 border -1
set ylabel "time relative to Xen"
set yrange [0:*]
set grid ytics
set xtics rotate by -30
set key top right outside
plot "-" using 2:xtic(1) title "Trivisor", 1 with lines linewidth 2 linecolor "black" title "Xen"
{data}e
"""
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clock", choices=["icount", "wall"], default="icount")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--on", default="bare,trivisor,xen")
    parser.add_argument("--prepared", action="store_true", help="use the disk that the last run has made")
    parser.add_argument("--out", type=pathlib.Path)
    options = parser.parse_args()
    if not options.prepared:
        prepare()
    found = {}
    for _ in range(options.rounds):
        for kind in options.on.split(","):
            text = measure(kind, options.clock)
            if "all is measured" not in text and kind != "bare":
                sys.exit(f"{kind}: it was not all measured:\n{text[-3000:]}")
            for place, name, said in re.findall(r"figure (host|vm|whole) ([a-z0-9-]+) ([^\r\n]*)", text):
                figure = value(name, said)
                found.setdefault(name, {}).setdefault(f"{kind} {place}", []).append(figure)
                print(f"{kind} {place} {name} {figure:.2f}", flush=True)
    print("\n" + table(found), end="")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        stem = options.out / f"vm-io-{options.clock}"
        units = "microseconds; networks (to-…, from-…): megabytes a second"
        stem.with_suffix(".md").write_text(f"vm-io, {options.clock}: {units}\n\n{table(found)}")
        draw(found, stem.with_suffix(".svg"), options.clock)


if __name__ == "__main__":
    main()
