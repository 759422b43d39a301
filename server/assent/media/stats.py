"""How the media server is doing: plain values for whoever watches it, and nobody's name."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

LAGS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
"""Limits in seconds for counting how late the event loop was; what is later comes last."""


@dataclass(slots=True)
class MediaStats:
    """Totals since the start, and the state at one moment. Fractions are 0 … 1."""

    rooms: int = 0
    publishers: int = 0  # connections over which media may come
    subscribers: int = 0
    received: int = 0  # datagrams, and their octets
    received_octets: int = 0
    forwarded: int = 0  # packets, and the octets of their payloads
    forwarded_octets: int = 0
    counters: dict[str, int] = field(default_factory=dict)  # what was dropped or asked, by name
    lost_up: list[float] = field(default_factory=list)  # of each incoming stream, last second
    lost_down: list[float] = field(default_factory=list)  # of each subscriber, as it last said
    estimates: list[int] = field(default_factory=list)  # bit/s that each subscriber's path carries
    layers: dict[str, int] = field(default_factory=dict)  # pictures sent, by layer or "paused"
    lags: list[int] = field(default_factory=lambda: [0] * (len(LAGS) + 1))  # late turns, by LAGS
    lag_sum: float = 0.0  # seconds
    cpu: float = 0.0  # seconds that the process has used
    resident: int = 0  # bytes that the process keeps in memory
    tasks: int = 0  # of the event loop, not yet done
    descriptors: int = 0  # open files and sockets; 0 where the system does not say


def tasks() -> int:
    """Return how many tasks of the running loop are not done."""
    return len(asyncio.all_tasks())


def descriptors() -> int:
    """Return how many files and sockets this process has open; 0 where the system does not say."""
    with suppress(OSError):
        return sum(1 for _ in Path("/proc/self/fd").iterdir()) - 1  # one of them is the folder
    return 0


def resident() -> int:
    """Return how many bytes this process keeps in memory; 0 where the system does not say."""
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
