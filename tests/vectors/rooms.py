"""``rooms.json``: what a link is made of, and which charters a page refuses in its room."""

from __future__ import annotations

import json
from typing import Any

from assent_vault.formats import charter as charters
from assent_vault.formats import document
from assent_vault.formats import room as rooms
from assent_vault.formats.suite import encode
from vectors.common import Json, fixed, meeting


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


def _changed(body: bytes, changes: dict[str, Any]) -> bytes:
    fields: dict[str, Any] = json.loads(body)
    return document.write(fields | changes)
