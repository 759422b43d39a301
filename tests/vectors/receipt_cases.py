"""A meeting that receipts are of, and what gathers them into cases."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from assent_vault.formats import suite
from assent_vault.formats.suite import decode, encode
from support.paper_log import PaperLog
from support.people import NOTICE, Meeting, Signed
from support.receipts import Desk, Json, key_of, written
from vectors.common import meeting, person

FRENCH = "Nous vous demandons si nous pouvons vous enregistrer.\n"
NOTICES = {"en": NOTICE, "fr": FRENCH}
HEADERS = [encode(suite.digest(b"header %d" % number)) for number in range(4)]

Lie = Callable[[str, int, Json], Json]
Change = Callable[[Json], Any]


EVIDENCE = encode(suite.digest(b"evidence"))


class Story:
    """A meeting in which Ada enrols, is let in, answers three times, is recorded and takes back.

    Each step logs what it says and returns the story; ``changes`` to a record are lies.
    """

    def __init__(self, lie: Lie | None = None, place: Meeting | None = None) -> None:
        self.place = place or meeting()
        self.ada = person(self.place, "Ada")
        self.desk = Desk(self.place, self.ada, NOTICES)
        if lie is not None:
            self.desk.lie = lie
        self.of_meeting = {"meeting": encode(self.place.id)}
        self.of_person = {**self.of_meeting, "person": encode(self.ada.id)}
        self.said: list[Signed] = []
        self.answered_at = 0

    # Steps.

    def begin(self) -> Story:
        self.desk.others(2)
        self.published()
        self.desk.others(1)
        self.created()
        self.desk.others(3)
        return self.enrolled().admitted().armed()

    def published(self) -> Story:
        texts = {name: encode(text) for name, text in self.place.charter.notices.items()}
        self.desk.record("notice", version=1, texts=texts)
        return self

    def created(self) -> Story:
        charter = encode(self.place.charter.digest)
        self.desk.record("meeting", **self.of_meeting, charter=charter)
        return self

    def enrolled(self, said: Signed | None = None) -> Story:
        said = said or self.ada.enrol()
        self.desk.enrol(said)
        self.said = [said]
        return self

    def admitted(self, said: Signed | None = None) -> Story:
        enrolment = encode(suite.digest((said or self.said[0]).body))
        self.desk.record("admitted", **self.of_person, enrolment=enrolment)
        return self

    def answer(self, recording: str, training: str) -> Story:
        return self.answered(self.ada.answer(recording, training))

    def answered(self, said: Signed) -> Story:
        self.desk.answer(said, len(self.said))
        self.said.append(said)
        self.answered_at = self.desk.items[-1][1]["entry"]["at"]
        return self

    def certified(self) -> Story:
        """Ada is a host."""
        certificate = encode(suite.digest(b"certificate"))
        self.desk.record("host", **self.of_person, certificate=certificate)
        return self

    def armed(self, number: int = 1) -> Story:
        """A host has signed whether it is to be recorded; acts are told apart by ``number``."""
        self.desk.record("armed", **self.of_meeting, act=_act(number))
        return self

    def removed(self, number: int = 9) -> Story:
        """A host has removed Ada."""
        self.desk.record("removed", **self.of_person, act=_act(number))
        return self

    def opened(self, number: int, **changes: Any) -> Story:
        values = {
            **self.of_meeting,
            "number": number,
            "header": HEADERS[number],
            "committer": None,
            "boxes": encode(suite.digest(b"boxes %d" % number)),
        }
        self.desk.record("generation-opened", **(values | changes))
        return self

    def closed(self, number: int, **changes: Any) -> Story:
        values = {
            **self.of_meeting,
            "number": number,
            "header": HEADERS[number],
            "closing": encode(suite.digest(b"closing %d" % number)),
            "accepts": None,
        }
        self.desk.record("generation-closed", **(values | changes))
        return self

    def recorded(self) -> Story:
        return self.opened(1).closed(1)

    def ended(self) -> Story:
        self.desk.record("ended", **self.of_meeting)
        return self

    def released(self, **changes: Any) -> Story:
        """The gate opens, for what has been logged so far."""
        values = {
            **self.of_meeting,
            "evidence": EVIDENCE,
            "ready_at": self.answered_at + self.place.charter.cooling_off_seconds * 1000,
            **self._head(),
        }
        self.desk.record("released", **(values | changes))
        return self

    def exported(self, **changes: Any) -> Story:
        values = {
            **self.of_meeting,
            "export": encode(bytes(range(16))),
            "manifest": encode(suite.digest(b"manifest")),
            "evidence": EVIDENCE,
            **self._head(),
        }
        self.desk.record("exported", **(values | changes))
        return self

    def given(self, recipient: str | None, purpose: str | None, **changes: Any) -> Story:
        """Export it, and say to whom and for what."""
        of = {"type": "assent/entry/exported/v2", "recipient": recipient, "purpose": purpose}
        return self.exported(**(of | changes))

    def again(self, **changes: Any) -> Story:
        """Export it once more, in another data set."""
        values = {
            "export": encode(suite.digest(b"another data set")[:16]),
            "manifest": encode(suite.digest(b"another manifest")),
        }
        return self.given("Another Institute", "Speech", **(values | changes))

    def lost(self, number: int, *slots: tuple[int, int]) -> Story:
        """Slots of a generation do not open."""
        ranges = [list(each) for each in slots or ((3, 3), (5, 9))]
        self.desk.record("slot-lost", **self.of_meeting, header=HEADERS[number], slots=ranges)
        return self

    def _head(self) -> Json:
        return {"size": len(self.desk.log.entries), "root": encode(suite.digest(b"a root"))}

    def revoked(self, purpose: str, by: str, **changes: Any) -> Story:
        """Take something back for Ada, or delete the meeting."""
        whole = purpose == "meeting"
        values = {
            **self.of_meeting,
            "person": None if whole else encode(self.ada.id),
            "purpose": purpose,
            "sequence": 0 if whole else len(self.said) - 1,
            "by": by,
        }
        self.desk.record("revoked", **(values | changes))
        return self

    def withdrawn(self, sequence: int | None = None, said: Signed | None = None) -> Story:
        """The vault has carried out what she has taken back, with her last answer or another."""
        number = len(self.said) - 1 if sequence is None else sequence
        answer = encode(suite.digest((said or self.said[number]).body))
        self.desk.record("withdrawn", **self.of_person, sequence=number, answer=answer)
        return self

    def carried_out(self, **changes: Any) -> Story:
        """The vault has carried out what was taken back for her last."""
        _, item = [each for each in self.desk.items if b'"assent/entry/revoked' in _body(each)][-1]
        act = suite.digest(decode(item["record"]))
        sequence = {"sequence": len(self.said) - 1}
        values = {**self.of_person, **sequence, "answer": encode(act)}
        self.desk.record("withdrawn", **(values | changes))
        return self

    def erased(self, *, everyone: bool = False) -> Story:
        person_id = None if everyone else encode(self.ada.id)
        self.desk.record("erased", **self.of_meeting, person=person_id)
        return self

    def destroyed(self, reason: str = "retention") -> Story:
        nothing = encode(bytes(32))
        self.desk.record("destroyed", **self.of_meeting, reason=reason, entries=9, digest=nothing)
        return self

    def adopted(self, label: str = "another vault") -> Story:
        self.desk.adopted_by = key_of(label)
        vault = encode(self.desk.vault.public_key().public_bytes_raw())
        self.desk.record("adopted", **self.of_meeting, vault=vault)
        return self

    # Whole stories.

    def whole(self) -> Story:
        """Everything that can be in a receipt of somebody who takes back."""
        self.begin().answer("yes", "unanswered").opened(1)
        self.desk.others(2)
        self.answer("yes", "yes").closed(1).opened(2).answer("withdrawn", "withdrawn").closed(2)
        self.ended().withdrawn().erased()
        self.desk.others(5)
        return self

    def taken_over(self) -> Story:
        """The vault is lost, and another one carries out what is taken back."""
        self.begin().answer("yes", "unanswered").recorded().adopted()
        return self.answer("withdrawn", "unanswered").withdrawn().erased()

    def acted_for(self) -> Story:
        """Somebody has lost their link, and others take back for them."""
        self.begin().answer("yes", "yes").opened(1)
        self.revoked("training", "administrator").carried_out()
        self.closed(1).answer("yes", "withdrawn").opened(2)
        self.revoked("recording", "host").closed(2).carried_out().erased()
        self.desk.others(3)
        return self

    def agreed(self) -> Story:
        """Somebody has said yes to everything, and the meeting is over."""
        return self.begin().answer("yes", "yes").recorded().ended()

    def handed_on(self) -> Story:
        """And it was released, and exported."""
        return self.agreed().released().exported()

    def deleted(self) -> Story:
        """What was exported is deleted by whoever runs the server."""
        return self.handed_on().revoked("meeting", "operator").destroyed("deleted")

    def hosted(self) -> Story:
        """A host is removed by another, and some of what was recorded cannot be opened."""
        self.begin().certified().answer("yes", "yes").recorded().armed(2).removed().ended()
        return self.released().lost(1).exported()

    def kept_to_the_end(self) -> Story:
        """What was exported is kept until its time is over."""
        return self.handed_on().destroyed().erased(everyone=True)


def _act(number: int) -> str:
    return encode(suite.digest(b"act %d" % number))


def _body(item: tuple[str, Json]) -> bytes:
    """Return the record of an entry, of whatever else nothing."""
    return decode(item[1]["record"]) if item[0] == "entry" else b""


class Cases:
    """Gathers files and what is to be thought of each."""

    def __init__(self) -> None:
        self.cases: list[Json] = []
        self.files: dict[str, bytes] = {}

    def add(self, name: str, body: bytes | Json, *failures: tuple[str, str], **pins: Any) -> None:
        """Add a file with the failures that it must have, in order; none where it must hold."""
        stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
        path = f"{'bad' if failures else 'good'}-{stem}.assent-receipt.json"
        assert path not in self.files, path
        self.files[path] = body if isinstance(body, bytes) else written(body)
        self.cases.append(
            {
                "name": name,
                "file": path,
                "server": pins.get("server"),
                "vault": pins.get("vault"),
                "witnesses": pins.get("witnesses", []),
                "failures": [list(each) for each in failures],
            }
        )

    def changed(self, name: str, receipt: Json, change: Change, *failures: tuple[str, str]) -> None:
        """Add a receipt that somebody has changed afterwards."""
        copied = copy.deepcopy(receipt)
        change(copied)
        assert copied != receipt, name
        self.add(name, copied, *failures)


# Changes.


def under(receipt: Json, log: PaperLog, note: str) -> Json:
    """Put all proofs under a note of the same tree."""
    receipt = copy.deepcopy(receipt)
    for entry in entries_of(receipt):
        entry["proof"] = log.proof(entry["index"], note=note)
    return receipt


def entries_of(receipt: Json) -> list[Json]:
    return [*(said["entry"] for said in receipt["statements"]), *receipt["entries"]]


def set_(key: str, value: Any) -> Change:
    return lambda it: it.update({key: value})


def flip(values: Json, key: str) -> None:
    """Change a bit of bytes that are spelled as text."""
    data = bytearray(decode(values[key]))
    data[10] ^= 1
    values[key] = encode(bytes(data))


def edit(values: Json, key: str, old: bytes, new: bytes) -> None:
    values[key] = encode(re.sub(old, new, decode(values[key]), count=1))


def replaced(body: bytes, old: bytes, new: bytes) -> bytes:
    assert old in body
    return body.replace(old, new)


def odd(letter: str) -> str:
    """Spell the last bits of base64 another way: with one set among those that carry nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return alphabet[alphabet.index(letter) | 1]
