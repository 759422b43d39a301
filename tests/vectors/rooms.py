"""``rooms.json``: what a link is made of, and which charters a page refuses in its room."""

from __future__ import annotations

import json
from typing import Any

from assent_vault.formats import charter as charters
from assent_vault.formats import document
from assent_vault.formats import room as rooms
from assent_vault.formats.suite import digest, encode
from support.people import make_meeting
from vectors.common import Json, fixed, meeting, person


def make_rooms() -> Json:
    """Return the content of the file."""
    place = meeting()
    link = place.link
    return {
        "link": {
            "secret": encode(link.secret),
            "room": encode(link.room),
            "fragment": link.fragment,
            "door": link.door,
            "door_hash": encode(link.door_hash),
            "brought": encode(link.brought),
        },
        "cases": _cases(),
        "introduced": _introduced(),
    }


def _cases() -> list[Json]:
    place = meeting()
    found: list[Json] = []

    def case(
        name: str,
        problem: str | None,
        in_room: dict[str, Any] | None = None,
        in_charter: dict[str, Any] | None = None,
        *,
        pinned: bytes | None = None,
    ) -> None:
        room = rooms.parse(_changed(place.room.body, in_room or {}))
        changes = {"room": encode(room.digest)} | (in_charter or {})
        charter = charters.parse(_changed(place.charter.body, changes))
        found.append(
            {
                "name": name,
                "pinned": encode(pinned or room.digest),
                "room": encode(room.body),
                "charter": encode(charter.body),
                "problem": problem,
            }
        )

    case("the very same", None)
    case("another room than the link has", "other-room", pinned=fixed("another room"))
    other = {"room": encode(fixed("another room"))}
    case("another room than the charter has", "other-room", None, other)
    case("end to end in the room, relayed in the charter", "wider-charter", {"mode": "end-to-end"})
    for key in ("vault", "server"):
        case(f"another {key}", "wider-charter", None, {key: encode(bytes([2]) * 32)})
    silent = {"recording": False, "training": False}
    case("nothing of what the room offers", None, None, silent)
    case("a recording that the room does not offer", "wider-charter", silent, {"training": False})
    case("training that the room does not offer", "wider-charter", {"training": False})
    case("a waiting room more", None, None, {"waiting_room": True})
    case("a waiting room less", "wider-charter", {"waiting_room": True})
    case("kept for as long", None, {"retention_days": 30}, {"retention_days": 30})
    case("kept for less", None, {"retention_days": 30}, {"retention_days": 29})
    case("kept for longer", "wider-charter", {"retention_days": 30}, {"retention_days": 31})
    waits = "cooling_off_seconds"
    case("as much time to think", None, {waits: 60}, {waits: 60})
    case("more time to think", None, {waits: 60}, {waits: 61})
    case("less time to think", "wider-charter", {waits: 60}, {waits: 59})
    # What is wrong with the room is said first: of a strange one nothing else counts.
    longer = {"retention_days": 31, **other}
    case("another room, and wider", "other-room", {"retention_days": 30}, longer)
    return found


def _introduced() -> list[Json]:
    place = meeting()
    ada = person(place, "Ada")
    said = ada.enrol("Ada Lovelace")
    bo = person(place, "Bo")
    others = bo.enrol("Bo")
    mac = place.link.mac(place.id, 1, digest(said.body))
    second = place.link.mac(place.id, 2, digest(said.body))
    right: Json = {
        "person": encode(ada.id),
        "enrolment": encode(digest(said.body)),
        "document": encode(said.body),
        "signature": encode(said.signature),
        "name": "Ada Lovelace",
        "salt": encode(ada.salt),
        "ordinal": 1,
        "mac": encode(mac),
    }
    found: list[Json] = []

    def case(title: str, shown: str | None, /, *, brought: bool, **changes: Any) -> None:
        found.append({"name": title, "given": right | changes, "shown": shown, "brought": brought})

    called = right["name"]
    none = {"ordinal": None, "mac": None}
    case("as it was said", called, brought=True)
    case("another name", None, brought=True, name="Ada Byron")
    case("the name in another case", None, brought=True, name="ada lovelace")
    case("another salt", None, brought=True, salt=encode(fixed("salt")))
    case("a salt of 31 bytes", None, brought=True, salt=encode(bytes(31)))
    case("nothing that a link has made", called, brought=False, **none)
    case("what another link has made", called, brought=False, mac=encode(fixed("mac")))
    case("what is of another ordinal", called, brought=False, ordinal=2)
    case("a second link with that ordinal", called, brought=True, ordinal=2, mac=encode(second))
    strange = encode(place.link.mac(place.id, 1, digest(others.body)))
    case("what is of another's enrolment", called, brought=False, mac=strange)
    short = encode(mac[:31])
    case("31 bytes of it", called, brought=False, mac=short)
    bos = {"document": encode(others.body), "signature": encode(others.signature)}
    case("another's enrolment", None, brought=False, **bos)
    case("another's signature", None, brought=False, signature=bos["signature"])
    case("another digest of it", None, brought=False, enrolment=encode(digest(others.body)))
    case("another's id", None, brought=False, person=encode(bo.id))
    case("no enrolment", None, brought=False, document=encode(b"{}"))
    elsewhere = make_meeting(
        meeting=bytes(16),
        drawn=bytes(range(96)),
        server=place.server,
        vault_identity=place.vault_identity,
        vault_private=place.vault_private,
        training=False,
    )
    foreign = person(elsewhere, "Ada")
    strange_said = foreign.enrol("Ada Lovelace")
    case(
        "an enrolment of another meeting", None, brought=False,
        person=encode(foreign.id), enrolment=encode(digest(strange_said.body)),
        document=encode(strange_said.body), signature=encode(strange_said.signature),
        salt=encode(foreign.salt),
        mac=encode(place.link.mac(place.id, 1, digest(strange_said.body))),
    )  # fmt: skip
    return found


def _changed(body: bytes, changes: dict[str, Any]) -> bytes:
    fields: dict[str, Any] = json.loads(body)
    return document.write(fields | changes)
