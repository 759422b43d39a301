"""What keeps a server from putting another room behind a link."""

from __future__ import annotations

from typing import Final

from support.removals import Change, Removal

_ROOM = "client-web/src/crypto/room.ts"
_ENTRANCE = 'client-web/tests/meeting/entrance-room.test.ts "a page"'
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
}
