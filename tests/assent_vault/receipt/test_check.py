"""Receipts: every vector is judged as it says, and no changed byte goes unnoticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assent_vault.errors import FormatError
from assent_vault.formats.suite import decode
from assent_vault.ledger.note import KeyKind, Verifier
from assent_vault.receipt import MAX_BYTES, CheckState, Pins, check, parse, write
from support.receipts import written
from vectors.receipt_cases import Story

FOLDER = Path(__file__).parents[2] / "vectors" / "receipts"
CASES: list[dict[str, Any]] = json.loads((FOLDER / "cases.json").read_bytes())["cases"]


def pins_of(case: dict[str, Any]) -> Pins:
    return Pins(
        server=None if case["server"] is None else decode(case["server"]),
        vault=None if case["vault"] is None else decode(case["vault"]),
        witnesses=tuple(
            Verifier(each["name"], KeyKind.COSIGNATURE, decode(each["key"]))
            for each in case["witnesses"]
        ),
    )


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_vector(case: dict[str, Any]) -> None:
    verdict = check((FOLDER / case["file"]).read_bytes(), pins_of(case))
    assert [list(each) for each in verdict.failures] == case["failures"]
    assert verdict.holds == (not case["failures"])
    assert (verdict.believed is not None) == verdict.holds


def test_vectors_fail_every_check_in_every_way() -> None:
    found = {tuple(failure) for case in CASES for failure in case["failures"]}
    statements = ("bad-statement", "bad-signature")
    assert found == {
        ("file", "not-a-receipt"),
        ("charter", "bad-document"),
        ("server", "other-key"),
        ("vault", "other-key"),
        ("words", "other-languages"),
        ("words", "other-words"),
        *(("vault-key", code) for code in ("bad-document", "bad-signature", "other-meeting")),
        *(("enrolment", code) for code in (*statements, "notice-not-in-force")),
        *(("answers", code) for code in (*statements, "notice-not-in-force", "stale-statement")),
        *(
            ("records", code)
            for code in ("bad-document", "bad-signature", "mismatch", "out-of-order", "missing")
        ),
        *(("log", code) for code in ("bad-document", "bad-signature", "other-key")),
        *(("acknowledgements", code) for code in ("bad-document", "bad-signature", "mismatch")),
        *(
            ("heads", code)
            for code in (
                "bad-document",
                "mismatch",
                "other-log",
                "bad-signature",
                "not-witnessed",
                "split-view",
            )
        ),
        ("inclusion", "not-in-log"),
    }


def test_what_it_takes_for_granted_is_said() -> None:
    verdict = check((FOLDER / "good-everything.assent-receipt.json").read_bytes())
    own_word = [each.name for each in verdict.checks if each.state is CheckState.OWN_WORD]
    assert own_word == ["server", "vault"]


def test_what_it_says() -> None:
    believed = check((FOLDER / "good-everything.assent-receipt.json").read_bytes()).believed
    assert believed is not None
    assert [str(each.recording) for each in believed.answers] == ["yes", "yes", "withdrawn"]
    assert len(believed.records) == 4 + 11
    assert believed.head.size > max(each.index for each in believed.records)


def test_every_changed_byte_is_noticed() -> None:
    """Each byte of a small receipt, changed by one bit and by all of them."""
    body = written(Story().begin().answer("yes", "no").desk.receipt())
    assert check(body).holds
    unnoticed = []
    for at in range(len(body)):
        for change in (0x01, 0xFF):
            changed = body[:at] + bytes([body[at] ^ change]) + body[at + 1 :]
            if check(changed).holds:
                unnoticed.append((at, change, body[max(0, at - 20) : at + 20]))
    assert unnoticed == []


def test_every_cut_is_noticed() -> None:
    body = written(Story().begin().desk.receipt())
    assert not any(check(body[:end]).holds for end in range(0, len(body), 7))


def test_nothing_too_large_is_read() -> None:
    body = written(Story().begin().desk.receipt())
    with pytest.raises(FormatError, match="is not spelled"):
        parse(body + b" " * (MAX_BYTES - len(body)))
    with pytest.raises(FormatError, match="is over"):
        parse(body + b" " * (MAX_BYTES - len(body) + 1))


def test_a_receipt_is_written_as_it_was_read() -> None:
    body = (FOLDER / "good-everything.assent-receipt.json").read_bytes()
    assert write(parse(body)) == body
