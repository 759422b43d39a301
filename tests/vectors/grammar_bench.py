"""What the cases of ``grammar.json`` are made from: a document of each kind, and who signs it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import document, statement, suite, vault_key
from assent_vault.formats.generation_closing import (
    GENERATION_CLOSE_TYPE,
    build_generation_closing,
)
from assent_vault.formats.suite import encode
from support.people import Meeting
from support.receipts import version_of
from vectors.common import Json, fixed, meeting, person
from vectors.watched import header_of, in_header

Pieces = Sequence[tuple[bytes, int]]
"""Byte strings, each with how often it is repeated: what is large stays small in the file."""


class Bench:
    """The documents that cases are made from, and what their readers are given beside the bytes."""

    def __init__(self) -> None:
        self.place: Meeting = meeting()
        self.ada = person(self.place, "Ada")
        self.enrolment = self.ada.enrol()
        self.bo = person(self.place, "Bo")
        self.bo.enrol()
        self.header = header_of(
            self.place, [in_header(self.ada), in_header(self.bo, present=False, answer=None)]
        )
        self.cases: list[Json] = []

    def given(self) -> Json:
        """Return what readers are given: all of it as section 14.1 has it before their check."""
        return {
            "charter": encode(self.place.charter.body),
            "enrolment": _signed(self.enrolment.body, self.enrolment.signature),
            "header": encode(self.header.body),
        }

    def add(
        self, reader: str, name: str, body: bytes | Pieces, code: str | None, forged: bytes = b""
    ) -> None:
        """Add bytes, properly signed where that reader wants it, unless with ``forged``."""
        pieces = [(body, 1)] if isinstance(body, bytes) else body
        whole = b"".join(piece * times for piece, times in pieces)
        signed = self._signed(reader, whole)
        self.cases.append(
            {
                "name": f"{reader}: {name}",
                "reader": reader,
                "bytes": [[encode(piece), times] for piece, times in pieces],
                "signature": None if signed is None else encode(forged or signed),
                "code": code,
            }
        )

    def _signed(self, reader: str, body: bytes) -> bytes | None:
        signers: dict[str, tuple[str, Ed25519PrivateKey]] = {
            "vault-key": (vault_key.TYPE, self.place.vault_identity),
            "enrolment": (statement.ENROL_TYPE, self.ada.sign),
            "answer": (statement.ANSWER_TYPE, self.ada.sign),
            "closing": (GENERATION_CLOSE_TYPE, self.place.server),
        }
        if reader not in signers:
            return None
        type_, key = signers[reader]
        return suite.sign(key, type_, body)

    # Documents as their writers write them, with changes.

    @staticmethod
    def fields(body: bytes) -> Json:
        """Return the fields of a document."""
        found: Json = json.loads(body)
        return found

    def charter(self, **changes: object) -> Json:
        """Return the fields of a charter."""
        return self.fields(self.place.charter.body) | changes

    def room(self, **changes: object) -> Json:
        """Return the fields of a room document."""
        return self.fields(self.place.room.body) | changes

    def vault_key(self, key: bytes | None = None) -> Json:
        """Return the fields of a vault key."""
        assert self.place.vault_key is not None
        found = self.fields(self.place.vault_key.body)
        return found if key is None else found | {"key": encode(key)}

    def answer(self, **changes: object) -> Json:
        """Return the fields of a first answer."""
        return self.fields(self.ada.raw_answer("yes").body) | {"at": 1} | changes

    def closing(self, *segments: Json, **changes: object) -> Json:
        """Return the fields of a closing."""
        body = build_generation_closing(
            header=self.header, accepts=None, ended=9, interrupted=False, segments=[]
        )
        return self.fields(body) | {"segments": list(segments)} | changes

    def segment(self, **changes: object) -> Json:
        """Return a segment that a closing lists: of the camera of somebody who was there."""
        return {
            "track": f"{encode(self.ada.id)}.camera",
            "sequence": 0,
            "digest": encode(fixed("an object")),
            "size": 1,
            "start": 5,
            "end": 5,
        } | changes

    def answered(self, **changes: object) -> Json:
        """Return the fields of a small record."""
        return {
            "type": "assent/entry/answered/v1",
            "meeting": encode(self.place.id),
            "person": encode(self.ada.id),
            "sequence": 1,
            "answer": encode(fixed("an answer")),
            "at": 1,
        } | changes

    @staticmethod
    def record(kind: str, **values: object) -> Json:
        """Return the fields of any record."""
        return {"type": f"assent/entry/{kind}/v{version_of(kind)}", **values, "at": 1}

    def adopted(self) -> Json:
        """Return the fields of a record that names a key."""
        vault = suite.sign_public(self.place.vault_identity)
        return self.record("adopted", meeting=encode(self.place.id), vault=encode(vault))

    def log(self, **changes: object) -> Json:
        """Return the fields of a log document."""
        return {
            "type": "assent/log/v1",
            "origin": "log.example/log",
            "key": encode(suite.sign_public(Ed25519PrivateKey.from_private_bytes(fixed("log")))),
            "server": encode(self.place.charter.server),
            "created": 1,
        } | changes

    def acknowledgement(self, **changes: object) -> Json:
        """Return the fields of an acknowledgement."""
        return {
            "type": "assent/acknowledgement/v1",
            "meeting": encode(self.place.id),
            "person": encode(self.ada.id),
            "statement": encode(fixed("an answer")),
            "origin": "log.example/log",
            "index": 0,
            "at": 1,
        } | changes

    @staticmethod
    def filling(room: int) -> Json:
        """Return words by language that take just ``room`` bytes between their brackets."""
        around = len('"":"",') + 43  # quotes, colon, comma, and a digest in b64
        count = -(-(room + 1) // (around + 35))
        letters = room + 1 - count * around
        return {
            _tag(number, (letters + number) // count): encode(fixed(f"{number}"))
            for number in range(count)
        }

    def notice(self, texts: Json, version: int = 1) -> Json:
        """Return the fields of a record whose keys are data."""
        return {"type": "assent/entry/notice/v1", "version": version, "texts": texts, "at": 1}

    def receipt(self, **changes: object) -> Json:
        """Return the fields of a receipt, of the fewest parts that there can be."""
        part = {"document": "", "signature": encode(bytes(64))}
        return {
            "type": "assent/receipt/v1",
            "charter": "",
            "vault_key": None,
            "log": part,
            "notices": [],
            "statements": [
                {
                    **part,
                    "acknowledgement": part,
                    "entry": {
                        "index": 0,
                        "salt": encode(bytes(32)),
                        "record": "",
                        "signature": None,
                        "proof": "",
                    },
                }
            ],
            "entries": [],
        } | changes


def _tag(number: int, length: int) -> str:
    """Return a language tag of 14 to 35 characters: two letters, and variants of five to eight."""
    count = -(-(length - 2) // 9)
    variants = ("-" + "a" * ((length - 2 + each) // count - 1) for each in range(count))
    return chr(ord("a") + number // 26) + chr(ord("a") + number % 26) + "".join(variants)


def written(fields: Json) -> bytes:
    """Return a document's bytes."""
    return document.write(fields)


def _signed(body: bytes, signature: bytes) -> Json:
    return {"document": encode(body), "signature": encode(signature)}
