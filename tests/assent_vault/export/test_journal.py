"""The journal of an export: what is written down of a meeting is what it was described as."""

from __future__ import annotations

from pathlib import Path

import pytest

from assent_vault.export.folder import Folder, partial_of
from assent_vault.export.journal import Journal, JournalHead
from assent_vault.export.meeting import folders_of
from assent_vault.store.export_order import Options
from support.data_set import MEETINGS, write_data_set

HEAD = JournalHead("E" * 22, 1, bytes(32), "An Institute", None, "{}", MEETINGS)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    write_data_set(tmp_path / "x", publish=False)
    return Folder(tmp_path / "x")


def test_a_meeting_that_is_whole_is_read_as_it_was_described(tmp_path: Path) -> None:
    """Sound and pictures, with speech and without, and what is there as FLAC, too."""
    options = Options(pcm=True)
    described = write_data_set(tmp_path / "x", options=options, publish=False).described
    journal = Journal(Folder(tmp_path / "x"))
    for entry in described.meetings:
        assert journal.finished(entry.meeting) is None
        journal.finish(entry, folders_of(entry.meeting))
        assert journal.finished(entry.meeting) == entry
    flac = next((partial_of(tmp_path / "x") / "data" / MEETINGS[0]).glob("*.flac"))
    flac.write_bytes(flac.read_bytes()[:-1])
    assert journal.finished(MEETINGS[0]) is None
    journal.forget(MEETINGS[1])
    assert journal.finished(MEETINGS[1]) is None


def test_what_failed_is_known_again(folder: Folder) -> None:
    journal = Journal(folder)
    journal.begin(HEAD)
    journal.fail(MEETINGS[1])
    assert journal.head() == HEAD
    assert journal.failed(HEAD) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"export":1}', b"\xff"])
def test_a_head_that_is_none_is_none(folder: Folder, content: bytes) -> None:
    assert Journal(folder).head() is None
    Journal(folder).begin(HEAD)
    folder.place(".aside/head.json").write_bytes(content)
    assert Journal(folder).head() is None
