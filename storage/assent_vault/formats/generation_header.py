"""Headers of generations: who is in, and what ``E`` they share (FORMAT-2.md section 6).

A header is signed by the committer's person, in a relayed meeting by the server. Here is what can
be told of one by itself; what a reader compares it with is in
:mod:`assent_vault.ledger.generation_chain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from assent_vault.formats import document, suite
from assent_vault.formats.frame_key import MAX_GENERATION
from assent_vault.formats.generation import NOBODY, NOTHING_BEFORE, generation_place
from assent_vault.formats.page_document import SUITE_2
from assent_vault.formats.suite import encode

GENERATION_TYPE: Final = "assent/generation/v2"
MAX_BYTES: Final = 192 * 1024
MOST_PEOPLE: Final = 500
MAX_NUMBER: Final = 999_999  # names of objects have six digits


@dataclass(frozen=True, slots=True)
class GenerationPerson:
    """Somebody who was ever let in. All but ``id`` and ``page`` are digests of documents."""

    id: bytes
    enrolment: bytes
    page: bytes | None
    present: bool
    host: bytes | None = None
    answer: bytes | None = None


@dataclass(frozen=True, slots=True)
class RemovedPerson:
    """Somebody whom a host has removed, with the digest of the act."""

    id: bytes
    act: bytes


@dataclass(frozen=True, slots=True)
class RecordedPart:
    """What a header says of its recording. ``shares`` begins with the vault's commitment."""

    number: int
    previous: bytes | None
    offset: int
    arm: bytes
    notice_version: int
    training: bool
    vault: bytes | None
    shares: tuple[bytes, ...]
    slots: bytes
    wraps: bytes | None


@dataclass(frozen=True, slots=True)
class GenerationHeader:
    """A header that has been read. ``digest`` is H, ``secret`` the tag of E."""

    meeting: bytes
    generation: int
    previous: bytes | None
    charter: bytes
    committer: bytes | None
    secret: bytes
    people: tuple[GenerationPerson, ...]
    removed: tuple[RemovedPerson, ...]
    recorded: RecordedPart | None
    at: int
    body: bytes
    digest: bytes

    @property
    def place(self) -> bytes:
        """P: known before H is."""
        return place_of(self.meeting, self.generation, self.previous, self.committer)

    @property
    def committer_person(self) -> GenerationPerson | None:
        """The person whose page made it; None where the server did."""
        if self.committer is None:
            return None
        return next(person for person in self.people if person.page == self.committer)

    @property
    def pages(self) -> tuple[GenerationPerson, ...]:
        """Those who are in with a page."""
        return tuple(person for person in self.people if person.page is not None)

    @property
    def watchers(self) -> tuple[GenerationPerson, ...]:
        """Those who have a ``watch`` box of it, if it is recorded: "everyone with a `page`", "and
        every person with `host` not null"; in a relayed meeting "everyone with `present`"."""
        return tuple(
            person
            for person in self.people
            if person.host is not None
            or (person.present if self.committer is None else person.page is not None)
        )


def place_of(
    meeting: bytes, generation: int, previous: bytes | None, committer: bytes | None
) -> bytes:
    """Return P of what a header says, None standing for what there is not."""
    return generation_place(
        meeting,
        generation,
        NOTHING_BEFORE if previous is None else previous,
        NOBODY if committer is None else committer,
    )


def build_generation(
    *,
    meeting: bytes,
    generation: int,
    previous: bytes | None,
    charter: bytes,
    committer: bytes | None,
    secret: bytes,
    people: Iterable[GenerationPerson],
    removed: Iterable[RemovedPerson],
    recorded: RecordedPart | None,
    at: int,
) -> bytes:
    """Write a header; ``people`` and ``removed`` in order of ids. Raises FormatError."""
    body = document.write(
        {
            "type": GENERATION_TYPE,
            "suite": SUITE_2,
            "meeting": encode(meeting),
            "generation": generation,
            "previous": _or_null(previous),
            "charter": encode(charter),
            "committer": _or_null(committer),
            "secret": encode(secret),
            "people": [
                {
                    "id": encode(person.id),
                    "enrolment": encode(person.enrolment),
                    "page": _or_null(person.page),
                    "present": person.present,
                    "host": _or_null(person.host),
                    "answer": _or_null(person.answer),
                }
                for person in people
            ],
            "removed": [{"id": encode(each.id), "act": encode(each.act)} for each in removed],
            "recorded": None if recorded is None else _written(recorded),
            "at": at,
        }
    )
    parse_generation(body)  # what cannot be read must not be written
    return body


def _written(recorded: RecordedPart) -> dict[str, object]:
    return {
        "number": recorded.number,
        "previous": _or_null(recorded.previous),
        "offset": recorded.offset,
        "arm": encode(recorded.arm),
        "notice_version": recorded.notice_version,
        "training": recorded.training,
        "vault": _or_null(recorded.vault),
        "shares": [encode(share) for share in recorded.shares],
        "slots": encode(recorded.slots),
        "wraps": _or_null(recorded.wraps),
    }


def _or_null(value: bytes | None) -> str | None:
    return None if value is None else encode(value)


def parse_generation(body: bytes) -> GenerationHeader:
    """Read a header without believing it; raises FormatError."""
    fields = document.read(body, GENERATION_TYPE, most=MAX_BYTES).only(
        "type", "suite", "meeting", "generation", "previous", "charter", "committer", "secret",
        "people", "removed", "recorded", "at",
    )  # fmt: skip
    fields.exactly("suite", SUITE_2)
    generation = fields.integer("generation", least=1, most=MAX_GENERATION)
    previous = fields.b64_or_null("previous", suite.DIGEST_BYTES)
    if generation == 1 and previous is not None:
        fields.fail("previous", "is a header before the first")
    people = tuple(_parse_person(person) for person in fields.children("people"))
    if not 0 < len(people) <= MOST_PEOPLE:
        fields.fail("people", f"are not 1 to {MOST_PEOPLE}")
    _in_order(fields, "people", [person.id for person in people])
    if not any(person.present for person in people):
        fields.fail("people", "are all away")
    committer = fields.b64_or_null("committer", suite.DIGEST_BYTES)
    pages = [person.page for person in people if person.page is not None]
    if len(set(pages)) != len(pages):
        fields.fail("people", "have one page between them")
    # "`page` is … null for … everyone" "in relayed meetings", where there is no committer.
    if committer is None and pages:
        fields.fail("people", "have pages, and none of them is the committer")
    if committer is not None and committer not in pages:
        fields.fail("committer", "is nobody's page")
    recorded = fields.child_or_null("recorded")
    removed = tuple(_parse_removed(each) for each in fields.children("removed"))
    _check_removed(fields, people, removed)
    if recorded is None and any(person.answer is not None for person in people):
        fields.fail("people", "have answers, and nothing is recorded")
    return GenerationHeader(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        generation=generation,
        previous=previous,
        charter=fields.b64("charter", suite.DIGEST_BYTES),
        committer=committer,
        secret=fields.b64("secret", suite.DIGEST_BYTES),
        people=people,
        removed=removed,
        recorded=None if recorded is None else _parse_recorded(recorded, len(people)),
        at=fields.integer("at"),
        body=body,
        digest=suite.digest(body),
    )


def _parse_person(fields: document.Fields) -> GenerationPerson:
    fields.only("id", "enrolment", "page", "present", "host", "answer")
    person = GenerationPerson(
        id=fields.b64("id", suite.DIGEST_BYTES),
        enrolment=fields.b64("enrolment", suite.DIGEST_BYTES),
        page=fields.b64_or_null("page", suite.DIGEST_BYTES),
        present=fields.boolean("present"),
        host=fields.b64_or_null("host", suite.DIGEST_BYTES),
        answer=fields.b64_or_null("answer", suite.DIGEST_BYTES),
    )
    if person.page is not None and not person.present:
        fields.fail("page", "is of somebody who is away")
    return person


def _parse_removed(fields: document.Fields) -> RemovedPerson:
    fields.only("id", "act")
    return RemovedPerson(
        id=fields.b64("id", suite.DIGEST_BYTES), act=fields.b64("act", suite.DIGEST_BYTES)
    )


def _check_removed(
    fields: document.Fields, people: Iterable[GenerationPerson], removed: Sequence[RemovedPerson]
) -> None:
    _in_order(fields, "removed", [each.id for each in removed])
    known = {person.id: person for person in people}
    for each in removed:
        person = known.get(each.id)
        if person is None:
            fields.fail("removed", "has somebody who was never in")
        # "None of them has `page`, `present` or `host`."
        if person.present or person.host is not None:
            fields.fail("removed", "has somebody who is in, or a host")


def _parse_recorded(fields: document.Fields, people: int) -> RecordedPart:
    fields.only(
        "number", "previous", "offset", "arm", "notice_version", "training", "vault", "shares",
        "slots", "wraps",
    )  # fmt: skip
    number = fields.integer("number", least=1, most=MAX_NUMBER)
    previous = fields.b64_or_null("previous", suite.DIGEST_BYTES)
    if (number == 1) != (previous is None):
        fields.fail("previous", "is there exactly where it is not the first")
    training = fields.boolean("training")
    vault = fields.b64_or_null("vault", suite.DIGEST_BYTES)
    if training != (vault is not None):
        fields.fail("vault", "must be there exactly where training is offered")
    shares = fields.b64_list("shares", suite.DIGEST_BYTES)
    if len(shares) != (1 + people if training else 0):
        fields.fail("shares", "are not one for the vault and one for each of people")
    wraps = fields.b64_or_null("wraps", suite.DIGEST_BYTES)
    if training != (wraps is not None):
        fields.fail("wraps", "must be there exactly where training is offered")
    return RecordedPart(
        number=number,
        previous=previous,
        offset=fields.integer("offset"),
        arm=fields.b64("arm", suite.DIGEST_BYTES),
        notice_version=fields.integer("notice_version", least=1),
        training=training,
        vault=vault,
        shares=shares,
        slots=fields.b64("slots", suite.DIGEST_BYTES),
        wraps=wraps,
    )


def _in_order(fields: document.Fields, key: str, ids: Sequence[bytes]) -> None:
    # "ordered by id, each once"
    if any(left >= right for left, right in pairwise(ids)):
        fields.fail(key, "are not ordered by id, each once")
