"""The checks of a receipt, in the order of FORMAT.md section 14.1.

Each is a method that returns nothing and leaves what it found for those that need it, or raises
:class:`Fails`. Nothing else than the file, and the keys that the reader was told, is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from assent_vault.errors import (
    FormatError,
    LogError,
    NoticeNotInForce,
    SignatureError,
    StaleStatement,
)
from assent_vault.formats import charter as charters
from assent_vault.formats import statement as statements
from assent_vault.formats import suite
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.charter import Charter
from assent_vault.formats.statement import Answer, Enrolment
from assent_vault.ledger import documents
from assent_vault.ledger import entry as entries
from assent_vault.ledger import proof as proofs
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.documents import Acknowledgement, LogDocument
from assent_vault.ledger.merkle import leaf_hash, verify_inclusion
from assent_vault.ledger.note import Verifier
from assent_vault.ledger.proof import Proof
from assent_vault.receipt import file
from assent_vault.receipt.course import Logged
from assent_vault.receipt.fails import Fails
from assent_vault.receipt.history import check_records


class CheckState(StrEnum):
    """What came of a check. ``OWN_WORD``: as far as the file itself says, and no further."""

    HOLDS = "holds"
    OWN_WORD = "own-word"
    FAILS = "fails"
    NOT_MADE = "not-made"


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """One check that was made, or could not be. ``code`` and ``item`` say how it failed."""

    name: str
    state: CheckState
    code: str | None = None
    item: int | None = None


@dataclass(frozen=True, slots=True)
class Pins:
    """Keys that the reader knows by another way than the file. ``witnesses`` must have cosigned."""

    server: bytes | None = None
    vault: bytes | None = None
    witnesses: tuple[Verifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Believed:
    """What a receipt says, once it holds.

    ``head`` is the one that all its proofs lead to, ``leaves`` the leaf hashes by their indices.
    """

    charter: Charter
    notices: tuple[tuple[str, str], ...]
    enrolment: Enrolment
    answers: tuple[Answer, ...]
    log: LogDocument
    records: tuple[Logged, ...]
    head: Head
    leaves: Mapping[int, bytes]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks in order. ``believed`` is None unless the receipt holds.

    ``charter`` is there as soon as it could be read: its keys are to be compared in any case.
    """

    checks: tuple[ReceiptCheck, ...]
    charter: Charter | None
    believed: Believed | None

    @property
    def holds(self) -> bool:
        """ "A receipt holds when every check was made and none has failed." """
        return all(each.state in _GOOD for each in self.checks)

    @property
    def failures(self) -> list[tuple[str, str]]:
        """Name and code of every check that failed."""
        return [(each.name, each.code) for each in self.checks if each.code is not None]


def check(body: bytes, pins: Pins | None = None) -> Verdict:
    """Check a receipt's bytes; never raises for anything that could be in them."""
    checker = _Checker(body, pins or Pins())
    made: dict[str, ReceiptCheck] = {}
    for name, needed, make in _CHECKS:
        if all(made[each].state in _GOOD for each in needed):
            made[name] = _judged(name, make, checker)
        else:
            made[name] = ReceiptCheck(name, CheckState.NOT_MADE)
    verdict = Verdict(tuple(made.values()), checker.charter, None)
    if not verdict.holds:
        return verdict
    return Verdict(verdict.checks, checker.charter, checker.believed())


def _judged(name: str, make: Callable[[_Checker], CheckState], checker: _Checker) -> ReceiptCheck:
    try:
        return ReceiptCheck(name, make(checker))
    except Fails as failure:
        return ReceiptCheck(name, CheckState.FAILS, failure.code, failure.item)


class _Checker:
    """What the checks have found so far; each relies on what those before it have left."""

    def __init__(self, body: bytes, pins: Pins) -> None:
        self._body = body
        self._pins = pins
        self.charter: Charter | None = None
        self._answers: list[Answer] = []
        self._proofs: list[Proof] = []
        self._leaves: dict[int, bytes] = {}

    def file(self) -> CheckState:
        with _failing("not-a-receipt"):
            self._receipt = file.parse(self._body)
        return CheckState.HOLDS

    def read_charter(self) -> CheckState:
        with _failing("bad-document"):
            self._charter = self.charter = charters.parse(self._receipt.charter)
        return CheckState.HOLDS

    def server(self) -> CheckState:
        return _pinned(self._charter.server, self._pins.server)

    def vault(self) -> CheckState:
        return _pinned(self._charter.vault, self._pins.vault)

    def words(self) -> CheckState:
        languages = [language for language, _ in self._receipt.notices]
        if languages != sorted(self._charter.notices):
            raise Fails("other-languages")
        for language, text in self._receipt.notices:
            if suite.digest(text.encode()) != self._charter.notices[language]:
                raise Fails("other-words")
        return CheckState.HOLDS

    def vault_key(self) -> CheckState:
        given = self._receipt.vault_key
        if given is None:
            return CheckState.HOLDS
        with _failing("bad-document"):
            key = vault_keys.verify(given.document, given.signature, self._charter.vault)
        if key.meeting != self._charter.meeting:
            raise Fails("other-meeting")
        return CheckState.HOLDS

    def enrolment(self) -> CheckState:
        first = self._receipt.statements[0]
        with _believing(0):
            self._enrolment = statements.verify_enrolment(
                first.document, first.signature, self._charter
            )
        return CheckState.HOLDS

    def answers(self) -> CheckState:
        previous: Answer | None = None
        for number, said in enumerate(self._receipt.statements[1:], 1):
            with _believing(number):
                # Without its box, which is the vault's alone.
                previous = statements.verify_chained(
                    said.document, said.signature, self._enrolment, self._charter, previous
                )
            self._answers.append(previous)
        return CheckState.HOLDS

    def records(self) -> CheckState:
        self._records = check_records(self._receipt, self._charter, self._enrolment, self._answers)
        return CheckState.HOLDS

    def log(self) -> CheckState:
        given = self._receipt.log
        with _failing("bad-document"):
            self._log = documents.parse_log(given.document)
            suite.verify(self._charter.server, documents.LOG_TYPE, given.document, given.signature)
        if self._log.server != self._charter.server:
            raise Fails("other-key")
        return CheckState.HOLDS

    def acknowledgements(self) -> CheckState:
        for number, said in enumerate(self._receipt.statements):
            given = said.acknowledgement
            with _failing("bad-document", number):
                found = documents.parse_acknowledgement(given.document)
                suite.verify(
                    self._charter.server,
                    documents.ACKNOWLEDGEMENT_TYPE,
                    given.document,
                    given.signature,
                )
            if found != Acknowledgement(
                meeting=self._charter.meeting,
                person=self._enrolment.person,
                statement=suite.digest(said.document),
                origin=self._log.log.name,
                index=said.entry.index,
                at=self._records[number].record.at,
            ):
                raise Fails("mismatch", number)
        return CheckState.HOLDS

    def heads(self) -> CheckState:
        believed: dict[bytes, Head] = {}
        known = (self._log.log, *self._pins.witnesses)
        for number, entry in enumerate(self._receipt.every_entry):
            with _failing("bad-document", number):
                proof = proofs.parse(entry.proof)
                if proof.index != entry.index:
                    raise Fails("mismatch", number)
                if proof.checkpoint.origin != self._log.log.name:
                    raise Fails("other-log", number)
                # Most proofs are of one head, which is looked at once.
                note = proof.checkpoint.to_bytes()
                if note not in believed:
                    signed = proof.checkpoint.note.verify(known)
                    if self._log.log not in signed:
                        raise Fails("bad-signature", number)
                    if any(each not in signed for each in self._pins.witnesses):
                        raise Fails("not-witnessed", number)
                    believed[note] = proof.checkpoint.head
            self._proofs.append(proof)
        if len({head.size for head in believed.values()}) != len(set(believed.values())):
            raise Fails("split-view")
        # "All proofs MUST be of one checkpoint": with a head for each they could be of many logs.
        if len(believed) > 1:
            raise Fails("mismatch")
        return CheckState.HOLDS

    def inclusion(self) -> CheckState:
        for number, entry in enumerate(self._receipt.every_entry):
            proof = self._proofs[number]
            leaf = leaf_hash(entries.commit(entry.salt, entry.record))
            head = proof.checkpoint.head
            try:
                verify_inclusion(leaf, proof.index, head.size, proof.path, head.root)
            except LogError as error:
                raise Fails("not-in-log", number) from error
            self._leaves[proof.index] = leaf
        return CheckState.HOLDS

    def believed(self) -> Believed:
        """Return what the receipt says; every check must have been made."""
        return Believed(
            charter=self._charter,
            notices=self._receipt.notices,
            enrolment=self._enrolment,
            answers=tuple(self._answers),
            log=self._log,
            records=self._records,
            head=self._proofs[0].checkpoint.head,
            leaves=self._leaves,
        )


_GOOD: Final = (CheckState.HOLDS, CheckState.OWN_WORD)

# Name, what it needs, and how it is made; the table of FORMAT.md section 14.1.
_CHECKS: Final[Sequence[tuple[str, Sequence[str], Callable[[_Checker], CheckState]]]] = (
    ("file", (), _Checker.file),
    ("charter", ("file",), _Checker.read_charter),
    ("server", ("charter",), _Checker.server),
    ("vault", ("charter",), _Checker.vault),
    ("words", ("charter",), _Checker.words),
    ("vault-key", ("charter",), _Checker.vault_key),
    ("enrolment", ("charter",), _Checker.enrolment),
    ("answers", ("enrolment",), _Checker.answers),
    ("records", ("answers",), _Checker.records),
    ("log", ("charter",), _Checker.log),
    ("acknowledgements", ("records", "log"), _Checker.acknowledgements),
    ("heads", ("log",), _Checker.heads),
    ("inclusion", ("heads",), _Checker.inclusion),
)
NAMES: Final = tuple(name for name, _, _ in _CHECKS)


def _pinned(found: bytes, expected: bytes | None) -> CheckState:
    if expected is None:
        return CheckState.OWN_WORD
    if found != expected:
        raise Fails("other-key")
    return CheckState.HOLDS


@contextmanager
def _failing(code: str, item: int | None = None) -> Iterator[None]:
    """Make of what readers raise the code of a check: ``code`` where bytes are of no format."""
    try:
        yield
    except SignatureError as error:
        raise Fails("bad-signature", item) from error
    except LogError as error:
        raise Fails("bad-signature" if error.code == "log-signature" else code, item) from error
    except FormatError as error:
        raise Fails(code, item) from error


@contextmanager
def _believing(item: int) -> Iterator[None]:
    """The same for statements, whose codes are those of the protocol."""
    try:
        yield
    except StaleStatement as error:
        raise Fails("stale-statement", item) from error
    except NoticeNotInForce as error:
        raise Fails("notice-not-in-force", item) from error
    except SignatureError as error:
        raise Fails("bad-signature", item) from error
    except FormatError as error:
        raise Fails("bad-statement", item) from error
