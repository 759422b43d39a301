"""The check ``records``: what the log's records say of the person and the meeting."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from assent_vault.errors import FormatError, SignatureError
from assent_vault.formats import suite
from assent_vault.formats.charter import Charter
from assent_vault.formats.statement import Answer, Enrolment
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import (
    Admitted,
    Adopted,
    Answered,
    Enrolled,
    Erased,
    HostCertified,
    MeetingCreated,
    NoticePublished,
    PersonRemoved,
    Record,
    Revoked,
    Withdrawn,
)
from assent_vault.receipt.course import Logged, Past, Said, advance
from assent_vault.receipt.fails import Fails
from assent_vault.receipt.file import Entry, Receipt


def check_records(
    receipt: Receipt, charter: Charter, enrolment: Enrolment, answers: Sequence[Answer]
) -> tuple[Logged, ...]:
    """Return all records, those of the statements first; raises Fails.

    Charter, enrolment and answers must have been verified. Each record is looked at by itself, then
    where they stand, then what there must be, and then whether it can have happened like that.
    """
    mine: list[Logged] = []
    for number, said in enumerate(receipt.statements):
        kinds = (Answered,) if number else (Enrolled,)
        record = _open(said.entry, charter.vault, charter.server, kinds, number)
        expected: Record
        if number == 0:
            expected = Enrolled(
                at=record.at,
                meeting=charter.meeting,
                person=enrolment.person,
                enrolment=enrolment.digest,
            )
        else:
            expected = _answered(record.at, answers[number - 1])
        if record != expected:
            raise Fails("mismatch", number)
        mine.append(_logged(said.entry, record))
    others: list[Logged] = []
    vault = charter.vault
    for number, entry in enumerate(receipt.entries, len(mine)):
        record = _open(entry, vault, charter.server, None, number)
        if isinstance(record, Adopted):
            vault = record.vault
        if not _fits(record, charter, enrolment):
            raise Fails("mismatch", number)
        others.append(_logged(entry, record))
    every = (*mine, *others)
    _check_indices(mine, others)
    _check_completeness([each.record for each in others])
    _check_course(every, Said(charter, answers))
    return every


def _logged(entry: Entry, record: Record) -> Logged:
    return Logged(entry.index, record, suite.digest(entry.record))


def _open(
    entry: Entry,
    vault: bytes,
    server: bytes,
    kinds: tuple[type[Record], ...] | None,
    number: int,
) -> Record:
    """Read a record, of these kinds or of any but statements', and check who vouches for it."""
    try:
        record = entries.parse(entry.record)
    except FormatError as error:
        raise Fails("bad-document", number) from error
    if isinstance(record, Enrolled | Answered) if kinds is None else not isinstance(record, kinds):
        raise Fails("bad-document", number)
    if (entry.signature is not None) != (record.OF_VAULT or record.SIGNED_BY_SERVER):
        raise Fails("bad-signature", number)
    if entry.signature is not None:
        # Who takes a meeting over signs for it, and for all that comes after.
        of_vault = record.vault if isinstance(record, Adopted) else vault
        signer = of_vault if record.OF_VAULT else server
        try:
            suite.verify(signer, record.TYPE, entry.record, entry.signature)
        except SignatureError as error:
            raise Fails("bad-signature", number) from error
    return record


def _answered(at: int, answer: Answer) -> Record:
    return Answered(
        at=at,
        meeting=answer.meeting,
        person=answer.person,
        sequence=answer.sequence,
        answer=answer.digest,
    )


def _fits(record: Record, charter: Charter, enrolment: Enrolment) -> bool:
    """Tell whether a record, whatever the others say, is of this person's part of this meeting."""
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
        case HostCertified() | PersonRemoved() | Withdrawn():
            return record.person == enrolment.person
        case Revoked() | Erased():
            return record.person in (None, enrolment.person)
        case _:
            return True


def _check_indices(mine: Sequence[Logged], others: Sequence[Logged]) -> None:
    indices = [each.index for each in (*mine, *others)]
    in_order = len(set(indices)) == len(indices)
    for row in (mine, others):
        in_order &= all(one.index < two.index for one, two in pairwise(row))
    if not in_order:
        raise Fails("out-of-order")


def _check_completeness(records: Sequence[Record]) -> None:
    """Check what there must be. What was recorded concerns nobody who was never let in."""
    kinds = {type(record) for record in records}
    if not {NoticePublished, MeetingCreated} <= kinds:
        raise Fails("missing")
    if Admitted not in kinds and not kinds <= {NoticePublished, MeetingCreated}:
        raise Fails("missing")


def _check_course(every: Sequence[Logged], said: Said) -> None:
    """Go through all that was logged, in the order in which it was."""
    past = Past()
    for number, logged in sorted(enumerate(every), key=lambda each: each[1].index):
        try:
            past = advance(past, logged, said)
        except Fails as failure:
            raise Fails(failure.code, number) from None
