"""What the log tells: records, and the entries that commit to them (FORMAT.md section 11).

A record is a small document about another document, which it names by its digest. The log itself
holds ``SHA-256(salt ‖ record)`` alone, and so nothing about anybody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal, get_args

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.ledger import record_fields as field_of
from assent_vault.ledger.record_fields import SlotRange, codec_of

MAX_BYTES: Final = 4 * 1024
SALT_BYTES: Final = 32
EXPORT_BYTES: Final = 16
MOST_RECIPIENT: Final = 200
MOST_PURPOSE: Final = 500
"""Characters of what a data set was given for, at most, and of whom to: a record stays small."""

REASONS: Final = ("retention", "deleted")
Purpose = Literal["training", "recording", "meeting"]
Actor = Literal["host", "administrator", "operator"]
PURPOSES: Final = get_args(Purpose)
ACTORS: Final = get_args(Actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Common parent of all records. ``at`` is the writer's clock, Unix milliseconds.

    ``OF_VAULT`` is true where the vault identity signs the record, ``SIGNED_BY_SERVER`` where the
    server's key does; all others are the server's and not signed by themselves.
    """

    TYPE: ClassVar[str]
    OF_VAULT: ClassVar[bool] = False
    SIGNED_BY_SERVER: ClassVar[bool] = False

    at: int

    @property
    def of(self) -> bytes | None:
        """The meeting that it is about, None where it is about none."""
        return getattr(self, "meeting", None)

    def check(self) -> None:
        """Raise FormatError where fields do not fit one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePublished(Record):
    """Words have been published, in every language that there is."""

    TYPE = "assent/entry/notice/v1"
    version: int = field_of.integer(1)
    texts: Mapping[str, bytes] = field_of.texts()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingCreated(Record):
    """A meeting has its charter."""

    TYPE = "assent/entry/meeting/v1"
    meeting: bytes = field_of.meeting()
    charter: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled(Record):
    """A person has enrolled."""

    TYPE = "assent/entry/enrolled/v1"
    meeting: bytes = field_of.meeting()
    person: bytes = field_of.digest()
    enrolment: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted(Record):
    """A person was let in for the first time."""

    TYPE = "assent/entry/admitted/v1"
    meeting: bytes = field_of.meeting()
    person: bytes = field_of.digest()
    enrolment: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Record):
    """A person has answered."""

    TYPE = "assent/entry/answered/v1"
    meeting: bytes = field_of.meeting()
    person: bytes = field_of.digest()
    sequence: int = field_of.integer(1)
    answer: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked(Record):
    """Somebody was acted for: host, administrator or operator took something back.

    ``sequence`` is the number of the person's last answer, 0 for none. Without a person it is the
    whole meeting.
    """

    TYPE = "assent/entry/revoked/v1"
    SIGNED_BY_SERVER = True
    meeting: bytes = field_of.meeting()
    person: bytes | None = field_of.digest_or_null()
    purpose: Purpose = field_of.choice(PURPOSES)
    sequence: int = field_of.integer()
    by: Actor = field_of.choice(ACTORS)

    def check(self) -> None:
        """ "`person` is null exactly where `purpose` is "meeting", and `sequence` is 0 then." """
        if (self.person is None) != (self.purpose == "meeting"):
            raise FormatError("person", "must be there for a person, and for the meeting null")
        if self.person is None and self.sequence != 0:
            raise FormatError("sequence", "is of a person's answers")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostCertified(Record):
    """A person has shown that the host key of the room makes them a host."""

    TYPE = "assent/entry/host/v2"
    meeting: bytes = field_of.meeting()
    person: bytes = field_of.digest()
    certificate: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostArmed(Record):
    """A host has signed whether it is to be recorded; the act says which of the two."""

    TYPE = "assent/entry/armed/v2"
    meeting: bytes = field_of.meeting()
    act: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRemoved(Record):
    """A host has signed that a person is removed."""

    TYPE = "assent/entry/removed/v2"
    meeting: bytes = field_of.meeting()
    person: bytes = field_of.digest()
    act: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationOpened(Record):
    """A recorded generation begins, with this header.

    ``committer`` is a page, null where the server has made it; ``boxes`` is a digest.
    """

    TYPE = "assent/entry/generation-opened/v2"
    meeting: bytes = field_of.meeting()
    number: int = field_of.integer(1)
    header: bytes = field_of.digest()
    committer: bytes | None = field_of.digest_or_null()
    boxes: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationClosed(Record):
    """A recorded generation has ended, with this closing.

    ``accepts`` is a digest, null where the server has made the generation.
    """

    TYPE = "assent/entry/generation-closed/v2"
    meeting: bytes = field_of.meeting()
    number: int = field_of.integer(1)
    header: bytes = field_of.digest()
    closing: bytes = field_of.digest()
    accepts: bytes | None = field_of.digest_or_null()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(Record):
    """A meeting is over, for good."""

    TYPE = "assent/entry/ended/v1"
    meeting: bytes = field_of.meeting()


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Record):
    """The gate has opened, on this evidence, at this head of the log."""

    TYPE = "assent/entry/released/v1"
    OF_VAULT = True
    meeting: bytes = field_of.meeting()
    evidence: bytes = field_of.digest()
    ready_at: int = field_of.integer()
    size: int = field_of.integer()
    root: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported(Record):
    """A meeting is part of a data set, whose manifest has this digest."""

    TYPE = "assent/entry/exported/v1"
    OF_VAULT = True
    meeting: bytes = field_of.meeting()
    export: bytes = field_of.octets(EXPORT_BYTES)
    manifest: bytes = field_of.digest()
    evidence: bytes = field_of.digest()
    size: int = field_of.integer()
    root: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFor(Exported):
    """A meeting is part of a data set, and for whom and for what that is, where it was said."""

    TYPE = "assent/entry/exported/v2"
    recipient: str | None = field_of.line_or_null(MOST_RECIPIENT)
    purpose: str | None = field_of.line_or_null(MOST_PURPOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotsLost(Record):
    """Slots of a generation that do not open, though nobody has left them out."""

    TYPE = "assent/entry/slot-lost/v2"
    OF_VAULT = True
    meeting: bytes = field_of.meeting()
    header: bytes = field_of.digest()
    slots: tuple[SlotRange, ...] = field_of.slots()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Record):
    """The vault has carried out what this answer, or this ``revoked`` record, takes back."""

    TYPE = "assent/entry/withdrawn/v1"
    OF_VAULT = True
    meeting: bytes = field_of.meeting()
    person: bytes = field_of.digest()
    sequence: int = field_of.integer()
    answer: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Record):
    """The vault has seen that what was recorded of a person, or of everyone, is gone."""

    TYPE = "assent/entry/erased/v1"
    OF_VAULT = True
    meeting: bytes = field_of.meeting()
    person: bytes | None = field_of.digest_or_null()


@dataclass(frozen=True, slots=True, kw_only=True)
class Destroyed(Record):
    """The vault has destroyed a meeting; accounts for the entries whose records went with it."""

    TYPE = "assent/entry/destroyed/v1"
    OF_VAULT = True
    meeting: bytes = field_of.meeting()
    reason: str = field_of.choice(REASONS)
    entries: int = field_of.integer()
    digest: bytes = field_of.digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted(Record):
    """A vault takes over what there is to take away, of a meeting that it can never release.

    Signed by ``vault``, the one that takes over; it may be the meeting's own, which has lost what
    it had seen of the log. Whatever of the vault comes after it is signed by ``vault``.
    """

    TYPE = "assent/entry/adopted/v1"
    OF_VAULT = True
    meeting: bytes = field_of.meeting()
    vault: bytes = field_of.sign_public()


KINDS: Final[Mapping[str, type[Record]]] = MappingProxyType(
    {
        kind.TYPE: kind
        for kind in (
            NoticePublished,
            MeetingCreated,
            Enrolled,
            Admitted,
            Answered,
            Revoked,
            HostCertified,
            HostArmed,
            PersonRemoved,
            GenerationOpened,
            GenerationClosed,
            Ended,
            Released,
            Exported,
            ExportedFor,
            SlotsLost,
            Withdrawn,
            Erased,
            Destroyed,
            Adopted,
        )
    }
)


def write(record: Record) -> bytes:
    """Return a record's exact bytes: ``type`` first, ``at`` last."""
    values: dict[str, Any] = {"type": record.TYPE}
    for each in fields(record):
        if each.name != "at":
            values[each.name] = codec_of(each.metadata).write(getattr(record, each.name))
    values["at"] = record.at
    return document.write(values)


def parse(body: bytes) -> Record:
    """Read a record of any kind; raises FormatError."""
    type_ = type_of(body)
    kind = KINDS.get(type_)
    if kind is None:
        raise FormatError("type", "is of no record")
    names = [each.name for each in fields(kind) if each.name != "at"]
    found = document.read(body, type_, most=MAX_BYTES).only("type", *names, "at")
    values = {
        each.name: codec_of(each.metadata).read(found, each.name)
        for each in fields(kind)
        if each.name != "at"
    }
    record = kind(at=found.integer("at"), **values)
    record.check()
    return record


def type_of(body: bytes) -> str:
    """Return what a record says it is, "" where it does not say it in the first place."""
    start = b'{"type":"'
    if not body.startswith(start):
        return ""
    name, quote, _ = body[len(start) : len(start) + 64].partition(b'"')
    return name.decode("ascii", "replace") if quote else ""


def commit(salt: bytes, record: bytes) -> bytes:
    """Return the entry that commits to a record."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt is of 32 bytes")
    return hashlib.sha256(salt + record).digest()


NOTHING_BEFORE: Final = bytes(suite.DIGEST_BYTES)


def chain(before: bytes, index: int, entry: bytes) -> bytes:
    """Return d(i) of a ``destroyed`` record, from d(i - 1): binds one more entry and its place."""
    # Signed, for a row of the database may say anything; an index is written the same either way.
    return hashlib.sha256(before + index.to_bytes(8, "big", signed=True) + entry).digest()
