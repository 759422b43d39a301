"""``epoch.json``: headers as browsers get them, and one epoch to open."""

from __future__ import annotations

import json
from typing import Any

from assent_vault.formats import closing as closings
from assent_vault.formats import epoch, segment, suite
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.epoch import Header
from assent_vault.formats.segment import SegmentHeader
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from support.people import CREATED, Meeting, Person
from vectors.common import Json, drawn, header_of, meeting, person


def make_epoch() -> Json:
    """Headers as a browser gets them, and what it must notice; one epoch, openable."""
    place = meeting()
    people = [person(place, name) for name in ("Ada", "Bo", "Cy")]
    for each in people:
        each.enrol()
    ada, bo, cy = people
    shown = [_shown(each) for each in people]
    named = [ada.in_header(), bo.in_header(), cy.in_header(present=False, watches=False)]
    header = header_of(place, named)
    ghost = person(place, "somebody nobody saw")
    ghost.enrol()
    seen: list[Json] = []

    def case(
        name: str, body: bytes, problem: str | None, field: str | None = None, **more: Any
    ) -> None:
        found = None
        if problem != "bad-document":
            found = _parsed(epoch.parse_header(body))
        seen.append(
            {
                "name": name,
                "header": encode(body),
                "previous": None,
                "problem": problem,
                "field": field,
                "parsed": found,
            }
            | more
        )

    case("as it should be", header.body, None)
    second = header_of(place, named, number=2, previous=header.digest)
    case("the one after", second.body, None, previous=encode(header.digest))
    case("after another one than was seen", second.body, "broken-chain", previous=encode(bytes(32)))
    case("somebody nobody saw", header_of(place, [*named, ghost.in_header()]).body, "stranger")
    hidden = ghost.in_header(present=False, watches=True)
    case(
        "somebody nobody saw, who only watches", header_of(place, [*named, hidden]).body, "stranger"
    )
    gone = ghost.in_header(present=False, watches=False)
    case("somebody who left before one came", header_of(place, [*named, gone]).body, None)
    case("somebody left out who was there before", header_of(place, named[:2]).body, "missing")
    case("somebody left out", header_of(place, named[:1] + named[2:]).body, "missing")
    case("oneself left out", header_of(place, named[1:]).body, "missing")
    away = bo.in_header(present=False)
    case("somebody said to be away", header_of(place, [named[0], away, named[2]]).body, "missing")
    foreign = suite.xwing_public(ghost.watch)
    for field, swapped in (
        ("watch", bo.in_header(watch=foreign)),
        ("train", bo.in_header(train=foreign)),
    ):
        body = header_of(place, [named[0], swapped, named[2]]).body
        case(f"another {field} key", body, "wrong-keys")
    other = bo.in_header(enrolment=bytes(32))
    case("another enrolment", header_of(place, [named[0], other, named[2]]).body, "wrong-keys")
    other_place = meeting(training=False)
    case("another charter", header_of(other_place, named).body, "other-meeting")
    for name, field, change in _broken(json.loads(header.body)):
        case(name, json.dumps(change, separators=(",", ":")).encode(), "bad-document", field)
    return {
        "charter": encode(place.charter.body),
        "me": {
            "person": encode(ada.id),
            "watch_private": encode(ada.watch),
        },
        "present": [encode(ada.id), encode(bo.id)],
        "vault_key": encode(suite.digest(place.vault_key.body if place.vault_key else b"")),
        "shown": shown,
        "cases": seen,
        "sealed": _sealed(place, header, ada),
    }


def _shown(each: Person) -> Json:
    assert each.enrolment is not None
    return {
        "person": encode(each.id),
        "enrolment": encode(each.enrolment.digest),
        "watch": encode(suite.digest(each.enrolment.watch)),
        "train": encode(suite.digest(each.enrolment.train)),
    }


def _parsed(header: Header) -> Json:
    return {
        "digest": encode(header.digest),
        "epoch": header.epoch,
        "offset": header.offset,
        "training": header.training,
        "people": [
            {
                "id": encode(person.id),
                "watch": encode(suite.digest(person.watch)),
                "train": encode(suite.digest(person.train)),
                "present": person.present,
                "watches": person.watches,
            }
            for person in header.people
        ],
    }


def _broken(values: Json) -> list[tuple[str, str, Json]]:
    people = values["people"]
    return [
        ("number 0", "epoch", values | {"epoch": 0}),
        ("a header before the first", "previous", values | {"previous": encode(bytes(32))}),
        ("training without a vault", "vault", values | {"vault": None}),
        ("a vault without training", "vault", values | {"training": False}),
        ("another order", "people", values | {"people": people[::-1]}),
        ("somebody twice", "people", values | {"people": people[:1] + people}),
        (
            "somebody present who may not watch",
            "people[0].watches",
            values | {"people": [people[0] | {"present": True, "watches": False}, *people[1:]]},
        ),
        (
            "a field more of somebody",
            "people[1]",
            values | {"people": [people[0], people[1] | {"name": "Bo"}, *people[2:]]},
        ),
        ("another suite", "suite", values | {"suite": "assent-0"}),
        ("a field more", "document", values | {"title": "Standup"}),
    ]


def _sealed(place: Meeting, header: Header, viewer: Person) -> Json:
    key, body = epoch.seal_epoch(header, place.vault_key, drawn("epoch"))
    shares = epoch.parse_shares(body, header)
    track = str(Track(viewer.id, "microphone"))
    plaintexts = [b"not a WebM header, but as good as one", b"not a Cluster"]
    objects = [
        segment.seal_segment(
            SegmentHeader(
                meeting=place.id,
                epoch=header.epoch,
                header=header.digest,
                track=track,
                codec="opus",
                sequence=number,
                start=2000 * number,
                end=2000 * (number + 1),
            ),
            plaintext,
            key.track_key(track),
        )
        for number, plaintext in enumerate(plaintexts)
    ]
    entries = [
        SegmentEntry(
            track, number, suite.digest(data), len(data), 2000 * number, 2000 * (number + 1)
        )
        for number, data in enumerate(objects)
    ]
    closing = closings.build_closing(
        header=header, ended=CREATED + 64_000, interrupted=False, segments=entries
    )
    return {
        "header": encode(header.body),
        "shares": encode(body),
        "epoch_key": encode(viewer.open_watch(header, shares)),
        "closing": {
            "document": encode(closing),
            "signature": encode(closings.sign_closing(place.server, closing)),
            "server": encode(place.charter.server),
        },
        "track": track,
        "track_key": encode(key.track_key(track)),
        "segments": [
            {"object": encode(data), "plaintext": encode(plaintext)}
            for data, plaintext in zip(objects, plaintexts, strict=True)
        ],
    }
