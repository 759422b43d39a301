"""The course of events: every vector, and that of each bad one it is the course alone that is bad.

The records of the vectors are taken as they are, unverified: what is tried here is what can follow
what. ``test_check`` judges the same files as a whole.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assent_vault.formats import charter as charters
from assent_vault.formats import statement, suite
from assent_vault.ledger import entry as entries
from assent_vault.receipt import check, history, parse
from assent_vault.receipt.course import Logged, Past, Said, advance
from assent_vault.receipt.fails import Fails

FOLDER = Path(__file__).parents[2] / "vectors" / "receipts"
CASES: list[dict[str, Any]] = [
    case
    for case in json.loads((FOLDER / "cases.json").read_bytes())["cases"]
    if case["name"].startswith("course: ")
]
NAMES = [case["name"] for case in CASES]
# Found before anything is asked about what follows what.
BEFORE = (
    "course: a record that is wrong by itself comes first",
    "course: the order of the file comes before what is missing",
)


@cache
def row(file: str) -> tuple[Said, tuple[Logged, ...]]:
    """Return what a receipt holds, in the order of the log."""
    receipt = parse((FOLDER / file).read_bytes())
    answers = [statement.parse_answer(said.document) for said in receipt.statements[1:]]
    logged = [
        Logged(each.index, entries.parse(each.record), suite.digest(each.record))
        for each in receipt.every_entry
    ]
    said = Said(charters.parse(receipt.charter), answers)
    return said, tuple(sorted(logged, key=lambda each: each.index))


def judged(file: str) -> str | None:
    """Return the code with which the course of a receipt fails, None where it holds."""
    said, logged = row(file)
    past = Past()
    try:
        history._check_completeness([each.record for each in logged if not _is_said(each)])
        for each in logged:
            past = advance(past, each, said)
    except Fails as failure:
        return failure.code
    return None


def _is_said(each: Logged) -> bool:
    return isinstance(each.record, entries.Enrolled | entries.Answered)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_vector(case: dict[str, Any]) -> None:
    if case["name"] not in BEFORE:
        assert [judged(case["file"])] == ([code for _, code in case["failures"]] or [None])


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_the_course_alone_is_bad(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    if case["name"] in BEFORE:
        return
    monkeypatch.setattr(history, "_check_completeness", lambda records: None)
    monkeypatch.setattr(history, "_check_course", lambda every, said: None)
    assert check((FOLDER / case["file"]).read_bytes()).holds


def test_the_one_to_blame_is_named() -> None:
    body = (FOLDER / "bad-course-withdrawn-before-it-was-said.assent-receipt.json").read_bytes()
    verdict = check(body)
    (failed,) = [each for each in verdict.checks if each.code is not None]
    receipt = parse(body)
    assert failed.item is not None
    assert b"/withdrawn/" in receipt.every_entry[failed.item].record
