"""Receipts for tests: a meeting in which one person enrols, answers, is recorded and takes back.

What an honest server would write into its log comes out of :meth:`Desk.receipt`; with ``changes``
the server lies, consistently: the log, the proofs and the counter-signatures are of the lie.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.formats import document, suite
from assent_vault.formats.suite import decode, encode
from support.paper_log import PaperLog
from support.people import CREATED, Meeting, Person, Signed

Json = dict[str, Any]
ORIGIN = "meet.example/log"
OF_VAULT = ("released", "exported", "slot-lost", "withdrawn", "erased", "destroyed", "adopted")
_VERSION_2 = ("host", "armed", "removed", "generation-opened", "generation-closed", "slot-lost")
SIGNED_BY_SERVER = ("revoked",)


def version_of(kind: str) -> int:
    """Return the version that the type of a record has."""
    return 2 if kind in _VERSION_2 else 1


def key_of(label: str) -> Ed25519PrivateKey:
    """Return a private key that is always the same."""
    return Ed25519PrivateKey.from_private_bytes(suite.digest(label.encode()))


@dataclass
class Desk:
    """Where a receipt is written: a meeting, a log that others write to as well, one person.

    ``lie`` may change a record before it is logged: it gets the kind, the number of the record in
    this receipt, and the fields.
    """

    meeting: Meeting
    person: Person
    notices: dict[str, str]
    log: PaperLog = field(default_factory=lambda: PaperLog(ORIGIN, key_of("log key")))
    lie: Callable[[str, int, Json], Json] = lambda kind, number, values: values
    _items: list[tuple[str, Json]] = field(default_factory=list)
    _count: int = 0
    adopted_by: Ed25519PrivateKey | None = None
    waited: int = 0

    @property
    def vault(self) -> Ed25519PrivateKey:
        """Who signs the vault's records: the meeting's vault, or the one that has adopted it."""
        return self.adopted_by or self.meeting.vault_identity

    def record(self, kind: str, **values: Any) -> int:
        """Log a record that is not of a statement; return its index."""
        item = self._log(kind, values)
        self._items.append(("entry", item))
        return int(item["index"])

    def wait(self, milliseconds: int) -> None:
        """Let time go by in which nothing is logged."""
        self.waited += milliseconds

    def others(self, count: int) -> None:
        """Log what is nobody's business here."""
        for _ in range(count):
            self._count += 1
            self.log.append(self._salt(), b"of somebody else")

    def say(self, said: Signed, kind: str, **values: Any) -> None:
        """Log a statement of the person, and counter-sign it."""
        item = self._log(kind, {"meeting": encode(self.meeting.id), **values})
        acknowledgement = document.write(
            {
                "type": "assent/acknowledgement/v1",
                "meeting": encode(self.meeting.id),
                "person": encode(self.person.id),
                "statement": encode(suite.digest(said.body)),
                "origin": self.log.origin,
                "index": item["index"],
                "at": item["at"],
            }
        )
        self._items.append(
            (
                "statement",
                {
                    "document": encode(said.body),
                    "signature": encode(said.signature),
                    "acknowledgement": self.signed(self.meeting.server, acknowledgement),
                    "entry": item,
                },
            )
        )

    def enrol(self, said: Signed) -> None:
        """Log the enrolment."""
        self.say(
            said,
            "enrolled",
            person=encode(self.person.id),
            enrolment=encode(suite.digest(said.body)),
        )

    def answer(self, said: Signed, sequence: int) -> None:
        """Log an answer."""
        self.say(
            said,
            "answered",
            person=encode(self.person.id),
            sequence=sequence,
            answer=encode(suite.digest(said.body)),
        )

    def without(self, *gone: int) -> Desk:
        """Return the desk of a log that never had these entries, with everything signed again."""
        other = copy.copy(self)
        other.log = PaperLog(self.log.origin, self.log.key)
        other.log.entries = [
            entry for index, entry in enumerate(self.log.entries) if index not in gone
        ]
        other._items = copy.deepcopy(self._items)
        for kind, item in other._items:
            entry = item["entry"] if kind == "statement" else item
            entry["index"] -= sum(index < entry["index"] for index in gone)
            if kind == "statement":
                said = json.loads(decode(item["acknowledgement"]["document"]))
                said["index"] = entry["index"]
                body = document.write(said)
                item["acknowledgement"] = self.signed(self.meeting.server, body)
        return other

    @property
    def items(self) -> list[tuple[str, Json]]:
        """What was logged so far that is of the person: "entry" or "statement", and it."""
        return self._items

    def receipt(self, size: int | None = None) -> Json:
        """Return the receipt, all proofs under the head of ``size`` entries."""
        items = copy.deepcopy(self._items)
        statements = [item for kind, item in items if kind == "statement"]
        entries = [item for kind, item in items if kind == "entry"]
        for entry in [*(said["entry"] for said in statements), *entries]:
            entry.pop("at", None)
            entry["proof"] = self.log.proof(entry["index"], size)
        key = self.meeting.vault_key
        return {
            "type": "assent/receipt/v1",
            "charter": encode(self.meeting.charter.body),
            "vault_key": None
            if key is None
            else {"document": encode(key.body), "signature": encode(key.signature)},
            "log": self.signed(self.meeting.server, self.log_document()),
            "notices": [
                {"language": language, "text": self.notices[language]}
                for language in sorted(self.notices)
            ],
            "statements": statements,
            "entries": entries,
        }

    def log_document(self, **changes: Any) -> bytes:
        """Return what the server vouches for its log with."""
        return document.write(
            {
                "type": "assent/log/v1",
                "origin": self.log.origin,
                "key": encode(self.log.public),
                "server": encode(suite.sign_public(self.meeting.server)),
                "created": CREATED - 1_000,
            }
            | changes
        )

    @staticmethod
    def signed(key: Ed25519PrivateKey, body: bytes, type_: str | None = None) -> Json:
        """Sign a document as whoever has the key."""
        if type_ is None:
            type_ = body.split(b'"')[3].decode()
        return {"document": encode(body), "signature": encode(suite.sign(key, type_, body))}

    def _log(self, kind: str, values: Json) -> Json:
        self._count += 1
        type_ = f"assent/entry/{kind}/v{version_of(kind)}"
        at = CREATED + 20_000 + 1_000 * self._count + self.waited
        values = self.lie(kind, len(self._items), {"type": type_, **values, "at": at})
        body = document.write(values)
        salt = self._salt()
        signature = None
        if kind in OF_VAULT:
            signature = encode(suite.sign(self.vault, str(values["type"]), body))
        if kind in SIGNED_BY_SERVER:
            signature = encode(suite.sign(self.meeting.server, str(values["type"]), body))
        return {
            "index": self.log.append(salt, body),
            "salt": encode(salt),
            "record": encode(body),
            "signature": signature,
            "at": values["at"],
        }

    def _salt(self) -> bytes:
        return suite.digest(b"salt %d" % self._count)


def written(receipt: Json) -> bytes:
    """Return a receipt as a file."""
    return document.write(receipt)
