"""Go's own implementation of notes and tiles, built once, to check ours with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).parents[1] / "interop" / "log"


def build(folder: Path) -> Path:
    """Build the checker into a folder; what it needs comes with the digests of its go.sum."""
    go = shutil.which("go")
    assert go is not None, "Go is missing: .ci/system-packages installs it"
    program = folder / "log-interop"
    subprocess.run(
        [go, "build", "-mod=readonly", "-trimpath", "-o", str(program), "."],
        cwd=_SOURCE,
        check=True,
        timeout=300,
    )
    return program


def check(program: Path, *arguments: str) -> str | None:
    """Return what the checker has seen; None where it does not hold."""
    done = subprocess.run(
        [str(program), *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.strip() if done.returncode == 0 else None
