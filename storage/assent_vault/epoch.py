"""Epochs: headers, shares and closings, and the sealing of an epoch's key (FORMAT.md section 8).

Only what can be sealed is here; what opens is in :mod:`assent_vault.opening`, which the server
never imports.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import document, suite
from assent_vault.charter import Charter
from assent_vault.errors import FormatError
from assent_vault.suite import (
    DIGEST_BYTES,
    KEY_BOX_BYTES,
    KEY_BYTES,
    MEETING_BYTES,
    SUITE,
    WRAPPED_BYTES,
    XWING_PUBLIC_BYTES,
    digest,
    encode,
)
from assent_vault.vault_key import VaultKey

HEADER = "assent/epoch/v1"
SHARES = "assent/shares/v1"
CLOSING = "assent/epoch-close/v1"
MAX_BYTES = 2 * 1024 * 1024
MAX_PEOPLE = 400
MAX_SEGMENTS = 12_000  # five minutes of 50 people with four tracks each take half of it
_SUITES = frozenset({SUITE})


@dataclass(frozen=True, slots=True)
class HeaderPerson:
    """One person in a header; ``watch`` and ``train`` are X-Wing public keys."""

    id: bytes
    enrolment: bytes
    watch: bytes
    train: bytes
    present: bool
    watches: bool


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed epoch header; ``digest`` is what the format calls ``H``."""

    meeting: bytes
    epoch: int
    began: int
    offset: int
    previous: bytes | None
    charter: bytes
    notice_version: int
    training: bool
    vault: bytes | None
    people: tuple[HeaderPerson, ...]
    body: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """``H``, the digest of the exact bytes."""
        return digest(self.body)


def build_header(
    *,
    meeting: bytes,
    epoch: int,
    began: int,
    offset: int,
    previous: bytes | None,
    charter: Charter,
    vault_key: VaultKey | None,
    people: Sequence[HeaderPerson],
) -> bytes:
    """Return the exact bytes of an epoch's header; raises FormatError where the rules forbid it.

    ``people`` is everyone ever let in; they are put in order here. ``vault_key`` is given exactly
    where the charter offers training.
    """
    body = document.write(
        {
            "type": HEADER,
            "suite": SUITE,
            "meeting": encode(meeting),
            "epoch": epoch,
            "began": began,
            "offset": offset,
            "previous": None if previous is None else encode(previous),
            "charter": encode(charter.digest),
            "notice_version": charter.notice_version,
            "training": charter.training,
            "vault": None if vault_key is None else encode(vault_key.digest),
            "people": [
                {
                    "id": encode(person.id),
                    "enrolment": encode(person.enrolment),
                    "watch": encode(person.watch),
                    "train": encode(person.train),
                    "present": person.present,
                    "watches": person.watches,
                }
                for person in sorted(people, key=lambda person: person.id)
            ],
        }
    )
    parse_header(body)
    return body


def parse_header(body: bytes) -> Header:
    """Read a header; raises FormatError."""
    fields = document.read(body, HEADER, MAX_BYTES)
    fields.one_of("suite", _SUITES)
    people = []
    for inner in fields.inners("people", MAX_PEOPLE):
        people.append(
            HeaderPerson(
                id=inner.binary("id", DIGEST_BYTES),
                enrolment=inner.binary("enrolment", DIGEST_BYTES),
                watch=inner.binary("watch", XWING_PUBLIC_BYTES),
                train=inner.binary("train", XWING_PUBLIC_BYTES),
                present=inner.boolean("present"),
                watches=inner.boolean("watches"),
            )
        )
        inner.done()
    header = Header(
        meeting=fields.binary("meeting", MEETING_BYTES),
        epoch=fields.integer("epoch", least=1),
        began=fields.integer("began"),
        offset=fields.integer("offset"),
        previous=fields.optional_binary("previous", DIGEST_BYTES),
        charter=fields.binary("charter", DIGEST_BYTES),
        notice_version=fields.integer("notice_version", least=1),
        training=fields.boolean("training"),
        vault=fields.optional_binary("vault", DIGEST_BYTES),
        people=tuple(people),
        body=body,
    )
    fields.done()
    if (header.vault is not None) is not header.training:
        raise FormatError("a vault key exactly where training is offered", "vault")
    ids = [person.id for person in people]
    if ids != sorted(set(ids)):
        raise FormatError("not in order, each once", "people")
    if not any(person.present for person in people):
        raise FormatError("nobody is present", "people")
    if any(person.present and not person.watches for person in people):
        raise FormatError("someone present who may not watch", "people")
    return header


class EpochKey:
    """Holds ``E`` while its epoch runs; :meth:`forget` ends that."""

    __slots__ = ("_header", "_key")

    def __init__(self, key: bytes, header: bytes) -> None:
        self._key: bytearray | None = bytearray(key)
        self._header = header

    def track_key(self, track: str) -> bytes:
        """Return the key of one track; an assertion fails after :meth:`forget`."""
        assert self._key is not None, "the key of a closed epoch is forgotten"
        return suite.track_key(bytes(self._key), self._header, track)

    def forget(self) -> None:
        """Overwrite the key, as far as Python lets us."""
        if self._key is not None:
            self._key[:] = bytes(len(self._key))
            self._key = None


@dataclass(frozen=True, slots=True)
class TrainingShares:
    """The boxes of the training shares, people's in header order, and ``E`` wrapped under all."""

    vault: bytes
    people: tuple[bytes, ...]
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Shares:
    """A parsed shares document."""

    header: bytes
    training: TrainingShares | None
    watch: dict[bytes, bytes]


def seal_epoch(
    header: Header, vault_key: VaultKey | None, random: Callable[[int], bytes] = os.urandom
) -> tuple[EpochKey, bytes]:
    """Draw the key of an epoch and seal it; returns the key and the shares document.

    Raises FormatError where a key named in the header is none, or the vault key is not the one it
    names.
    """
    named = header.digest
    if header.vault != (None if vault_key is None else vault_key.digest):
        raise FormatError("not the vault key that the header names", "vault")
    epoch_key = random(KEY_BYTES)
    training = None
    if vault_key is not None:
        owners = [(vault_key.digest, vault_key.key)]
        owners += [(person.id, person.train) for person in header.people]
        shares = [random(KEY_BYTES) for _ in owners]
        boxes = [
            encode(suite.seal(public, share, suite.share_info(named, owner)))
            for (owner, public), share in zip(owners, shares, strict=True)
        ]
        combined = suite.training_key(shares, named)
        training = {
            "vault": boxes[0],
            "people": boxes[1:],
            "wrapped": encode(suite.wrap(combined, named, epoch_key)),
        }
    body = document.write(
        {
            "type": SHARES,
            "header": encode(named),
            "training": training,
            "watch": [
                {
                    "id": encode(person.id),
                    "box": encode(
                        suite.seal(person.watch, epoch_key, suite.watch_info(named, person.id))
                    ),
                }
                for person in header.people
                if person.watches
            ],
        }
    )
    return EpochKey(epoch_key, named), body


def parse_shares(body: bytes, header: Header) -> Shares:
    """Read the shares document of ``header``; raises FormatError."""
    fields = document.read(body, SHARES, MAX_BYTES)
    if fields.binary("header", DIGEST_BYTES) != header.digest:
        raise FormatError("of another epoch", "header")
    inner = fields.optional_inner("training")
    training = None
    if inner is not None:
        training = TrainingShares(
            vault=inner.binary("vault", KEY_BOX_BYTES),
            people=inner.binaries("people", KEY_BOX_BYTES, MAX_PEOPLE),
            wrapped=inner.binary("wrapped", WRAPPED_BYTES),
        )
        inner.done()
        if len(training.people) != len(header.people):
            raise FormatError("not one share for each of the people", "training.people")
    if (training is not None) is not header.training:
        raise FormatError("shares exactly where training is offered", "training")
    watch = {}
    for one in fields.inners("watch", MAX_PEOPLE):
        watch[one.binary("id", DIGEST_BYTES)] = one.binary("box", KEY_BOX_BYTES)
        one.done()
    fields.done()
    if list(watch) != [person.id for person in header.people if person.watches]:
        raise FormatError("not exactly those who may watch", "watch")
    return Shares(header.digest, training, watch)


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One segment as a closing lists it; ``start`` and ``end`` in ms since the meeting began."""

    track: str
    sequence: int
    digest: bytes
    size: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Closing:
    """A parsed closing."""

    meeting: bytes
    epoch: int
    header: bytes
    ended: int
    interrupted: bool
    segments: tuple[SegmentEntry, ...]


def build_closing(
    *,
    header: Header,
    ended: int,
    interrupted: bool,
    segments: Sequence[SegmentEntry],
    server_key: Ed25519PrivateKey,
) -> tuple[bytes, bytes]:
    """Return a closing and its signature; the segments are put in order here."""
    body = document.write(
        {
            "type": CLOSING,
            "meeting": encode(header.meeting),
            "epoch": header.epoch,
            "header": encode(header.digest),
            "ended": ended,
            "interrupted": interrupted,
            "segments": [
                {
                    "track": entry.track,
                    "sequence": entry.sequence,
                    "digest": encode(entry.digest),
                    "size": entry.size,
                    "start": entry.start,
                    "end": entry.end,
                }
                for entry in sorted(segments, key=lambda entry: (entry.track, entry.sequence))
            ],
        }
    )
    parse_closing(body)
    return body, suite.sign(server_key, CLOSING, body)


def parse_closing(body: bytes) -> Closing:
    """Read a closing; raises FormatError."""
    fields = document.read(body, CLOSING, MAX_BYTES)
    segments = []
    for inner in fields.inners("segments", MAX_SEGMENTS):
        segments.append(
            SegmentEntry(
                track=inner.text("track", 64),
                sequence=inner.integer("sequence"),
                digest=inner.binary("digest", DIGEST_BYTES),
                size=inner.integer("size"),
                start=inner.integer("start"),
                end=inner.integer("end"),
            )
        )
        inner.done()
    closing = Closing(
        meeting=fields.binary("meeting", MEETING_BYTES),
        epoch=fields.integer("epoch", least=1),
        header=fields.binary("header", DIGEST_BYTES),
        ended=fields.integer("ended"),
        interrupted=fields.boolean("interrupted"),
        segments=tuple(segments),
    )
    fields.done()
    before: SegmentEntry | None = None
    for entry in segments:
        if before is None or before.track != entry.track:
            expected = 0
            if before is not None and before.track >= entry.track:
                raise FormatError("tracks out of order", "segments")
        else:
            expected = before.sequence + 1
        if entry.sequence != expected:
            raise FormatError("a segment is missing", "segments")
        if entry.end < entry.start:
            raise FormatError("ends before it starts", "segments")
        before = entry
    return closing


def verify_closing(body: bytes, signature: bytes, header: Header, server: bytes) -> Closing:
    """Check a closing against its header and the server key; raises FormatError, SignatureError."""
    suite.verify(server, CLOSING, body, signature)
    closing = parse_closing(body)
    if (closing.meeting, closing.epoch, closing.header) != (
        header.meeting,
        header.epoch,
        header.digest,
    ):
        raise FormatError("of another epoch", "header")
    return closing
