"""All meetings of a server: which of them go on, and until when."""

from __future__ import annotations

from pathlib import Path

import pytest

from assent.clock import SystemClock
from assent.errors import MeetingOver
from assent.meeting.views import CloseReason
from assent_vault.store.database import Database
from support.clock import JumpingClock
from support.meetings import HOST_ACCOUNT, hall_of, write_meeting
from support.people import make_meeting, person_in

DAY = 24 * 3_600_000


class Doubted(JumpingClock):
    """A clock that may be wrong where it is ahead, until somebody believes it."""

    __slots__ = ("believed",)

    def __init__(self) -> None:
        super().__init__()
        self.believed = False

    def surely(self) -> int:
        return self.now() if self.believed else min(self.now(), SystemClock().now())


async def test_no_meeting_ends_by_a_clock_in_doubt(database: Database, tmp_path: Path) -> None:
    meeting = make_meeting()
    await write_meeting(database, meeting)
    clock = Doubted()
    async with hall_of(database, tmp_path / "objects", meeting, clock=clock) as scene:
        host = await scene.browser(host=True)
        await host.enter(person_in(meeting), "Ada")
        clock.jump = 100 * DAY
        await scene.hall._sweep()
        assert host.goodbyes == []
        # Whoever was in comes back, and others come in.
        guest = await scene.browser()
        await guest.enter(person_in(meeting), "Ben")
        await scene.hall.host_seat(scene.id, HOST_ACCOUNT)
    # Started again, it goes on as well; and it ends when the clock is believed.
    async with hall_of(database, tmp_path / "objects", meeting, clock=clock) as scene:
        again = await scene.browser(host=True)
        await again.enter(person_in(meeting), "Ada")
        clock.believed = True
        await scene.hall._sweep()
        assert again.goodbyes == [CloseReason.EXPIRED]
        with pytest.raises(MeetingOver):
            await scene.hall.host_seat(scene.id, HOST_ACCOUNT)
