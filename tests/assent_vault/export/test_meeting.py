"""A meeting that is written: what becomes of it where its sound cannot be listened to."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from assent_vault.export import Outcome, speech
from support.sample_media import tone
from support.vault import VaultScene


async def exported(stage: VaultScene) -> tuple[Outcome, list[dict[str, Any]]]:
    """Export one meeting of one person; return the rows of its tracks."""
    await stage.released(1, microphone=tone(440, 3000))
    await stage.cool_off()
    place = stage.exports / "data-set"
    outcome = await stage.worker.export_to(place, None)
    rows = (place / "metadata.jsonl").read_text().splitlines() if outcome.folder else []
    return outcome, [json.loads(row) for row in rows]


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("import os; os.kill(os.getpid(), 9)", "failed-crashed"),
        ("import sys; sys.stdin.buffer.read(); print('lies')", "failed-bad-answer"),
    ],
)
async def test_a_child_that_dies_or_lies_costs_the_annotation_and_nothing_else(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, act: str, code: str
) -> None:
    monkeypatch.setattr(speech, "command", lambda _: [sys.executable, "-c", act])
    outcome, (row,) = await exported(stage)
    assert (outcome.meetings, outcome.error) == (1, None)
    assert (row["annotation"], row["speech"], row["level"]) == (code, None, None)
    assert row["duration"] == 3.0


async def test_what_nobody_was_asked_to_listen_to_says_so(stage: VaultScene) -> None:
    stage.worker.exports.listens = False
    _, (row,) = await exported(stage)
    assert (row["annotation"], row["speech"]) == ("none", None)


async def test_a_full_disk_ends_the_export_though_a_child_hangs(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at while the child is waited for, which here would be for minutes."""
    began: list[int] = []

    def command(_: int) -> list[str]:
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
