"""The check ``records``: what the log's records say of the person and the meeting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from assent_vault import suite
from assent_vault.charter import Charter
from assent_vault.errors import FormatError, SignatureError
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    Destroyed,
    Enrolled,
    EpochClosed,
    EpochOpened,
    Erased,
    Exported,
    MeetingCreated,
    NoticePublished,
    Record,
    Released,
    Withdrawn,
)
from assent_vault.receipt.fails import Fails
from assent_vault.receipt.file import Entry, Receipt
from assent_vault.statement import Answer, Enrolment, Will


@dataclass(frozen=True, slots=True)
class Logged:
    """A record that has been checked, and where in the log it stands."""

    index: int
    record: Record


def check_records(
    receipt: Receipt, charter: Charter, enrolment: Enrolment, answers: Sequence[Answer]
) -> tuple[Logged, ...]:
    """Return all records, those of the statements first; raises Fails.

    Charter, enrolment and answers must have been verified.
    """
    mine: list[Logged] = []
    for number, said in enumerate(receipt.statements):
        record = _open(said.entry, charter, (Answered,) if number else (Enrolled,))
        expected: Record
        if number == 0:
            expected = Enrolled(
                at=record.at,
                meeting=charter.meeting,
                person=enrolment.person,
                enrolment=enrolment.digest,
            )
        else:
            expected = _answered(Answered, record.at, answers[number - 1])
        if record != expected:
            raise Fails("mismatch", number)
        mine.append(Logged(said.entry.index, record))
    others: list[Logged] = []
    for number, entry in enumerate(receipt.entries, len(mine)):
        record = _open(entry, charter, None, number)
        if not _fits(record, entry.index, others, charter, enrolment, answers):
            raise Fails("mismatch", number)
        others.append(Logged(entry.index, record))
    _check_order(mine, others)
    _check_numbers([each.record for each in others])
    return (*mine, *others)


def _open(
    entry: Entry, charter: Charter, kinds: tuple[type[Record], ...] | None, number: int = 0
) -> Record:
    """Read a record, of these kinds or of any but statements', and check who vouches for it."""
    try:
        record = entries.parse(entry.record)
    except FormatError as error:
        raise Fails("bad-document", number) from error
    if isinstance(record, Enrolled | Answered) if kinds is None else not isinstance(record, kinds):
        raise Fails("bad-document", number)
    if (entry.signature is not None) != record.OF_VAULT:
        raise Fails("bad-signature", number)
    if entry.signature is not None:
        try:
            suite.verify(charter.vault, record.TYPE, entry.record, entry.signature)
        except SignatureError as error:
            raise Fails("bad-signature", number) from error
    return record


def _answered(kind: type[Answered | Withdrawn], at: int, answer: Answer) -> Record:
    return kind(
        at=at,
        meeting=answer.meeting,
        person=answer.person,
        sequence=answer.sequence,
        answer=answer.digest,
    )


def _fits(
    record: Record,
    index: int,
    before: Sequence[Logged],
    charter: Charter,
    enrolment: Enrolment,
    answers: Sequence[Answer],
) -> bool:
    """Tell whether a record says what it must in this person's receipt of this meeting."""
    if isinstance(record, NoticePublished):
        return (record.version, dict(record.texts)) == (
            charter.notice_version,
            dict(charter.notices),
        )
    if record.of != charter.meeting:
        return False
    match record:
        case MeetingCreated():
            return record.charter == charter.digest
        case Admitted():
            return (record.person, record.enrolment) == (enrolment.person, enrolment.digest)
        case Withdrawn():
            taking_back = (
                each for each in answers if Will.WITHDRAWN in (each.recording, each.training)
            )
            return any(record == _answered(Withdrawn, record.at, each) for each in taking_back)
        case Erased():
            return record.person in (None, enrolment.person)
        case Released() | Exported():
            return record.size <= index
        case EpochClosed():
            return all(
                other.record.header == record.header
                for other in before
                if isinstance(other.record, EpochOpened) and other.record.epoch == record.epoch
            )
        case _:
            return True


def _check_order(mine: Sequence[Logged], others: Sequence[Logged]) -> None:
    enrolled = mine[0].index
    opened = {
        each.record.epoch: each.index
        for each in reversed(others)
        if isinstance(each.record, EpochOpened)
    }
    indices = [each.index for each in (*mine, *others)]
    in_order = len(set(indices)) == len(indices)
    for row in (mine, others):
        in_order &= all(one.index < two.index for one, two in pairwise(row))
    for each in others:
        match each.record:
            case MeetingCreated():
                in_order &= each.index < enrolled
            case Admitted():
                in_order &= each.index > enrolled
            case EpochClosed(epoch=epoch):
                in_order &= epoch in opened and opened[epoch] < each.index
    if not in_order:
        raise Fails("out-of-order")


def _check_numbers(records: Sequence[Record]) -> None:
    def count(kind: type[Record]) -> int:
        return sum(isinstance(record, kind) for record in records)

    opened = [record.epoch for record in records if isinstance(record, EpochOpened)]
    closed = [record.epoch for record in records if isinstance(record, EpochClosed)]
    if not (
        count(NoticePublished) == count(MeetingCreated) == 1
        and count(Admitted) <= 1
        and count(Destroyed) <= 1
        and opened == list(range(1, len(opened) + 1))
        and len(set(closed)) == len(closed)
    ):
        raise Fails("missing")
