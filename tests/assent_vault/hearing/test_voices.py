"""Voices told from what is none: a voice that is made here, its moments known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from assent_vault.hearing.decoder import RATE
from assent_vault.hearing.voices import FRAME_MS, Voices
from assent_vault.hearing.wire import Heard
from support import spoken

SAID = ((1000, 2500), (4000, 4800), (7000, 9000))
Samples = np.ndarray[Any, Any]


def voice(length: int, said: tuple[tuple[int, int], ...], level: float = 0.3) -> Samples:
    return spoken.voice(length, said, level)[::3]


def hear(parts: Iterable[Samples], duration: int) -> Heard:
    voices = Voices(duration)
    for part in parts:
        voices.add(part.tobytes())
    return voices.finish()


def samples(sound: Samples) -> Samples:
    return (sound.clip(-1, 1) * 32767).astype(np.int16)


def noise(length: int, level: float) -> Samples:
    return np.random.default_rng(3).normal(0, level, length * RATE // 1000)


def test_speech_is_where_it_is() -> None:
    heard = hear([samples(voice(10_000, SAID) + noise(10_000, 0.0005))], 10_000)
    assert len(heard.turns) == 3
    for found, wanted in zip(heard.turns, SAID, strict=True):
        assert found == pytest.approx(wanted, abs=250)
    wrong = sum(
        max(0, wanted[0] - found[0]) + max(0, found[1] - wanted[1])
        for found, wanted in zip(heard.turns, SAID, strict=True)
    )
    missed = sum(
        max(0, found[0] - wanted[0]) + max(0, wanted[1] - found[1])
        for found, wanted in zip(heard.turns, SAID, strict=True)
    )
    print("missed", missed, "false", wrong)
    assert missed < 0.05 * sum(end - start for start, end in SAID)
    assert heard.level is not None
    assert -30 < heard.level < -10
    assert heard.noise == pytest.approx(-66, abs=3)
    assert heard.clipped == 0


@pytest.mark.parametrize("what", ["nothing", "soft noise", "soft speech"])
def test_what_is_no_speech(what: str) -> None:
    sound = {
        "nothing": np.zeros(5 * RATE),
        "soft noise": noise(5000, 0.0005),
        "soft speech": voice(5000, ((0, 5000),), 0.001),
    }[what]
    heard = hear([samples(sound)], 5000)
    assert heard.turns == ()
    assert heard.level is None
    assert (heard.noise is None) == (what == "nothing")


def test_clipping_is_told() -> None:
    heard = hear([samples(np.full(RATE, 2.0)), samples(np.zeros(RATE))], 2000)
    assert heard.clipped == pytest.approx(0.5, abs=0.02)


def test_pieces_make_no_difference() -> None:
    sound = samples(voice(10_000, SAID))
    assert hear([sound], 10_000) == hear(np.array_split(sound, 77), 10_000)


def test_silence_is_as_if_it_had_been_samples() -> None:
    """Whatever its length, and wherever it begins; and an hour of it takes no time."""
    sound = samples(voice(2000, ((200, 1700),)) + noise(2000, 0.0005))
    for before in (0, 1, 479, 480, 481, 16_000, 123_457):
        voices = Voices(20_000)
        voices.add(sound[:7001].tobytes())
        voices.add_silence(before)
        voices.add(sound[7001:].tobytes())
        nothing = np.zeros(before, np.int16)
        assert voices.finish() == hear([sound[:7001], nothing, sound[7001:]], 20_000), before
    voices = Voices(48 * 3_600_000)
    voices.add_silence(47 * 3600 * RATE)
    voices.add(sound.tobytes())
    ((start, end),) = voices.finish().turns
    assert start == pytest.approx(47 * 3_600_000 + 200, abs=100)
    assert end == pytest.approx(47 * 3_600_000 + 1700, abs=250)


def test_a_click_is_no_turn() -> None:
    """Three frames of speech are one, and two are none, at the end as in the middle."""
    voices = Voices(100 * FRAME_MS)
    for start in (0, 30, 33, 50, 51, 52, 98, 99):
        voices._extend(start * FRAME_MS)
    assert voices.finish().turns == ((900, 1020), (1500, 1590))


def test_turns_end_with_the_track() -> None:
    heard = hear([samples(voice(3000, ((0, 3000),)))], 2950)
    assert heard.turns[-1][1] == 2950
