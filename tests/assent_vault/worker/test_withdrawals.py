"""Only what somebody has signed, and what verifies, takes anything back."""

from __future__ import annotations

import pytest

from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.release.evidence import AnswerEvidence, PersonEvidence
from assent_vault.worker.withdrawals import taken_back
from support.people import Person
from support.vault import VaultScene


@pytest.mark.parametrize("breaks", ["body", "signature", "order"])
async def test_a_statement_that_does_not_verify_withdraws_nothing(
    stage: VaultScene, breaks: str
) -> None:
    meeting = await stage.meeting()
    person = Person(meeting.charter, meeting.vault_key)
    enrolment = person.enrol()
    answers = [person.answer(Will.YES), person.answer(Will.WITHDRAWN)]
    rows = [AnswerEvidence(each.body, each.signature, None, 1) for each in answers]

    everyone = {encode(person.id)}

    def evidence(*rows: AnswerEvidence) -> PersonEvidence:
        return PersonEvidence(
            encode(person.id), enrolment.body, enrolment.signature, True, tuple(rows)
        )

    assert len(taken_back(meeting.charter, (evidence(*rows),), everyone).recordings) == 1
    last = rows[1]
    if breaks == "body":
        last = AnswerEvidence(last.body.replace(b"en", b"de"), last.signature, None, 1)
    elif breaks == "signature":
        last = AnswerEvidence(last.body, bytes(64), None, 1)
    changed = (last, rows[0]) if breaks == "order" else (rows[0], last)
    found = taken_back(meeting.charter, (evidence(*changed),), everyone)
    assert found.answers == ()
    assert found.recordings == ()
