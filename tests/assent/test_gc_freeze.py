"""Rings are found soon, and without a look at all that a process has started with."""

from __future__ import annotations

import json
import subprocess
import sys

RINGS = """
import collections, gc, json, sys
from assent import app, gc_freeze
gc.collect()
if sys.argv[1] == "aside":
    gc_freeze.set_aside()
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
