"""A meeting while it runs: the async shell around the capture rule.

Facts come in from connections, the media plane and timers; ``capture_controller.py`` turns
those that matter into events of the capture rule. Who comes in is in ``admission.py``, what they
answer in ``answers.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import replace
from typing import Any

import structlog

from assent.consent import (
    Armed,
    Disarmed,
    MeetingEnded,
    PersonDeparted,
    Phase,
)
from assent.errors import (
    MeetingOver,
    NotAdmitted,
    NotRecordable,
    RateLimited,
    TryAgain,
    VaultUnavailable,
)
from assent.media.sources import BrowserSource
from assent.meeting.acts import Acts, concerning
from assent.meeting.admission import Admission
from assent.meeting.answers import Answers
from assent.meeting.capture_controller import CaptureController
from assent.meeting.devices import Devices
from assent.meeting.header_checks import HeaderChecks
from assent.meeting.hosting import Hosting
from assent.meeting.media_session import MediaSession
from assent.meeting.owing import Owing
from assent.meeting.person import Person
from assent.meeting.roster import Roster
from assent.meeting.seats import Seat
from assent.meeting.services import Services
from assent.meeting.views import (
    ClientConnection,
    CloseReason,
    IntroductionView,
    RoomView,
    SeatView,
    seat_of_nobody,
)
from assent_vault.formats import room as rooms
from assent_vault.formats.charter import Charter
from assent_vault.store.models import MeetingRow

log = structlog.get_logger(__name__)

COALESCE = 0.03  # seconds; a generation that follows another shows no flicker in between
ASK_AGAIN_EVERY = 60.0


class LiveMeeting:
    """One meeting that has not ended. Build it with :meth:`load`."""

    def __init__(self, services: Services, owing: Owing, row: MeetingRow, charter: Charter) -> None:
        self.id = row.id
        self.expires_at = min(row.expires_at, charter.expires)
        self.over = False  # and of no use any more, though it may be loaded again
        self._has_ended = False
        self._store = services.store
        self._clock = services.clock
        self._rules = services.rules
        self._charter = charter
        self._title = row.title
        self.host_account = row.host_account
        self._roster = Roster()
        self.media = MediaSession(
            services.media,
            row.id,
            self._roster,
            services.clock,
            self.changed,
            lambda code: self._capturing.media_trouble(code),
            lambda person, role: self.devices.gone(person, role),
            recordable=charter.recording,
        )
        self.devices = Devices(self.media, self._roster, services.clock, self.changed)
        self._capturing = CaptureController(
            self,
            row.id,
            charter,
            self.media.room,
            services.store.generations,
            services.blobs,
            services.clock,
            services.server_key,
            services.space.problem or owing.problem,
            lambda: self.hosting.said(),
        )
        self._capturing.began = row.started_at
        self._tasks: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._header_checks = HeaderChecks()
        self.admission = Admission(
            self,
            services,
            charter,
            self._roster,
            self.media,
            self.devices,
            self._capturing,
            self._header_checks,
            self._turn,
            locked=row.locked,
        )
        self.hosting = Hosting(
            self,
            services.store.hosts,
            charter,
            rooms.parse(row.room),
            self._roster,
            self.admission,
            services.clock,
        )
        self.answers = Answers(
            self,
            charter,
            self._roster,
            owing,
            Acts(services.store.database, services.server_key),
            services.clock,
            self._capturing,
            self._turn,
        )
        self._revision = 0
        self._telling: asyncio.TimerHandle | None = None
        self._asked_at: float | None = None

    @classmethod
    async def load(
        cls, services: Services, owing: Owing, row: MeetingRow, charter: Charter
    ) -> LiveMeeting:
        """Bring a meeting (back) to life: closes torn generations, finds its people.

        Who was present when the server stopped is present again, unreachable, with the grace time
        to come back in.
        """
        people = await services.store.participants.people(row.id, charter)
        acts = await Acts(services.store.database, services.server_key).of(row.id)
        live = cls(services, owing, row, charter)
        try:
            await live._capturing.restore()
        except BaseException:
            live.media.close()
            raise
        await live._find_vault_key()
        for known in people:
            person = Person(
                id=known.person,
                introduction=known.introduction,
                host=known.host,
                enrolment=known.enrolment,
                signature=known.signature,
                answer=known.answer,
                withheld=owing.stops(row.id, known.person),
                acts=concerning(acts, known.person),
                ever_admitted=known.admitted,
                removed=known.removed,
            )
            live.admission.bring_back(person, present=known.admitted and not known.left)
        try:
            await live.hosting.restore()
        except BaseException:
            live.media.close()
            raise
        # What is written down is the server's own word; a host has to have signed it as well.
        if row.armed and charter.recording and live.hosting.course.armed:
            live._capturing.apply(Armed())
        return live

    def space(self, problem: str | None) -> None:
        """Learn that there is no room for a recording, or that there is room again."""
        if not self.over:
            self._capturing.space_trouble(problem)

    # ---- the host's wishes ------------------------------------------------------------------

    async def lock(self, locked: bool) -> None:
        """Host: close the door to newcomers, or open it."""
        async with self._turn:
            self.admission.locked = locked
            await self._save_flags()
            self.changed()

    async def arm(self, armed: bool) -> None:
        """Record as far as everyone agrees, as a host has signed (``hosting``), or stop."""
        if not armed and self._capturing.state.armed:
            self._capturing.apply(Disarmed())
        async with self._turn:
            self.must_be_live()
            if armed and not self._capturing.state.armed:
                await self.must_be_armable()
                self._capturing.apply(Armed())
            await self._save_flags()

    async def must_be_armable(self) -> None:
        """Raise NotRecordable, or VaultUnavailable where the vault's key has not come yet."""
        if not self._charter.recording:
            raise NotRecordable
        await self._find_vault_key()
        if self._charter.training and self._capturing.vault_key is None:
            raise VaultUnavailable

    async def _save_flags(self) -> None:
        await self._store.set_flags(
            self.id, locked=self.admission.locked, armed=self._capturing.state.armed
        )

    def ask_again(self) -> None:
        """Host: ask everyone alike once more."""
        now = self._clock.monotonic()
        if self._asked_at is not None and now - self._asked_at < ASK_AGAIN_EVERY:
            raise RateLimited("You can ask again once a minute.", retry_after=int(ASK_AGAIN_EVERY))
        self._asked_at = now
        self._roster.ask()

    async def end(self, reason: CloseReason = CloseReason.ENDED) -> None:
        """The meeting is over for everyone; returns when its recording is closed."""
        if not self.over:
            self.over = self._has_ended = True
            self._capturing.apply(MeetingEnded())
            now = self._clock.now()
            try:
                await self._store.ended(self.id, now, self._rules.retention_days)
            finally:
                self._roster.farewell(reason)
        await self._finish()

    async def suspend(self) -> None:
        """The server stops: capture ends here, and everyone is told to come back by themselves."""
        self.over = True
        self._capturing.leave()
        if self._capturing.state.phase is not Phase.OVER:
            if self._capturing.state.armed:
                self._capturing.apply(Disarmed())
            for person in sorted(self._capturing.state.present):
                self._capturing.apply(PersonDeparted(person))
        self._roster.farewell(CloseReason.RESTARTING)
        await self._finish()

    async def _finish(self) -> None:
        self._capturing.close()
        if self._telling is not None:
            self._telling.cancel()
        self.media.close()
        while self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def idle(self) -> bool:
        """Whether nobody is here and nothing is being written: it can be forgotten."""
        return self._roster.empty and not self._tasks

    async def forget(self) -> None:
        """Free what an idle meeting holds; it can be loaded again."""
        self.over = True
        await self._finish()

    @property
    def present(self) -> int:
        """How many people are in it now."""
        return len(self._capturing.state.present)

    # ---- what people show -------------------------------------------------------------------

    def mute(
        self, person: Person, source: BrowserSource, *, muted: bool, system: bool = False
    ) -> None:
        """The sender says a source of theirs is (not) muted; only shown, nothing depends on it.

        ``system``: not by the person, but by their system or a switch on the device.
        """
        if not person.present:
            raise NotAdmitted
        (person.muted.add if muted else person.muted.discard)(source)
        (person.silenced.add if muted and system else person.silenced.discard)(source)
        self.changed()

    def generation_seen(
        self, connection: ClientConnection, number: int, header: str, problem: str | None
    ) -> None:
        """A browser has checked the header of the generation it is in; ``problem`` is a code."""
        person = self.person(connection)
        if not person.present:
            raise NotAdmitted
        before = self._header_checks.disputed_by
        ok = problem is None
        if not self._header_checks.take(connection, person.id, number, header, ok=ok):
            return
        if not ok:
            log.error("generation-disputed", number=number, problem=problem)
        if self._header_checks.disputed_by != before:
            self.changed()

    # ---- what the capture needs -------------------------------------------------------------

    def generation_started(self, number: int, header: bytes, signature: bytes) -> None:
        """Show everyone present who is in the generation, so that their browser can check it."""
        shown = self._roster.show_generation(number, header, signature)
        self._header_checks.begin(number, header, shown)

    def generation_ended(self) -> None:
        """What was found in the header of the generation is said no longer."""
        self._header_checks.end()

    def changed(self) -> None:
        """Tell everyone soon; changes that come together are told together."""
        self._revision += 1
        if self._telling is None and not self.over:
            self._telling = asyncio.get_running_loop().call_later(COALESCE, self._tell)

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in a task that is waited for when the meeting ends."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._reap)

    def _reap(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("meeting-task-failed", exc_info=task.exception())

    # ---- views ------------------------------------------------------------------------------

    def room_view(self) -> RoomView:
        """Return the state that everyone in the meeting shares."""
        return RoomView(
            revision=self._revision,
            title=self._title,
            started_at=self._capturing.began,
            locked=self.admission.locked,
            capture=self._capturing.shown,
            armed=self._capturing.state.armed,
            problem=self._capturing.problem,
            disputed_by=self._header_checks.disputed_by,
            present=len(self._capturing.state.present),
            agreed=len(self._capturing.state.agreed),
            recorder=self._capturing.state.armed,
            people=self._roster.present(self.media.sources(), show_answers=self._rules.show_names),
            absent_hosts=self._roster.absent_hosts(),
            waiting=self._roster.waiting(),
        )

    def introduced(self, people: Iterable[str]) -> list[IntroductionView]:
        """Return what shows who each of ``people`` is, of those who are known."""
        return self._roster.introduced(people)

    def seat_view(self, seat: Seat, connection: ClientConnection) -> SeatView:
        """Return what the meeting knows of one connection's seat."""
        person = self._roster.of(connection)
        if person is None:
            return seat_of_nobody(host=seat.host)
        return replace(
            person.seat_view(),
            device=self.devices.doing(person.id),
            certified=self.hosting.is_certified(person),
        )

    def person(self, connection: ClientConnection) -> Person:
        """Return who is behind a connection; raises NotEnrolled."""
        return self._roster.behind(connection)

    def _tell(self) -> None:
        self._telling = None
        self._roster.tell()

    # ---- small things -----------------------------------------------------------------------

    async def _find_vault_key(self) -> None:
        if self._capturing.vault_key is None and self._charter.training:
            row = await self._store.vault_key(self.id)
            if row is not None:
                self._capturing.vault_key = self._store.verified_key(row, self._charter)

    def must_be_live(self) -> None:
        """Raise MeetingOver where it is over, or its time is; TryAgain where it only stops here."""
        self.must_go_on()
        if self._clock.surely() >= self.expires_at:
            raise MeetingOver

    def must_go_on(self) -> None:
        """Raise MeetingOver where it has ended, TryAgain where it only stops here."""
        if self.over:
            raise MeetingOver if self._has_ended else TryAgain
