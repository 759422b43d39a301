"""What can be known of the time, when the clock on the wall may be wrong. Pure.

Theory of operation. A machine has two clocks. The one on the *wall* says which day it is, and may
be set to anything, by anybody, at any moment. The *steady* one counts the time since the machine
was started, and nobody sets it. From the last moment that was believed and what the steady clock
has counted since, the time is reckoned; the wall's clock is compared with that at every look.

::

                       not further off than the slack
                     ┌───────────────────────────────┐
                     │                               │
        begin ──> certain ──further off──> in doubt ─┘
                     ^                        │
                     └── ran evenly, or a ────┘
                         person says it is right

- *Certain*: the wall's clock is believed, and what it says is the new moment to reckon from.
- *In doubt*: time goes on as reckoned. There are then two times, and nobody knows which is right:
  what cannot be undone goes by the *earlier* of them (``surely``: that moment has come, whichever
  is right), and what is written down or lets somebody in goes by the *later* (``latest``: nothing
  lasts longer by a clock that was set back, and no wait that begins now ends too soon).

A clock that is ahead at a start may be right: the machine was off, and nobody counted. So doubt is
no error, and ends in one of three ways:

- the wall's clock comes back to what is reckoned, as when it is set right: nothing has happened;
- it has run evenly beside the steady one for as long as it is off, at least ``SHORTEST`` and at
  most ``LONGEST`` in all, the last ``EVENLY`` without another jump. A server that was off for a
  night does what is due after as many hours; one that was off for months does so after three
  days. That is longer than a weekend: who runs a server has seen by then that it says it is not
  ready. It is not for ever, because what people were promised about how long a recording is kept
  has to be kept also where nobody looks;
- a person says that the clock is right.

The slack takes what clocks do by themselves, and what a restart takes: ten minutes at once, which
come back at a half of a percent of the time. A clock that runs twice as fast is in doubt after ten
minutes, one that loses a second a day never.

Times are whole milliseconds: of the wall's clock since 1970, of the steady one since any point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

MINUTE: Final = 60_000  # ms, as all that follow
HOUR: Final = 60 * MINUTE
SLACK: Final = 10 * MINUTE
"""How far the wall's clock may be off at once and be believed."""

LONGEST: Final = 72 * HOUR
"""How long doubt lasts at most, as long as the process runs and the clock does not jump again."""

SHORTEST: Final = HOUR
EVENLY: Final = 6 * HOUR
ALARMING: Final = 48 * HOUR
"""From how far ahead on somebody has to be told; less is a machine that was off for a while."""

_DRIFT: Final = 200  # slack comes back at one part in so many
# What a clock is off by is counted this often: in less time, rounding would be most of it. Between
# two looks of a process that runs no more than this goes by, and what does is not counted as run.
_STEP: Final = MINUTE
_UNEVEN: Final = 1000  # ms


@dataclass(frozen=True, slots=True)
class Doubt:
    """The wall's clock is not where it is reckoned to be."""

    off: int
    """By how much, when it began to run evenly: above 0 it is ahead, below 0 behind."""
    ran: int = 0
    """For how long a process has run and seen it, in all."""
    evenly: int = 0
    """The same since the clock last jumped."""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A moment that is known to have come, and what is thought of the clock since."""

    known: int
    tick: int
    """What the steady clock said at that moment."""
    slack: int = SLACK
    doubt: Doubt | None = None

    def surely(self, wall: int) -> int:
        """Return the moment that has come, whichever clock is right: for what cannot be undone."""
        return wall if self.doubt is None else min(wall, self.known)

    def latest(self, wall: int) -> int:
        """Return the latest that it may be: for what is written down, and for what runs out."""
        return wall if self.doubt is None else max(wall, self.known)

    @property
    def alarming(self) -> bool:
        """Whether somebody has to be told: far ahead, or behind, which no machine is by itself."""
        return self.doubt is not None and not 0 <= self.doubt.off < ALARMING


def begin(wall: int, tick: int) -> Reckoning:
    """Reckon from what the wall's clock says: nothing else is known, or a person vouches for it."""
    return Reckoning(wall, tick)


def resume(before: Reckoning, tick: int, *, same_boot: bool) -> Reckoning:
    """Go on with what a process knew that has ended; ``tick`` is the steady clock now.

    In another boot nobody has counted since: all that is known is that it is not earlier.
    """
    return before if same_boot and tick >= before.tick else replace(before, tick=tick)


def look(before: Reckoning, wall: int, tick: int) -> Reckoning:
    """Compare the clocks; returns what is known then."""
    passed = max(0, tick - before.tick)
    reckoned = before.known + passed
    off = wall - reckoned
    slack = min(SLACK, before.slack + passed // _DRIFT)
    if abs(off) <= slack:
        if before.doubt is None and passed < _STEP:
            return before
        return Reckoning(wall, tick, slack - abs(off))
    doubt = _go_on(before.doubt, off, min(passed, _STEP))
    wanted = max(abs(off), SHORTEST)
    if doubt.ran >= min(wanted, LONGEST) and doubt.evenly >= min(wanted, EVENLY):
        return Reckoning(wall, tick, min(SLACK, before.slack + doubt.ran // _DRIFT))
    return Reckoning(reckoned, tick, before.slack, doubt)


def _go_on(before: Doubt | None, off: int, ran: int) -> Doubt:
    if before is None:
        return Doubt(off)
    if abs(off - before.off) > _UNEVEN + before.evenly // _DRIFT:
        return Doubt(off, before.ran + ran)
    return Doubt(before.off, before.ran + ran, before.evenly + ran)
