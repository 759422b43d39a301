"""``watched.json``: recorded headers, as the browser of one who is in such a meeting gets them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from assent_vault.formats import suite
from assent_vault.formats.generation_header import (
    GENERATION_TYPE,
    GenerationHeader,
    GenerationPerson,
    RecordedPart,
    RemovedPerson,
    build_generation,
    parse_generation,
)
from assent_vault.formats.suite import encode
from support.people import CREATED, Meeting, Person
from vectors.common import Json, fixed, meeting, person

YES = fixed("an answer that says yes")


def in_header(who: Person, **changes: Any) -> GenerationPerson:
    """Return a person as a recorded header should name them: they are there, and have agreed."""
    assert who.enrolment is not None, "enrol first"
    values: dict[str, Any] = {
        "id": who.id,
        "enrolment": who.enrolment.digest,
        "page": None,
        "present": True,
        "answer": YES,
    }
    return GenerationPerson(**(values | changes))


def header_of(
    place: Meeting,
    people: Sequence[GenerationPerson],
    number: int = 1,
    before: bytes | None = None,
    *,
    removed: Sequence[RemovedPerson] = (),
    **changes: Any,
) -> GenerationHeader:
    """Return the header of a generation of a minute; what only boxes could tell is made up."""
    charter, key = place.charter, place.vault_key
    vault = key.digest if charter.training and key is not None else None
    recorded = RecordedPart(
        number=number,
        previous=before,
        offset=60_000 * (number - 1),
        arm=fixed("an act"),
        notice_version=charter.notice_version,
        training=charter.training,
        vault=vault,
        shares=() if vault is None else tuple(fixed(f"share {n}") for n in range(1 + len(people))),
        slots=fixed("slots"),
        wraps=None if vault is None else fixed("wraps"),
    )
    values: dict[str, Any] = {
        "meeting": place.id,
        "generation": number,
        "previous": before,
        "charter": charter.digest,
        "committer": None,
        "secret": fixed("a secret"),
        "people": sorted(people, key=lambda one: one.id),
        "removed": sorted(removed, key=lambda one: one.id),
        "recorded": recorded,
        "at": CREATED + 60_000 * number,
    }
    return parse_generation(build_generation(**(values | changes)))


def make_watched() -> Json:
    """Headers, signed by the server, and what a browser must notice of each."""
    place = meeting()
    people = [person(place, name) for name in ("Ada", "Bo", "Cy")]
    for each in people:
        each.enrol()
    ada, bo, cy = people
    away: dict[str, Any] = {"present": False, "answer": None}
    named = [in_header(ada), in_header(bo), in_header(cy, **away)]
    header = header_of(place, named)
    ghost = person(place, "somebody nobody saw")
    ghost.enrol()
    cases: list[Json] = []

    def case(
        name: str,
        body: bytes,
        problem: str | None,
        previous: bytes | None = None,
        signature: bytes | None = None,
    ) -> None:
        signed = suite.sign(place.server, GENERATION_TYPE, body)
        cases.append(
            {
                "name": name,
                "header": encode(body),
                "signature": encode(signed if signature is None else signature),
                "previous": None if previous is None else encode(previous),
                "problem": problem,
            }
        )

    def of(name: str, people: Sequence[GenerationPerson], problem: str | None) -> None:
        case(name, header_of(place, people).body, problem)

    case("as it should be", header.body, None)
    second = header_of(place, named, 2, header.digest)
    case("the one after", second.body, None, header.digest)
    case("after another one than was seen", second.body, "broken-chain", bytes(32))
    forked = header_of(place, named, 2, header.digest, previous=fixed("a live one"))
    case("after a generation that is not recorded", forked.body, "broken-chain", header.digest)
    of("somebody nobody saw", [*named, in_header(ghost)], "stranger")
    hidden = in_header(ghost, **away, host=fixed("a certificate"))
    of("somebody nobody saw, who only watches", [*named, hidden], "stranger")
    of("somebody who left before one came", [*named, in_header(ghost, **away)], None)
    gone = RemovedPerson(cy.id, fixed("an act that removes"))
    case("somebody who was removed", header_of(place, named, removed=[gone]).body, None)
    of("somebody left out who was there before", named[:2], "missing")
    of("somebody left out", [named[0], named[2]], "missing")
    of("oneself left out", named[1:], "missing")
    of("somebody said to be away", [named[0], in_header(bo, **away), named[2]], "missing")
    swapped = in_header(bo, enrolment=bytes(32))
    of("another enrolment", [named[0], swapped, named[2]], "wrong-keys")
    of("oneself with another enrolment", [in_header(ada, enrolment=bytes(32)), *named[1:]],
       "wrong-keys")  # fmt: skip
    of("an answer that one never gave", [in_header(ada, answer=fixed("a forgery")), *named[1:]],
       "stranger")  # fmt: skip
    of("no answer of one's own", [in_header(ada, answer=None), *named[1:]], "stranger")
    other_place = meeting(training=False)
    case("another charter", header_of(other_place, named).body, "other-meeting")
    bad = "bad-document"
    case("not signed by the server", header.body, bad, signature=bytes(64))
    by_vault = suite.sign(place.vault_identity, GENERATION_TYPE, header.body)
    case("signed by the vault", header.body, bad, signature=by_vault)
    page = fixed("a page")
    paged = header_of(place, [in_header(ada, page=page), *named[1:]], committer=page)
    case("made by a page", paged.body, bad)
    live = header_of(place, [in_header(ada, answer=None)], recorded=None)
    case("not recorded", live.body, bad)
    values = json.loads(header.body)
    for name, change in (
        ("somebody twice", {"people": values["people"][:1] + values["people"]}),
        ("another order", {"people": values["people"][::-1]}),
        ("another suite", {"suite": "assent-1"}),
        ("a field more", {"title": "Standup"}),
    ):
        case(name, json.dumps(values | change, separators=(",", ":")).encode(), bad)
    return {
        "charter": encode(place.charter.body),
        "me": {"person": encode(ada.id), "agreed": [encode(YES)]},
        "present": [encode(ada.id), encode(bo.id)],
        "vault_key": encode(suite.digest(place.vault_key.body if place.vault_key else b"")),
        "shown": [_shown(each) for each in people],
        "watcher": _shown(ghost),
        "cases": cases,
    }


def _shown(each: Person) -> Json:
    assert each.enrolment is not None
    return {
        "person": encode(each.id),
        "enrolment": encode(each.enrolment.digest),
        "watch": encode(suite.digest(each.enrolment.watch)),
        "train": encode(suite.digest(each.enrolment.train)),
    }
