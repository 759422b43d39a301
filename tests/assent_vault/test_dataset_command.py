"""``assent-vault check-dataset``: as a recipient runs it, with nothing there but the folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from assent_vault.cli import main
from assent_vault.formats import suite
from support.data_set import KEY, MEETINGS, write_data_set
from support.recalls import opened, recalling

VAULT = suite.sign_public(KEY)
GOOD = ("--identity", VAULT.hex())


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return write_data_set(tmp_path / "set").place


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return tmp_path / "feed.jsonl"


def test_needs_nothing_but_the_folder(place: Path, tmp_path: Path) -> None:
    """Settings that are wrong are not even looked at, and nothing is left behind."""
    empty = tmp_path / "empty"
    empty.mkdir()
    before = sorted(place.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-m", "assent_vault.cli", "check-dataset", str(place), *GOOD],
        cwd=empty,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "ASSENT_CONFIG": "/nowhere.toml",
            "ASSENT_DATABASE_URL": "nonsense",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "The manifest is signed by the vault.\n" in done.stdout
    assert "Whether it is still agreed to was not looked at" in done.stdout
    assert done.stdout.endswith("It is whole.\n")
    assert list(empty.iterdir()) == []
    assert sorted(place.rglob("*")) == before


def test_says_what_is_wrong_and_how_much_of_it(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(25):
        (place / f"more\x1b[2J{number:02}").write_bytes(b"")
    assert main(["check-dataset", str(place)]) == 1
    told = capsys.readouterr()
    assert "NOT SIGNED AS IT SHOULD BE." in told.out
    assert told.out.endswith("SOMETHING IS WRONG.\n")
    assert "assent-vault: identity-unknown: It is signed by the key that it names" in told.err
    assert told.err.count("assent-vault: file-added: more\\x1b[2J") == 20
    assert "assent-vault: file-added: And 5 more.\n" in told.err
    assert "\x1b" not in told.out + told.err


def test_a_folder_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path, tmp_path / "nowhere"):
        assert main(["check-dataset", str(path), *GOOD]) == 1
        assert "assent-vault: not-a-data-set: " in capsys.readouterr().err


def test_the_feed_is_kept_where_it_is_good(
    place: Path, feed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = place / "revoked.jsonl"
    assert main(["check-dataset", str(place), *GOOD, "--feed", str(feed)]) == 1
    assert "assent-vault: feed-missing: " in capsys.readouterr().err
    feed.write_bytes(opened(place))
    assert main(["check-dataset", str(place), "--feed", str(feed)]) == 1
    assert not kept.exists(), "of nobody's data set no feed is kept"
    assert main(["check-dataset", str(place), *GOOD, "--feed", str(feed)]) == 0
    assert "What is here is still agreed to, as far as the feed goes." in capsys.readouterr().out
    assert kept.read_bytes() == opened(place)
    newer = recalling(opened(place), MEETINGS[0])
    feed.write_bytes(newer)
    assert main(["check-dataset", str(place), *GOOD, "--feed", str(feed)]) == 1
    told = capsys.readouterr()
    assert f"Recalled at 2025-10-09T08:53:20+00:00: meeting {MEETINGS[0]}, somebody" in told.out
    assert "IT IS NOT AGREED TO ANY MORE" in told.out
    assert f"assent-vault: recalled: {MEETINGS[0]}: Consent was taken back" in told.err
    assert kept.read_bytes() == newer
    # From now on without it, and with an older one.
    assert main(["check-dataset", str(place), *GOOD]) == 1
    assert "as it was kept here" in capsys.readouterr().out
    feed.write_bytes(opened(place))
    assert main(["check-dataset", str(place), *GOOD, "--feed", str(feed)]) == 1
    assert "assent-vault: feed-old: " in capsys.readouterr().err
    assert kept.read_bytes() == newer


def test_what_was_recalled_is_taken_out(
    place: Path, feed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feed.write_bytes(recalling(opened(place), MEETINGS[0]))
    assert main(["check-dataset", str(place), "--feed", str(feed), "--apply"]) == 1
    assert "assent-vault: apply-unsigned: " in capsys.readouterr().err
    assert (place / "data" / MEETINGS[0]).exists()
    assert main(["check-dataset", str(place), *GOOD, "--feed", str(feed), "--apply"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "6 file(s) were removed as recalled; 10 were written anew" in told.out
    assert "What is here is still agreed to, as far as the feed goes." in told.out
    assert not (place / "data" / MEETINGS[0]).exists()
    assert main(["check-dataset", str(place), *GOOD]) == 0
    # An old feed takes nothing, and is told.
    feed.write_bytes(opened(place))
    assert main(["check-dataset", str(place), *GOOD, "--feed", str(feed), "--apply"]) == 1
    assert "assent-vault: feed-old: " in capsys.readouterr().err
