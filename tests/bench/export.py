"""What an export costs: how many times faster than the meetings lasted, and in how much memory.

``make bench-export`` has a vault with meetings of an hour with six people each, released by all,
as a recorder would have stored them: real Opus, sealed segments, holes, pauses, somebody who comes
late. A process of its own, on one core, exports them as ``assent-vault`` does; first without
listening to who speaks when, then with. The last line is JSON. ``x_real_time`` is by the clock,
``x_one_core`` by the time that the processor took for it, whatever else there was to do on the
machine; ``peak_mb`` is the proportional set size of that process and all its children together.
``--kills`` also has it written in shards, killed so often at random (``killed``).

Six people say what a synthesizer says (espeak-ng), some seconds of it, over and over. At any
time one of them speaks, now and then two; the others' browsers send the little that a quiet room
takes. No pictures: they take disks, and no time that sound does not take.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np

from assent_vault.export import documents, generation_unlock, meeting
from assent_vault.export.folder import Folder
from assent_vault.export.read_ahead import ReadAhead
from assent_vault.formats.statement import Will
from assent_vault.keys.generation_segment_opening import GenerationTrack
from assent_vault.store.blobs import FolderBlobs
from assent_vault.store.export_order import ExportOrder, Options
from bench import machine
from bench.killed import killed
from support.sample_media import Take
from support.spoken import PACKET_MS, conversation, encoded
from support.vault import StagedMeeting, VaultScene

GENERATION_MS: Final = 5 * 60_000
PAUSE_MS: Final = 10_000
LOOP_MS: Final = 20_000
LOST: Final = 200  # of so many packets one is
_SHARDS: Final = Options(format="webdataset", shard_bytes=100_000_000)
_START: Final = ("vault", "assent.db")
"""What an export changes: it is laid back before the next one."""

Packets = tuple[tuple[int, bool, bytes], ...]


class _Voice:
    """What one person sends: some seconds of speech, and as many of nothing, encoded once."""

    def __init__(self, person: int) -> None:
        self._person = person
        self._loud = encoded(conversation(person, LOOP_MS, seed=person)[0])
        quiet = np.random.default_rng(person).normal(0, 0.0005, LOOP_MS * 48)
        self._soft = encoded(quiet)

    def take(self, people: int, seed: int, length: int) -> Take:
        """Return ``length`` milliseconds of them, among so many people who take turns."""
        random = np.random.default_rng(seed)
        speakers = random.integers(people, size=length // 8000 + 1)
        both = random.random(len(speakers)) < 0.1
        lost = random.random(length // PACKET_MS) < 1 / LOST
        found = []
        for number in range(length // PACKET_MS):
            if lost[number] and random.integers(people) == self._person:
                continue
            turn = number * PACKET_MS // 8000
            speaks = speakers[turn] == self._person or (
                both[turn] and (speakers[turn] + 1) % people == self._person
            )
            loop = self._loud if speaks else self._soft
            found.append((number * PACKET_MS, True, loop[number % len(loop)]))
        return Take("opus", tuple(found))


async def make(folder: Path, hours: float, people: int, minutes: float) -> int:
    """Write the vault and its meetings; returns how many there are."""
    stage = VaultScene(folder, f"sqlite:///{folder / 'assent.db'}")
    await stage.open()
    # No power will fail: what is not synced is there all the same.
    stage.worker._blobs = FolderBlobs(folder / "objects", fsync=lambda _: None)
    voices = [_Voice(person) for person in range(people)]
    count = max(1, round(hours * 60 / minutes))
    for number in range(count):
        staged = await stage.meeting()
        for _ in range(people):
            await staged.says(await staged.comes(), Will.YES, Will.YES)
        await _record(staged, voices, number, round(minutes * 60_000))
        await staged.end()
        if number % 10 == 9:
            print(f"made {number + 1} of {count} meetings")
    await stage.cool_off()
    (folder / "made.json").write_text(json.dumps({"at": stage.clock.at, "meetings": count}))
    await stage.close()
    for name in _START:
        _copy(folder / name, folder / "start" / name)
    return count


async def _record(staged: StagedMeeting, voices: list[_Voice], seed: int, length: int) -> None:
    at = 0
    while at < length:
        lasts = min(GENERATION_MS, length - at)
        takes = []
        for person, spoken in zip(staged.people, voices, strict=True):
            late = min(lasts // 2, 120_000) if at == 0 and person is staged.people[-1] else 0
            took = spoken.take(len(voices), 1000 * seed + at // GENERATION_MS, lasts)
            takes.append((person, {"microphone": Take("opus", took.packets[late // PACKET_MS :])}))
        await staged.record(takes, offset=10_000 + at)
        at += lasts + PAUSE_MS


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


class _Steps:
    """How long each step took and how many bytes it had, by wrapping what takes it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.bytes: dict[str, int] = {}

    def watch(self, owner: Any, name: str, step: str, size: Callable[[Any], int]) -> None:
        """Have a function note what it took; ``size`` tells the bytes of what it returns."""
        whole = getattr(owner, name)
        static = isinstance(inspect.getattr_static(owner, name), staticmethod)
        self.seconds[step], self.bytes[step] = 0.0, 0  # one that goes on may have none of it

        def watched(*args: Any, **more: Any) -> Any:
            began = time.perf_counter()
            try:
                found = whole(*args, **more)
            finally:
                took = time.perf_counter() - began
                self.seconds[step] += took
            self.bytes[step] += size(found)
            return found

        setattr(owner, name, staticmethod(watched) if static else watched)


async def export(folder: Path, *, listens: bool, shards: bool = False) -> dict[str, Any]:
    """Export everything, in this process; return what was done and how long it took."""
    stage = VaultScene(folder, f"sqlite:///{folder / 'assent.db'}")
    stage.clock.at = json.loads((folder / "made.json").read_text())["at"]
    await stage.open()
    stage.worker.exports.listens = listens
    steps = _Steps()
    steps.watch(ReadAhead, "_wait", "fetch", lambda _: 0)
    steps.watch(generation_unlock, "open_relayed", "slots", lambda _: 0)
    steps.watch(GenerationTrack, "open", "open", len)
    steps.watch(meeting, "join", "join", lambda _: 0)
    steps.watch(Folder, "measure", "digest", lambda file: file.size)
    steps.watch(documents, "write", "documents", lambda _: 0)
    before, began = _cpu(), time.perf_counter()
    asked = ExportOrder(None, None, _SHARDS if shards else Options())
    outcome = await stage.worker.export_to(folder / "exports" / "data", None, asked)
    took, spent = time.perf_counter() - began, _cpu()
    assert outcome.error is None, outcome.error
    await stage.close()
    return {
        "meetings": outcome.meetings,
        "seconds": took,
        "cpu_seconds": sum(spent) - sum(before),
        "cpu_seconds_of_children": spent[1] - before[1],
        "steps": _apart(steps, took),
    }


def _apart(steps: _Steps, whole: float) -> dict[str, dict[str, float]]:
    """Return steps without those inside them; what is in none of them is the rest."""
    seconds = dict(steps.seconds)
    seconds["join"] -= seconds["fetch"] + seconds["open"]
    found: dict[str, dict[str, float]] = {
        step: {"seconds": round(taken, 2)} for step, taken in seconds.items()
    }
    found["rest"] = {"seconds": round(whole - sum(seconds.values()), 2)}
    for step in ("open", "digest"):
        found[step]["mb"] = round(steps.bytes[step] / 1e6, 1)
    return found


def _cpu() -> tuple[float, float]:
    """Return what this process has had of the processor, and those of its children that ended."""
    found = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    own, others = (one.ru_utime + one.ru_stime for one in found)
    return own, others


def _lay_back(folder: Path) -> None:
    """Have nothing been exported."""
    for name in _START:
        place = folder / name
        shutil.rmtree(place) if place.is_dir() else place.unlink()
        _copy(folder / "start" / name, place)
    for path in folder.glob("assent.db-*"):
        path.unlink()
    shutil.rmtree(folder / "exports", ignore_errors=True)


def _start(folder: Path, *more: str) -> subprocess.Popen[bytes]:
    """Start an export in a process of its own, on one core."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench.export", "--export", str(folder), *more],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        preexec_fn=lambda: os.sched_setaffinity(0, {max(os.sched_getaffinity(0))}),
    )


def run(folder: Path, *, listens: bool) -> dict[str, Any]:
    """Export in a process of its own; return what it says, and its peak of memory."""
    _lay_back(folder)
    peak = 0.0
    with _start(folder, *([] if listens else ["--deaf"])) as child:
        while child.poll() is None:
            peak = max(peak, sum(map(_pss_mb, _tree(child.pid))))
            time.sleep(0.05)
        assert child.stdout is not None, "asked for a pipe"
        assert child.returncode == 0, "the export ends well"
        found: dict[str, Any] = json.loads(child.stdout.read().splitlines()[-1])
    return found | {"peak_mb": round(peak)}


def _tree(pid: int) -> Iterator[int]:
    """Yield a process and all those that it has started, theirs too."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _pss_mb(pid: int) -> float:
    with suppress(OSError, StopIteration):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return int(next(line for line in rollup if line.startswith("Pss:")).split()[1]) / 1000
    return 0.0


def measure(
    hours: float,
    people: int,
    minutes: float,
    folder: Path,
    *,
    deaf: bool = False,
    kills: int = 0,
) -> dict[str, Any]:
    """Make the meetings where they are not there yet, export them, return the figures.

    Once without listening and, unless ``deaf``, once with; and killed so often, where it is said.
    """
    if not (folder / "made.json").exists():
        began = time.monotonic()
        count = asyncio.run(make(folder, hours, people, minutes))
        print(f"made {count} meetings in {time.monotonic() - began:.0f} s")
    stored = sum(path.stat().st_size for path in (folder / "objects").rglob("*") if path.is_file())
    found: dict[str, Any] = {"stored_mb": round(stored / 1e6, 1)}
    for name, listens in (("without_speech", False), ("with_speech", True))[: 1 if deaf else 2]:
        one = run(folder, listens=listens)
        rows = (folder / "exports/data/metadata.jsonl").read_text().splitlines()
        tracks = [json.loads(row) for row in rows]
        lasted = sum({row["meeting"]: row["duration"] for row in tracks}.values())
        assert all((row["annotation"] == "webrtcvad") == listens for row in tracks), "as was asked"
        written = sum(p.stat().st_size for p in (folder / "exports").rglob("*") if p.is_file())
        one |= {
            "hours": round(lasted / 3600, 3),
            "tracks": len(tracks),
            "written_mb": round(written / 1e6, 1),
            "x_real_time": round(lasted / one["seconds"], 1),
            "x_one_core": round(lasted / one["cpu_seconds"], 1),
        }
        found[name] = {
            key: round(value, 2) if isinstance(value, float) else value
            for key, value in one.items()
        }
        print(name, found[name])
    if kills:
        _lay_back(folder)
        found["killed"] = killed(
            folder, kills, lambda: _start(folder, "--deaf", "--shards"), secrets.randbits(32)
        )
        print("killed", found["killed"])
    return found


def main(arguments: Sequence[str]) -> None:
    """Measure, and print the figures; or export, for who measures."""
    parser = argparse.ArgumentParser(prog="make bench-export")
    parser.add_argument("--hours", type=float, default=2.0, help="of meetings, in all")
    parser.add_argument("--people", type=int, default=6)
    parser.add_argument("--minutes", type=float, default=60.0, help="of one meeting")
    parser.add_argument("--keep", type=Path, help="keep the vault in this folder, and use it")
    parser.add_argument("--export", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--deaf", action="store_true", help="do not listen to who speaks when")
    parser.add_argument("--kills", type=int, default=0, help="kill one so often, at random")
    parser.add_argument("--shards", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.export is not None:
        how = export(chosen.export, listens=not chosen.deaf, shards=chosen.shards)
        print(json.dumps(asyncio.run(how)))
        return
    before = machine.describe()
    with tempfile.TemporaryDirectory(prefix="assent-export-") as folder:
        kept: Path = chosen.keep or Path(folder)
        found = measure(
            chosen.hours,
            chosen.people,
            chosen.minutes,
            kept,
            deaf=chosen.deaf,
            kills=chosen.kills,
        )
    print(json.dumps({"export": found, "machine": before}))


if __name__ == "__main__":
    main(sys.argv[1:])
