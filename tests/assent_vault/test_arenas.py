"""Threads share one heap, as seen by the C library itself."""

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
