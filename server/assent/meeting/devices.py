"""Other devices of a person: an encoder, a room system, over WHIP (RFC 9725) and WHEP.

A device *is* its owner. It has no seat, no keys and no answers of its own: it is let in while its
owner is in the room, what the owner has answered holds for it and for nothing more, and it ends
when they leave.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from assent.clock import Clock
from assent.errors import BadToken, NotAdmitted, NotFound
from assent.media import Role, UnknownPeer
from assent.meeting.device_tokens import DeviceToken, DeviceTokens, Line, Session
from assent.meeting.media_session import MediaSession
from assent.meeting.person import Person
from assent.meeting.roster import Roster

_USERNAME = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Begun:
    """A session as its device is told of it."""

    session: str
    answer: str
    username: str  # of our end of ICE, which changes when it restarts


class Devices:
    """The devices of everybody in one meeting."""

    def __init__(
        self,
        media: MediaSession,
        roster: Roster,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self._media = media
        self._roster = roster
        self._clock = clock
        self._changed = changed
        self._passes = DeviceTokens()

    def doing(self, person: str) -> tuple[Line, ...] | None:
        """Return what a person's device does now; None where no token is drawn."""
        drawn = self._passes.of(person)
        return None if drawn is None else tuple(sorted(drawn.sessions))

    # ---- the owner ---------------------------------------------------------------------------

    def draw(self, person: Person) -> tuple[str, int]:
        """Give a person a token for a device, and when it ends; what they drew before ends now."""
        if not person.present:
            raise NotAdmitted
        self.end(person.id)
        self._changed()
        return self._passes.draw(person.id, self._clock.now())

    def end(self, person: str) -> None:
        """End a person's token and their devices, whatever there is."""
        drawn = self._passes.of(person)
        if drawn is None:
            return
        self._passes.revoke(person)
        self._changed()
        for line in drawn.sessions:
            self._media.room.release(person, line)

    def sweep(self) -> None:
        """End what has run out; call every few seconds."""
        for person in self._passes.expired(self._clock.surely()):
            self.end(person)

    def gone(self, person: str, role: Role) -> None:
        """Forget a session whose connection has ended."""
        drawn = self._passes.of(person)
        if drawn is not None and role in ("device", "view"):
            drawn.sessions.pop(role, None)
            self._changed()

    # ---- the device --------------------------------------------------------------------------

    def check(self, token: str) -> None:
        """Raise BadToken unless somebody has drawn the token."""
        self._passes.find(token, self._clock.now())

    async def begin(self, token: str, line: Line, sdp: str) -> Begun:
        """Take a device's offer; a session of the same kind that was there ends.

        Raises BadToken, NotAdmitted while the owner is not in the room, or BadSdp; then nothing
        has changed.
        """
        drawn = self._passes.find(token, self._clock.now())
        person = self._roster.people[drawn.person]
        answer = await self._media.begin(person, line, sdp)
        if self._passes.of(person.id) is not drawn:
            # The token has ended while the media plane was asked; so does what it began.
            self._media.room.release(person.id, line)
            raise BadToken
        session = Session(secrets.token_urlsafe(16), _username(answer))
        drawn.sessions[line] = session
        self._changed()
        return Begun(session.id, answer, session.username)

    async def restart(self, token: str, line: Line, session: str, username: str) -> str:
        """Restart ICE of a session; returns our new end, as a fragment of SDP."""
        drawn = self._find(token, line, session)
        try:
            fragment = await self._media.room.restart(drawn.person, line, username)
        except UnknownPeer as error:
            raise NotFound from error
        drawn.sessions[line] = Session(session, _username(fragment))
        return fragment

    def username(self, token: str, line: Line, session: str) -> str:
        """Return our ICE user name in a session; raises BadToken or NotFound."""
        return self._find(token, line, session).sessions[line].username

    def finish(self, token: str, line: Line, session: str) -> None:
        """End a session, as its device asks."""
        drawn = self._find(token, line, session)
        del drawn.sessions[line]
        self._changed()
        self._media.room.release(drawn.person, line)

    def _find(self, token: str, line: Line, session: str) -> DeviceToken:
        drawn = self._passes.find(token, self._clock.now())
        known = drawn.sessions.get(line)
        if known is None or not secrets.compare_digest(known.id, session):
            raise NotFound
        return drawn


def _username(text: str) -> str:
    found = _USERNAME.search(text)
    assert found is not None, "what the media plane writes has credentials"
    return found[1]
