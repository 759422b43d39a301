"""People as their browsers make them: a seed, keys, signed statements, sealed grants.

This is the browser's half of FORMAT.md in Python, for tests only. The product never has a seed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault import charter as charters
from assent_vault import statement, suite, vault_key
from assent_vault.charter import Charter
from assent_vault.epoch import HeaderPerson
from assent_vault.statement import Answer, Enrolment, Will
from assent_vault.suite import digest, encode
from assent_vault.vault_key import VaultKey

NOTICE = b"# Notice\n\nThese are the words."
NOTICES: Mapping[str, bytes] = {"en": digest(NOTICE), "de": digest(NOTICE + b" (de)")}
BUILD = digest(b"a client build")
NOW = 1_700_000_000_000


@dataclass
class World:
    """A server key, a vault identity, a meeting with its charter and its vault key."""

    server: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    vault: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    meeting: bytes = field(default_factory=lambda: os.urandom(16))
    meeting_private: bytes = field(default_factory=lambda: os.urandom(32))
    recording: bool = True
    training: bool = True
    waiting_room: bool = False

    def __post_init__(self) -> None:
        self.charter: Charter = charters.build(
            meeting=self.meeting,
            created=NOW,
            recording=self.recording,
            training=self.training,
            waiting_room=self.waiting_room,
            notice_version=1,
            notices=NOTICES,
            vault=self.vault.public_key().public_bytes_raw(),
            server=self.server.public_key().public_bytes_raw(),
        )
        self.vault_document, self.vault_signature = vault_key.make(
            self.vault, self.meeting, suite.xwing_public(self.meeting_private), NOW
        )
        self.vault_key: VaultKey = vault_key.parse(self.vault_document)


@dataclass
class Person:
    """One person in one meeting; keeps their own chain of answers."""

    charter: Charter
    vault_key: VaultKey | None = None
    seed: bytes = field(default_factory=lambda: os.urandom(32))
    language: str = "en"
    at: int = NOW
    last: Answer | None = None

    def __post_init__(self) -> None:
        meeting = self.charter.meeting
        self.sign = suite.derive_sign(self.seed, meeting)
        self.watch = suite.derive_watch(self.seed, meeting)
        self.train = suite.derive_train(self.seed, meeting)
        body = statement.build_enrolment(
            charter=self.charter,
            sign_public=self.sign.public_key().public_bytes_raw(),
            watch=suite.xwing_public(self.watch),
            train=suite.xwing_public(self.train),
            notice=self.charter.notices[self.language],
            language=self.language,
            build=BUILD,
            at=self.at,
        )
        self.enrolment: Enrolment = statement.parse_enrolment(body)
        self.enrolment_signature = statement.sign_statement(self.sign, body)

    @property
    def id(self) -> str:
        """The person's id as text."""
        return encode(self.enrolment.person)

    def grant(self) -> bytes:
        """Seal the training seed to the vault."""
        assert self.vault_key is not None, "a grant needs the vault key"
        info = suite.grant_info(
            self.charter.meeting, self.enrolment.person, self.charter.notices[self.language]
        )
        return suite.seal(self.vault_key.key, self.train, info)

    def answer(
        self, recording: Will = Will.UNANSWERED, training: Will = Will.UNANSWERED
    ) -> tuple[bytes, bytes, bytes | None]:
        """Say something: returns document, signature and sealed seed, and moves the chain on."""
        sealed = self.grant() if training is Will.YES else None
        body = statement.build_answer(
            enrolment=self.enrolment,
            previous=self.last,
            recording=recording,
            training=training,
            notice=self.charter.notices[self.language],
            language=self.language,
            build=BUILD,
            sealed=sealed,
            at=self.at,
        )
        self.last = statement.parse_answer(body)
        return body, statement.sign_statement(self.sign, body), sealed

    def receipt_request(self, at: int) -> tuple[bytes, bytes]:
        """Ask for one's own record: returns document and signature."""
        body = statement.build_receipt_request(self.charter.meeting, self.enrolment.person, at)
        return body, statement.sign_statement(self.sign, body)

    def header_person(self, *, present: bool = True, host: bool = False) -> HeaderPerson:
        """Return the person as an epoch header names them."""
        return HeaderPerson(
            id=self.enrolment.person,
            enrolment=self.enrolment.digest,
            watch=self.enrolment.watch,
            train=self.enrolment.train,
            present=present,
            watches=present or host,
        )
