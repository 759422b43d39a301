"""A bad line between two namespaces: two TUN devices, and a process that carries packets across.

:func:`line` gives one; its two directions can be changed while it runs. The process has a core's
time to itself as far as the machine lets it, so that a busy test does not add delays of its own,
and ends with whoever started it, because its input ends.

What is random comes from a seed and the order of packets, so a run can be had again as far as the
programs at its ends send the same.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final

from support.loss_model import Impairment, Shaper
from support.namespaces import Namespace, namespace

LINE_NEAR: Final = "10.8.0.1"
LINE_FAR: Final = "10.8.0.2"

_TUNSETIFF: Final = 0x400454CA
_IFF_TUN: Final = 0x0001
_IFF_NO_PI: Final = 0x1000
_BATCH: Final = 64
_MTU: Final = 1500


class Line:
    """A line that is up between :attr:`near` and :attr:`far`; "up" is from far to near."""

    def __init__(self, near: Namespace, far: Namespace, process: subprocess.Popen[bytes]) -> None:
        self.near = near
        self.far = far
        self.device = "line"  # in either
        self._process = process

    def change(self, up: Impairment, down: Impairment) -> None:
        """Make the line better or worse from now on; what is under way keeps its times."""
        assert self._process.stdin is not None, "asked for a pipe"
        said = json.dumps([up.to_wire(), down.to_wire()]).encode() + b"\n"
        self._process.stdin.write(said)
        self._process.stdin.flush()


@contextmanager
def line(up: Impairment, down: Impairment, seed: int = 1) -> Iterator[Line]:
    """Give two namespaces with a bad line between them: :data:`LINE_NEAR`, :data:`LINE_FAR`."""
    with namespace("near") as near, namespace("far") as far:
        devices = [_open_tun(near, LINE_NEAR), _open_tun(far, LINE_FAR)]
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "support.lossy_tun", *map(str, devices), str(seed)],
                pass_fds=devices,
                stdin=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            )
        finally:
            for device in devices:
                os.close(device)
        try:
            made = Line(near, far, process)
            made.change(up, down)
            yield made
        finally:
            assert process.stdin is not None, "asked for a pipe"
            process.stdin.close()
            process.wait(timeout=10)


def _open_tun(inside: Namespace, address: str) -> int:
    with inside.entered():
        device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", b"line", _IFF_TUN | _IFF_NO_PI))
    inside.run("ip", "link", "set", "line", "up", "mtu", str(_MTU), "txqueuelen", "1000")
    inside.move("line", f"{address}/24")
    return device


def carry(near: int, far: int, control: int, seed: int) -> None:
    """Carry packets between two devices until the control ends."""
    up, down = Shaper(Impairment(), seed), Shaper(Impairment(), seed + 1)
    directions = ((far, near, up), (near, far, down))
    said = b""
    with select.epoll() as poll:
        for source in (near, far, control):
            poll.register(source, select.EPOLLIN)
        while True:
            now = monotonic()
            times = [at for _, _, shaper in directions if (at := shaper.next_at) is not None]
            # epoll waits for whole milliseconds; what is due within one is not waited for.
            wait = -1.0 if not times else max(0.0, min(times) - now)
            ready = dict(poll.poll(wait))
            now = monotonic()
            if control in ready:
                heard = os.read(control, 4096)
                if not heard:
                    return
                *lines, said = (said + heard).split(b"\n")
                for wanted in lines:
                    up.impairment, down.impairment = map(Impairment.from_wire, json.loads(wanted))
            for source, target, shaper in directions:
                if source in ready:
                    _take(source, shaper, now)
                for packet in shaper.pop(now):
                    with suppress(BlockingIOError, OSError):  # a device that is down takes nothing
                        os.write(target, packet)


def _take(source: int, shaper: Shaper, now: float) -> None:
    for _ in range(_BATCH):
        try:
            shaper.push(os.read(source, 2048), now)
        except BlockingIOError:
            return


if __name__ == "__main__":
    near_device, far_device, given_seed = map(int, sys.argv[1:])
    with suppress(KeyboardInterrupt):
        carry(near_device, far_device, sys.stdin.fileno(), given_seed)
