"""Names of machines as this process and all that it starts see them: a trial may take them away."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

# Nobody there answers. Of the loopback, so that nothing leaves the machine.
_SILENT_SERVER = ("127.0.0.88", 53)


class OwnNames:
    """`name` is known, and asking for others is hopeless: the name server takes questions and says nothing.

    Needs Linux and root (`unshare`, `mount`); raises OSError without. To be made before the process has threads.
    """

    def __init__(self, folder: Path, name: str) -> None:
        os.unshare(os.CLONE_NEWNS)  # files mounted from now on are mounted for us alone
        mount("--make-rprivate", "/")
        self._hosts, resolver = folder / "hosts", folder / "resolv.conf"
        self._known = f"{Path('/etc/hosts').read_text(encoding='utf-8')}\n127.0.0.1 {name}\n"
        self._silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._silent.bind(_SILENT_SERVER)
        resolver.write_text(f"nameserver {_SILENT_SERVER[0]}\n", encoding="utf-8")
        self.know()
        for ours, theirs in ((self._hosts, "/etc/hosts"), (resolver, "/etc/resolv.conf")):
            mount("--bind", str(ours), theirs)

    def know(self) -> None:
        self._hosts.write_text(self._known, encoding="utf-8")

    def forget(self) -> None:
        self._hosts.write_text("127.0.0.1 localhost\n", encoding="utf-8")


def mount(*arguments: str) -> None:
    """Raises OSError."""
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise OSError(done.stderr.strip())
