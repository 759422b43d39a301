"""The ``ffmpeg`` and ``ffprobe`` programs, as anybody has them: how long they find a file to be."""

from __future__ import annotations

import subprocess
from pathlib import Path

RATE = 48_000


def decoded_seconds(path: Path) -> float:
    """Return how long the sound of a file is that ``ffmpeg`` decodes, by its samples."""
    samples = _run("ffmpeg", "-i", str(path), *("-map", "0:a:0", "-f", "s16le"),
                   *("-ar", str(RATE), "-ac", "1", "pipe:1"))  # fmt: skip
    return len(samples) / 2 / RATE


def told_seconds(path: Path) -> float:
    """Return how long ``ffprobe`` says that a file is."""
    return float(
        _run("ffprobe", *("-show_entries", "format=duration", "-of", "csv=p=0"), str(path))
    )


def _run(program: str, *arguments: str) -> bytes:
    quiet = ("-v", "error", *(("-nostdin",) if program == "ffmpeg" else ()))
    ended = subprocess.run([program, *quiet, *arguments], capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    assert not ended.stderr, "it found nothing wrong: " + ended.stderr.decode()
    return ended.stdout
