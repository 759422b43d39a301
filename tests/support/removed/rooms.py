"""What keeps a server from putting another room behind a link, and strangers into the room."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_ROOM = "client-web/src/crypto/room.ts"
_ENTRANCE = 'client-web/tests/meeting/entrance-room.test.ts "a page"'
_INTRODUCTIONS = "client-web/src/meeting/introductions.ts"
_SOMEBODY = 'client-web/tests/meeting/introductions.test.ts "somebody in the room"'
_GIVEN = 'client-web/tests/crypto/room.test.ts "a page that is given a room and a charter"'

ROOMS: Final[dict[str, tuple[Removal, ...]]] = {
    "another room behind a link": (
        Removal(
            "a page goes into the room of its link",
            (
                Change(
                    _ROOM,
                    '  if (pinned !== null && !equal(room.digest, pinned)) return "other-room";\n',
                    "",
                ),
            ),
            (_ENTRANCE, _GIVEN),
        ),
        Removal(
            "a charter is of the room that is shown",
            (
                Change(
                    _ROOM,
                    '  if (!equal(room.digest, charter.room)) return "other-room";\n',
                    "",
                ),
            ),
            (_ENTRANCE, _GIVEN),
        ),
        Removal(
            "a charter is no wider than the room",
            (
                Change(
                    _ROOM,
                    '  return wider ? "wider-charter" : null;\n',
                    '  return wider === null ? "wider-charter" : null;\n',
                ),
            ),
            (_ENTRANCE, _GIVEN),
        ),
        Removal(
            "the server makes no meeting that nobody could enter",
            (
                Change(
                    "server/assent/web/meetings.py",
                    "    if charters.refused(charter, room) is not None:\n",
                    "    if charters.refused(charter, room) == room.digest:\n",
                ),
            ),
            (
                "assent/web/test_meetings.py::"
                "test_a_room_that_allows_less_than_the_server_would_do_is_refused",
            ),
        ),
    ),
    "a person whom the invitation has not brought": (
        Removal(
            "a name is shown where it gives the digest that was signed",
            (
                Change(
                    _INTRODUCTIONS,
                    "      name: (await isTheirs(given, enrolment.name)) ? given.name : null,\n",
                    "      name: given.name,\n",
                ),
            ),
            (_SOMEBODY,),
        ),
        Removal(
            "what shows who was brought is checked",
            (
                Change(
                    _INTRODUCTIONS,
                    "    if (equal(mac, await broughtMac(key, meeting, brought.ordinal,"
                    " enrolment))) return true;\n",
                    "    if (mac.length > 0 && (await broughtMac(key, meeting, brought.ordinal,"
                    " enrolment))) return true;\n",
                ),
            ),
            (_SOMEBODY,),
        ),
        Removal(
            "an enrolment is that of whoever is said to have it",
            (
                Change(
                    _INTRODUCTIONS,
                    "    if (encode(enrolment.person) !== given.person) return stranger;\n",
                    "",
                ),
            ),
            (_SOMEBODY,),
        ),
        Removal(
            "the server takes no name that was not signed",
            (
                Change(
                    "server/assent/meeting/participant_store.py",
                    "            statements.check_name("
                    "enrolment, introduction.salt, introduction.name)\n",
                    "",
                ),
            ),
            ("assent/meeting/test_live.py::test_a_name_is_the_one_that_was_signed[sqlite]",),
        ),
        Removal(
            "people are introduced before they are seen",
            (
                Change(
                    "server/assent/signalling/websocket.py",
                    "                    for introductions in self._introductions(room):\n",
                    "                    for introductions in self._introductions(room)[:0]:\n",
                ),
            ),
            (
                "assent/signalling/test_websocket.py::"
                "test_people_are_introduced_before_they_are_seen[sqlite]",
            ),
        ),
    ),
}
