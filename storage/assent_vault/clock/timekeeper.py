"""The clock that both processes go by: what is known of the time, kept across restarts.

Each process keeps its own, in a small file beside its keys, where nobody who can write to the
database or the objects reaches it. ``reckoning`` says what it is for, and decides.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.clock import reckoning
from assent_vault.clock.reckoning import Doubt, Reckoning
from assent_vault.errors import VaultError
from assent_vault.ledger import entry as entries
from assent_vault.store.database import Database
from assent_vault.store.head_file import HeadFile
from assent_vault.store.models import ClockConfirmationRow, LogEntryRow, WorkerHeartbeatRow

log = structlog.get_logger(__name__)

UNCONFIRMED: Final = "clock-unconfirmed"
EVERY_SECONDS: Final = 5.0
"""Seconds between two looks at the clock, where nobody asks for the time."""

_SAVE_MS: Final = 60_000
# A person who says that the clock is right is believed for this long.
_CONFIRMED_MS: Final = 10 * 60_000
_LAST_ENTRIES: Final = 100
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def unix_ms() -> int:
    """Return the clock on the wall, in Unix milliseconds."""
    return time.time_ns() // 1_000_000


def steady_ms() -> int:
    """Return the milliseconds since the machine was started, those in which it slept included."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000


def boot_id() -> str:
    """Return what tells this boot of the machine from others; "" where nothing does."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class Timekeeper:
    """Tells the time, and how far it is certain. Make one with ``open``.

    ``wall`` and ``steady`` are the two clocks, in whole milliseconds.
    """

    def __init__(
        self,
        state: Reckoning,
        file: HeadFile | None = None,
        wall: Callable[[], int] = unix_ms,
        steady: Callable[[], int] = steady_ms,
        boot: str = "",
    ) -> None:
        self._state = state
        self._file = file
        self._wall = wall
        self._steady = steady
        self._boot = boot
        self._saved_at: int | None = None

    @classmethod
    async def open(
        cls,
        path: Path,
        database: Database,
        wall: Callable[[], int] = unix_ms,
        steady: Callable[[], int] = steady_ms,
        boot: str | None = None,
        *,
        keeps: bool = True,
    ) -> Timekeeper:
        """Go on with what the file at ``path`` remembers; waits for the disk, raises OSError.

        Without ``keeps`` it is another process's, and only read.
        Where there is none, an earlier version has run here, or none has: then the last that the
        database tells is what is known, and where that is nothing the clock is believed.
        """
        here = boot_id() if boot is None else boot
        file = HeadFile(path)
        kept = _parse(await asyncio.to_thread(file.read))
        tick = steady()
        if kept is not None:
            state = reckoning.resume(kept[0], tick, same_boot=here != "" and kept[1] == here)
        else:
            last = await last_known(database)
            state = Reckoning(wall() if last is None else last, tick)
        keeper = cls(state, file if keeps else None, wall, steady, here)
        await keeper.keep(database)
        return keeper

    def now(self) -> int:
        """Return what is written down, and by which rights run out: Unix milliseconds.

        Where the clock is in doubt, the latest that it may be.
        """
        wall, state = self._look()
        return state.latest(wall)

    def surely(self) -> int:
        """Return the moment that has surely come, for what cannot be undone: Unix milliseconds."""
        wall, state = self._look()
        return state.surely(wall)

    def monotonic(self) -> float:
        """Seconds since an arbitrary point, never going back."""
        return time.monotonic()

    def problem(self) -> str | None:
        """Return the stable code of what somebody has to be told about the clock."""
        return UNCONFIRMED if self._look()[1].alarming else None

    def doubt(self) -> dict[str, int] | None:
        """Return the two times there are, for whoever has to find out which is right."""
        wall, state = self._look()
        if state.doubt is None:
            return None
        return {"clock": wall, "reckoned": state.known}

    def _look(self) -> tuple[int, Reckoning]:
        wall = self._wall()
        before = self._state.doubt
        self._state = state = reckoning.look(self._state, wall, self._steady())
        self._tell(before, wall)
        return wall, state

    def _tell(self, before: Doubt | None, wall: int) -> None:
        """Say it when doubt begins and when it ends."""
        after = self._state.doubt
        if (before is None) == (after is None):
            return
        self._saved_at = None
        if after is not None:
            log.warning(UNCONFIRMED, clock=wall, reckoned=self._state.known, off_ms=after.off)
        else:
            log.warning("clock-believed", clock=wall)

    async def keep(self, database: Database) -> None:
        """Look at the clock, heed a person who vouches for it, and remember; raises OSError."""
        wall, state = self._look()
        if state.doubt is not None and await _confirmed(database, wall):
            self._state = reckoning.begin(wall, self._steady())
            self._saved_at = None
            log.warning("clock-confirmed", clock=wall)
        if self._saved_at is None or not 0 <= self._state.tick - self._saved_at < _SAVE_MS:
            await asyncio.to_thread(self.save)

    def save(self) -> None:
        """Remember what is known; waits for the disk, raises OSError."""
        state = self._look()[1]
        if self._file is not None:
            self._file.write(_pack(state, self._boot))
        self._saved_at = state.tick

    async def keep_for_ever(self, database: Database) -> None:
        """Do ``keep`` again and again, whatever comes of it."""
        while True:
            try:
                await self.keep(database)
            except (VaultError, SQLAlchemyError, OSError):
                log.exception("clock-not-kept")  # what is known is known all the same
            await asyncio.sleep(EVERY_SECONDS)


async def _confirmed(database: Database, wall: int) -> bool:
    """Tell whether somebody has said, a moment ago by this clock, that it is right."""
    async with database.read() as session:
        near = select(ClockConfirmationRow.at).where(
            ClockConfirmationRow.at.between(wall - _CONFIRMED_MS, wall + _CONFIRMED_MS)
        )
        return await session.scalar(near.limit(1)) is not None


async def confirm(session: AsyncSession, wall: int) -> None:
    """Write down that a person vouches for the clock, which says ``wall``."""
    await session.merge(ClockConfirmationRow(at=wall))


async def last_known(database: Database) -> int | None:
    """Return the latest moment that the log's last entries or the worker tell of."""
    async with database.read() as session:
        beat = await session.scalar(select(func.max(WorkerHeartbeatRow.beat_at)))
        records = (
            await session.scalars(
                select(LogEntryRow.record)
                .where(LogEntryRow.record.is_not(None))
                .order_by(LogEntryRow.number.desc())
                .limit(_LAST_ENTRIES)
            )
        ).all()
    moments = [] if beat is None else [beat]
    for record in records:
        try:
            moments.append(entries.parse(record or b"").at)
        except VaultError:
            continue  # the log's own matter
    return max(moments, default=None)


def _pack(state: Reckoning, boot: str) -> bytes:
    doubt = state.doubt
    kept = {
        "known": state.known,
        "tick": state.tick,
        "boot": boot,
        "slack": state.slack,
        "doubt": None if doubt is None else [doubt.off, doubt.ran, doubt.evenly],
    }
    return json.dumps(kept).encode() + b"\n"


def _parse(content: bytes | None) -> tuple[Reckoning, str] | None:
    """Return what a file remembers, and of which boot; None where it is none of ours."""
    try:
        kept: Any = json.loads(content or b"")
        whole = [kept["known"], kept["tick"], kept["slack"], *(kept["doubt"] or ())]
        if not all(type(number) is int for number in whole) or type(kept["boot"]) is not str:
            return None
        doubt = None if kept["doubt"] is None else Doubt(*kept["doubt"])
        return Reckoning(kept["known"], kept["tick"], kept["slack"], doubt), kept["boot"]
    except (ValueError, TypeError, KeyError):
        return None
