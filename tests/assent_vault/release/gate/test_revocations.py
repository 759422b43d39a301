"""The gate: what host, administrator or operator took back, shown by the row or by the log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from assent_vault.formats import suite
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Purpose, Revoked
from assent_vault.release.decision import Release
from assent_vault.release.evidence import Evidence
from assent_vault.release.gate import decide
from support.gate import blocked, blocked_as_logged
from support.releasable import Releasable, logged


def act(evidence: Evidence, number: int = 0, purpose: Purpose = "training") -> bytes:
    person = suite.decode(evidence.people[number].person_id)
    record = Revoked(
        meeting=suite.decode(evidence.meeting_id),
        person=None if purpose == "meeting" else person,
        purpose=purpose,
        sequence=0,
        by="host",
        at=1,
    )
    return entries.write(record)


@pytest.mark.parametrize("purpose", ["training", "recording", "meeting"])
def test_any_act_blocks(purpose: Purpose) -> None:
    evidence = Releasable().evidence()
    assert isinstance(decide(evidence), Release)
    blocked(replace(evidence, revocations=(act(evidence, 0, purpose),)), revoked=1)


def test_all_acts_are_counted_and_each_once() -> None:
    evidence = Releasable().evidence()
    acts = (act(evidence), act(evidence, 1), act(evidence, 1))
    blocked(replace(evidence, revocations=acts), revoked=2)


def test_the_row_alone_blocks() -> None:
    evidence = Releasable().evidence()
    blocked_as_logged(replace(evidence, revocations=(act(evidence),)), revoked=1)
    blocked_as_logged(replace(evidence, revocations=(b"nonsense",)), revoked=1)


def test_the_log_alone_blocks() -> None:
    """Taking the row away brings nothing back."""
    evidence = Releasable().evidence()
    found = logged(replace(evidence, revocations=(act(evidence), act(evidence, 1))))
    blocked_as_logged(replace(found, revocations=()), revoked=2)
    blocked_as_logged(replace(found, revocations=(act(evidence),)), revoked=2)


def test_a_log_that_cannot_be_read_hides_no_row() -> None:
    evidence = Releasable().evidence()
    found = replace(evidence, revocations=(act(evidence),))
    blocked_as_logged(replace(found, log=replace(found.log, whole=False)), not_logged=0, revoked=1)


@pytest.mark.parametrize("nothing", [b"", ""])
def test_what_is_no_list_of_acts_is_not_taken_for_none(nothing: Any) -> None:
    evidence = Releasable().evidence()
    blocked_as_logged(replace(evidence, revocations=nothing), bad_evidence=1)
