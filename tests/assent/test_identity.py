"""The server's key: made once, kept to itself, missed when it is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from assent.errors import StartError
from assent.identity import NAME, load_identity


def public(folder: Path, named: bytes | None = None) -> bytes:
    return load_identity(folder, named).public_key().public_bytes_raw()


def test_the_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    first = public(folder)
    assert public(folder) == first
    assert public(folder, first) == first
    assert public(folder, b"") == first


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    load_identity(folder, None)
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in folder.iterdir()] == [NAME]


@pytest.mark.parametrize("named", [bytes(32), b""])
def test_a_server_with_meetings_does_not_make_a_new_one(tmp_path: Path, named: bytes) -> None:
    with pytest.raises(StartError, match=r"^server-identity-missing: .*backup.*begin anew"):
        load_identity(tmp_path / "server", named)
    assert not (tmp_path / "server" / NAME).exists()


def test_the_key_of_another_server_is_told_from_ours(tmp_path: Path) -> None:
    theirs = public(tmp_path / "theirs")
    ours = public(tmp_path / "ours")
    with pytest.raises(StartError, match=r"^server-other-identity: .*backup"):
        load_identity(tmp_path / "ours", theirs)
    assert public(tmp_path / "ours") == ours


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_key_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(StartError, match="server-identity-damaged"):
        load_identity(tmp_path, None)
    assert (tmp_path / NAME).read_bytes() == content


def test_what_a_crash_left_half_written_is_no_key(tmp_path: Path) -> None:
    (tmp_path / ".new-identity.key").write_bytes(b"half")
    load_identity(tmp_path, None)
    assert (tmp_path / NAME).stat().st_size == 32
    assert not (tmp_path / ".new-identity.key").exists()


def test_a_place_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="cannot be used"):
        load_identity(tmp_path / "file", None)
