"""What a track, or a meeting, must be like to be what is asked for."""

from __future__ import annotations

import pytest

from assent_vault.export import filters, opus
from assent_vault.export.description import Speech
from assent_vault.export.pictures import Pictures
from assent_vault.export.sound import Filled, Sound
from assent_vault.store.export_order import Options

QUIET = Speech("known", (), None, None, 0.02)


def sound(filled: int) -> Sound:
    """Return a second of sound of which so many milliseconds were laid."""
    return Sound(samples=opus.RATE, filled=Filled(before=filled // 2, lost=filled - filled // 2))


@pytest.mark.parametrize(
    ("options", "media", "speech", "code"),
    [
        (Options(), sound(1000), None, None),
        (Options(most_filled=0.1), sound(100), None, None),
        (Options(most_filled=0.1), sound(101), None, "mostly-filled"),
        (Options(most_filled=0), sound(0), None, None),
        (Options(most_filled=1), sound(1000), None, None),
        (Options(most_clipped=0.02), sound(0), QUIET, None),
        (Options(most_clipped=0.019), sound(0), QUIET, "clipped"),
        (Options(most_clipped=1), sound(0), None, "not-heard"),
        (Options(most_filled=0.5, most_clipped=0), sound(600), None, "mostly-filled"),
        (Options(most_filled=0, most_clipped=0), Pictures(), None, None),
    ],
)
def test_what_a_track_is_like(
    options: Options, media: Sound | Pictures, speech: Speech | None, code: str | None
) -> None:
    assert filters.why_not(options, media, speech) == code
    assert code is None or code in filters.CODES


def test_length() -> None:
    assert filters.is_long_enough(Options(), 0)
    assert filters.is_long_enough(Options(least_duration=1000), 1000)
    assert not filters.is_long_enough(Options(least_duration=1000), 999)
