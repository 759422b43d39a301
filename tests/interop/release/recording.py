"""Generations, held against what was signed and logged before each: FORMAT-2.md section 16."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from interop.release import generations, statements
from interop.release.documents import (
    Bad,
    Document,
    b64,
    boolean,
    digest,
    integer,
    read,
    unb64,
    verify,
)
from interop.release.statements import NotInForce


class NotLogged(Exception):
    """The log says something else than there is."""


class NoBoxes(Exception):
    """The boxes of a generation are not there."""


@dataclass
class Signed:
    """What people and hosts have signed, as far as it verifies."""

    enrolments: dict[str, Document]  # by person
    answers: dict[str, str]  # by digest: what each wills of recording
    arms: dict[str, str]  # by digest of an act that records: whose


def signed(tables: dict[str, list[Any]], room: bytes, charter: Document) -> Signed:
    """Read ``participants``, ``statements``, ``host_certificates`` and ``host_acts``."""
    found = Signed({}, {}, {})
    for row in tables["participants"]:
        given = [said for said in tables["statements"] if said["person_id"] == row["person_id"]]
        try:
            who = statements.enrolment(row["enrolment"], row["signature"], charter)
        except (Bad, NotInForce):
            continue
        found.enrolments[b64(who["person"])] = who
        for number in range(1, len(given) + 1):
            try:
                said = statements.answers(given[:number], who, charter)[-1]
            except (Bad, NotInForce):
                break
            found.answers[b64(said["digest"])] = said["recording"]
    try:
        host = _room(room, charter)
    except Bad:
        return found
    _acts(found, tables, host, charter, b64(digest(room)))
    return found


def _room(body: bytes, charter: Document) -> bytes:
    """Return the host key of the room that the charter names."""
    room = read(
        body,
        "assent/room/v2",
        4096,
        "suite host mode recording training waiting_room retention_days cooling_off_seconds vault"
        " server random",
    )
    if b64(digest(body)) != charter["room"]:
        raise Bad("another room")
    return unb64(room["host"], 32)


def _acts(
    found: Signed, tables: dict[str, list[Any]], host: bytes, charter: Document, room: str
) -> None:
    """Read who is a host, and what they have armed, one act after the other."""
    hosts: set[str] = set()
    removed: set[str] = set()
    for row in tables["host_certificates"]:
        try:
            said = read(row["body"], "assent/host/v2", 1024, "meeting room person enrolment at")
            verify(host, "assent/host/v2", row["body"], row["signature"])
            who = found.enrolments[said["person"]]
            expected = (charter["meeting"], room, b64(who["digest"]))
            if (said["meeting"], said["room"], said["enrolment"]) == expected:
                hosts.add(said["person"])
        except (Bad, KeyError):
            continue
    for number, row in enumerate(tables["host_acts"], 1):
        try:
            kind, said = _act(row["body"])
            verify(found.enrolments[said["by"]]["sign"], kind, row["body"], row["signature"])
        except (Bad, KeyError):
            return
        if said["by"] not in hosts - removed or said["sequence"] != number:
            return  # what comes after one that is none follows nothing
        if said["meeting"] != charter["meeting"]:
            return
        if kind == "assent/remove/v2":
            removed.add(said["person"])
        if kind == "assent/arm/v2" and boolean(said["recording"]):
            found.arms[b64(digest(row["body"]))] = said["by"]


def _act(body: bytes) -> tuple[str, Document]:
    for kind, own in (("arm", "recording"), ("admit", "person enrolment"), ("remove", "person")):
        type_ = f"assent/{kind}/v2"
        if body.startswith(b'{"type":"%s"' % type_.encode()):
            said = read(body, type_, 1024, f"meeting by sequence {own} at")
            integer(said["sequence"], 1)
            integer(said["at"])
            return type_, said
    raise Bad("no act")


@dataclass
class Review:
    """Goes through the generations of a meeting; ``records`` are the server's, in order."""

    charter: Document
    vault: bytes | None
    said: Signed
    records: list[Document]
    boxes: Callable[[int], bytes | None]

    def review(self, rows: list[Any]) -> None:
        """Raise Bad, NotLogged or NoBoxes at the first that does not hold."""
        numbers = [row["number"] for row in rows]
        if numbers != list(range(1, len(rows) + 1)):
            raise Bad("a number is missing")
        opened = self._of("generation-opened")
        closed = self._of("generation-closed")
        if set(numbers) != opened.keys() or not closed.keys() <= opened.keys():
            raise NotLogged
        before: Document | None = None
        for row in rows:
            index, logged = opened[row["number"]]
            header = self._header(row, before, self.records[:index])
            of_log = (header["recorded"]["number"], b64(header["H"]), None)
            if of_log != (row["number"], logged["header"], logged["committer"]):
                raise NotLogged
            boxes = self.boxes(row["number"])
            if boxes is None:
                raise NoBoxes
            if b64(digest(boxes)) != logged["boxes"]:
                raise Bad("other boxes")
            self._closed(row, header, closed.get(row["number"]))
            before = header

    def _of(self, kind: str) -> dict[int, tuple[int, Document]]:
        found: dict[int, tuple[int, Document]] = {}
        for index, record in enumerate(self.records):
            if record["kind"] == kind:
                if record["number"] in found:
                    raise NotLogged
                found[record["number"]] = (index, record)
        return found

    def _header(self, row: Any, before: Document | None, earlier: list[Document]) -> Document:
        charter = self.charter
        header = generations.header(row["header"], row["signature"], charter["server"])
        recorded = header["recorded"]
        if not charter["recording"] or (
            header["meeting"],
            header["charter"],
            recorded["training"],
            recorded["notice_version"],
            recorded["vault"],
        ) != (
            charter["meeting"],
            charter["digest"],
            charter["training"],
            charter["notice"]["version"],
            self.vault,
        ):
            raise Bad("of another meeting")
        named = {b64(person["id"]): person for person in header["people"]}
        if not {said["person"] for said in earlier if said["kind"] == "admitted"} <= named.keys():
            raise Bad("somebody who was let in is not named")
        self._follows(header, before)
        arm = b64(recorded["arm"])
        armed = {said["act"] for said in earlier if said["kind"] == "armed"}
        if arm not in self.said.arms or arm not in armed:
            raise Bad("nobody has armed it")
        last = {said["person"]: said["answer"] for said in earlier if said["kind"] == "answered"}
        for id_, person in named.items():
            if person["present"]:
                answer = None if person["answer"] is None else b64(person["answer"])
                if answer is None or last.get(id_) != answer:
                    raise Bad("not their last answer")
                if self.said.answers.get(answer) != "yes":
                    raise Bad("no yes")
        return header

    @staticmethod
    def _follows(header: Document, before: Document | None) -> None:
        recorded = header["recorded"]
        if header["previous"] != recorded["previous"]:
            raise Bad("it follows one that is not recorded")
        if before is None:
            if recorded["number"] != 1:
                raise Bad("not the first")
            return
        if (
            recorded["previous"] != before["H"]
            or recorded["number"] != before["recorded"]["number"] + 1
            or header["generation"] <= before["generation"]
        ):
            raise Bad("it does not follow")
        here = {person["id"]: person["enrolment"] for person in header["people"]}
        gone = {each["id"] for each in header["removed"]}
        if any(here.get(one["id"]) != one["enrolment"] for one in before["people"]) or any(
            each["id"] not in gone for each in before["removed"]
        ):
            raise Bad("somebody of the one before is not named")

    def _closed(self, row: Any, header: Document, logged: tuple[int, Document] | None) -> None:
        if row["close"] is None:
            if logged is not None:
                raise NotLogged
            return
        closing = generations.closing(
            row["close"], row["close_signature"] or b"", self.charter["server"], header
        )
        if logged is None:
            raise NotLogged
        said = logged[1]
        if (said["header"], said["closing"], said["accepts"]) != (
            b64(header["H"]),
            b64(closing["digest"]),
            None,
        ):
            raise NotLogged
