"""The networks of the tests do what they say, and are gone afterwards."""

from __future__ import annotations

import socket
from pathlib import Path
from time import monotonic

import pytest

from support.loss_model import Impairment
from support.lossy_tun import LINE_NEAR, line
from support.namespaces import FAR, NEAR, NEAR6, Namespace, cable, namespace, needs_namespaces

pytestmark = needs_namespaces

HOME = Path("/proc/thread-self/ns/net")


def bound(inside: Namespace, address: str) -> socket.socket:
    with inside.entered():
        made = socket.socket(
            socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM
        )
        made.bind((address, 5000))
    made.settimeout(5)
    return made


def arrived(target: socket.socket) -> int:
    """Count what has come."""
    target.setblocking(False)
    number = 0
    while True:
        try:
            target.recv(2048)
        except BlockingIOError:
            return number
        number += 1


def answered(source: socket.socket, target: socket.socket) -> bool:
    """Whether one datagram comes through in time."""
    source.sendto(b"x", (LINE_NEAR, 5000))
    try:
        return target.recv(10) == b"x"
    except TimeoutError:
        return False


def test_two_ends_of_a_cable_reach_each_other_and_nobody_else() -> None:
    with cable() as wire:
        for address in (NEAR, NEAR6):
            near, far = bound(wire.near, address), bound(wire.far, "::" if ":" in address else FAR)
            far.sendto(b"hello", (address, 5000))
            assert near.recv(10) == b"hello"
            with pytest.raises(OSError, match="unreachable"):
                far.sendto(b"hello", ("2001:db8::1" if ":" in address else "192.0.2.1", 5000))
            near.close()
            far.close()


def test_we_are_back_home_after_the_block() -> None:
    home = HOME.readlink()
    with namespace("alone") as alone:
        with alone.entered():
            assert HOME.readlink() != home
        assert HOME.readlink() == home
        assert "lo" in alone.run("ip", "link")


def test_loss_is_random_and_ends() -> None:
    with cable() as wire:
        near, far = bound(wire.near, NEAR), bound(wire.far, FAR)
        wire.near.lose(50)
        for _ in range(200):
            far.sendto(b"x", (NEAR, 5000))
        assert 50 < arrived(near) < 150
        wire.near.lose(0)
        for _ in range(200):
            far.sendto(b"x", (NEAR, 5000))
        assert arrived(near) == 200
        near.close()
        far.close()


def test_a_device_can_be_made_narrow() -> None:
    with cable() as wire:
        near, far = bound(wire.near, NEAR), bound(wire.far, FAR)
        wire.far.limit(wire.device, 100, latency_ms=50)
        for _ in range(200):
            far.sendto(bytes(1000), (NEAR, 5000))
        assert near.recv(2000)
        assert arrived(near) < 20
        near.close()
        far.close()


def test_a_line_delays_and_loses_as_it_is_told() -> None:
    with line(Impairment(delay=0.15), Impairment()) as bad:
        near, far = bound(bad.near, LINE_NEAR), bound(bad.far, "0.0.0.0")
        for _ in range(20):
            began = monotonic()
            far.sendto(b"x", (LINE_NEAR, 5000))
            assert near.recv(10) == b"x"
            assert monotonic() - began >= 0.149
        bad.change(Impairment(loss=1.0), Impairment())
        # The change is read before the packet that comes after it, or soon; the last is lost.
        near.settimeout(0.3)
        assert not all(answered(far, near) for _ in range(100))
        near.close()
        far.close()
