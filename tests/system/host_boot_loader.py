# SPDX-License-Identifier: Apache-2.0
"""U-Boot starts Trivisor from the host's own disk, with the bundle that the host's Debian made of its kernel there.

usage: host_boot_loader.py    ($TRIVISOR is the command, ./trivisor when not set)

The host is prepared as docs/guide/your-os.md says. Then QEMU's machine has U-Boot as its only firmware, and that disk.
"""

import os
import pathlib
import re
import socket
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "boot-loader-test"
COMMAND = os.environ.get("TRIVISOR", str(ROOT / "trivisor"))
DISK = ROOT / "build" / "disks" / "debian-trixie.img"
PREPARE = """set -e
udevadm settle && /usr/lib/systemd/systemd-networkd-wait-online --timeout 200
apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install device-tree-compiler >/dev/null
mkdir -p /etc/trivisor /boot/extlinux
cp /usr/share/trivisor/examples/host.dts /etc/trivisor/
dtc -q -o /etc/trivisor/machine.dtb /etc/trivisor/host.dts
trivisor-bundle
bash -c 'cat </dev/tcp/10.0.2.2/PORT' >/boot/trivisor.bin
printf 'label trivisor\\n    linux /boot/trivisor.bin\\n    initrd /boot/trivisor-bundle.cpio\\n' >/boot/extlinux/extlinux.conf
"""
RESTORE = "rm -r /etc/trivisor/host.dts /etc/trivisor/machine.dtb /boot/trivisor* /boot/extlinux"
# What is typed once Debian's shell is there, and what must come after it.
DIALOGUE = [
    ("systemctl is-system-running --wait", rb"running\r"),
    ("trivisorctl list", rb"host +running"),
    ("trivisorctl log 100", rb"host: keeps [0-9]+ nodes"),
    ("poweroff", rb"reboot: Power down"),
]


def u_boot():
    """Debian's build for QEMU's machine, unpacked here unless it is installed."""
    installed = pathlib.Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")
    if installed.exists():
        return installed
    subprocess.run(["apt-get", "-qq", "download", "u-boot-qemu"], cwd=BUILD, check=True)
    package = next(BUILD.glob("u-boot-qemu_*.deb"))
    subprocess.run(["dpkg-deb", "-x", package, BUILD / "u-boot"], check=True)
    return BUILD / "u-boot" / str(installed).lstrip("/")


def send_file(server, path):
    connection, _ = server.accept()
    with connection:
        connection.sendall(path.read_bytes())


def run(*arguments):
    subprocess.run([COMMAND, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, check=True)


class Console:
    """QEMU's serial port."""

    def __init__(self, machine):
        self.machine = machine
        self.text = b""

    def expect(self, pattern):
        while not (found := re.search(pattern, self.text)):
            piece = os.read(self.machine.stdout.fileno(), 4096)
            if not piece:
                sys.exit(f"the machine ended before {pattern!r}")
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
            self.text += piece
        self.text = self.text[found.end():]

    def say(self, line):
        self.machine.stdin.write(line.encode() + b"\r")
        self.machine.stdin.flush()


def boot(firmware):
    line = ["qemu-system-aarch64", "-M", "virt,virtualization=on,gic-version=3", "-cpu", "cortex-a57", "-smp", "2",
            "-m", "2048", "-nic", "none", "-display", "none", "-serial", "stdio", "-bios", firmware,
            "-drive", f"if=none,id=disk,format=raw,file={DISK}", "-device", "virtio-blk-pci,drive=disk,romfile="]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as machine:
        try:
            console = Console(machine)
            console.expect(rb"root@host:~# ")
            for typed, expected in DIALOGUE:
                console.say(typed)
                console.expect(expected)
            machine.wait()
        finally:
            machine.kill()


def main():
    BUILD.mkdir(parents=True, exist_ok=True)
    firmware = u_boot()
    run("bundle", "machines/host.toml", "--output", BUILD / "bundle")
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=send_file, args=(server, BUILD / "bundle" / "trivisor.bin"), daemon=True).start()
    run("host", "--exec", PREPARE.replace("PORT", str(server.getsockname()[1])))
    boot(firmware)
    run("host", "--exec", RESTORE)


if __name__ == "__main__":
    main()
