"""What the log tells of one meeting, to be held against what the database says. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from assent_vault.errors import FormatError
from assent_vault.formats.suite import encode
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import (
    Admitted,
    Answered,
    Ended,
    Enrolled,
    GenerationClosed,
    GenerationOpened,
    HostArmed,
    HostCertified,
    MeetingCreated,
    PersonRemoved,
    Record,
    Revoked,
)

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Telling:
    """What was logged of a meeting; documents by their digests, people by their ids in b64.

    ``hosts`` are certificates, ``acts`` all acts of hosts that were logged. ``ended`` is when its
    end was logged, by the server's clock (Unix ms), None where it was not. ``records`` are all of
    them, in the order of the log.
    """

    charter: bytes
    enrolled: Mapping[str, bytes]
    admitted: Mapping[str, bytes]
    answered: Mapping[str, Sequence[Answered]]
    hosts: Mapping[str, bytes]
    acts: frozenset[bytes]
    opened: Mapping[int, GenerationOpened]
    closed: Mapping[int, GenerationClosed]
    ended: int | None
    revoked: frozenset[bytes]  # the exact records
    records: Sequence[Record]

    def knows(self, person: str, enrolment: bytes, answers: Sequence[bytes]) -> bool:
        """Tell whether this enrolment was logged and let in, and just these answers were logged."""
        told = self.answered.get(person, ())
        return (
            self.enrolled.get(person) == enrolment
            and self.admitted.get(person) == enrolment
            and [(each.sequence, each.answer) for each in told] == list(enumerate(answers, 1))
        )

    def answered_at(self, person: str) -> int:
        """Return when a person's last answer was logged, in Unix milliseconds; 0 for none."""
        told = self.answered.get(person, ())
        return told[-1].at if told else 0


def of_server(records: Iterable[bytes]) -> tuple[bytes, ...]:
    """Return the records that say what has happened, without those of what the vault has done."""
    return tuple(record for record in records if not _is_of_vault(record))


def _is_of_vault(record: bytes) -> bool:
    kind = entries.KINDS.get(entries.type_of(record))
    return kind is not None and kind.OF_VAULT


def admitted(meeting_id: str, records: Iterable[bytes]) -> Iterator[str]:
    """Yield whom any of these records says to have been let in; passes over what is no record."""
    for body in records:
        try:
            record = entries.parse(body)
        except FormatError:
            continue
        if isinstance(record, Admitted) and encode(record.meeting) == meeting_id:
            yield encode(record.person)


def read(meeting: bytes, records: Iterable[bytes]) -> Telling:
    """Read the server's records of a meeting, in order; raises FormatError.

    The server writes each once. Anything twice, or of another meeting, is not from it.
    """
    charters: dict[int, bytes] = {}
    enrolled: dict[str, bytes] = {}
    let_in: dict[str, bytes] = {}
    answered: dict[str, list[Answered]] = {}
    hosts: dict[str, bytes] = {}
    acts: dict[bytes, None] = {}
    opened: dict[int, GenerationOpened] = {}
    closed: dict[int, GenerationClosed] = {}
    ended: dict[int, int] = {}
    revoked: set[bytes] = set()
    told: list[Record] = []
    for body in records:
        record = entries.parse(body)
        told.append(record)
        if record.of != meeting:
            raise FormatError("meeting", "is another")
        match record:
            case MeetingCreated():
                _once(charters, 0, record.charter)
            case Enrolled():
                _once(enrolled, encode(record.person), record.enrolment)
            case Admitted():
                _once(let_in, encode(record.person), record.enrolment)
            case Answered():
                answered.setdefault(encode(record.person), []).append(record)
            case Revoked():
                revoked.add(body)
            case HostCertified():
                _once(hosts, encode(record.person), record.certificate)
            case HostArmed() | PersonRemoved():
                _once(acts, record.act, None)
            case GenerationOpened():
                _once(opened, record.number, record)
            case GenerationClosed():
                _once(closed, record.number, record)
            case Ended():
                _once(ended, 0, record.at)
            case _:
                raise FormatError("type", "is of no record of the server's")
    if not charters:
        raise FormatError("charter", "is missing")
    return Telling(
        charters[0],
        MappingProxyType(enrolled),
        MappingProxyType(let_in),
        MappingProxyType(answered),
        MappingProxyType(hosts),
        frozenset(acts),
        MappingProxyType(opened),
        MappingProxyType(closed),
        ended.get(0),
        frozenset(revoked),
        tuple(told),
    )


def _once(found: dict[Key, Value], key: Key, value: Value) -> None:
    if key in found:
        raise FormatError("type", "is of a record that was there before")
    found[key] = value
