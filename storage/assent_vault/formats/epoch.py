"""Epochs: header and shares; and sealing a new epoch (FORMAT.md section 8).

Whoever records calls :func:`build_header`, :func:`seal_epoch`, makes both documents durable, uses
the :class:`EpochKey` for the tracks, forgets it, and writes a closing (:mod:`.closing`). Nothing
here can open an epoch again; that is :mod:`assent_vault.keys.unsealing`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import SUITE, encode
from assent_vault.formats.vault_key import VaultKey

HEADER_TYPE: Final = "assent/epoch/v1"
SHARES_TYPE: Final = "assent/shares/v1"
MAX_BYTES: Final = 8 * 1024 * 1024


# The header.


@dataclass(frozen=True, slots=True)
class HeaderPerson:
    """Somebody who was ever let into the meeting, and their part in the epoch.

    ``enrolment`` is the digest of their enrolment, ``watch`` and ``train`` their public keys.
    """

    id: bytes
    enrolment: bytes
    watch: bytes
    train: bytes
    present: bool
    watches: bool


@dataclass(frozen=True, slots=True)
class Header:
    """A header that has been read. ``digest`` is H, ``vault`` the vault-key document's digest."""

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
    body: bytes
    digest: bytes


def build_header(
    *,
    meeting: bytes,
    epoch: int,
    began: int,
    offset: int,
    previous: bytes | None,
    charter: Charter,
    vault_key: VaultKey | None,
    people: Iterable[HeaderPerson],
) -> bytes:
    """Write the header of a new epoch.

    ``people`` is everyone who was ever let in, in any order; ``previous`` the digest of the header
    before. ``vault_key`` must be given exactly where the charter offers training. Raises ValueError
    where the epoch may not be at all.
    """
    if meeting != charter.meeting or (vault_key is not None and vault_key.meeting != meeting):
        raise ValueError("charter, vault key and epoch must be of one meeting")
    if not charter.recording:
        raise ValueError("a meeting that is never recorded has no epochs")
    if charter.training != (vault_key is not None):
        raise ValueError("the vault has a share exactly where training is offered")
    everyone = sorted(people, key=lambda person: person.id)
    if not any(person.present for person in everyone):
        raise ValueError("an epoch without anybody has nobody to agree to it")
    body = document.write(
        {
            "type": HEADER_TYPE,
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
                for person in everyone
            ],
        }
    )
    parse_header(body)  # what cannot be read must not be written
    return body


def parse_header(body: bytes) -> Header:
    """Read a header; raises FormatError."""
    fields = document.read(body, HEADER_TYPE, most=MAX_BYTES).only(
        "type", "suite", "meeting", "epoch", "began", "offset", "previous", "charter",
        "notice_version", "training", "vault", "people",
    )  # fmt: skip
    fields.exactly("suite", SUITE)
    epoch = fields.integer("epoch", least=1)
    previous = fields.b64_or_null("previous", suite.DIGEST_BYTES)
    if epoch == 1 and previous is not None:
        fields.fail("previous", "is a header before the first")
    training = fields.boolean("training")
    vault = fields.b64_or_null("vault", suite.DIGEST_BYTES)
    # "Where `training` is false, `vault` is null."
    if training != (vault is not None):
        fields.fail("vault", "must be there exactly where training is offered")
    people = tuple(_parse_person(person) for person in fields.children("people"))
    ids = [person.id for person in people]
    # "ordered by id bytes, each once"
    if any(left >= right for left, right in pairwise(ids)):
        fields.fail("people", "are not ordered by id, each once")
    return Header(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        epoch=epoch,
        began=fields.integer("began"),
        offset=fields.integer("offset"),
        previous=previous,
        charter=fields.b64("charter", suite.DIGEST_BYTES),
        notice_version=fields.integer("notice_version", least=1),
        training=training,
        vault=vault,
        people=people,
        body=body,
        digest=suite.digest(body),
    )


def _parse_person(fields: document.Fields) -> HeaderPerson:
    fields.only("id", "enrolment", "watch", "train", "present", "watches")
    person = HeaderPerson(
        id=fields.b64("id", suite.DIGEST_BYTES),
        enrolment=fields.b64("enrolment", suite.DIGEST_BYTES),
        watch=fields.b64("watch", suite.XWING_PUBLIC_BYTES),
        train=fields.b64("train", suite.XWING_PUBLIC_BYTES),
        present=fields.boolean("present"),
        watches=fields.boolean("watches"),
    )
    # "`watches` is true for those who are present, and for the meeting's hosts."
    if person.present and not person.watches:
        fields.fail("watches", "is false for somebody who is present")
    return person


# The keys, and the shares of them.


class EpochKey:
    """E, while the epoch runs. ``forget`` it when the epoch closes."""

    __slots__ = ("_header", "_key")

    def __init__(self, key: bytes, header: bytes) -> None:
        self._key: bytearray | None = bytearray(key)
        self._header = header

    def track_key(self, track: str) -> bytes:
        """Return the key of one track, by the track's name. Raises ValueError once forgotten."""
        if self._key is None:
            raise ValueError("the epoch is closed, and its key forgotten")
        return suite.track_key(bytes(self._key), self._header, track)

    def forget(self) -> None:
        """Overwrite the key. Copies that Python has made stay until their memory is used again."""
        if self._key is not None:
            self._key[:] = bytes(len(self._key))
            self._key = None

    def __repr__(self) -> str:
        return "EpochKey(forgotten)" if self._key is None else "EpochKey(…)"


@dataclass(frozen=True, slots=True)
class TrainingShares:
    """The boxes of the shares of K, the vault's and everyone's in header order; E under K."""

    vault: bytes
    people: tuple[bytes, ...]
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Shares:
    """A shares document that belongs to a header. ``watch`` has a box of E for each who watches."""

    header: bytes
    training: TrainingShares | None
    watch: dict[bytes, bytes]
    body: bytes


def seal_epoch(
    header: Header,
    vault_key: VaultKey | None,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> tuple[EpochKey, bytes]:
    """Draw the keys of a new epoch; return E and the shares document.

    Both documents must be durable before the first byte of media is. ``random`` gives that many
    unpredictable bytes. Raises SealError where a key in the header cannot be sealed to, ValueError
    where ``vault_key`` is not the one the header names.
    """
    if (None if vault_key is None else vault_key.digest) != header.vault:
        raise ValueError("the header names another vault key")
    if vault_key is not None and vault_key.meeting != header.meeting:
        raise ValueError("the vault key is another meeting's")
    key = random(suite.KEY_BYTES)
    training = None if vault_key is None else _seal_training(header, vault_key, key, random)
    body = document.write(
        {
            "type": SHARES_TYPE,
            "header": encode(header.digest),
            "training": training,
            "watch": [
                {
                    "id": encode(person.id),
                    "box": encode(
                        suite.seal(person.watch, key, suite.watch_info(header.digest, person.id))
                    ),
                }
                for person in header.people
                if person.watches
            ],
        }
    )
    parse_shares(body, header)  # what cannot be read must not be written
    return EpochKey(key, header.digest), body


def _seal_training(
    header: Header, vault_key: VaultKey, key: bytes, random: Callable[[int], bytes]
) -> dict[str, object]:
    """Share K among the vault and everyone ever let in, and put E under it: n of n."""
    owners = [(vault_key.digest, vault_key.key)]
    owners += [(person.id, person.train) for person in header.people]
    shares = [random(suite.KEY_BYTES) for _ in owners]
    boxes = [
        encode(suite.seal(public, share, suite.share_info(header.digest, owner)))
        for share, (owner, public) in zip(shares, owners, strict=True)
    ]
    wrapped = suite.wrap(suite.training_key(shares, header.digest), header.digest, key)
    return {"vault": boxes[0], "people": boxes[1:], "wrapped": encode(wrapped)}


def parse_shares(body: bytes, header: Header) -> Shares:
    """Read the shares document of ``header``: a box for each who must have one, and no other.

    Raises FormatError.
    """
    fields = document.read(body, SHARES_TYPE, most=MAX_BYTES).only(
        "type", "header", "training", "watch"
    )
    if fields.b64("header", suite.DIGEST_BYTES) != header.digest:
        fields.fail("header", "is the digest of another header")
    training = _parse_training(fields.child_or_null("training"), header)
    watch = []
    for item in fields.children("watch"):
        item.only("id", "box")
        watch.append((item.b64("id", suite.DIGEST_BYTES), item.b64("box", suite.BOX_BYTES)))
    if [owner for owner, _ in watch] != [person.id for person in header.people if person.watches]:
        fields.fail("watch", "is not for those who watch, in header order")
    return Shares(header=header.digest, training=training, watch=dict(watch), body=body)


def _parse_training(fields: document.Fields | None, header: Header) -> TrainingShares | None:
    # "Where `training` is false, … there are no training shares, now or ever."
    if (fields is not None) != header.training:
        raise FormatError("training", "must be there exactly where training is offered")
    if fields is None:
        return None
    fields.only("vault", "people", "wrapped")
    people = fields.b64_list("people", suite.BOX_BYTES)
    if len(people) != len(header.people):
        fields.fail("people", "is not one share for each of the header's people")
    return TrainingShares(
        vault=fields.b64("vault", suite.BOX_BYTES),
        people=people,
        wrapped=fields.b64("wrapped", suite.WRAPPED_BYTES),
    )
