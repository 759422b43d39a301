"""What a confined process can still do, tried in one."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

ACTS = {
    "open": "open('/etc/hostname')",
    "list": "os.listdir('/')",
    "connect": "socket.socket()",
    "fork": "os.fork()",
    "kill": "os.kill(os.getppid(), 0)",
    "dup": "os.dup(0)",
    "raise the limit": "resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))",
    "look into its parent": "open(f'/proc/{os.getppid()}/mem', 'rb')",
    "run": "os.execv('/bin/true', ['true'])",
}
PROGRAM = """
import os, resource, socket, sys
from assent_vault.hearing.confinement import confine
if sys.argv[1] == "confined":
    filtered = confine(10)
else:
    filtered = False
try:
    {act}
except OSError as error:
    print(filtered, "refused", flush=True)
else:
    print(filtered, "done", flush=True)
os._exit(0)
"""
FILTERS = sys.platform.startswith("linux") and platform.machine() in ("x86_64", "aarch64")


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )


@pytest.mark.skipif(not FILTERS, reason="calls are filtered on Linux, on these processors")
@pytest.mark.parametrize("act", [act for act in ACTS if act != "raise the limit"])
def test_a_confined_process_cannot(act: str) -> None:
    assert run(PROGRAM.format(act=ACTS[act]), "confined").stdout.split()[0:2] == ["True", "refused"]


def test_limits_are_not_raised_again() -> None:
    program = PROGRAM.format(act=ACTS["raise the limit"]).replace(
        "OSError", "(OSError, ValueError)"
    )
    assert run(program, "confined").stdout.split()[-1] == "refused"


def test_limits_alone_keep_files_shut() -> None:
    """Where calls are not filtered: no descriptor can be had, for files or for sockets."""
    for act in ("open", "list", "connect", "dup"):
        program = PROGRAM.format(act=ACTS[act]).replace(
            "confine(10)",
            "__import__('assent_vault.hearing.confinement', fromlist=['x']) and limits_only()",
        )
        program = program.replace(
            "if sys.argv",
            "from assent_vault.hearing import confinement\n"
            "def limits_only():\n"
            "    confinement._CALLS.clear()\n"
            "    return confinement.confine(10)\n"
            "if sys.argv",
            1,
        )
        assert run(program, "confined").stdout.split() == ["False", "refused"], act


@pytest.mark.parametrize("act", ["open", "connect", "dup"])
def test_another_process_can(act: str) -> None:
    assert run(PROGRAM.format(act=ACTS[act]), "free").stdout.split() == ["False", "done"]


def test_memory_is_bounded() -> None:
    program = """
from assent_vault.hearing.confinement import confine
confine(10, 32 << 20)
kept = bytearray(16 << 20)
try:
    bytearray(64 << 20)
except MemoryError:
    print("bounded", flush=True)
"""
    assert run(program).stdout == "bounded\n"


def test_time_is_bounded() -> None:
    program = """
from assent_vault.hearing.confinement import confine
confine(1)
while True:
    pass
"""
    assert run(program).returncode < 0, "ended by the kernel"


@pytest.mark.skipif(not FILTERS, reason="calls are filtered on Linux, on these processors")
def test_where_the_kernel_does_not_filter_nothing_is_decoded() -> None:
    """Seen where the kernel is asked for something that it does not know."""
    program = (
        "from assent_vault.hearing import confinement\n"
        "confinement._PR_SET_SECCOMP = -1\n"
        "try:\n    confinement.confine(10)\n"
        "except OSError:\n    print('refused', flush=True)\n"
    )
    assert run(program).stdout.split() == ["refused"]
