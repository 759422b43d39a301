"""A real export that is killed: it goes on where it was, and ends with the same bytes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from assent_vault.errors import ExportError
from assent_vault.export import ExportOrder
from assent_vault.export import run as run_module
from assent_vault.export.folder import Folder, partial_of
from assent_vault.export.journal import Journal
from assent_vault.formats.statement import Will
from assent_vault.store.export_order import Options
from assent_vault.store.models import ExportRow
from support.commands import EXPORT
from support.sample_media import picture, tone
from support.vault import HOUR, StagedMeeting, VaultScene

TAKES = {"microphone": tone(440, 3000), "camera": picture(50, 3000)}
STORAGE = Path(__file__).parents[3] / "storage"
Look = Callable[[], bool]


async def start(stage: VaultScene, out: Path, *more: str) -> asyncio.subprocess.Process:
    """Start the command as an operator does."""
    settings = stage.settings
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assent_vault.cli", *EXPORT, *more, "--out", str(out)),
        env={
            "PYTHONPATH": str(STORAGE),
            "PATH": os.environ["PATH"],
            "ASSENT_DATA_DIR": str(settings.data_dir),
            "ASSENT_DATABASE_URL": settings.database_url,
            "ASSENT_EXPORTS_DIR": str(settings.exports_dir),
            "ASSENT_COOLING_OFF_SECONDS": "0",
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )


async def run(stage: VaultScene, out: Path, *more: str) -> None:
    child = await start(stage, out, *more)
    _, error = await child.communicate()
    assert child.returncode == 0, error.decode()


async def kill_when(
    stage: VaultScene, out: Path, seen: Look, *more: str, how: signal.Signals = signal.SIGKILL
) -> None:
    """Start the command, and kill it as soon as something is seen on the disk."""
    child = await start(stage, out, *more)
    async with asyncio.timeout(300):
        while not seen():
            assert child.returncode is None, "it has ended before"
            await asyncio.sleep(0.001)
    child.send_signal(how)
    _, error = await child.communicate()
    assert child.returncode == (-how if how is signal.SIGKILL else 1), error.decode()
    assert not out.exists(), "what is not whole has no name"


def digests(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).digest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def finished(partial: Path) -> set[str]:
    """Return the meetings that are told to be whole."""
    return {path.stem for path in partial.glob(".aside/*.json")} - {"head"}


def media(folder: Path, meetings: set[str]) -> dict[str, tuple[int, int]]:
    """Return which files these are, and when they were written."""
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns)
        for meeting in meetings
        for path in (folder / "data" / meeting).iterdir()
    }


@pytest.mark.parametrize(
    "more",
    [(), ("--format", "webdataset", "--pcm", "--shard-size", "1M")],
    ids=["folder", "shards"],
)
async def test_killed_again_and_again_it_ends_with_the_same_bytes(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    home, out = tmp_path / "home", tmp_path / "out" / "set"
    stage = VaultScene(home, f"sqlite:///{home / 'assent.db'}")
    home.mkdir()
    await stage.open()
    for _ in range(4):
        await stage.released(2, **TAKES)
    await stage.worker.watch()
    await stage.close()
    partial = partial_of(out)
    await kill_when(stage, out, (partial / ".aside" / "head.json").exists, *more)
    begun = finished(partial)
    kept = tmp_path / "kept"
    shutil.copytree(home, kept / "home", symlinks=True)
    shutil.copytree(out.parent, kept / "out")
    await run(stage, out, *more)  # taken up once, and not killed any more
    expected = digests(out)
    assert len(json.loads((out / "MANIFEST.json").read_bytes())["meetings"]) == 4
    for folder in (home, out.parent):
        shutil.rmtree(folder)
        shutil.copytree(kept / folder.name, folder, symlinks=True)
    assert finished(partial) == begun

    seen: dict[str, tuple[int, int]] = {}
    data = partial / "data"
    moments: list[Look] = [
        lambda: len(finished(partial)) > len(begun),
        lambda: data.exists() and len(list(data.iterdir())) > len(finished(partial)) > 1,
        lambda: len(finished(partial)) == 4,
        (partial / "metadata.parquet").exists,
    ]
    if more:
        moments.insert(-1, (partial / "shards").exists)
        moments.insert(-1, lambda: bool(list(partial.glob(".aside/shards-*.done"))))
    for moment in moments:
        await kill_when(stage, out, moment, *more)
        now = media(partial, finished(partial))
        assert seen.items() <= now.items(), "what was finished was written again"
        seen = now
    await run(stage, out, *more)
    assert digests(out) == expected
    if more:
        assert not (out / "data").exists()
        assert [path.suffix for path in (out / "shards").iterdir()] == [".tar"]
    else:
        assert seen.items() <= media(out, finished_of(out)).items()
    assert not (out / ".aside").exists()
    assert not partial.exists()


def finished_of(folder: Path) -> set[str]:
    written = json.loads((folder / "MANIFEST.json").read_bytes())
    return {each["meeting"] for each in written["meetings"]}


async def test_stopped_by_the_keyboard_it_goes_on_as_well(tmp_path: Path) -> None:
    home, out = tmp_path / "home", tmp_path / "out" / "set"
    stage = VaultScene(home, f"sqlite:///{home / 'assent.db'}")
    home.mkdir()
    await stage.open()
    for _ in range(12):  # more than are written before it has heard of the key
        await stage.released(1, **TAKES)
    await stage.worker.watch()
    await stage.close()
    partial = partial_of(out)
    await kill_when(stage, out, lambda: bool(finished(partial)), how=signal.SIGINT)
    seen = media(partial, finished(partial))
    await run(stage, out)
    assert len(seen) < len(finished_of(out)) * 2
    assert seen.items() <= media(out, finished_of(out)).items()


# What is left meanwhile.


class Killed(BaseException):
    """Ends the run as a killed process would."""


async def interrupted(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, out: Path, meetings: int = 2
) -> list[StagedMeeting]:
    """Have an export of the command line die when its meetings are written."""
    found = [await stage.released(1, **TAKES) for _ in range(meetings)]
    await stage.cool_off()

    async def die(*_: object) -> None:
        raise Killed

    monkeypatch.setattr(run_module.ExportRun, "_write_manifest", die)
    with pytest.raises(Killed):
        await stage.worker.export_to(out, None)
    monkeypatch.undo()
    await stage.restart()
    assert finished(partial_of(out)) == {meeting.id for meeting in found}
    return found


async def error_of(stage: VaultScene) -> tuple[str, str | None]:
    async with stage.database.read() as session:
        (row,) = (await session.scalars(select(ExportRow))).all()
    return row.state, row.error


async def test_what_is_taken_back_meanwhile_goes_at_once(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = stage.exports / "set"
    gone, stays = await interrupted(stage, monkeypatch, out)
    await gone.says(gone.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.watch()
    await stage.worker.erase()
    partial = partial_of(out)
    assert finished(partial) == {stays.id}
    assert [path.name for path in (partial / "data").iterdir()] == [stays.id]
    assert not (partial / ".aside" / f"{gone.id}.tar").exists()
    outcome = await stage.worker.export_to(out, None)
    assert (outcome.meetings, outcome.error) == (1, None)
    assert finished_of(out) == {stays.id}
    assert await error_of(stage) == ("done", None)


async def test_what_is_taken_back_just_before_it_is_taken_up_is_not_in_it(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = stage.exports / "set"
    gone, stays = await interrupted(stage, monkeypatch, out)
    await gone.says(gone.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    assert (await stage.worker.export_to(out, None)).meetings == 1
    assert finished_of(out) == {stays.id}
    assert not (out / "data" / gone.id).exists()


async def test_nobody_takes_it_up_and_it_goes(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = stage.exports / "set"
    await interrupted(stage, monkeypatch, out, 1)
    await stage.worker.erase()
    assert await error_of(stage) == ("failed", "interrupted")
    stage.clock.pass_(25 * HOUR)
    await stage.worker.erase()
    assert not partial_of(out).exists()
    assert await error_of(stage) == ("failed", "abandoned")
    assert (await stage.worker.export_to(out, None)).meetings == 1


async def test_one_of_something_else_is_not_gone_on_with(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = stage.exports / "set"
    await interrupted(stage, monkeypatch, out)
    other = ExportOrder("Somebody else", "speech", Options(audio_only=True))
    with pytest.raises(ExportError) as refused:
        await stage.worker.export_to(out, None, other)
    assert refused.value.code == "other-export"
    assert (await stage.worker.export_to(out, None, other, anew=True)).meetings == 2
    assert not list(out.rglob("*.webm"))


@pytest.mark.parametrize("how", ["changed", "cut", "gone", "entry"])
async def test_what_is_not_whole_is_written_again(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """As after the power has gone, or with somebody at the folder."""
    out = stage.exports / "set"
    (meeting,) = await interrupted(stage, monkeypatch, out, 1)
    partial = partial_of(out)
    (sound,) = (partial / "data" / meeting.id).glob("*.opus")
    whole = sound.read_bytes()
    if how == "gone":
        sound.unlink()
    elif how == "entry":
        (partial / ".aside" / f"{meeting.id}.json").write_bytes(b'{"meeting":')
    else:
        sound.write_bytes(whole[:-1] + b"\0" if how == "changed" else whole[:-100])
    assert Journal(Folder(out)).finished(meeting.id) is None
    assert (await stage.worker.export_to(out, None)).error is None
    assert (out / "data" / meeting.id / sound.name).read_bytes() == whole
