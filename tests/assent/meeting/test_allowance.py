"""One person's descriptions do not keep the media plane from everybody else."""

from __future__ import annotations

import pytest

from assent.errors import RateLimited
from assent.meeting.allowance import BURST, MANY, RATE, Allowances
from assent.meeting.media_session import DESCRIBE_UNITS, PUBLISH_UNITS, SHOWN_UNITS, VIEW_UNITS

LONGEST = 120_000  # characters of a description


def spent(units: int, every: float, seconds: float) -> int:
    """Return how often a person may ask for that much, who asks so often."""
    allowances = Allowances()
    taken = 0
    for turn in range(int(seconds / every)):
        try:
            allowances.spend("mallory", units, turn * every)
        except RateLimited:
            continue
        taken += 1
    return taken


@pytest.mark.parametrize(
    "units", [PUBLISH_UNITS + LONGEST, DESCRIBE_UNITS + LONGEST, VIEW_UNITS + 256 * SHOWN_UNITS]
)
def test_fifty_a_second_are_too_many(units: int) -> None:
    """As many as a socket takes, for a minute: what is carried out is decided by our clock."""
    assert spent(units, 0.02, 60) <= (BURST + 60 * RATE) / units + 1


def test_what_a_page_asks_for_in_a_large_meeting_is_within_it() -> None:
    """A hundred people come within half a minute: a hundred answers, each longer than the last."""
    allowances = Allowances()
    allowances.spend("ann", PUBLISH_UNITS + 20_000, 0.0)
    for number in range(100):
        now = number * 0.3
        allowances.spend("ann", DESCRIBE_UNITS + number * 1_000, now)
        allowances.spend("ann", VIEW_UNITS + 20 * SHOWN_UNITS, now)
    # Camera, microphone and screen on and off, for a minute.
    for number in range(60):
        allowances.spend("ann", PUBLISH_UNITS + 20_000, 40.0 + number)


def test_one_persons_is_not_anothers() -> None:
    allowances = Allowances()
    allowances.spend("mallory", BURST, 0.0)
    with pytest.raises(RateLimited):
        allowances.spend("mallory", 1, 0.0)
    allowances.spend("ann", BURST, 0.0)


def test_who_has_asked_for_nothing_of_late_is_forgotten() -> None:
    allowances = Allowances()
    for number in range(10 * MANY):
        allowances.spend(f"p{number}", 1, float(number))
    assert len(allowances._left) <= MANY + 1
