"""A person in a browser, in Python: has a seed, enrols, answers, grants, watches.

Does what an honest client does, with the same bytes; ``raw_…`` let a test have it do what only a
dishonest one would. Meetings for it to come to are made by :func:`make_meeting`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import charter as charters
from assent_vault.formats import document, statement, suite
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.charter import Charter
from assent_vault.formats.generation_header import GenerationPerson
from assent_vault.formats.room import Room
from assent_vault.formats.statement import Answer, Enrolment, Will
from assent_vault.formats.suite import SUITE_2, encode
from assent_vault.formats.vault_key import VaultKey
from support.rooms import Link, make_room

NOTICE = "We ask whether we may record you, and whether a recording may train machines.\n"
NOTICE_DIGEST = suite.digest(NOTICE.encode())
BUILD = suite.digest(b"a client build")
CREATED = 1_750_000_000_000  # June 2025, in Unix milliseconds
CENTURY = 36_525 * 24 * 3_600_000


@dataclass(frozen=True)
class Meeting:
    """A meeting's documents, and the private keys behind them that no browser ever sees."""

    charter: Charter
    vault_key: VaultKey | None
    server: Ed25519PrivateKey
    vault_identity: Ed25519PrivateKey
    vault_private: bytes
    room: Room
    link: Link
    host_key: Ed25519PrivateKey

    @property
    def id(self) -> bytes:
        """The meeting id, 16 bytes."""
        return self.charter.meeting


@dataclass(frozen=True)
class Signed:
    """Something a person said: what goes over the wire and into the database."""

    body: bytes
    signature: bytes
    sealed: bytes | None = None


def make_meeting(
    *,
    recording: bool = True,
    training: bool = True,
    waiting_room: bool = False,
    meeting: bytes | None = None,
    drawn: bytes | None = None,
    notices: Mapping[str, bytes] | None = None,
    server: Ed25519PrivateKey | None = None,
    vault_identity: Ed25519PrivateKey | None = None,
    vault_private: bytes | None = None,
    created: int = CREATED,
    expires: int | None = None,
    retention_days: int = 90,
    cooling_off_seconds: int = 0,
) -> Meeting:
    """Make a charter and, where training is offered, a vault key; what is not given is random.

    ``drawn`` is what the browser that makes it draws, 96 bytes: host key, room, link. It may go on
    for a century where nothing else is said: some tests go by the real time.
    """
    server = server or Ed25519PrivateKey.generate()
    vault_identity = vault_identity or Ed25519PrivateKey.generate()
    vault_private = vault_private or os.urandom(32)
    drawn = drawn or os.urandom(96)
    host_key = Ed25519PrivateKey.from_private_bytes(drawn[:32])
    room = make_room(
        host=host_key,
        vault=suite.sign_public(vault_identity),
        server=suite.sign_public(server),
        random=drawn[32:64],
        recording=recording,
        training=training,
        waiting_room=waiting_room,
        retention_days=retention_days,
        cooling_off_seconds=cooling_off_seconds,
    )
    charter = charters.make(
        meeting=meeting or os.urandom(16),
        room=room.digest,
        created=created,
        recording=recording,
        training=training,
        waiting_room=waiting_room,
        expires=created + CENTURY if expires is None else expires,
        retention_days=retention_days,
        cooling_off_seconds=cooling_off_seconds,
        notice_version=1,
        notices={"en": NOTICE_DIGEST} if notices is None else notices,
        vault=suite.sign_public(vault_identity),
        server=suite.sign_public(server),
    )
    key = None
    if training:
        public = suite.xwing_public(vault_private)
        key = vault_keys.make(vault_identity, charter.meeting, public, created + 1)
    link = Link(drawn[64:], room.digest)
    return Meeting(charter, key, server, vault_identity, vault_private, room, link, host_key)


@dataclass
class Person:
    """Somebody in a browser, in one meeting. Remembers what they said last, as browsers do.

    Of the meeting it uses only what a browser gets: the charter and the vault key.
    """

    charter: Charter
    vault_key: VaultKey | None
    seed: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    now: int = CREATED + 10_000
    last: Answer | None = None
    enrolment: Enrolment | None = None
    language: str = "en"
    name: str = "Somebody"
    link: Link | None = None

    def __post_init__(self) -> None:
        meeting = self.charter.meeting
        self.sign = suite.derive_sign(self.seed, meeting)
        self.watch = suite.derive_watch(self.seed, meeting)
        self.train = suite.derive_train(self.seed, meeting)
        self.id = suite.person_id(meeting, suite.sign_public(self.sign))
        self.salt = suite.digest(b"salt" + self.seed)

    # Saying things.

    def enrol(self, name: str | None = None, /, **changes: Any) -> Signed:
        """Sign the enrolment, under a name; ``changes`` replace fields of the document."""
        self.name = self.name if name is None else name
        said = self.raw_signed(
            {
                "type": statement.ENROL_TYPE,
                "suite": SUITE_2,
                "meeting": encode(self.charter.meeting),
                "charter": encode(self.charter.digest),
                "sign": encode(suite.sign_public(self.sign)),
                "watch": encode(suite.xwing_public(self.watch)),
                "train": encode(suite.xwing_public(self.train)),
                "name": encode(suite.name_digest(self.salt, self.name)),
                "notice": encode(NOTICE_DIGEST),
                "language": self.language,
                "build": encode(BUILD),
                "at": self._tick(),
            }
            | changes
        )
        if not changes:
            self.enrolment = statement.parse_enrolment(said.body)
        return said

    def brought(self, said: Signed) -> bytes | None:
        """Return what shows that the first link has brought whoever has enrolled so."""
        if self.link is None:
            return None
        return self.link.mac(self.charter.meeting, 1, suite.digest(said.body))

    def enrolling(self, said: Signed) -> dict[str, Any]:
        """Return an enrolment as it is sent."""
        mac = self.brought(said)
        return {
            "name": self.name,
            "salt": encode(self.salt),
            "document": encode(said.body),
            "signature": encode(said.signature),
            "brought": None if mac is None else {"ordinal": 1, "mac": encode(mac)},
        }

    def answer(
        self,
        recording: Will | str = Will.UNANSWERED,
        training: Will | str = Will.UNANSWERED,
        *,
        notice: bytes = NOTICE_DIGEST,
    ) -> Signed:
        """Sign an answer that follows the last one; a yes to training hands over the key."""
        assert self.enrolment is not None, "enrol first"
        sealed = None
        if training == Will.YES:
            sealed = self.grant(notice)
        said = self.raw_answer(recording, training, notice=notice, sealed=sealed)
        self.last = statement.parse_answer(said.body)
        return said

    def grant(self, notice: bytes = NOTICE_DIGEST) -> bytes:
        """Seal the training key to the meeting's vault key: handing this over is the consent."""
        assert self.vault_key is not None, "training is not offered"
        info = suite.grant_info(self.charter.meeting, self.id, notice)
        return suite.seal(self.vault_key.key, self.train, info)

    def receipt_request(self, at: int | None = None) -> Signed:
        """Sign a request for the receipt."""
        return self.raw_signed(
            {
                "type": statement.RECEIPT_REQUEST_TYPE,
                "meeting": encode(self.charter.meeting),
                "person": encode(self.id),
                "at": self._tick() if at is None else at,
            }
        )

    # Being in a generation.

    def in_generation(
        self, *, present: bool = True, host: bytes | None = None, **changes: Any
    ) -> GenerationPerson:
        """Return the person as the header of a relayed generation should name them."""
        assert self.enrolment is not None, "enrol first"
        values: dict[str, Any] = {
            "id": self.id,
            "enrolment": self.enrolment.digest,
            "page": None,
            "present": present,
            "host": host,
            "answer": None if self.last is None else self.last.digest,
        }
        return GenerationPerson(**(values | changes))

    # What an honest client would not do.

    def raw_answer(
        self,
        recording: Will | str = Will.UNANSWERED,
        training: Will | str = Will.UNANSWERED,
        *,
        notice: bytes = NOTICE_DIGEST,
        sealed: bytes | None = None,
        **changes: Any,
    ) -> Signed:
        """Sign any answer at all, with ``changes`` to the document, and do not remember it."""
        assert self.enrolment is not None, "enrol first"
        last = self.last
        values = {
            "type": statement.ANSWER_TYPE,
            "suite": SUITE_2,
            "meeting": encode(self.charter.meeting),
            "person": encode(self.id),
            "sequence": 1 if last is None else last.sequence + 1,
            "previous": encode(self.enrolment.digest if last is None else last.digest),
            "recording": str(recording),
            "training": str(training),
            "notice": encode(notice),
            "language": self.language,
            "build": encode(BUILD),
            "sealed": None if sealed is None else encode(suite.digest(sealed)),
            "left_out": None,
            "at": self._tick(),
        }
        return self.raw_signed(values | changes, sealed)

    def raw_signed(self, values: dict[str, Any], sealed: bytes | None = None) -> Signed:
        """Sign any document at all."""
        return self.raw_bytes(str(values["type"]), document.write(values), sealed)

    def raw_bytes(self, type_: str, body: bytes, sealed: bytes | None = None) -> Signed:
        """Sign any bytes at all."""
        return Signed(body, suite.sign(self.sign, type_, body), sealed)

    def _tick(self) -> int:
        self.now += 1000
        return self.now


def person_in(meeting: Meeting, *, seed: bytes | None = None) -> Person:
    """Return somebody who has come to the meeting, and has said nothing yet."""
    if seed is None:
        return Person(meeting.charter, meeting.vault_key, link=meeting.link)
    return Person(meeting.charter, meeting.vault_key, seed, link=meeting.link)
