"""A meeting that is written: what becomes of it where its sound cannot be listened to."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
import soundfile

from assent_vault.errors import ExportError
from assent_vault.export import Outcome, meeting, speech
from assent_vault.store.export_order import ExportOrder, Options
from support.sample_media import tone
from support.vault import VaultScene

BEGINS = (
    "import sys; from assent_vault.export.pcm import frame_head\n"
    "frame = frame_head(0, 1152) + bytes(50)\n"
    "sys.stdout.buffer.write(len(frame).to_bytes(4, 'little') + frame); sys.stdout.flush()\n"
    "sys.stdin.buffer.read()"
)


@pytest.fixture(autouse=True)
def listened_to(stage: VaultScene) -> None:
    """Have everything listened to, as it is unless somebody says otherwise."""
    stage.worker.exports.listens = True


async def exported(stage: VaultScene, *, pcm: bool = False) -> tuple[Outcome, list[dict[str, Any]]]:
    """Export one meeting of one person; return the rows of its tracks."""
    await stage.released(1, microphone=tone(440, 3000))
    await stage.cool_off()
    place = stage.exports / "data-set"
    asked = ExportOrder(None, None, Options(pcm=pcm))
    outcome = await stage.worker.export_to(place, None, asked)
    rows = (place / "metadata.jsonl").read_text().splitlines() if outcome.folder else []
    return outcome, [json.loads(row) for row in rows]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("import os; os.kill(os.getpid(), 9)", "failed-crashed"),
        ("import sys; sys.stdin.buffer.read(); print('lies')", "failed-bad-answer"),
        (BEGINS, "failed-bad-answer"),
    ],
)
@pytest.mark.parametrize("pcm", [False, True])
async def test_a_child_that_dies_or_lies_costs_the_annotation_and_nothing_else(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, act: str, code: str, pcm: bool
) -> None:
    monkeypatch.setattr(speech, "command", lambda *_, **__: [sys.executable, "-c", act])
    outcome, (row,) = await exported(stage, pcm=pcm)
    assert (outcome.meetings, outcome.error) == (1, None)
    assert (row["annotation"], row["speech"], row["level"]) == (code, None, None)
    assert (row["duration"], row["pcm"]) == (3.0, None)
    assert not list(stage.exports.rglob("*.flac")), "nothing of it is left"


async def test_with_flac_it_is_listened_to(stage: VaultScene) -> None:
    stage.worker.exports.listens = False
    _, (row,) = await exported(stage, pcm=True)
    assert (row["annotation"], row["speech"]) == ("webrtcvad", 3.0)
    flac = stage.exports / "data-set" / row["pcm"]
    assert soundfile.info(flac).frames == 48_000


async def test_what_has_no_sound_has_no_flac(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> None:
        raise ExportError("no-frames", "A track has nothing in it that can be played.")

    monkeypatch.setattr(meeting, "join", nothing)
    outcome, rows = await exported(stage, pcm=True)
    assert (outcome.error, rows) == ("nothing-to-export", [])


async def test_what_nobody_was_asked_to_listen_to_says_so(stage: VaultScene) -> None:
    stage.worker.exports.listens = False
    _, (row,) = await exported(stage)
    assert (row["annotation"], row["speech"]) == ("none", None)


async def test_a_full_disk_ends_the_export_though_a_child_hangs(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at while the child is waited for, which here would be for minutes."""
    began: list[int] = []

    def command(_: int, **__: bool) -> list[str]:
        began.append(1)
        return [sys.executable, "-c", "import time; time.sleep(1000)"]

    def look(space: object) -> str | None:
        # All segments have been opened when there is room no longer: only who waits can notice.
        return "space-low" if len(looks) > 6 else looks.append(1)  # type: ignore[func-returns-value]

    looks: list[int] = []
    monkeypatch.setattr(speech, "command", command)
    monkeypatch.setattr("assent_vault.files.space.Space.look", look)
    outcome, _ = await exported(stage)
    assert began
    assert outcome.error == "space-low"
