"""Who speaks when: a voice that is made here, its moments known, and what is no voice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assent_vault.export.speech import RATE, hear, listen
from support.data_set import write_data_set

SAID = ((1000, 2500), (4000, 4800), (7000, 9000))
Samples = np.ndarray[Any, Any]


def voice(length: int, said: tuple[tuple[int, int], ...], level: float = 0.3) -> Samples:
    """Return pulses through the formants of a vowel, four syllables in a second."""
    moments = np.arange(length * RATE // 1000) / RATE
    pitch = 120 + 15 * np.sin(2 * np.pi * 0.7 * moments)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.zeros(len(moments))
    for harmonic in range(1, 30):
        frequency = 120 * harmonic
        gain = sum(
            weight / (1 + ((frequency - formant) / 90) ** 2)
            for formant, weight in ((700, 1.0), (1220, 0.5), (2600, 0.25))
        )
        sound += gain * np.sin(harmonic * phase)
    sound *= 0.6 + 0.4 * np.sin(2 * np.pi * 4 * moments)
    mask = np.zeros(len(moments))
    for start, end in said:
        mask[start * RATE // 1000 : end * RATE // 1000] = 1
    return sound / np.abs(sound).max() * level * mask


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
    assert heard.annotation == "webrtcvad"
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


def test_a_file_is_listened_to(tmp_path: Path) -> None:
    place = write_data_set(tmp_path / "x").place
    (path, *_) = sorted(place.glob("data/*/*.opus"))
    heard = listen(path, 6000)
    assert heard is not None
    assert heard == listen(path, 6000)
    assert all(end <= 3300 for _, end in heard.turns)


def test_what_is_no_sound_has_no_annotation(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"OggS" + bytes(100))
    assert listen(tmp_path / "x", 1000) is None
