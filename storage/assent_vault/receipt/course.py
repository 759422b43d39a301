"""The course of events that a receipt tells: one state machine over the row of its entries. Pure.

Theory of operation. Each record of a receipt may be true by itself, properly signed and in the log,
and all of them together may still tell what cannot have happened: a release after a withdrawal, an
export without a release. So the entries of the statements and all others are merged into one row by
their indices, and :func:`advance` takes them one after the other. What has come before is
:class:`Past`; of each kind of record one function says whether it may come now, and what is so
afterwards. What happened first is told by the index alone, and a clock is asked where the format
promises a time: when a release may be handed on.

Each condition stands in the table of FORMAT.md section 14.1, in the same order; the first that
does not hold is the one that fails. ``missing``: something is there twice, or the one before it is
not there. ``out-of-order``: what must have come before has not, or what must not have has.
``mismatch``: it says something else than what came before.

Nothing that an honest server and vault can write is refused, races included: generations overlap,
for the next one is opened while the one before is being closed; a person answers, and is acted for,
after the end and after the destruction; a release is repeated when its evidence changes; a meeting
is exported once more, for another data set; what somebody took back is carried out whenever the
vault comes to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assent_vault.formats.charter import Charter
from assent_vault.formats.room import Mode
from assent_vault.formats.statement import Answer, Will
from assent_vault.ledger.entry import (
    Admitted,
    Adopted,
    Answered,
    Destroyed,
    Ended,
    Enrolled,
    Erased,
    Exported,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    HostCertified,
    MeetingCreated,
    NoticePublished,
    PersonRemoved,
    Record,
    Released,
    Revoked,
    SlotsLost,
    Withdrawn,
)
from assent_vault.receipt.fails import Fails


@dataclass(frozen=True, slots=True)
class Logged:
    """A record that has been checked by itself, and where in the log it stands."""

    index: int
    record: Record
    digest: bytes  # of the record's exact bytes


@dataclass(frozen=True, slots=True)
class Said:
    """What the row is held against: the charter, and the answers, which are signed and chained."""

    charter: Charter
    answers: Sequence[Answer]

    def takes_back(self, sequence: int) -> frozenset[str]:
        """Return the purposes that become ``withdrawn`` with an answer."""
        before, answer = (None, *self.answers)[sequence - 1], self.answers[sequence - 1]
        return frozenset(
            purpose
            for purpose in ("recording", "training")
            if getattr(answer, purpose) is Will.WITHDRAWN
            and getattr(before, purpose, None) is not Will.WITHDRAWN
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What has come before, as far as anything that comes later depends on it."""

    index: int = -1  # of the last record
    notice: bool = False
    meeting: bool = False
    enrolled: bool = False
    admitted: bool = False
    answered: tuple[Answered, ...] = ()
    acts: tuple[tuple[bytes, Revoked], ...] = ()  # each with its digest
    certified: bool = False
    host_acts: frozenset[bytes] = frozenset()
    armed: bool = False  # whether a host has signed anything about recording
    opened: tuple[bytes, ...] = ()  # the header of each generation
    closed: frozenset[int] = frozenset()
    ended: bool = False
    released: Released | None = None
    exports: frozenset[bytes] = frozenset()  # the data sets that the meeting is in
    carried_out: frozenset[bytes] = frozenset()
    clearing: int | None = None  # through which generation the person's part goes
    adopted: bool = False
    destroyed: bool = False
    erased: bool = False  # of everyone

    def is_closed(self, last: int) -> bool:
        """Tell whether the generations from the first to ``last`` are closed."""
        return self.closed.issuperset(range(1, last + 1))


def advance(past: Past, now: Logged, said: Said) -> Past:
    """Return what has come before what follows ``now``; raises Fails where it cannot come now."""
    match now.record:
        case NoticePublished():
            after = _notice(past)
        case MeetingCreated():
            after = _meeting(past)
        case Enrolled():
            after = _enrolled(past)
        case Admitted():
            after = _admitted(past)
        case Answered() as record:
            after = _answered(past, record)
        case Revoked() as record:
            after = _revoked(past, record, now.digest)
        case HostCertified():
            after = _certified(past)
        case HostArmed() as record:
            after = replace(_host_acted(past, record.act, past.meeting), armed=True)
        case PersonRemoved() as record:
            after = _host_acted(past, record.act, past.enrolled)
        case GenerationOpened() as record:
            after = _opened(past, record, said)
        case GenerationClosed() as record:
            after = _closed(past, record, said)
        case Ended():
            after = _ended(past)
        case Released() as record:
            after = _released(past, record, now.index, said)
        case Exported() as record:
            after = _exported(past, record, now.index, said)
        case SlotsLost() as record:
            after = _lost(past, record)
        case Withdrawn() as record:
            after = _withdrawn(past, record, said)
        case Erased() as record:
            after = _erased(past, record)
        case Destroyed() as record:
            after = _destroyed(past, record)
        case Adopted():
            after = _adopted(past)
        case _:
            raise AssertionError("every kind of record has its transition")
    return replace(after, index=now.index)


# The transitions, in the order of FORMAT.md's table.


def _notice(past: Past) -> Past:
    _once(not past.notice)
    return replace(past, notice=True)


def _meeting(past: Past) -> Past:
    _once(not past.meeting)
    _order(past.notice)
    return replace(past, meeting=True)


def _enrolled(past: Past) -> Past:
    _order(past.meeting)
    return replace(past, enrolled=True)


def _admitted(past: Past) -> Past:
    _once(not past.admitted)
    _order(past.enrolled)
    _order(not past.ended)
    return replace(past, admitted=True)


def _answered(past: Past, record: Answered) -> Past:
    return replace(past, answered=(*past.answered, record))


def _revoked(past: Past, record: Revoked, digest: bytes) -> Past:
    if record.person is None:
        _order(past.meeting)
    else:
        _order(past.admitted)
        _same(record.sequence == len(past.answered))
    return replace(past, acts=(*past.acts, (digest, record)))


def _certified(past: Past) -> Past:
    _once(not past.certified)
    _order(past.enrolled)
    _order(not past.ended)
    return replace(past, certified=True)


def _host_acted(past: Past, act: bytes, after: bool) -> Past:
    """Take an act of a host that can come ``after`` what it is about."""
    _once(act not in past.host_acts)
    _order(after)
    _order(not past.ended)
    return replace(past, host_acts=past.host_acts | {act})


def _opened(past: Past, record: GenerationOpened, said: Said) -> Past:
    _once(record.number == len(past.opened) + 1)
    _order(past.meeting)
    # "`arm` is the newest `arm` act": without one no header can be made.
    _order(past.armed)
    _order(not past.ended)
    _same(said.charter.recording)
    # "Where it is `relayed`: `committer` is null, [...] there are no acceptances".
    _same((record.committer is None) == (said.charter.mode is Mode.RELAYED))
    return replace(past, opened=(*past.opened, record.header))


def _closed(past: Past, record: GenerationClosed, said: Said) -> Past:
    _once(record.number not in past.closed)
    _order(record.number <= len(past.opened))
    _same(record.header == past.opened[record.number - 1])
    _same((record.accepts is None) == (said.charter.mode is Mode.RELAYED))
    return replace(past, closed=past.closed | {record.number})


def _ended(past: Past) -> Past:
    _once(not past.ended)
    return replace(past, ended=True)


def _released(past: Past, record: Released, index: int, said: Said) -> Past:
    _open_gate(past, record, index, said)
    _same(record.ready_at >= past.answered[-1].at + said.charter.cooling_off_seconds * 1000)
    return replace(past, released=record)


def _exported(past: Past, record: Exported, index: int, said: Said) -> Past:
    _once(record.export not in past.exports)
    _open_gate(past, record, index, said)
    if past.released is None:
        raise Fails("out-of-order")
    _same(record.evidence == past.released.evidence)
    _same(record.at >= past.released.ready_at)
    return replace(past, exports=past.exports | {record.export})


def _open_gate(past: Past, record: Released | Exported, index: int, said: Said) -> None:
    """Require what the gate requires, as far as this person's entries show it."""
    _same(said.charter.training)
    _order(past.ended)
    _order(len(past.opened) > 0 and past.is_closed(len(past.opened)))
    answers = said.answers[: len(past.answered)]
    _order(len(answers) > 0 and answers[-1].training is Will.YES)
    _order(not any(Will.WITHDRAWN in (each.recording, each.training) for each in answers))
    _order(not past.acts)
    _order(not past.adopted)
    _order(not past.destroyed)
    # Decided at a head that has all that came before, and nothing that is yet to come.
    _same(past.index < record.size <= index)


def _lost(past: Past, record: SlotsLost) -> Past:
    # What can be lost was handed over to be opened.
    _order(past.released is not None)
    _order(not past.destroyed)
    _same(record.header in past.opened)
    return past


def _withdrawn(past: Past, record: Withdrawn, said: Said) -> Past:
    _once(record.answer not in past.carried_out)
    _order(past.admitted)
    taken = _carried_out(past, record, said)
    clearing = past.clearing
    if "recording" in taken and clearing is None:
        clearing = len(past.opened)
    return replace(past, carried_out=past.carried_out | {record.answer}, clearing=clearing)


def _carried_out(past: Past, record: Withdrawn, said: Said) -> frozenset[str]:
    """Return what the answer or act takes back that a record says was carried out."""
    for answer in said.answers:
        if (answer.sequence, answer.digest) == (record.sequence, record.answer):
            taken = said.takes_back(answer.sequence)
            _same(len(taken) > 0)
            _order(answer.sequence <= len(past.answered))
            return taken
    for digest, act in past.acts:
        if digest == record.answer:
            _same((act.person, act.sequence) == (record.person, record.sequence))
            return frozenset({act.purpose})
    raise Fails("mismatch")


def _erased(past: Past, record: Erased) -> Past:
    if record.person is None:
        _once(not past.erased)
        _order(past.destroyed)
        return replace(past, erased=True)
    _order(past.clearing is not None and past.is_closed(past.clearing))
    return past


def _destroyed(past: Past, record: Destroyed) -> Past:
    _once(not past.destroyed)
    # Of what was not exported no record is left that could be in a receipt.
    _order(len(past.exports) > 0)
    _order(record.reason != "deleted" or any(act.person is None for _, act in past.acts))
    return replace(past, destroyed=True)


def _adopted(past: Past) -> Past:
    _order(past.meeting)
    return replace(past, adopted=True)


def _once(holds: bool) -> None:
    if not holds:
        raise Fails("missing")


def _order(holds: bool) -> None:
    if not holds:
        raise Fails("out-of-order")


def _same(holds: bool) -> None:
    if not holds:
        raise Fails("mismatch")
