"""Which meetings an export takes, by dates, names and kinds; and what is told before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assent_vault.export import ExportOrder, Progress, run
from assent_vault.export.selection import Forecast, forecast
from assent_vault.formats.statement import Will
from assent_vault.store import answer_languages
from assent_vault.store.export_order import Options
from assent_vault.store.models import ExportRow
from support.sample_media import Take, picture, tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}
BOTH = {"microphone": tone(440, 3000), "camera": picture(50, 3000)}


async def export(stage: VaultScene, name: str, **options: Any) -> Any:
    asked = ExportOrder("An Institute", "speech", Options(**options))
    return await stage.worker.export_to(stage.exports / name, None, asked)


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "MANIFEST.json").read_bytes())
    return found


async def three(stage: VaultScene) -> list[StagedMeeting]:
    """Return three meetings, which began a second apart."""
    found = [await stage.released(1, **SOUND) for _ in range(3)]
    for number, meeting in enumerate(found):
        await meeting.change(started_at=10_000 + 1000 * number)
    await stage.cool_off()
    return found


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ({"since": 11_000}, (1, 2)),
        ({"until": 11_000}, (0,)),
        ({"since": 11_000, "until": 12_000}, (1,)),
        ({"meetings": (2, 0)}, (0, 2)),
        ({"meetings": (2, 0), "until": 12_000}, (0,)),
    ],
)
async def test_an_export_takes_what_is_asked_for_and_leaves_the_rest(
    stage: VaultScene, options: dict[str, Any], taken: tuple[int, ...]
) -> None:
    meetings = await three(stage)
    if "meetings" in options:
        options = options | {"meetings": tuple(meetings[at].id for at in options["meetings"])}
    outcome = await export(stage, "one", **options)
    assert outcome.meetings == len(taken)
    written = manifest(stage.exports / "one")
    assert {each["meeting"] for each in written["meetings"]} == {meetings[at].id for at in taken}
    assert (written["recipient"], written["purpose"]) == ("An Institute", "speech")
    assert written["asked"]["since"] == options.get("since")
    states = [await stage.state(meeting) for meeting in meetings]
    assert states == ["exported" if at in taken else "ready" for at in range(3)]
    rest = await export(stage, "rest")
    assert rest.meetings == 3 - len(taken)


async def test_sound_alone(stage: VaultScene) -> None:
    """A meeting of pictures alone is no part of it, and is not lost for another one."""
    meeting = await stage.released(1, **BOTH)
    silent = await stage.released(1, camera=picture(50, 3000))
    await stage.cool_off()
    assert (await export(stage, "one", audio_only=True)).meetings == 1
    (described,) = manifest(stage.exports / "one")["meetings"]
    assert described["meeting"] == meeting.id
    assert [each["source"] for each in described["tracks"]] == ["microphone"]
    assert not list((stage.exports / "one").rglob("*.webm"))
    assert await stage.state(silent) == "ready"
    assert (await export(stage, "two")).meetings == 1


async def test_what_has_no_sound_that_plays_is_left_for_another(stage: VaultScene) -> None:
    dumb = Take("opus", tuple((at, key, b"\xf8") for at, key, _ in tone(440, 3000).packets))
    meeting = await stage.released(1, microphone=dumb, camera=picture(50, 3000))
    await stage.released(1, **SOUND)
    await stage.cool_off()
    outcome = await export(stage, "one", audio_only=True)
    assert (outcome.meetings, outcome.failed, outcome.error) == (1, 0, None)
    assert await stage.state(meeting) == "ready"
    assert (await export(stage, "two")).meetings == 1


async def told(stage: VaultScene, **options: Any) -> int:
    """Return how many meetings it would be, as is told beforehand."""
    return (await forecast(stage.database, Options(**options), stage.clock.now(), 100)).meetings


async def test_the_language_that_everybody_read_it_in(stage: VaultScene) -> None:
    """Of their last answers, of everyone who was ever let in, and of nobody else."""
    found = []
    for languages, other in ((("de", "de-CH"), None), (("de", "en"), None), (("de",), "fr")):
        meeting = await stage.meeting()
        for language in languages:
            person = await meeting.comes()
            person.language = language
            await meeting.says(person, Will.YES, Will.YES)
        if other is not None:
            stranger = await meeting.comes(admitted=False)
            stranger.language = other
            await meeting.says(stranger, Will.YES, Will.YES)
            meeting.people.remove(stranger)  # no header names them
        await meeting.record([(person, SOUND) for person in meeting.people])
        await meeting.end()
        found.append(meeting.id)
    await stage.cool_off()
    assert await told(stage) == 3
    assert await told(stage, languages=("de",)) == 2
    assert await told(stage, languages=("de", "en")) == 3
    assert await told(stage, languages=("d",)) == 0
    assert (await export(stage, "one", languages=("de",))).meetings == 2
    written = manifest(stage.exports / "one")
    assert {each["meeting"] for each in written["meetings"]} == {found[0], found[2]}
    assert written["asked"]["languages"] == ["de"]
    assert "read what they agreed to in de," in (stage.exports / "one/README.md").read_text()
    assert (await export(stage, "two")).meetings == 1


async def test_what_is_said_in_another_language_meanwhile_is_left_for_another(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked of the rows before is asked once more of what the gate decided on."""
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()
    monkeypatch.setattr(answer_languages, "last_answers_of", answered_in_german)
    outcome = await export(stage, "one", languages=("de",))
    assert (outcome.error, outcome.failed) == ("nothing-to-export", 0)
    assert await stage.state(meeting) == "ready"


async def answered_in_german(_: object, ids: Sequence[str]) -> dict[str, list[bytes | None]]:
    return {meeting: [] for meeting in ids}


async def test_those_that_are_too_short_do_not_stand_in_the_way(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even where a data set has room for as many as these are."""
    monkeypatch.setattr(run, "MOST_MEETINGS", 2)
    short = [await stage.released(1, microphone=tone(440, 1000)) for _ in range(4)]
    long = [await stage.released(1, **SOUND) for _ in range(2)]
    await stage.cool_off()
    assert await told(stage, least_duration=3000) == 2
    assert await told(stage, least_duration=3001) == 0
    assert (await export(stage, "one", least_duration=2000)).meetings == 2
    written = manifest(stage.exports / "one")
    assert {each["meeting"] for each in written["meetings"]} == {each.id for each in long}
    assert {await stage.state(each) for each in short} == {"ready"}


async def test_tracks_that_are_mostly_filled_are_left_out_and_counted(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    for _ in range(2):
        await meeting.says(await meeting.comes(), Will.YES, Will.YES)
    whole, late = meeting.people
    await meeting.record(
        [(whole, SOUND), (late, {"microphone": tone(440, 1000)})], delays={"microphone": 0}
    )
    await meeting.end()
    empty = await stage.released(1, microphone=Take("opus", tone(440, 3000).packets[::10]))
    await stage.cool_off()
    outcome = await export(stage, "one", most_filled=0.5)
    assert (outcome.meetings, outcome.failed, outcome.error) == (1, 0, None)
    folder = stage.exports / "one"
    (described,) = manifest(folder)["meetings"]
    assert [one["code"] for one in described["missing"]] == ["mostly-filled"]
    assert len(described["tracks"]) == len(list(folder.rglob("*.opus"))) == 1
    assert manifest(folder)["asked"]["most_filled"] == 0.5
    card = (folder / "README.md").read_text()
    assert "no more than 50 % was filled up with silence: 1 of these" in card
    assert await stage.state(empty) == "ready", "it is left for another export"
    assert (await export(stage, "two")).meetings == 1


async def test_without_proofs_the_digests_stay(stage: VaultScene) -> None:
    await stage.released(1, **SOUND)
    await stage.cool_off()
    assert (await export(stage, "one", proofs=False)).meetings == 1
    folder = stage.exports / "one"
    written = manifest(folder)
    assert not (folder / "consent.tar").exists()
    assert "consent.tar" not in {each["path"] for each in written["files"]}
    assert written["asked"]["proofs"] is False
    assert len(written["meetings"][0]["evidence"]) == 64
    assert "consent.tar" not in (folder / "croissant.json").read_text()


async def test_what_is_told_before_changes_nothing(stage: VaultScene) -> None:
    meetings = await three(stage)
    now = stage.clock.now()
    found = await forecast(stage.database, Options(), now, 100)
    assert (found.meetings, found.duration, found.left) == (3, 9000, 0)
    stored = sum(
        path.stat().st_size for path in (stage.settings.data_dir / "objects").rglob("*.segment")
    )
    assert found.octets == stored
    one = await forecast(stage.database, Options(meetings=(meetings[0].id,)), now, 100)
    assert (one.meetings, one.duration) == (1, 3000)
    assert (await forecast(stage.database, Options(), now, 2)).left == 1
    assert [await stage.state(meeting) for meeting in meetings] == ["ready"] * 3
    await meetings[1].says(meetings[1].people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await stage.worker.watch()
    assert (await forecast(stage.database, Options(), now, 100)).meetings == 2
    assert await forecast(stage.database, Options(until=0), now, 100) == Forecast(0, 0, 0, 0, {})


async def test_progress_is_told_by_bytes_and_is_in_the_row(stage: VaultScene) -> None:
    await three(stage)
    octets = (await forecast(stage.database, Options(), stage.clock.now(), 100)).octets
    seen: list[Progress] = []
    await stage.worker.export_to(stage.exports / "one", seen.append)
    assert seen[-1] == Progress(3, 3, octets, octets)
    assert seen == sorted(seen, key=lambda now: (now.octets, now.meetings))
    async with stage.database.read() as session:
        row = await session.get(ExportRow, manifest(stage.exports / "one")["export"])
    assert row is not None
    assert (row.octets_done, row.octets_total, row.meetings_done) == (octets, octets, 3)


async def test_a_row_that_asks_for_what_there_is_not_fails(stage: VaultScene) -> None:
    await three(stage)
    async with stage.database.write() as session:
        row = ExportRow(id="A" * 22, state="requested", requested_at=1, options='{"x":1}')
        session.add(row)
    await stage.worker.export_requested()
    async with stage.database.read() as session:
        found = await session.get(ExportRow, "A" * 22)
    assert found is not None
    assert (found.state, found.error) == ("failed", "bad-request")
