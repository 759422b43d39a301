"""An export that is killed again and again: are its bytes the same, and is nothing done twice?

It is killed once when it has begun, which draws the key of its pseudonyms, and is kept as it is
then. From there it goes on twice: once undisturbed, and once killed at random, each time when it
has written so many bytes as were drawn; the shards are written last, of the media, and are as many
bytes again. What was finished when it was killed must be the same file afterwards.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from assent_vault.export.folder import ASIDE, partial_of

_PLACES: Final = ("vault", "exports", "assent.db", "assent.db-wal", "assent.db-shm")
_LOOK: Final = 0.1  # seconds between two looks at how far it is
_LONGEST: Final = 6 * 3600.0  # seconds that one may take

Files = dict[str, tuple[int, int]]
"""Files by path, each with its inode and when it was written."""


def killed(
    folder: Path, times: int, start: Callable[[], subprocess.Popen[bytes]], seed: int
) -> dict[str, Any]:
    """Kill the export of a vault so often; ``start`` begins it, or has it go on.

    Raises AssertionError where it is not as it must be; returns what was seen.
    """
    out = folder / "exports" / "data"
    partial = partial_of(out)
    assert _killed_when((partial / ASIDE / "head.json").exists, start()), "it has ended before"
    kept = folder / "kept"
    _lay(folder, kept)
    _end(start())
    expected, whole = _digests(out), 2 * sum(p.stat().st_size for p in out.rglob("*"))
    _lay(kept, folder)
    chance = random.Random(seed)
    points = sorted(chance.uniform(0.01, 0.99) * whole for _ in range(times))
    seen: Files = {}
    done: list[int] = []
    for point in points:
        if not _killed_when(_has_written(partial, point), start()):
            break  # so little was left that it ended between two looks
        now = _finished(partial)
        assert seen.items() <= now.items(), "what was finished is written again"
        seen = now
        done.append(len(seen))
        print(f"killed at {point / 1e6:.0f} MB of {whole / 1e6:.0f}, {len(seen)} files finished")
    if not out.exists():
        _end(start())
    assert _digests(out) == expected, "it ends with other bytes"
    shutil.rmtree(kept)
    return {
        "kills": len(done),
        "seed": seed,
        "files": len(expected),
        "mb": round(whole / 2e6, 1),
        "killed_at_mb": [round(point / 1e6, 3) for point in points[: len(done)]],
        "finished_at_each": done,
        "same_bytes": True,
        "finished_again": 0,
    }


def _has_written(partial: Path, size: float) -> Callable[[], bool]:
    """Return what tells whether so many bytes are written."""
    return lambda: _written(partial) >= size


def _killed_when(moment: Callable[[], bool], child: subprocess.Popen[bytes]) -> bool:
    """Kill it at this moment; False where it has ended well before that."""
    until = time.monotonic() + _LONGEST
    with child:
        while not moment():
            if child.poll() is not None:
                assert child.returncode == 0, "the export ends well"
                return False
            assert time.monotonic() < until, "it does not get there"
            time.sleep(_LOOK)
        child.kill()
    return True


def _end(child: subprocess.Popen[bytes]) -> None:
    with child:
        child.communicate(timeout=_LONGEST)
    assert child.returncode == 0, "the export ends well"


def _lay(source: Path, target: Path) -> None:
    """Copy what an export changes, over what there is."""
    target.mkdir(exist_ok=True)
    for name in _PLACES:
        if (target / name).is_dir():
            shutil.rmtree(target / name)
        else:
            (target / name).unlink(missing_ok=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name)
        elif (source / name).exists():
            shutil.copy2(source / name, target / name)


def _written(partial: Path) -> int:
    """Return the bytes of what it has written so far."""
    found = 0
    for path in partial.rglob("*"):
        try:
            found += path.stat().st_size
        except FileNotFoundError:
            continue  # one that went meanwhile
    return found


def _finished(partial: Path) -> Files:
    """Return the media of meetings that are told to be whole, and the shards that are."""
    whole = [
        path
        for entry in (partial / ASIDE).glob("*.json")
        if entry.stem != "head"
        for path in (partial / "data" / entry.stem).iterdir()
    ]
    for note in (partial / ASIDE).glob("shards-*.done"):
        json.loads(note.read_bytes())
        whole.append(partial / note.name.removesuffix(".done").replace("-", "/", 1))
    return {
        str(path.relative_to(partial)): (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in whole
    }


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                found[str(path.relative_to(folder))] = hashlib.file_digest(
                    file, "sha256"
                ).hexdigest()
    return found
