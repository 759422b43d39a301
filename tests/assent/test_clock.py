"""The machine's clock, as far as one can hold it to anything."""

from __future__ import annotations

import time

from assent.clock import SystemClock


def test_now_is_unix_time_in_milliseconds() -> None:
    before = int(time.time() * 1000)
    now = SystemClock().now()
    assert isinstance(now, int)
    assert before - 1 <= now <= int(time.time() * 1000) + 1


def test_monotonic_never_goes_back() -> None:
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)
