"""Withdrawals: what was verifiably taken back in a meeting, by its people and for them. Pure.

Every chain of statements and every act is verified first, as far as it verifies: what people have
signed, and what was taken back for them with the server's signature (``revocation``), are the only
reasons to take something away before its time. Only what *everyone* has said counts
(``everyone``): who was never let in has nothing in the meeting that they could take back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from assent_vault.errors import VaultError
from assent_vault.formats import statement, suite
from assent_vault.formats.charter import Charter
from assent_vault.formats.statement import Answer, Will
from assent_vault.ledger import revocation
from assent_vault.ledger.entry import Revoked
from assent_vault.ledger.revocation import Revocation
from assent_vault.release.evidence import PersonEvidence

REVOKED: Final = "revoked"


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That a person took back a yes to recording, with the answer of this sequence.

    Or that it was done for them, ``by`` somebody else, when this was their last answer.
    """

    person: bytes
    sequence: int
    by: str | None = None

    def deletion_id(self, meeting_id: str) -> str:
        """Return the one id that the deletion for this withdrawal has."""
        text = f"assent/deletion/v1\0{meeting_id}\0{suite.encode(self.person)}\0{self.sequence}"
        if self.by is not None:
            text += f"\0{REVOKED}"
        return suite.encode(hashlib.sha256(text.encode()).digest()[:16])


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was verifiably taken back in a meeting, by its people and for them."""

    answers: tuple[Answer, ...]  # those that take something back
    acts: tuple[Revoked, ...]
    recordings: tuple[Withdrawal, ...]

    @property
    def everything(self) -> bool:
        """Whether the meeting as a whole was deleted."""
        return any(act.purpose == revocation.MEETING for act in self.acts)


def taken_back(
    charter: Charter,
    people: tuple[PersonEvidence, ...],
    everyone: Collection[str],
    acts: Iterable[Revocation] = (),
) -> TakenBack:
    """Find what was withdrawn in all that everyone has signed, and what was for them. Pure."""
    answers = []
    recordings = []
    for person in people:
        if person.person_id not in everyone:
            continue
        before = (Will.UNANSWERED, Will.UNANSWERED)
        for answer in _verified(charter, person):
            now = (answer.recording, answer.training)
            if any(
                is_ is Will.WITHDRAWN and was is not is_
                for was, is_ in zip(before, now, strict=True)
            ):
                answers.append(answer)
            if now[0] is Will.WITHDRAWN and before[0] is not Will.WITHDRAWN:
                recordings.append(Withdrawal(answer.person, answer.sequence))
            before = now
    done = revocation.verified(acts, charter)
    recordings += [
        Withdrawal(act.person, act.sequence, act.by)
        for act in done
        if act.person is not None and act.purpose == revocation.RECORDING
    ]
    return TakenBack(tuple(answers), done, tuple(recordings))


def _verified(charter: Charter, person: PersonEvidence) -> Iterator[Answer]:
    """Yield a person's answers as far as they verify, each after the one before."""
    try:
        enrolment = statement.verify_enrolment(person.enrolment, person.signature, charter)
        previous: Answer | None = None
        for given in person.answers:
            previous = statement.verify_chained(
                given.body, given.signature, enrolment, charter, previous
            )
            yield previous
    except VaultError:
        return  # what follows is nobody's word; the gate blocks for it
