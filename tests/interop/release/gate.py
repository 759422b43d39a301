"""Whether a meeting may be released, and for which reasons not: FORMAT.md section 19.2."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from interop.release import generations, statements
from interop.release import log as logs
from interop.release.documents import Bad, Document, b64, digest, unb64, xwing_public
from interop.release.held import Held
from interop.release.recording import NoBoxes, NotLogged, Review, signed
from interop.release.statements import NotInForce

CODES = (
    "bad-evidence",
    "training-not-offered",
    "not-over",
    "recording-open",
    "nothing-recorded",
    "segments-damaged",
    "destroyed",
    "retention-over",
    "vault-key-missing",
    "not-answered",
    "refused",
    "withdrawn",
    "revoked",
    "notice-not-in-force",
    "sealed-seed-missing",
    "answers-owed",
    "not-logged",
)
_DAY_MS = 86_400_000


class _No(Exception):
    """A person blocks; with the code."""


@dataclass
class Decision:
    """``reasons`` are codes, none where the meeting may be released from ``ready_at`` on."""

    reasons: list[str]
    ready_at: int
    charter: Document
    key: Document
    headers: list[Document]
    closings: list[Document]
    people: dict[str, tuple[Document, bytes]]  # enrolment, and the box of the last answer


class Gate:
    """Looks at one meeting once. ``now`` in Unix milliseconds."""

    def __init__(self, held: Held, log: logs.Log, meeting: str, now: int) -> None:
        self._held, self._log, self._meeting, self._now = held, log, meeting, now
        self._reasons: set[str] = set()
        self._records: list[Document] = []
        self._is_told = False  # whether the log can be read
        self._decision = Decision([], 0, {}, {}, [], [], {})

    def decide(self) -> Decision:
        [row] = self._held.rows("meetings", self._meeting)
        self._circumstances(row)
        try:
            charter = self._decision.charter = statements.charter(row["charter"])
        except Bad:
            self._reasons |= {"bad-evidence", "vault-key-missing"}  # whose vault's is not known
        else:
            if charter["meeting"] != self._meeting:
                self._reasons.add("bad-evidence")
            if not charter["training"]:
                self._reasons.add("training-not-offered")
            self._read_log()
            self._key()
            self._recording(row["room"])
            self._retention(row)
            self._people()
        self._decision.reasons = [code for code in CODES if code in self._reasons]
        return self._decision

    def _circumstances(self, row: Any) -> None:
        if row["ended_at"] is None:
            self._reasons.add("not-over")
        if row["destroyed_at"] is not None or self._held.rows("deletions", self._meeting):
            self._reasons.add("destroyed")
        if self._held.owed(self._meeting):
            self._reasons.add("answers-owed")
        if self._held.rows("revocations", self._meeting):
            self._reasons.add("revoked")

    def _read_log(self) -> None:
        records = self._log.records.get(self._meeting, [])
        if any(record.startswith(b'{"type":"assent/entry/adopted/v1"') for record in records):
            self._reasons.add("vault-key-missing")
        self._is_told = self._log.whole(self._meeting)
        if not self._is_told:
            self._reasons.add("not-logged")
        try:
            self._records = logs.of_server(records)
        except Bad:
            self._is_told = False
        try:
            self._once()
        except Bad:
            self._reasons.add("not-logged")
        if not self._is_told:
            self._reasons.add("not-logged")
        if self._told("revoked"):
            self._reasons.add("revoked")

    def _once(self) -> None:
        """See that the server has said each thing once, and of this charter."""
        seen = set()
        for said in self._records:
            if said["kind"] in ("answered", "revoked"):
                continue
            about = (said["kind"], said.get("person"), said.get("number"), said.get("act"))
            if about in seen:
                raise Bad("said twice")
            seen.add(about)
        told = [unb64(said["charter"], 32) for said in self._told("meeting")]
        if told != [self._decision.charter["digest"]]:
            raise Bad("another charter")

    def _told(self, kind: str, person: str | None = None) -> list[Document]:
        return [
            said
            for said in self._records
            if said["kind"] == kind and person in (None, said.get("person"))
        ]

    def _key(self) -> None:
        charter = self._decision.charter
        rows = self._held.rows("vault_keys", self._meeting)
        private = self._held.private(self._meeting)
        if not rows or private is None or charter["vault"] != self._held.identity:
            self._reasons.add("vault-key-missing")
        if not rows:
            return
        try:
            key = statements.vault_key(rows[0]["certificate"], rows[0]["signature"], charter)
        except Bad:
            self._reasons |= {"bad-evidence", "vault-key-missing"}
            return
        self._decision.key = key
        if rows[0]["destroyed_at"] is not None:
            self._reasons.add("vault-key-missing")
        if private is not None and xwing_public(private) != key["key"]:
            self._reasons.add("vault-key-missing")

    # The recording.

    def _recording(self, room: bytes) -> None:
        decision = self._decision
        media = 0
        opened = {said["number"]: said["header"] for said in self._told("generation-opened")}
        closed = {
            said["number"]: (said["header"], said["closing"])
            for said in self._told("generation-closed")
        }
        there: dict[int, str] = {}
        shut: dict[int, tuple[str, str]] = {}
        rows = self._held.rows("generations", self._meeting, "number")
        for row in rows:
            there[row["number"]] = b64(digest(row["header"]))
            if row["close"] is None:
                self._reasons.add("recording-open")
            else:
                shut[row["number"]] = (there[row["number"]], b64(digest(row["close"])))
            try:
                header = generations.parse(row["header"])
                decision.headers.append(header)
                if row["close"] is not None:
                    closing = generations.closing(
                        row["close"], row["close_signature"], decision.charter["server"], header
                    )
                    decision.closings.append(closing)
                    media += sum(each["sequence"] > 0 for each in closing["segments"])
                    self._objects(closing)
            except Bad:
                self._reasons.add("bad-evidence")
        if (there, shut) != (opened, closed):
            self._reasons.add("not-logged")
        if not media:
            self._reasons.add("nothing-recorded")
        if self._is_told:
            self._review(rows, room)

    def _review(self, rows: list[Any], room: bytes) -> None:
        """Hold all of it against what was signed, and logged before."""
        tables = {
            table: self._held.rows(table, self._meeting, order)
            for table, order in (
                ("participants", "person_id"),
                ("statements", "sequence"),
                ("host_certificates", "received_at, person_id"),
                ("host_acts", "sequence"),
            )
        }
        charter, headers = self._decision.charter, self._decision.headers
        vault = self._decision.key.get("digest")
        if vault is None and headers:
            vault = headers[0]["recorded"]["vault"]  # it is blocked for that already
        said = signed(tables, room, charter)
        review = Review(charter, vault, said, self._records, self._boxes)
        try:
            review.review(rows)
        except Bad:
            self._reasons.add("bad-evidence")
        except NotLogged:
            self._reasons.add("not-logged")
        except NoBoxes:
            pass  # said as what it is

    def _boxes(self, number: int) -> bytes | None:
        try:
            return self._held.beside(self._meeting, number, "boxes")
        except Bad:
            return None

    def _objects(self, closing: Document) -> None:
        if self._boxes(closing["generation"]) is None:
            self._reasons.add("segments-damaged")
        for each in closing["segments"]:
            try:
                data = self._held.segment(
                    self._meeting, closing["generation"], each["track"], each["sequence"]
                )
            except Bad:
                self._reasons.add("segments-damaged")
                continue
            if len(data) != each["size"] or digest(data) != each["digest"]:
                self._reasons.add("segments-damaged")

    def _retention(self, row: Any) -> None:
        charter = self._decision.charter
        ended = [said["at"] for said in self._told("ended")]
        if not ended:
            self._reasons.add("not-over")
        ends = [charter["expires"], *ended, *([row["ended_at"]] if row["ended_at"] else [])]
        until = min(row["retain_until"], min(ends) + charter["retention_days"] * _DAY_MS)
        if self._now >= until:
            self._reasons.add("retention-over")

    # The people.

    def _people(self) -> None:
        rows = {row["person_id"]: row for row in self._held.rows("participants", self._meeting)}
        everyone = {id_ for id_, row in rows.items() if row["admitted_at"] is not None}
        everyone |= {b64(id_) for header in self._decision.headers for id_ in _ids(header)}
        everyone |= {said["person"] for said in self._told("admitted")}
        moments = []
        for id_ in everyone:
            if id_ not in rows:
                self._reasons |= {"bad-evidence", "not-logged"}
                continue
            try:
                moments += list(self._hear(id_, rows[id_]))
            except _No as no:
                self._reasons.add(str(no))
            except NotInForce:
                self._reasons.add("notice-not-in-force")
            except Bad:
                self._reasons.add("bad-evidence")
        wait = self._decision.charter["cooling_off_seconds"] * 1000
        self._decision.ready_at = max(moments, default=0) + wait

    def _hear(self, id_: str, row: Any) -> Iterator[int]:
        """Yield the moments from which this person's yes has to cool off."""
        given = [
            said
            for said in self._held.rows("statements", self._meeting, "sequence")
            if said["person_id"] == id_
        ]
        self._is_logged(id_, row, given)
        charter = self._decision.charter
        who = statements.enrolment(row["enrolment"], row["signature"], charter)
        if b64(who["person"]) != id_:
            raise Bad("another person")
        for header in self._decision.headers:
            for person in header["people"]:
                if person["id"] == who["person"] and person["enrolment"] != who["digest"]:
                    raise Bad("other keys")
        said = statements.answers(given, who, charter)
        if any("withdrawn" in (each["recording"], each["training"]) for each in said):
            raise _No("withdrawn")
        if not said or said[-1]["training"] == "unanswered":
            raise _No("not-answered")
        if said[-1]["training"] != "yes":
            raise _No("refused")
        box = given[-1]["sealed_seed"]
        if box is None:
            raise _No("sealed-seed-missing")
        if len(box) != 1168 or digest(box) != said[-1]["sealed"]:
            raise Bad("another box")
        self._decision.people[id_] = (who | {"said": said[-1]}, box)
        yield from (given[-1]["received_at"], said[-1]["at"])
        yield from (each["at"] for each in self._told("answered", id_)[-1:])

    def _is_logged(self, id_: str, row: Any, given: list[Any]) -> None:
        enrolled = b64(digest(row["enrolment"]))
        known = [
            [said["enrolment"] for said in self._told(kind, id_)]
            for kind in ("enrolled", "admitted")
        ]
        answered = [(said["sequence"], said["answer"]) for said in self._told("answered", id_)]
        expected = [(number, b64(digest(said["body"]))) for number, said in enumerate(given, 1)]
        if known != [[enrolled], [enrolled]] or answered != expected:
            self._reasons.add("not-logged")


def _ids(header: Document) -> set[bytes]:
    return {person["id"] for person in header["people"]}
