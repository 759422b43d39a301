"""Spoken material whose moments are known: words that a synthesizer says, and a voice made here.

The synthesizer is espeak-ng, which says the same words the same way each time. What it says is cut
to where it begins and ends, and laid between silences of known length.
"""

from __future__ import annotations

import io
import subprocess
import wave
from functools import lru_cache
from typing import Any, Final

import av
import numpy as np

RATE: Final = 48_000
PACKET_MS: Final = 20
PEOPLE: Final = (
    ("en-us", "m1", 165, 45),
    ("en-gb", "f2", 150, 60),
    ("de", "m3", 170, 40),
    ("es", "f4", 180, 55),
    ("fr-fr", "m7", 155, 35),
    ("en-us", "f5", 190, 70),
)
"""Language, voice, words in a minute and pitch of each of six people."""
SENTENCES: Final = {
    "en": (
        "The quick brown fox jumps over the lazy dog.",
        "We should talk about the budget of next year before the others come back.",
        "Yes.",
        "That is not what I meant, but perhaps it is close enough for now.",
        "She sells sea shells by the sea shore, and he thinks that this is very funny.",
    ),
    "de": ("Wir treffen uns am Freitag um halb neun.", "Ja.", "Das habe ich so nicht gemeint."),
    "es": ("El perro corre por el parque con los niños.", "Sí.", "Mañana hablamos de todo esto."),
    "fr": ("Nous parlerons du budget avant la fin du mois.", "Oui.", "Je ne suis pas d'accord."),
}
Samples = np.ndarray[Any, Any]


@lru_cache(maxsize=64)
def utterance(person: int, words: str) -> Samples:
    """Return what one of the six says, from -1 to 1 and without silence at either end."""
    language, voice, speed, pitch = PEOPLE[person % len(PEOPLE)]
    said = subprocess.run(
        ["espeak-ng", "--stdout", f"-v{language}+{voice}", f"-s{speed}", f"-p{pitch}", words],
        capture_output=True,
        check=True,
    ).stdout
    with wave.open(io.BytesIO(said)) as file:
        rate = file.getframerate()
    # The length that a pipe is told is not the length there is; the samples follow a head.
    sound = np.frombuffer(said[44 : len(said) - len(said) % 2], "<i2") / 32_768
    loud = np.nonzero(np.abs(sound) > 0.005)[0]
    sound = sound[loud[0] : loud[-1] + 1]
    count = len(sound) * RATE // rate
    found: Samples = np.interp(np.arange(count) * (rate / RATE), np.arange(len(sound)), sound)
    return found


def sentences(person: int) -> tuple[str, ...]:
    """Return what one of the six has to say."""
    return SENTENCES[PEOPLE[person % len(PEOPLE)][0][:2]]


def conversation(
    person: int, length: int, *, seed: int = 1, noise: float = 0.0005
) -> tuple[Samples, list[tuple[int, int]]]:
    """Return ``length`` milliseconds of somebody who says something now and then, and when.

    They are quiet for half a second to four between two sentences; ``noise`` is always there.
    """
    random = np.random.default_rng(seed)
    sound = random.normal(0, noise, length * RATE // 1000)
    said: list[tuple[int, int]] = []
    at = int(random.integers(500, 2000))
    while True:
        words = sentences(person)[int(random.integers(len(sentences(person))))]
        one = utterance(person, words)
        end = at + len(one) * 1000 // RATE
        if end > length - 500:
            return sound, said
        sound[at * RATE // 1000 :][: len(one)] += 0.6 * one
        said.append((at, end))
        at = end + int(random.integers(500, 4000))


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
    found: Samples = sound / np.abs(sound).max() * level * mask
    return found


def encoded(sound: Samples, bits: int = 32_000) -> list[bytes]:
    """Encode sound of one channel as a browser does a voice; packets of 20 ms."""
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    encoder.bit_rate = bits
    encoder.options = {"application": "voip", "frame_duration": str(PACKET_MS)}
    packets: list[bytes] = []
    step = RATE * PACKET_MS // 1000
    for at in range(0, len(sound) // step * step, step):
        part = (sound[at : at + step].clip(-1, 1) * 32_767).astype(np.int16)[None, :]
        frame: Any = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, at
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets
