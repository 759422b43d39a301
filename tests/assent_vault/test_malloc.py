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
from assent_vault import malloc
shared = malloc.share() if sys.argv[1] == "share" else None
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


def run(program: str, how: str, **chosen: str) -> list[str]:
    environment = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("MALLOC_") and key != "GLIBC_TUNABLES"
    }
    return subprocess.run(
        [sys.executable, "-c", program, how],
        env={**environment, **chosen},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()


def heaps(how: str, **chosen: str) -> tuple[str, int]:
    shared, found = run(HEAPS, how, **chosen)
    return shared, int(found)


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


HELD = """
import ctypes, sys
from assent_vault import malloc
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
def held():
    fields = (line.split() for line in open("/proc/self/smaps_rollup") if "Private_" in line)
    return sum(int(size) for _, size, *_ in fields)
"""

# A large block that comes and goes, twice.
LARGE = """
if sys.argv[1] == "share":
    malloc.share()
before = held()
for _ in range(2):
    block = libc.malloc(1_900_000)
    ctypes.memset(block, 1, 1_900_000)
    libc.free(block)
print(held() - before)
"""

# Many blocks of a size that the C library keeps in its heap, of which every eightieth stays: whole
# pages between them are free, and none at the end.
HOLES = """
blocks = [libc.malloc(2000) for _ in range(16_000)]
for block in blocks:
    ctypes.memset(block, 1, 2000)
for number, block in enumerate(blocks):
    if number % 80 != 79:
        libc.free(block)
before = held()
if sys.argv[1] == "give":
    malloc.give_back()
print(before - held())
"""


def kib(what: str, how: str) -> int:
    return int(run(HELD + what, how)[0])


def test_large_blocks_are_gone_when_they_are_freed() -> None:
    assert kib(LARGE, "no") > 1500, "or the test shows nothing"
    assert kib(LARGE, "share") < 500


def test_free_pages_are_given_back() -> None:
    assert kib(HOLES, "no") < 1000, "or they are given back anyway"
    assert kib(HOLES, "give") > 20_000  # of 31,000 KiB
