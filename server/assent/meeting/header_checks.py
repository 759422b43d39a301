"""What browsers have found in the header of what is recorded: who disputes it, and for how long.

Every browser in a generation is sent its header, and says whether it names exactly the people that
it was shown. A finding is about the header that was sent to that very connection; whoever was sent
none has nothing to say about it. It ends with the generation: the next header is checked anew.
"""

from __future__ import annotations

from collections.abc import Iterable

from assent.errors import BadRequest
from assent.meeting.views import ClientConnection
from assent_vault.formats.suite import digest, encode


class HeaderChecks:
    """Of one meeting. What is kept is bounded by the people who are in what is recorded."""

    def __init__(self) -> None:
        self._last = 0  # the number of what runs, or of the last that did
        self._header: str | None = None  # its header's digest, as base64url; None where none runs
        self._sent: set[ClientConnection] = set()
        self._ok: dict[str, bool] = {}

    def begin(self, number: int, header: bytes, sent: Iterable[ClientConnection]) -> None:
        """The header of a generation that begins was sent to these connections."""
        self.end()
        self._last, self._header = number, encode(digest(header))
        self._sent.update(sent)

    def end(self) -> None:
        """No generation runs any more, and what was found in its header is settled."""
        self._header = None
        self._sent.clear()
        self._ok.clear()

    def gone(self, connection: ClientConnection) -> None:
        """A connection is no more; what its person has found stands while it runs."""
        self._sent.discard(connection)

    def take(
        self, connection: ClientConnection, person: str, number: int, header: str, *, ok: bool
    ) -> bool:
        """Take what a person's browser has found; whether it is news.

        ``header`` is the digest of the header that was checked, as base64url. A finding about a
        generation that is over comes too late, and is passed over. Raises BadRequest where this is
        not what the connection was sent.
        """
        if number < self._last or (number == self._last and self._header is None):
            return False
        if number > self._last or connection not in self._sent:
            raise BadRequest("This generation was not shown to you.", field="number")
        if header != self._header:
            raise BadRequest("This is not the header that was shown to you.", field="header")
        news = self._ok.get(person) is not ok
        self._ok[person] = ok
        return news

    @property
    def disputed_by(self) -> int:
        """How many people's browsers have found something else than they were shown."""
        return sum(not ok for ok in self._ok.values())
