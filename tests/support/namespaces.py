"""Networks of a test's own: namespaces, a cable between two of them, and what goes wrong on it.

A namespace is held by an open descriptor and by nothing else: when the test ends, or dies, the
kernel takes the namespace down with every device in it. Nothing is named, nothing is left behind,
and as each test has its own, addresses are constants.

Needs root, ``ip``, ``nft`` and ``nsenter``; :data:`needs_namespaces` skips, and says so, elsewhere.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Final

import pytest

CLONE_NEWNET: Final = 0x40000000

NEAR: Final = "10.9.0.1"
FAR: Final = "10.9.0.2"
NEAR6: Final = "fd00:9::1"
FAR6: Final = "fd00:9::2"

SERVER: Final = "10.9.9.9"
ROADS: Final = ("home", "mobile")


def _missing() -> str:
    """Return why there can be no namespaces here; empty where there can."""
    if not sys.platform.startswith("linux"):
        return "network namespaces are Linux's"
    for program in ("ip", "nft", "nsenter"):
        if shutil.which(program) is None:
            return f"the program {program} is not installed"
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    try:
        Namespace("probe").close()
    except OSError as error:
        return f"this kernel or container makes no network namespaces: {error.strerror}"
    return ""


class Namespace:
    """A network of its own, with nothing in it but a loopback."""

    def __init__(self, name: str) -> None:
        self.name = name  # for messages only; the kernel knows none
        made: list[int] = []
        failed: list[OSError] = []

        def unshare() -> None:
            try:
                _call("unshare", CLONE_NEWNET)
                made.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))
            except OSError as error:
                failed.append(error)

        # A thread has a network namespace of its own; this one is left in the new one, and ends.
        thread = Thread(target=unshare)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        self._fd = made[0]
        self.run("ip", "link", "set", "lo", "up")

    @property
    def path(self) -> str:
        """Where ``ip`` and ``nsenter`` find it, while it is open."""
        return f"/proc/{os.getpid()}/fd/{self._fd}"

    @property
    def prefix(self) -> tuple[str, ...]:
        """What to put before a command, so that it runs in here."""
        return ("nsenter", f"--net={self.path}", "--")

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Make sockets and devices in here while the block lasts; they stay in here for good.

        Holds for the calling thread: an event loop may run in the block, an executor is outside.
        """
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _call("setns", self._fd, CLONE_NEWNET)
            try:
                yield
            finally:
                _call("setns", home, CLONE_NEWNET)
        finally:
            os.close(home)

    def run(self, *command: str, text: str | None = None) -> str:
        """Run a short command in here, and return what it says; fails where it fails."""
        done = subprocess.run(
            [*self.prefix, *command], input=text, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} in {self.name}: {done.stderr.strip()}")
        return done.stdout

    def wrapper(self, program: str, folder: Path) -> Path:
        """Write a script that runs a program in here, for those who start programs themselves."""
        script = folder / f"{Path(program).name}-in-{self.name}"
        script.write_text(f'#!/bin/sh\nexec {" ".join(self.prefix)} {program} "$@"\n')
        script.chmod(0o755)
        return script

    def move(self, device: str, *addresses: str) -> None:
        """Give a device these addresses (with their prefix lengths) and no others."""
        self.run("ip", "address", "flush", "dev", device, "scope", "global")
        for address in addresses:
            # Without "nodad" an IPv6 address cannot be used for a second or two.
            more = ["nodad"] if ":" in address else []
            self.run("ip", "address", "add", address, "dev", device, *more)

    def filter(self, *rules: str) -> None:
        """Replace the packet filter: rules of nftables for what comes in, such as "udp … drop"."""
        lines = ["table inet test", "delete table inet test", "table inet test {"]
        lines += ["chain input { type filter hook input priority 0; policy accept;"]
        self.run("nft", "-f", "-", text="\n".join([*lines, *rules, "}", "}", ""]))

    def translate(self, public: str, private: str) -> None:
        """Be a NAT in front of oneself: what comes for one address is taken at the other."""
        family = "ip6" if ":" in public else "ip"
        rule = f"add rule {family} nat prerouting {family} daddr {public} dnat to {private}"
        lines = [f"add table {family} nat"]
        lines.append(
            f"add chain {family} nat prerouting {{ type nat hook prerouting priority -100; }}"
        )
        self.run("nft", "-f", "-", text="\n".join([*lines, rule, ""]))

    def lose(self, percent: int, protocol: str = "udp") -> None:
        """Lose so many of a hundred of the packets that come in; 0 ends it."""
        self.filter(
            *([f"meta l4proto {protocol} numgen random mod 100 < {percent} drop"] * (percent > 0))
        )

    def limit(self, device: str, kilobits: int, latency_ms: int = 200) -> None:
        """Let so much leave through a device each second, and queue for so long; 0 ends it."""
        if not kilobits:
            self.run("tc", "qdisc", "replace", "dev", device, "root", "pfifo")
            return
        burst = max(3000, kilobits * 1000 // 8 // 100)  # bytes: 10 ms, and two packets at least
        self.run(
            *("tc", "qdisc", "replace", "dev", device, "root", "tbf"),
            *("rate", f"{kilobits}kbit", "burst", str(burst), "latency", f"{latency_ms}ms"),
        )

    def close(self) -> None:
        """Let go of it; whatever still runs in here keeps it alive until it ends."""
        os.close(self._fd)


@dataclass(frozen=True)
class Cable:
    """Two namespaces with a veth pair between them; ``near`` is where a test puts its server."""

    near: Namespace
    far: Namespace
    device: str = "veth"  # in either


@contextmanager
def cable() -> Iterator[Cable]:
    """Give two connected namespaces: :data:`NEAR` and :data:`FAR`, in IPv6 as well."""
    with namespace("near") as near, namespace("far") as far:
        near.run(
            *("ip", "link", "add", "veth", "type", "veth"),
            *("peer", "name", "veth", "netns", far.path),
        )
        for end, address, address6 in ((near, NEAR, NEAR6), (far, FAR, FAR6)):
            end.run("ip", "link", "set", "veth", "up")
            end.move("veth", f"{address}/24", f"{address6}/64")
        yield Cable(near, far)


@dataclass(frozen=True)
class Roads:
    """A server's network, at :data:`SERVER`, and two that reach it.

    ``beside`` stays as it is. ``far`` is where somebody roams: over one link, another, or both.
    """

    near: Namespace
    beside: Namespace
    far: Namespace

    def open(self, road: str) -> None:
        """Give the far end a link, an address on it, and a way to the server over it."""
        _connect(self.near, self.far, road, 10 + ROADS.index(road))

    def close(self, road: str) -> None:
        """Take a link away, silently: nobody is told that anything on it has ended."""
        self.far.run("ip", "link", "delete", road)

    def block(self, road: str) -> None:
        """Let nothing through on a link; either end takes it to be as it was."""
        self.near.filter(f'iifname "{road}" drop')


@contextmanager
def roads() -> Iterator[Roads]:
    """Give a server's namespace and the two others; the far one has no way to it yet."""
    with namespace("near") as near, namespace("beside") as beside, namespace("far") as far:
        near.run("ip", "address", "add", f"{SERVER}/32", "dev", "lo")
        _connect(near, beside, "beside", 9)
        yield Roads(near, beside, far)


def _connect(near: Namespace, far: Namespace, device: str, number: int) -> None:
    near.run(
        *("ip", "link", "add", device, "type", "veth"), *("peer", "name", device, "netns", far.path)
    )
    for end, host in ((near, 1), (far, 2)):
        end.run("ip", "link", "set", device, "up")
        end.move(device, f"10.{number}.0.{host}/24")
    # Whoever has two ways takes the one that was opened first, as with cables and mobile networks.
    far.run(
        *("ip", "route", "add", "default", "via", f"10.{number}.0.1"),
        *("dev", device, "metric", str(100 + number)),
    )


@contextmanager
def namespace(name: str) -> Iterator[Namespace]:
    """Give one namespace."""
    made = Namespace(name)
    try:
        yield made
    finally:
        made.close()


def _call(function: str, *arguments: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number) or errno.errorcode.get(number, "failed"))


_REASON: Final = _missing()

needs_namespaces: Final[pytest.MarkDecorator] = pytest.mark.skipif(
    bool(_REASON), reason=f"NOT RUN, in namespaces only: {_REASON}"
)


def skip_reason(programs: Sequence[str] = ()) -> str:
    """Return why a test in namespaces with these programs cannot run; empty where it can."""
    if _REASON:
        return _REASON
    return next((f"the program {p} is not installed" for p in programs if not shutil.which(p)), "")
