"""The meetings that go on in this process: each loaded once, and let go of when nobody needs it.

Two things may not fall between a meeting that is loaded and one that is let go of. Whoever comes in
must find it there until they are in it (:meth:`LiveMeetings.using`). And an answer that is stored
beside it, for nobody was in it, must reach it even where it was being loaded at that moment, from
what had been stored before (:meth:`LiveMeetings.taken`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from assent.errors import MeetingOver, TryAgain
from assent.meeting.acts import Acts, whole
from assent.meeting.live import LiveMeeting
from assent.meeting.owing import Owing
from assent.meeting.services import Services
from assent_vault.formats import charter as charters
from assent_vault.formats import statement as statements
from assent_vault.formats.suite import encode
from assent_vault.store.models import MeetingRow


class LiveMeetings:
    """Meetings by their ids. ``stop`` is for good."""

    def __init__(self, services: Services, owing: Owing, acts: Acts) -> None:
        self._services = services
        self._owing = owing
        self._acts = acts
        self._live: dict[str, LiveMeeting] = {}
        self._doors: dict[str, asyncio.Lock] = {}
        self._users: Counter[str] = Counter()
        self._missed: dict[str, list[statements.Answer]] = {}  # by meetings that are being loaded
        self._stopping = False
        self.let_go = False
        """Whether a meeting was let go of since somebody set this to False."""

    def get(self, meeting: str) -> LiveMeeting | None:
        """Return a meeting that goes on; None too where it is over, or stops here."""
        live = self._live.get(meeting)
        return None if live is None or live.over else live

    def find(self, meeting: str) -> LiveMeeting | None:
        """Return a meeting that goes on, or whose recording is being closed."""
        return self._live.get(meeting)

    async def loaded(self, meeting: str) -> LiveMeeting | None:
        """Return a meeting that goes on, or will once it has been loaded, which is waited for."""
        async with self._door(meeting):
            return self.get(meeting)

    def __len__(self) -> int:
        return len(self._live)

    def __iter__(self) -> Iterator[LiveMeeting]:
        return iter(tuple(self._live.values()))

    def __contains__(self, meeting: str) -> bool:
        return meeting in self._live

    @contextmanager
    def using(self, meeting: str) -> Iterator[None]:
        """Keep a meeting from being let go of, whether it is live already or will be."""
        self._users[meeting] += 1
        try:
            yield
        finally:
            self._users[meeting] -= 1
            if not self._users[meeting]:
                del self._users[meeting]

    async def open(self, meeting: str) -> LiveMeeting:
        """Return a meeting, loaded where it is not live.

        Raises MeetingOver, MeetingNotFound, and TryAgain where the server stops.
        """
        async with self._door(meeting):
            live = self._live.get(meeting)
            if live is not None:
                live.must_go_on()  # or its recording is being closed
                return live
            self._must_not_stop()
            row = await self._services.store.meeting(meeting)
            if row.ended_at is not None or row.expires_at <= self._services.clock.surely():
                raise MeetingOver
            if whole(await self._acts.of(meeting)) is not None:
                raise MeetingOver  # deleted, and not ended yet
            return await self._load(row)

    async def _load(self, row: MeetingRow) -> LiveMeeting:
        missed = self._missed[row.id] = []
        try:
            charter = charters.parse(row.charter)
            live = await LiveMeeting.load(self._services, self._owing, row, charter)
        finally:
            del self._missed[row.id]
        try:
            self._must_not_stop()
        except TryAgain:
            await live.suspend()
            raise
        self._live[row.id] = live
        for said in missed:
            live.answers.taken(said)
        return live

    def taken(self, said: statements.Answer) -> None:
        """An answer was stored beside its meeting: where that goes on, it goes by it."""
        meeting = encode(said.meeting)
        live = self._live.get(meeting)
        if live is not None:
            live.answers.taken(said)
        elif meeting in self._missed:
            self._missed[meeting].append(said)

    def forget(self, meeting: str) -> None:
        """Let go of a meeting that its caller has ended, or is about to suspend."""
        self._live.pop(meeting, None)
        self.let_go = True

    async def forget_if_idle(self, live: LiveMeeting) -> None:
        """Let go of a meeting that nobody is in or on the way to."""
        async with self._door(live.id):
            if live.idle and not self._users[live.id] and self._live.get(live.id) is live:
                self.forget(live.id)
                await live.forget()

    def tidy(self) -> None:
        """Forget the doors of meetings that are not live."""
        for meeting in [one for one in self._doors if one not in self._live]:
            if not self._doors[meeting].locked():
                del self._doors[meeting]

    async def stop(self) -> None:
        """Tell everyone to come back later; from now on none is loaded."""
        self._stopping = True
        await asyncio.gather(*(live.suspend() for live in self))
        self._live.clear()

    def _must_not_stop(self) -> None:
        if self._stopping:
            raise TryAgain

    def _door(self, meeting: str) -> asyncio.Lock:
        return self._doors.setdefault(meeting, asyncio.Lock())
