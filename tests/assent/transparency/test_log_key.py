"""The log's key and name are made once."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from assent.errors import StartError
from assent.transparency import LogKey, load_log_key, origin_of
from assent_vault.ledger.note import Verifier


def load(folder: Path, origin: str = "a/log", *, named: bool = False, first: bool = True) -> LogKey:
    return load_log_key(folder, origin=origin, named=named, now=7, first_start=first)


def public(key: LogKey) -> Verifier:
    return key.signer.verifier


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://meet.example.org", "meet.example.org/log"),
        ("http://localhost:8080", "localhost:8080/log"),
        ("https://[::1]:8443", "[::1]:8443/log"),
    ],
)
def test_the_name_follows_from_the_public_url(url: str, origin: str) -> None:
    assert origin_of(url) == origin


def test_it_is_made_once(tmp_path: Path) -> None:
    made = load(tmp_path)
    assert (made.origin, made.created) == ("a/log", 7)
    assert stat.S_IMODE((tmp_path / "log.key").stat().st_mode) == 0o600
    # Under another public URL it is the same log.
    again = load(tmp_path, "b/log", first=False)
    assert public(again) == public(made)
    assert [path.name for path in tmp_path.iterdir()] == ["log.key"]


def test_its_name_cannot_be_changed(tmp_path: Path) -> None:
    load(tmp_path, "mine", named=True)
    load(tmp_path, "mine", named=True, first=False)
    with pytest.raises(StartError, match="called mine"):
        load(tmp_path, "other", named=True, first=False)


def test_a_log_without_its_key_does_not_go_on(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="missing"):
        load(tmp_path, first=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"x" * 2000])
def test_a_damaged_key_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log.key").write_bytes(content)
    with pytest.raises(StartError, match="damaged"):
        load(tmp_path)
    assert (tmp_path / "log.key").read_bytes() == content


def test_a_half_written_key_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / ".new-log.key").write_bytes(b"half")
    assert load(tmp_path).origin == "a/log"
