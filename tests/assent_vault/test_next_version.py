"""A data set, a withdrawal, and the next version: from export to what a recipient has."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from assent_vault import export_command, export_values
from assent_vault.cli import main
from assent_vault.dataset import feed as feeds
from assent_vault.formats import suite
from assent_vault.formats.statement import Will
from assent_vault.ledger.entry import Exported
from assent_vault.store.export_order import ExportOrder, Options
from assent_vault.store.models import RecallFeedRow
from support import courses, migrated
from support.data_set import write_data_set
from support.sample_media import tone
from support.vault import VaultScene

SOUND = {"microphone": tone(440, 1000)}


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """What is asked of the database here is asked of both kinds elsewhere; one will do."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


def manifest(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((place / "MANIFEST.json").read_bytes())
    return found


def meetings(place: Path) -> list[str]:
    return [each["meeting"] for each in manifest(place)["meetings"]]


def naming(place: Path, meeting: str) -> list[Path]:
    """Return what is there of a meeting, but for what has its recall."""
    beside = ("MANIFEST.json", "REMAINING.json", "revoked.jsonl")
    return [
        path
        for path in place.rglob("*")
        if meeting in str(path.relative_to(place))
        or (path.is_file() and path.name not in beside and meeting.encode() in path.read_bytes())
    ]


async def test_what_was_taken_back_is_removed_and_not_in_the_next_version(
    stage: VaultScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken_back, other = [await stage.released(2, **SOUND) for _ in range(2)]
    await stage.cool_off()
    first, second = stage.exports / "first", stage.exports / "second"
    asked = ExportOrder("An Institute", "research", Options(meetings=(taken_back.id,)))
    assert (await stage.worker.export_to(first, None, asked)).meetings == 1
    assert meetings(first) == [taken_back.id]
    assert manifest(first)["replaces"] is None

    # Somebody takes it back, and the vault publishes that.
    await taken_back.says(taken_back.people[1], Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()
    await stage.worker.recalls.scan()
    async with stage.database.read() as session:
        row = await session.scalar(
            select(RecallFeedRow).where(RecallFeedRow.name == manifest(first)["recalls"])
        )
    assert row is not None
    assert [each.meeting for each in feeds.parse(row.body).recalls] == [taken_back.id]

    # Whoever has received it fetches the feed, is told, and removes it.
    feed = tmp_path / "revoked.jsonl"
    feed.write_bytes(row.body)
    identity = stage.worker._keyring.identity_public.hex()
    given = ["check-dataset", str(first), "--identity", identity, "--feed", str(feed)]
    assert naming(first, taken_back.id) != []
    assert main(given) == 1
    assert f"assent-vault: recalled: {taken_back.id}: " in capsys.readouterr().err
    assert main([*given, "--apply"]) == 0
    assert main(given) == 0
    assert naming(first, taken_back.id) == []

    # The next version has the other alone, and says of what it is the next.
    replaced = export_values.replaced(str(first))
    again = ExportOrder("An Institute", "research", Options(replaces=replaced))
    assert (await stage.worker.export_to(second, None, again)).meetings == 1
    assert meetings(second) == [other.id]
    assert naming(second, taken_back.id) == []
    assert manifest(second)["replaces"] == suite.encode(
        suite.digest((first / "MANIFEST.json").read_bytes())
    )
    assert replaced in (second / "README.md").read_text("utf-8")
    assert f"/recalls/{manifest(second)['recalls']}" in (second / "README.md").read_text("utf-8")
    assert main(["check-dataset", str(second), "--identity", identity]) == 0


async def test_the_next_version_has_the_same_meetings_but_the_recalled_one(
    stage: VaultScene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the export to the next version, and what a recipient of both checks."""
    await courses.publish(stage.database)
    taken_back, *kept = [await stage.released(2, **SOUND) for _ in range(3)]
    await stage.cool_off()
    first, second = stage.exports / "first", stage.exports / "second"
    asked = ExportOrder("An Institute", "research")
    assert (await stage.worker.export_to(first, None, asked)).meetings == 3
    await taken_back.says(taken_back.people[1], Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()
    await stage.worker.recalls.scan()

    # Before anything is asked for it is told what it would be, and why it is not all.
    parser = argparse.ArgumentParser()
    export_command.add_command(parser.add_subparsers(), argparse.ArgumentParser(add_help=False))
    of = manifest(first)["export"]
    options = parser.parse_args(export_values.joined(["export", "--again", of, "--dry-run"]))
    assert export_command.mistake(options) is None
    capsys.readouterr()
    await export_command.look(stage.settings, options)
    told = capsys.readouterr().out
    assert "2 meeting(s)" in told
    assert "1 exported before cannot be once more: withdrawn" in told
    options.json = True
    await export_command.look(stage.settings, options)
    assert json.loads(capsys.readouterr().out)["refused"] == {"withdrawn": 1}

    again = ExportOrder("An Institute", "research", export_command._asked(options).options)
    assert (await stage.worker.export_to(second, None, again)).meetings == 2
    assert set(meetings(second)) == {each.id for each in kept}
    assert naming(second, taken_back.id) == []
    assert manifest(second)["replaces"] == suite.encode(
        suite.digest((first / "MANIFEST.json").read_bytes())
    )
    identity = stage.worker._keyring.identity_public.hex()
    for place, recalled in ((first, True), (second, False)):
        async with stage.database.read() as session:
            row = await session.scalar(
                select(RecallFeedRow).where(RecallFeedRow.name == manifest(place)["recalls"])
            )
        given = ["check-dataset", str(place), "--identity", identity]
        if row is not None:
            feed = tmp_path / f"{place.name}.jsonl"
            feed.write_bytes(row.body)
            given += ["--feed", str(feed)]
        assert main(given) == int(recalled)
        assert (f"recalled: {taken_back.id}: " in capsys.readouterr().err) == recalled
    for meeting in (taken_back, *kept):
        for person in meeting.people:
            logged = await courses.holds(stage.database, meeting.id, suite.encode(person.id))
            assert logged is not None
            exported = [each.record for each in logged if isinstance(each.record, Exported)]
            assert len(exported) == (1 if meeting is taken_back else 2)


@pytest.mark.parametrize("option", ["--again", "--meeting"])
def test_an_id_may_begin_with_a_dash(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One in 64 does."""
    id_ = suite.encode(b"\xf8" + bytes(15))
    assert id_.startswith("-")
    with pytest.raises(SystemExit):
        main(["export", option, id_, "--out", "x", "--recipient", ""])
    assert "--recipient: must be a line" in capsys.readouterr().err
    assert export_values.joined(["export", "--dry-run", option, "x"]) == [
        "export", "--dry-run", option, "x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        ["--again", "x"],
        ["--again", "A" * 21 + "B"],
        ["--again", "A" * 22, "--include-exported"],
        ["--again", "A" * 22, "--replaces", "00" * 32],
    ],
)
def test_what_is_made_again_stands_alone(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["export", "--dry-run", *given])
    assert "--again" in capsys.readouterr().err


def test_which_it_replaces_is_said_by_folder_or_digest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = write_data_set(tmp_path / "set").place
    digest = suite.digest((place / "MANIFEST.json").read_bytes())
    parser = argparse.ArgumentParser()
    export_command.add_command(parser.add_subparsers(), argparse.ArgumentParser(add_help=False))
    for said in (str(place), digest.hex(), suite.encode(digest)):
        options = parser.parse_args(export_values.joined(["export", "--replaces", said]))
        assert export_command._asked(options).options.replaces == suite.encode(digest)
    assert export_command._asked(parser.parse_args(["export"])).options.replaces is None
    (tmp_path / "MANIFEST.json").write_bytes(b"{}")
    for wrong in (str(tmp_path), str(tmp_path / "nowhere"), digest.hex()[:-2], "", "\0"):
        with pytest.raises(SystemExit):
            parser.parse_args(["export", "--replaces", wrong])
        assert "must be the folder of a data set, or the SHA-256" in capsys.readouterr().err
