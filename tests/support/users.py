"""Processes of other users than ours, by number; none of them has to exist.

Needs root. Where our files lie in a folder that others cannot enter, such as root's own, the
process gets a view of the file system in which just the program is there and can be reached.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

_SCRIPT: Final = Path(__file__).with_name("as_user.py")

needs_users = pytest.mark.skipif(
    os.geteuid() != 0 or not sys.platform.startswith("linux"),
    reason="NOT RUN: only root, on Linux, may be two users",
)


def prefix(user: int, group: int) -> list[str]:
    """Return what goes before a command so that it runs as this user, in this group alone."""
    return [sys.executable, "-I", str(_SCRIPT), str(user), str(group)]


def run_as(
    user: int, group: int, program: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a program text of Python as somebody, to its end."""
    return subprocess.run(
        [*prefix(user, group), sys.executable, "-I", "-c", program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd="/",
    )
