"""Ports to give to a server that is to be found there again.

What the system picks for port 0 it may give a moment later to anybody who connects somewhere, and
what is free for UDP may be somebody's for TCP. These are ports that it never picks.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

PICKED = Path("/proc/sys/net/ipv4/ip_local_port_range")  # by the system; ip(7)
LOWEST, ENOUGH = 12_000, 1000  # browsers refuse some of those below, up to 10080
BOTH = (socket.SOCK_DGRAM, socket.SOCK_STREAM)  # as the media port
SLICES = 16  # of all ports: as many processes of one run never meet


def _range() -> range:
    """Return the ports below those that the system picks from, or above where there are few."""
    try:
        first, last = map(int, PICKED.read_text().split())
    except OSError:
        return range(LOWEST, 32_768)
    below, above = range(LOWEST, first), range(max(LOWEST, last + 1), 65_536)
    largest = max(below, above, key=len)
    return largest if len(largest) >= ENOUGH else range(LOWEST, 65_536)


def _slice() -> Iterator[int]:
    """Go round the ports that are this process's own, from anywhere."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    own = _range()[int(worker) % SLICES :: SLICES]
    start = random.randrange(len(own))
    while True:
        yield from own[start:]
        yield from own[:start]


_ports = _slice()


def free_port(*kinds: socket.SocketKind) -> int:
    """Return a port that nobody has, for any of these kinds; TCP without any."""
    for port in _ports:
        with ExitStack() as stack:
            try:
                for kind in kinds or (socket.SOCK_STREAM,):
                    stack.enter_context(socket.socket(type=kind)).bind(("", port))
            except OSError:
                continue
            return port
    raise AssertionError("the ports go round")
