"""A meeting that receipts are of, and what gathers them into cases."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

from assent_vault import suite
from assent_vault.suite import decode, encode
from support.paper_log import PaperLog
from support.people import NOTICE, Meeting
from support.receipts import Desk, Json, written
from vectors.common import meeting, person

FRENCH = "Nous vous demandons si nous pouvons vous enregistrer.\n"
NOTICES = {"en": NOTICE, "fr": FRENCH}
HEADERS = [encode(suite.digest(b"header %d" % number)) for number in range(4)]

Lie = Callable[[str, int, Json], Json]
Change = Callable[[Json], Any]


class Story:
    """A meeting in which Ada enrols, is let in, answers three times, is recorded and takes back."""

    def __init__(self, lie: Lie | None = None, place: Meeting | None = None) -> None:
        self.place = place or meeting()
        self.ada = person(self.place, "Ada")
        self.desk = Desk(self.place, self.ada, NOTICES)
        if lie is not None:
            self.desk.lie = lie
        self.of_meeting = {"meeting": encode(self.place.id)}
        self.of_person = {**self.of_meeting, "person": encode(self.ada.id)}

    def begin(self) -> Story:
        texts = {name: encode(text) for name, text in self.place.charter.notices.items()}
        self.desk.others(2)
        self.desk.record("notice", version=1, texts=texts)
        self.desk.others(1)
        charter = encode(self.place.charter.digest)
        self.desk.record("meeting", **self.of_meeting, charter=charter)
        self.desk.others(3)
        said = self.ada.enrol()
        self.desk.enrol(said)
        self.enrolment = encode(suite.digest(said.body))
        self.desk.record("admitted", **self.of_person, enrolment=self.enrolment)
        self.said = [said]
        return self

    def answer(self, recording: str, training: str) -> Story:
        said = self.ada.answer(recording, training)
        self.desk.answer(said, len(self.said))
        self.said.append(said)
        return self

    def opened(self, number: int) -> Story:
        header = HEADERS[number]
        self.desk.record("epoch-opened", **self.of_meeting, epoch=number, header=header)
        return self

    def closed(self, number: int) -> Story:
        closing = encode(suite.digest(b"closing %d" % number))
        self.desk.record(
            "epoch-closed",
            **self.of_meeting,
            epoch=number,
            header=HEADERS[number],
            closing=closing,
        )
        return self

    def whole(self) -> Story:
        """Everything that can be in a receipt of somebody who takes back."""
        self.begin().answer("yes", "unanswered").opened(1)
        self.desk.others(2)
        self.answer("yes", "yes").closed(1).opened(2).answer("withdrawn", "withdrawn").closed(2)
        last = encode(suite.digest(self.said[-1].body))
        self.desk.record("withdrawn", **self.of_person, sequence=3, answer=last)
        self.desk.record("erased", **self.of_person)
        self.desk.others(5)
        return self

    def exported(self) -> Story:
        """Somebody has said yes to everything, and it was released and exported."""
        self.begin().answer("yes", "yes").opened(1).closed(1)
        head = {"size": len(self.desk.log.entries), "root": encode(suite.digest(b"a root"))}
        evidence = encode(suite.digest(b"evidence"))
        self.desk.record(
            "released", **self.of_meeting, evidence=evidence, ready_at=1_750_100_000_000, **head
        )
        self.desk.record(
            "exported",
            **self.of_meeting,
            export=encode(bytes(range(16))),
            manifest=encode(suite.digest(b"manifest")),
            evidence=evidence,
            **head,
        )
        self.desk.record("erased", **self.of_meeting, person=None)
        self.desk.record(
            "destroyed", **self.of_meeting, reason="retention", entries=9, digest=encode(bytes(32))
        )
        return self


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
