"""Evidence: all that the gate looks at, exact bytes and what else is known; and its digest.

Plain values, which anybody can make up: what they are worth is the gate's to find out. Who reads
them from rows and objects is :mod:`assent_vault.release.evidence_reader`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from assent_vault.ledger.checkpoint import Head


@dataclass(frozen=True, slots=True)
class AnswerEvidence:
    """A statement row: what a person sent, and when it arrived (Unix ms)."""

    body: bytes
    signature: bytes
    sealed: bytes | None
    received_at: int


@dataclass(frozen=True, slots=True)
class PersonEvidence:
    """A participant row, with every answer of theirs in the order of ``sequence``.

    ``admitted`` is true where the person was ever let in.
    """

    person_id: str
    enrolment: bytes
    signature: bytes
    admitted: bool
    answers: tuple[AnswerEvidence, ...]


@dataclass(frozen=True, slots=True)
class SignedEvidence:
    """A row with a document that a host, or the host key, has signed."""

    body: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class SegmentCheck:
    """What reading a generation's objects has shown.

    ``closing`` is the digest of the closing that was checked against, ``intact`` how many of its
    segments are there with the digest and size it lists, ``boxes`` the digest of its boxes, None
    where there are none.
    """

    closing: bytes
    intact: int
    boxes: bytes | None


@dataclass(frozen=True, slots=True)
class GenerationEvidence:
    """A generation's row, and what is known of its objects; None for what there is not (yet)."""

    number: int
    header: bytes
    signature: bytes
    closing: bytes | None
    closing_signature: bytes | None
    check: SegmentCheck | None


@dataclass(frozen=True, slots=True)
class LogEvidence:
    """What the log tells of the meeting, at ``head``.

    ``records`` are the exact bytes of the server's records of the meeting, in order, each as an
    entry of the log commits to it. ``whole`` says that these are all there are, and that no entry
    of the log is hidden.
    """

    head: Head
    whole: bool
    records: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that the gate looks at. Times are Unix milliseconds, ``cooling_off`` milliseconds.

    ``cooling_off`` and ``retention_days`` are what is set now, None where nothing is: each counts
    where it is stricter than what the charter says, which everyone has signed.

    ``room`` is the document that the charter names. ``people`` holds every participant row of the
    meeting, ``certificates`` those of its hosts, ``acts`` what hosts have signed, in order.
    ``deletions`` counts the deletions of objects that were ever asked for. ``revocations`` are the
    records in the rows that say that somebody was acted for, whoever has signed them: any of them
    blocks. ``key_present`` says that the keyring holds the private half of the very key in
    ``vault_key``, and that no row says it was destroyed. ``owed`` counts answers that take
    something back and that the server has received and could not store (``owed.py``).
    """

    meeting_id: str
    charter: bytes
    room: bytes
    ended_at: int | None
    retain_until: int
    destroyed_at: int | None
    deletions: int
    revocations: tuple[bytes, ...]
    vault_key: bytes | None
    vault_key_signature: bytes | None
    key_present: bool
    people: tuple[PersonEvidence, ...]
    certificates: tuple[SignedEvidence, ...]
    acts: tuple[SignedEvidence, ...]
    generations: tuple[GenerationEvidence, ...]
    log: LogEvidence
    cooling_off: int
    retention_days: int | None
    now: int
    owed: int


def evidence_digest(evidence: Evidence) -> bytes:
    """Return the SHA-256 over all evidence but the time of looking at it, and how the log stood.

    People and generations count in the order of their ids and numbers, whatever order they come in.
    """
    found = hashlib.sha256(b"assent/evidence/v2\0")
    for field in fields(evidence):
        value = getattr(evidence, field.name)
        if field.name == "now":
            continue
        if field.name == "log":
            value = (value.whole, value.records)  # the head moves on with every other meeting
        if field.name == "people":
            value = tuple(sorted(value, key=lambda person: person.person_id))
        if field.name == "generations":
            value = tuple(sorted(value, key=lambda generation: generation.number))
        for part in _canonical(value):
            found.update(part)
    return found.digest()


def _canonical(value: Any) -> Iterator[bytes]:
    """Yield a value so that no two values give the same bytes: a tag, a length, the content."""
    if is_dataclass(value):
        value = tuple(getattr(value, field.name) for field in fields(value))
    if value is None:
        yield b"n"
    elif isinstance(value, bool):
        yield b"t" if value else b"f"
    elif isinstance(value, int):
        yield b"i%d." % value
    elif isinstance(value, str):
        data = value.encode()
        yield b"s%d." % len(data) + data
    elif isinstance(value, bytes):
        yield b"b%d." % len(value) + value
    elif isinstance(value, tuple):
        yield b"l%d." % len(value)
        for item in value:
            yield from _canonical(item)
    else:
        raise TypeError("evidence is made of none but plain values")
