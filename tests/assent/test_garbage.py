"""Rings are found soon, and without a look at all that a process has started with."""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys

import pytest

RINGS = """
import collections, gc, json, sys
from assent import app, garbage
gc.collect()
if sys.argv[1] == "aside":
    garbage.set_aside()
before, searched = gc.get_stats()[2]["collections"], len(gc.get_objects())
kept = collections.deque(maxlen=400)
for number in range(200_000):
    ring = []
    ring.append(ring)
    if number % 20 == 0:
        kept.append(ring)  # old enough then to be left for a whole search
print(json.dumps([searched, gc.get_stats()[2]["collections"] - before, gc.get_freeze_count()]))
"""


def rings(how: str) -> list[int]:
    said = subprocess.run(
        [sys.executable, "-c", RINGS, how], capture_output=True, check=True, text=True
    )
    found: list[int] = json.loads(said.stdout)
    return found


def test_what_was_there_at_the_start_is_not_searched() -> None:
    searched, _, aside = rings("no")
    assert (searched > 20_000, aside) == (True, 0), "or there is nothing to set aside"
    searched, _, aside = rings("aside")
    assert searched < 1000
    assert aside > 20_000


def test_the_oldest_garbage_is_searched_for_sooner() -> None:
    _, before, _ = rings("no")
    _, after, _ = rings("aside")
    assert before == 0, "or it was soon enough"
    assert after > 0


# Many blocks of a size that the C library keeps in its heap, of which every eightieth stays: whole
# pages between them are free, and none at the end.
HOLES = """
import ctypes, sys
from assent import garbage
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
def held():
    fields = (line.split() for line in open("/proc/self/smaps_rollup") if "Private_" in line)
    return sum(int(size) for _, size, *_ in fields)
garbage.set_aside()
blocks = [libc.malloc(2000) for _ in range(16_000)]
for block in blocks:
    ctypes.memset(block, 1, 2000)
for number, block in enumerate(blocks):
    if number % 80 != 79:
        libc.free(block)
before = held()
if sys.argv[1] == "clear":
    garbage.clear()
print(before - held())
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library has nothing to be told"
)
def test_free_pages_are_given_back() -> None:
    def given(how: str) -> int:
        run = subprocess.run(
            [sys.executable, "-c", HOLES, how], capture_output=True, check=True, text=True
        )
        return int(run.stdout)

    assert given("no") < 1000, "or they are given back anyway"
    assert given("clear") > 20_000  # of 31,000 KiB
