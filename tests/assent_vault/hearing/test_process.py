"""Spoken material through the hearing process: who speaks when, against what is known."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
from collections.abc import Iterable

import numpy as np
import pytest

from assent_vault.export import opus
from assent_vault.hearing import wire
from assent_vault.hearing.decoder import Decoder
from assent_vault.hearing.process import hear
from assent_vault.hearing.voices import Voices
from support.spoken import PEOPLE, conversation, encoded

LENGTH = 30_000


def records(packets: Iterable[bytes | int]) -> bytes:
    """Write packets, and numbers of samples of silence, as records with their end."""
    return (
        b"".join(
            wire.RECORD.pack(wire.SILENCE + one)
            if isinstance(one, int)
            else wire.RECORD.pack(len(one)) + one
            for one in packets
        )
        + wire.END
    )


def heard(packets: Iterable[bytes | int], duration: int) -> wire.Heard:
    """Hear in this process, unconfined."""
    voices = Voices(duration)
    hear(io.BytesIO(records(packets)), Decoder(), voices)
    return voices.finish()


def run(data: bytes, duration: int) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-P", "-m", "assent_vault.hearing.process", str(duration)],
        input=data,
        capture_output=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )


def mask(
    turns: Iterable[tuple[int, int]], length: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found = np.zeros(length, np.bool_)
    for start, end in turns:
        found[start:end] = True
    return found


@pytest.mark.parametrize("person", range(len(PEOPLE)))
def test_missed_and_false_speech_are_below_one_in_twenty(person: int) -> None:
    """Six voices in four languages, sentences and single words between silences that are known."""
    sound, said = conversation(person, LENGTH, seed=person)
    found = mask(heard(encoded(sound), LENGTH).turns, LENGTH)
    truth = mask(said, LENGTH)
    missed, wrong = int((truth & ~found).sum()), int((found & ~truth).sum())
    print(f"{PEOPLE[person]}: {truth.sum()} ms said, {missed} missed, {wrong} false")
    assert truth.sum() > 4000
    assert missed < 0.05 * truth.sum()
    assert wrong < 0.05 * truth.sum()


def test_the_process_says_the_same_confined() -> None:
    sound, _ = conversation(1, 10_000)
    packets = [*encoded(sound), 48_000 * 3600, *encoded(sound)]
    ended = run(records(packets), 3_620_000)
    assert ended.returncode == 0, ended.stderr
    found = wire.read(ended.stdout, 3_620_000)
    assert found == heard(packets, 3_620_000)
    assert found.turns[-1][0] > 3_610_000


def test_silence_is_where_it_was_laid() -> None:
    """Holes of every length leave what follows at its time, to a frame."""
    sound, said = conversation(0, 10_000)
    packets: list[bytes | int] = list(encoded(sound))
    for hole in (opus.STEP, 960, 961, 47_999, 480_000):
        moved = heard([hole, *packets], 30_000).turns
        by = hole / 48
        for (start, end), (wanted, until) in zip(moved, said, strict=True):
            assert (start, end) == pytest.approx((wanted + by, until + by), abs=100)


@pytest.mark.parametrize("data", [b"", b"\x05\0\0\0ab", records([b"\xf8\xff\xfe"])[:-1]])
def test_without_its_end_there_is_no_answer(data: bytes) -> None:
    ended = run(data, 1000)
    assert ended.returncode != 0
    assert ended.stdout == b""


def test_hostile_packets_are_no_speech_and_no_end() -> None:
    """Every kind of packet with rubbish in it, between good ones."""
    chance = random.Random(5)
    rubbish: list[bytes | int] = [
        bytes([chance.randrange(256)]) + chance.randbytes(chance.choice((1, 3, 80, 1275, 5000)))
        for _ in range(3000)
    ]
    rubbish.append(b"\xff" * wire.LARGEST)
    good = encoded(conversation(0, 5000)[0])
    ended = run(records([*good, *rubbish, *good]), 600_000)
    assert ended.returncode == 0, ended.stderr
    wire.read(ended.stdout, 600_000)
