"""Checks a Promela model with Spin: all interleavings of its processes, or up to an error."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


class SpinMissing(Exception):
    """Spin or a C compiler is not installed."""


@dataclass(frozen=True)
class Checked:
    """What came out: ``error`` is what was violated, None where the search went to its end."""

    states: int
    error: str | None


def check(model: Path, folder: Path, *defines: str, claim: str | None = None) -> Checked:
    """Search a model for assertions, deadlocks and, with a ``claim``, for its violation.

    ``folder`` takes what Spin makes. A claim is checked under weak fairness: what can always go on
    does, at some time. Raises SpinMissing; CalledProcessError where the model is no model.
    """
    if shutil.which("spin") is None or shutil.which("gcc") is None:
        raise SpinMissing("the model needs Debian's packages spin, gcc and libc6-dev")

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=300
        )
        return done.stdout

    run("spin", *(f"-D{each}" for each in defines), "-a", str(model))
    kind = ["-DSAFETY", "-DNOCLAIM"] if claim is None else ["-DNFAIR=3"]
    run("gcc", "-O2", "-w", *kind, "-o", "pan", "pan.c")
    search = [] if claim is None else ["-a", "-f", "-N", claim]
    found = run("./pan", "-m1000000", *search)
    errors = re.search(r"errors: (\d+)", found)
    states = re.search(r"(\d+) states, stored", found)
    # Too little depth or memory would leave something out.
    assert errors is not None, found
    assert states is not None, found
    assert "max search depth too small" not in found, found
    if errors[1] == "0":
        return Checked(int(states[1]), None)
    violated = re.search(r"pan:1: (.*?)(?: \(at depth|$)", found, re.MULTILINE)
    return Checked(int(states[1]), violated[1] if violated else found)
