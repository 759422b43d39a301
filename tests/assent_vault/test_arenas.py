"""Threads share one heap, and nobody keeps what is free, as seen by the C library itself."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

# Eight threads that hold memory at the same time, and then the heaps there are.
HEAPS = """
import ctypes, os, sys, tempfile, threading
from assent_vault import arenas
shared = arenas.share() if sys.argv[1] == "share" else None
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.fdopen.restype = ctypes.c_void_p
together = threading.Barrier(8)
def hold():
    together.wait()
    for _ in range(100):
        libc.malloc(3000)
    together.wait()
threads = [threading.Thread(target=hold) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with tempfile.TemporaryFile() as file:
    stream = ctypes.c_void_p(libc.fdopen(os.dup(file.fileno()), b"w"))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    file.seek(0)
    print(shared, file.read().count(b"<heap nr="))
"""

pytestmark = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_info"), reason="the C library has no such heaps"
)


def heaps(how: str, **chosen: str) -> tuple[str, int]:
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("MALLOC_ARENA_MAX", "GLIBC_TUNABLES")
    }
    said = subprocess.run(
        [sys.executable, "-c", HEAPS, how],
        env={**environment, **chosen},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    return said[0], int(said[1])


def test_threads_share_a_heap() -> None:
    assert heaps("no")[1] > 2, "or the test shows nothing"
    shared, found = heaps("share")
    assert (shared, found <= 2) == ("True", True)


@pytest.mark.parametrize(
    "chosen",
    [{"MALLOC_ARENA_MAX": "5"}, {"GLIBC_TUNABLES": "glibc.malloc.arena_max=5"}],
    ids=["environment", "tunable"],
)
def test_what_was_chosen_stays(chosen: dict[str, str]) -> None:
    shared, found = heaps("share", **chosen)
    assert shared == "False"
    assert found > 2


# What is held after a large block has come and gone twice, and what when memory is given back.
BLOCKS = """
import ctypes, sys
from assent_vault import arenas
if sys.argv[1] == "share":
    arenas.share()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
def held():
    fields = (line.split() for line in open("/proc/self/smaps_rollup") if "Private_" in line)
    return sum(int(size) for _, size, *_ in fields)
before = held()
for _ in range(2):
    block = libc.malloc(1_900_000)
    ctypes.memset(block, 1, 1_900_000)
    libc.free(block)
after = held()
arenas.give_back()
print(after - before, held() - before)
"""


def held(how: str) -> tuple[int, int]:
    said = subprocess.run(
        [sys.executable, "-c", BLOCKS, how],
        env={key: value for key, value in os.environ.items() if not key.startswith("MALLOC_")},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    return int(said[0]), int(said[1])


def test_large_blocks_are_gone_when_they_are_freed() -> None:
    kept, given = held("no")
    assert kept > 1500, "or the test shows nothing"
    assert given < 500
    assert held("share")[0] < 500
