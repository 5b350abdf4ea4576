# SPDX-License-Identifier: Apache-2.0
"""Installs a package in the host VM with apt, from a repository that is served here, and looks for it after a reboot.

usage: host_apt.py    ($TRIVISOR is the command, ./trivisor when not set)

The repository has one package, made here. The host reaches it through QEMU's user network, as it reaches a mirror.
"""

import functools
import hashlib
import http.server
import os
import pathlib
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTROL = """Package: trivisor-test
Version: 1.0
Architecture: all
Maintainer: none <none@localhost>
Description: a file that a test looks for
"""
INSTALL = ("udevadm settle && /usr/lib/systemd/systemd-networkd-wait-online --timeout 200 && "
           "echo 'deb [trusted=yes] http://10.0.2.2:{port}/ ./' >/etc/apt/sources.list.d/test.list && "
           "apt-get -o Dir::Etc::sourcelist=/etc/apt/sources.list.d/test.list -o Dir::Etc::sourceparts=- update && "
           "DEBIAN_FRONTEND=noninteractive apt-get -y install trivisor-test && systemctl reboot; sleep 1000; false")
FIND = ("grep -x installed /usr/share/trivisor-test && dpkg-query -W trivisor-test && apt-get -y purge trivisor-test && "
        "rm /etc/apt/sources.list.d/test.list")


def make_repository(folder):
    tree = folder / "package"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(CONTROL)
    (tree / "usr" / "share").mkdir(parents=True)
    (tree / "usr" / "share" / "trivisor-test").write_text("installed\n")
    package = folder / "trivisor-test.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, package], check=True, stdout=subprocess.DEVNULL)
    content = package.read_bytes()
    (folder / "Packages").write_text(f"{CONTROL}Filename: ./{package.name}\nSize: {len(content)}\n"
                                     f"SHA256: {hashlib.sha256(content).hexdigest()}\n")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def main():
    with tempfile.TemporaryDirectory() as folder:
        make_repository(pathlib.Path(folder))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = [os.environ.get("TRIVISOR", ROOT / "trivisor"), "host",
                   "--exec", INSTALL.format(port=server.server_address[1]), "--exec", FIND]
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False)
        server.shutdown()
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
