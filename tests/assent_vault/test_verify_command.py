"""``assent-vault verify``: as a person runs it, with nothing there but the file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assent_vault.cli import main
from assent_vault.formats.suite import encode
from assent_vault.ledger.note import KeyKind, Verifier
from assent_vault.receipt import MAX_BYTES, Pins, check
from assent_vault.receipt.check import NAMES
from assent_vault.receipt.explain import explain, fingerprint
from support.paper_log import PaperLog
from support.receipts import key_of, written
from vectors.common import meeting
from vectors.receipt_cases import Story
from vectors.receipts import WITNESS

FOLDER = Path(__file__).parents[1] / "vectors" / "receipts"
GOOD = FOLDER / "good-everything.assent-receipt.json"
BAD = FOLDER / "bad-words-one-letter-changed.assent-receipt.json"
CASES = json.loads((FOLDER / "cases.json").read_bytes())["cases"]


def test_needs_nothing_but_the_file(tmp_path: Path) -> None:
    """Settings that are wrong are not even looked at, and nothing is left behind."""
    done = subprocess.run(
        [sys.executable, "-m", "assent_vault.cli", "verify", str(GOOD)],
        cwd=tmp_path,
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
    assert "IT HOLDS." in done.stdout
    assert "named by the file itself" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_says_what_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(BAD)]) == 1
    told = capsys.readouterr()
    assert "The words are not those that were agreed to" in told.out
    assert "IT DOES NOT HOLD." in told.out
    assert f"assent-vault: other-words: {BAD}: words does not hold." in told.err


def test_one_bad_file_among_good_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(GOOD), str(BAD), str(GOOD)]) == 1
    assert capsys.readouterr().out.count("IT HOLDS.") == 2


@pytest.fixture
def rewritten(tmp_path: Path) -> tuple[Path, Path, PaperLog]:
    """Return a receipt, one from a log that was written anew without somebody, and that log."""
    story = Story().begin().answer("yes", "unanswered")
    files = tmp_path / "before", tmp_path / "after"
    files[0].write_bytes(written(story.desk.receipt()))
    other = story.desk.without(5, 6)
    other.others(7)
    files[1].write_bytes(written(other.receipt()))
    return *files, other.log


def test_two_that_hold_and_do_not_agree(
    rewritten: tuple[Path, Path, PaperLog], capsys: pytest.CaptureFixture[str]
) -> None:
    before, after, _ = rewritten
    for each in (before, after):
        assert main(["verify", str(each)]) == 0
        assert "one receipt cannot tell" in capsys.readouterr().out
    assert main(["verify", str(before), str(after)]) == 1
    told = capsys.readouterr()
    assert told.out.count("IT HOLDS.") == 2
    assert "Not all of it can be of one log that only grows." in told.out
    what = f"Statement 1 stands at index 11 in {before}, and at 9 in {after}."
    assert f"assent-vault: other-index: {what}" in told.err
    assert "assent-vault: split-view: Entry 8 is another one" in told.err


def test_two_that_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = Story().begin()
    files = [tmp_path / name for name in ("a", "b", "c")]
    files[0].write_bytes(written(story.desk.receipt()))
    files[1].write_bytes(written(story.answer("yes", "unanswered").desk.receipt()))
    assert main(["verify", *map(str, files[:2])]) == 0
    told = capsys.readouterr().out
    assert "heads of 11 and 12 entries; whether one grew from the other was not compared" in told
    assert "They agree in what was compared." in told
    cut = story.desk.receipt()
    cut["statements"].pop()
    files[2].write_bytes(written(cut))
    assert main(["verify", *map(str, files[1:])]) == 1
    told = capsys.readouterr().out
    assert "by whoever keeps the log, or by whoever held the file" in told
    # One that does not hold is compared with nothing.
    assert main(["verify", str(files[0]), str(BAD)]) == 1
    assert "Compared" not in capsys.readouterr().out


def test_a_log_that_is_served(
    rewritten: tuple[Path, Path, PaperLog], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after, log = rewritten
    served = log.serve(tmp_path / "log")
    assert main(["verify", str(after), "--log", str(served)]) == 0
    assert "They agree in what was compared." in capsys.readouterr().out
    assert main(["verify", str(before), "--log", str(served)]) == 1
    assert f"assent-vault: not-grown: The 17 entries of {served}" in capsys.readouterr().err
    assert main(["verify", str(after), "--log", str(tmp_path / "nowhere")]) == 1
    told = capsys.readouterr()
    assert "Not compared with the log" in told.out
    assert "assent-vault: log-unreadable:" in told.err


def test_known_keys(capsys: pytest.CaptureFixture[str]) -> None:
    charter = meeting().charter
    server, vault = fingerprint(charter.server), encode(charter.vault)
    assert main(["verify", str(GOOD), "--server-key", server, "--vault-key", vault]) == 0
    told = capsys.readouterr().out
    assert told.count("the one you gave") == 2
    assert "named by the file itself" not in told
    assert "own word" not in told
    assert main(["verify", str(GOOD), "--server-key", vault, "--vault-key", vault]) == 1
    told = capsys.readouterr().out
    assert "The key is another one than it should be. [other-key]" in told
    assert "NOT the one you gave" in told


def test_known_witness(capsys: pytest.CaptureFixture[str]) -> None:
    witnessed = FOLDER / "good-a-witness-has-signed.assent-receipt.json"
    (case,) = (each for each in CASES if each["file"] == witnessed.name)
    assert case["witnesses"][0]["name"] == WITNESS
    key = key_of("witness").public_key().public_bytes_raw()
    vkey = Verifier(WITNESS, KeyKind.COSIGNATURE, key).vkey
    assert main(["verify", str(witnessed), "--witness-key", vkey]) == 0
    assert main(["verify", str(GOOD), "--witness-key", vkey]) == 1
    assert "not-witnessed" in capsys.readouterr().err
    log = PaperLog("meet.example/log", key_of("log key"))
    with pytest.raises(SystemExit) as caught:
        main(
            ["verify", str(GOOD), "--witness-key", Verifier("a", KeyKind.ED25519, log.public).vkey]
        )
    assert caught.value.code == 2


@pytest.mark.parametrize("key", ["", "abc", "0" * 63, encode(bytes(31)), "g" * 64])
def test_a_key_that_is_none(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["verify", str(GOOD), "--server-key", key])
    assert caught.value.code == 2
    assert "--server-key" in capsys.readouterr().err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path / "none"), str(GOOD)]) == 1
    told = capsys.readouterr()
    assert "file-unreadable" in told.err
    assert "IT HOLDS." in told.out


def test_a_file_without_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "/dev/zero"]) == 1
    assert "not-a-receipt" in capsys.readouterr().err
    assert MAX_BYTES == 16 * 1024 * 1024


def test_consent_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "record.jsonld"
    assert main(["verify", str(GOOD), "--record", str(out)]) == 0
    assert out.read_bytes() == (FOLDER / "good-everything.jsonld").read_bytes()
    assert main(["verify", str(GOOD), "--record", str(out)]) == 1
    assert "record-unwritable" in capsys.readouterr().err
    other = tmp_path / "other.jsonld"
    assert main(["verify", str(BAD), "--record", str(other)]) == 1
    assert not other.exists()
    assert main(["verify", str(GOOD), str(GOOD), "--record", str(other)]) == 1
    assert "one-file" in capsys.readouterr().err


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_everything_is_explained(case: dict[str, object]) -> None:
    verdict = check((FOLDER / str(case["file"])).read_bytes())
    lines = list(explain(verdict, Pins()))
    assert all(f" {name}:" in line for name, line in zip(NAMES, lines, strict=False))
    assert ("IT HOLDS." in lines) == verdict.holds
    assert all("\x1b" not in line and "\n" not in line for line in lines)
